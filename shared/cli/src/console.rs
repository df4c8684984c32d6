//! Where a running command reads and writes: the person's terminal, or a filter, or a `$(…)` that keeps the output.

use std::collections::VecDeque;

use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use lab::Size;

use crate::{Input, Io, Output, filter::Filter};

/// What `$(…)` keeps at most.
const CAPTURE: usize = 64 * 1024;
/// Typed ahead while a command that reads nothing runs, at most.
const TYPED_AHEAD: usize = 256;

pub struct Console {
    input: BoxStream<'static, Input>,
    output: Box<dyn Output>,
    terminal: Option<Size>,
    waiting: VecDeque<Input>,
    ended: bool,
    /// Standard output goes through the last of these first.
    sinks: Vec<Sink>,
}

pub enum Sink {
    Filter(Filter),
    Capture(Vec<u8>),
}

impl Console {
    pub fn new(io: Io) -> Self {
        let Io {
            input,
            output,
            terminal,
        } = io;
        Self {
            input,
            output,
            terminal,
            waiting: VecDeque::new(),
            ended: false,
            sinks: Vec::new(),
        }
    }

    /// The terminal that input comes from.
    pub fn terminal(&self) -> Option<Size> {
        self.terminal
    }

    /// The terminal that output goes to: none in a pipe.
    pub fn output_terminal(&self) -> Option<Size> {
        self.terminal.filter(|_| self.sinks.is_empty())
    }

    pub async fn out(&mut self, text: impl AsRef<[u8]>) {
        let mut bytes = Bytes::copy_from_slice(text.as_ref());
        for sink in self.sinks.iter_mut().rev() {
            match sink {
                Sink::Filter(filter) => bytes = filter.push(&bytes).into(),
                Sink::Capture(kept) => {
                    let room = CAPTURE.saturating_sub(kept.len()).min(bytes.len());
                    kept.extend_from_slice(&bytes[..room]);
                    return;
                }
            }
        }
        if !bytes.is_empty() {
            self.output.stdout(&bytes).await;
        }
    }

    pub async fn line(&mut self, text: &str) {
        self.out(format!("{text}\n")).await;
    }

    pub async fn err(&mut self, text: impl AsRef<[u8]>) {
        if !text.as_ref().is_empty() {
            self.output.stderr(text.as_ref()).await;
        }
    }

    pub async fn err_line(&mut self, text: &str) {
        self.err(format!("{text}\n")).await;
    }

    /// Nobody wants more output (`| head` has enough).
    pub fn closed(&self) -> bool {
        self.sinks
            .iter()
            .any(|sink| matches!(sink, Sink::Filter(filter) if filter.done()))
    }

    pub fn push(&mut self, sink: Sink) {
        self.sinks.push(sink);
    }

    /// Takes the last sink away; a filter's remaining output goes on to the next.
    pub async fn pop(&mut self) -> Option<Sink> {
        let mut sink = self.sinks.pop()?;
        if let Sink::Filter(filter) = &mut sink {
            let rest = filter.finish();
            self.out(rest).await;
        }
        Some(sink)
    }

    /// What the person does next; [`Input::End`] for ever once there is no more.
    pub async fn next(&mut self) -> Input {
        if let Some(input) = self.waiting.pop_front() {
            return input;
        }
        self.read().await
    }

    /// Only what is for the command's runner: interrupts and resizes. Anything else is kept for who reads next.
    pub async fn next_signal(&mut self) -> Input {
        loop {
            match self.read().await {
                signal @ (Input::Interrupt | Input::Resize(_)) => return signal,
                Input::End => {
                    self.waiting.push_back(Input::End);
                    std::future::pending::<()>().await;
                }
                bytes @ Input::Bytes(_) if self.waiting.len() < TYPED_AHEAD => {
                    self.waiting.push_back(bytes);
                }
                Input::Bytes(_) => {}
            }
        }
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
