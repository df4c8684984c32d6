//! Where a running command reads and writes: the person's terminal, a pipe, a file of the lab, a `$(…)` that keeps it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex as StdMutex, PoisonError},
};

use bytes::Bytes;
use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{Receiver, Sender, UnboundedReceiver, channel},
    lock::Mutex,
    stream::{self, BoxStream},
};
use lab::{Size, files::Files};

use crate::{Input, Io, Output};

/// What `$(…)` keeps at most.
const CAPTURE: usize = 1024 * 1024;
/// Typed ahead while a command that reads nothing runs, at most.
const TYPED_AHEAD: usize = 256;
/// Pieces that wait in a pipe, beside the one that is being handed over.
const IN_A_PIPE: usize = 0;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is about something else"
)]
pub struct Console {
    input: BoxStream<'static, Input>,
    terminal: Option<Size>,
    waiting: VecDeque<Input>,
    /// No input comes any more.
    ended: bool,
    /// The end of the input is for ever, not a Ctrl-D.
    piped: bool,
    /// `<`: what is left of it, read in place of the input.
    file: Option<Bytes>,
    pub places: Places,
    closed: bool,
    interrupted: bool,
}

/// Where standard output and error go.
#[derive(Clone)]
pub struct Places {
    pub out: Place,
    pub err: Place,
}

#[derive(Clone)]
pub enum Place {
    Person {
        output: Arc<Mutex<Box<dyn Output>>>,
        error: bool,
    },
    /// Shared and not cloned: each clone of a sender would have room of its own.
    Pipe(Arc<Mutex<Sender<Bytes>>>),
    Kept(Arc<StdMutex<Vec<u8>>>),
    File {
        files: Files,
        path: String,
    },
    Nowhere,
}

impl Console {
    pub fn new(io: Io) -> Self {
        let output = Arc::new(Mutex::new(io.output));
        let place = |error| Place::Person {
            output: Arc::clone(&output),
            error,
        };
        Self {
            input: io.input,
            terminal: io.terminal,
            waiting: VecDeque::new(),
            ended: false,
            piped: false,
            file: None,
            places: Places {
                out: place(false),
                err: place(true),
            },
            closed: false,
            interrupted: false,
        }
    }

    /// For one command of a pipeline: signals come from the pipeline, input from the pipe before it, if there is one.
    pub fn stage(
        &self,
        signals: UnboundedReceiver<Input>,
        pipe: Option<Receiver<Bytes>>,
        places: Places,
    ) -> Self {
        let piped = pipe.is_some();
        let input = match pipe {
            Some(pipe) => {
                let bytes = pipe.map(Input::Bytes);
                let bytes = bytes.chain(stream::once(async { Input::End }));
                stream::select(signals, bytes).boxed()
            }
            None => signals.boxed(),
        };
        Self {
            input,
            terminal: self.terminal.filter(|_| !piped),
            waiting: VecDeque::new(),
            ended: false,
            piped: piped || self.piped,
            file: self.file.clone().filter(|_| !piped),
            places,
            closed: false,
            interrupted: false,
        }
    }

    /// The terminal that input comes from.
    pub fn terminal(&self) -> Option<Size> {
        self.terminal.filter(|_| self.file.is_none())
    }

    /// The terminal that output goes to: none in a pipe or a file.
    pub fn output_terminal(&self) -> Option<Size> {
        let person = matches!(self.places.out, Place::Person { .. });
        self.terminal.filter(|_| person)
    }

    pub async fn out(&mut self, text: impl AsRef<[u8]>) {
        let mut place = self.places.out.clone();
        if !place.write(text.as_ref()).await {
            self.closed = true;
        }
    }

    pub async fn line(&mut self, text: &str) {
        self.out(format!("{text}\n")).await;
    }

    pub async fn err(&mut self, text: impl AsRef<[u8]>) {
        let mut place = self.places.err.clone();
        place.write(text.as_ref()).await;
    }

    pub async fn err_line(&mut self, text: &str) {
        self.err(format!("{text}\n")).await;
    }

    /// Nobody wants more output (`| head` has enough).
    pub fn closed(&self) -> bool {
        self.closed
    }

    /// Reads this in place of the input from now on; `None`: the input again. Gives what was so before.
    pub fn read_from(&mut self, file: Option<Bytes>) -> Option<Bytes> {
        std::mem::replace(&mut self.file, file)
    }

    /// What the person does next; [`Input::End`] for ever once there is no more.
    pub async fn next(&mut self) -> Input {
        if let Some(file) = &mut self.file {
            let bytes = std::mem::take(file);
            return if bytes.is_empty() {
                Input::End
            } else {
                Input::Bytes(bytes)
            };
        }
        let input = match self.waiting.pop_front() {
            Some(input) => input,
            None => self.read().await,
        };
        match input {
            Input::End if self.piped => self.ended = true,
            Input::Interrupt => self.interrupted = true,
            _ => {}
        }
        input
    }

    /// What was read and is not wanted: the next reader's.
    pub fn put_back(&mut self, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        match &mut self.file {
            Some(file) => *file = bytes,
            None => self.waiting.push_front(Input::Bytes(bytes)),
        }
    }

    /// Only what is for the command's runner: interrupts and resizes. Anything else is kept for who reads next.
    pub async fn next_signal(&mut self) -> Input {
        loop {
            if self.ended {
                std::future::pending::<()>().await;
            }
            match self.read().await {
                signal @ (Input::Interrupt | Input::Resize(_)) => {
                    self.interrupted |= signal == Input::Interrupt;
                    return signal;
                }
                Input::End if self.ended => {}
                other if self.waiting.len() < TYPED_AHEAD => self.waiting.push_back(other),
                _ => {}
            }
        }
    }

    /// Whether somebody read a Ctrl-C since this was asked last.
    pub fn take_interrupt(&mut self) -> bool {
        std::mem::take(&mut self.interrupted)
    }

    /// Whether Ctrl-C was pressed and nobody has read it; waits for nothing.
    pub fn is_interrupted(&mut self) -> bool {
        while !self.ended && self.waiting.len() < TYPED_AHEAD {
            match self.read().now_or_never() {
                Some(Input::Interrupt) => return true,
                Some(Input::End) if self.ended => return false,
                Some(other) => self.waiting.push_back(other),
                None => return false,
            }
        }
        false
    }

    async fn read(&mut self) -> Input {
        if self.ended {
            return Input::End;
        }
        let input = self.input.next().await;
        match &input {
            Some(Input::Resize(size)) if self.terminal.is_some() => self.terminal = Some(*size),
            None => self.ended = true,
            Some(_) => {}
        }
        input.unwrap_or(Input::End)
    }
}

impl Place {
    /// A place that keeps what is written, and what it keeps.
    pub fn kept() -> (Self, Arc<StdMutex<Vec<u8>>>) {
        let kept = Arc::default();
        (Self::Kept(Arc::clone(&kept)), kept)
    }

    pub fn pipe() -> (Self, Receiver<Bytes>) {
        let (sender, receiver) = channel(IN_A_PIPE);
        (Self::Pipe(Arc::new(Mutex::new(sender))), receiver)
    }

    /// False where nobody takes any more.
    async fn write(&mut self, bytes: &[u8]) -> bool {
        if bytes.is_empty() {
            return true;
        }
        match self {
            Self::Person { output, error } => {
                let mut output = output.lock().await;
                if *error {
                    output.stderr(bytes).await;
                } else {
                    output.stdout(bytes).await;
                }
                true
            }
            Self::Pipe(sender) => {
                let mut sender = sender.lock().await;
                // Sent is not taken: who reads may have gone with it.
                sender.send(Bytes::copy_from_slice(bytes)).await.is_ok() && !sender.is_closed()
            }
            Self::Kept(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let room = CAPTURE.saturating_sub(kept.len()).min(bytes.len());
                kept.extend_from_slice(&bytes[..room]);
                true
            }
            Self::File { files, path } => files.append(path, bytes).is_ok(),
            Self::Nowhere => true,
        }
    }
}
