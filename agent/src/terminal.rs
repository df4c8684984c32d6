//! The terminal that this program was started in: what is typed, its size, Ctrl-C, and raw mode.

use std::{
    io::{self, IsTerminal as _, Read as _},
    sync::Arc,
    thread,
};

use bytes::{Bytes, BytesMut};
use cli::Input;
use futures::{
    StreamExt as _,
    stream::{self, BoxStream},
};
use lab::Size;
use tokio::sync::{Mutex, mpsc};

/// What comes from standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Bytes(Bytes),
    /// Ctrl-D, or the end of the file (then for ever).
    End,
}

/// Standard input, read by a thread of its own from the first time that somebody wants it; clones share it.
#[derive(Clone)]
pub struct Keys(Arc<Mutex<State>>);

struct State {
    thread: Option<mpsc::Receiver<Typed>>,
    /// Read, but not yet taken.
    rest: BytesMut,
}

impl Keys {
    #[allow(clippy::new_without_default)] // It is the program's one standard input.
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            thread: None,
            rest: BytesMut::new(),
        })))
    }

    /// Whatever is next.
    pub async fn next(&self) -> Typed {
        let mut state = self.0.lock().await;
        if state.rest.is_empty() {
            state.read().await
        } else {
            Typed::Bytes(state.rest.split().freeze())
        }
    }

    /// The next line without its end; of a longer one than `most`, so much that it can be seen to be longer. `None`: there
    /// is no more.
    pub async fn line(&self, most: usize) -> Option<String> {
        let mut state = self.0.lock().await;
        let mut line = BytesMut::new();
        let mut ended = false;
        while !ended {
            if state.rest.is_empty() {
                match state.read().await {
                    Typed::Bytes(more) => state.rest.extend_from_slice(&more),
                    Typed::End if line.is_empty() => return None,
                    Typed::End => break,
                }
            }
            let end = state.rest.iter().position(|byte| *byte == b'\n');
            let piece = match end {
                Some(end) => state.rest.split_to(end + 1),
                None => state.rest.split(),
            };
            ended = end.is_some();
            let room = (most + 1).saturating_sub(line.len());
            let piece = piece.strip_suffix(b"\n").unwrap_or(&piece);
            line.extend_from_slice(&piece[..piece.len().min(room)]);
        }
        let line = String::from_utf8_lossy(&line);
        Some(line.trim_end_matches('\r').to_owned())
    }
}

impl State {
    async fn read(&mut self) -> Typed {
        let thread = self.thread.get_or_insert_with(|| {
            let (typed, receiver) = mpsc::channel(1);
            thread::spawn(move || read_standard_input(&typed));
            receiver
        });
        thread.recv().await.unwrap_or(Typed::End)
    }
}

/// A terminal goes on after Ctrl-D; anything else has ended for good.
fn read_standard_input(to: &mpsc::Sender<Typed>) {
    let mut input = io::stdin().lock();
    let goes_on = io::stdin().is_terminal();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let typed = match input.read(&mut buffer) {
            Ok(0) => Typed::End,
            Ok(length) => Typed::Bytes(Bytes::copy_from_slice(&buffer[..length])),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let ended = typed == Typed::End && !goes_on;
        if to.blocking_send(typed).is_err() || ended {
            return;
        }
    }
}

/// The terminal's size, if there is one.
pub fn size() -> Option<Size> {
    let (columns, rows) = crossterm::terminal::size().ok()?;
    Some(Size { columns, rows })
}

/// Raw mode until it is dropped: every key goes to the program at once.
pub struct Raw(());

impl Raw {
    pub fn enter() -> Option<Self> {
        crossterm::terminal::enable_raw_mode()
            .ok()
            .map(|()| Self(()))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nobody to tell, and nothing else to do.
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// Ctrl-C, as a signal.
pub fn interrupts() -> BoxStream<'static, Input> {
    let signals = stream::unfold((), async |()| {
        tokio::signal::ctrl_c()
            .await
            .ok()
            .map(|()| (Input::Interrupt, ()))
    });
    signals.boxed()
}

/// The terminal's new size, each time that it changes.
#[cfg(unix)]
pub fn resizes() -> BoxStream<'static, Input> {
    use tokio::signal::unix::{SignalKind, signal};

    let Ok(signals) = signal(SignalKind::window_change()) else {
        return stream::pending().boxed();
    };
    let sizes = stream::unfold(signals, async |mut signals| {
        signals.recv().await?;
        Some((size(), signals))
    });
    sizes
        .filter_map(async |size| size.map(Input::Resize))
        .boxed()
}

#[cfg(not(unix))]
pub fn resizes() -> BoxStream<'static, Input> {
    stream::pending().boxed()
}
