//! A process inside a container: its output, its input, its signals. Programs are `async fn`s over a [`Process`].

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures::future::poll_fn;
use jiff::Timestamp;
use lab::{Chunk, Size};

use crate::Simulated;

/// What a process wrote and what was typed to it; shared by all that look at it.
#[derive(Clone, Default)]
pub struct Io(Arc<Mutex<IoState>>);

#[derive(Default)]
pub struct IoState {
    pub chunks: Vec<(Timestamp, Chunk)>,
    pub input: VecDeque<u8>,
    pub input_closed: bool,
    pub signals: VecDeque<u8>,
    pub tty: bool,
    pub size: Size,
    /// Set once it has ended.
    pub exit: Option<i64>,
}

impl Io {
    pub fn lock(&self) -> MutexGuard<'_, IoState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a person types. On a terminal it is echoed, and Ctrl-C and Ctrl-D mean what they mean.
    pub fn type_in(&self, now: Timestamp, bytes: &[u8]) {
        let mut state = self.lock();
        if !state.tty {
            state.input.extend(bytes);
            return;
        }
        for byte in bytes {
            match byte {
                3 => {
                    state.echo(now, b"^C");
                    state.signals.push_back(INT);
                }
                4 => state.input_closed = true,
                b'\r' => {
                    state.echo(now, b"\r\n");
                    state.input.push_back(b'\n');
                }
                0x7f if state.input.back().is_some_and(|last| *last != b'\n') => {
                    state.input.pop_back();
                    state.echo(now, b"\x08 \x08");
                }
                0x7f => {}
                byte => {
                    state.echo(now, &[*byte]);
                    state.input.push_back(*byte);
                }
            }
        }
    }
}

impl IoState {
    fn echo(&mut self, now: Timestamp, bytes: &[u8]) {
        self.chunks
            .push((now, Chunk::Terminal(Bytes::copy_from_slice(bytes))));
    }

    pub fn write(&mut self, now: Timestamp, stderr: bool, text: &str) {
        let chunk = match (self.tty, stderr) {
            (true, _) => Chunk::Terminal(text.replace('\n', "\r\n").into()),
            (_, true) => Chunk::Stderr(Bytes::copy_from_slice(text.as_bytes())),
            (_, false) => Chunk::Stdout(Bytes::copy_from_slice(text.as_bytes())),
        };
        self.chunks.push((now, chunk));
    }
}

pub const INT: u8 = 2;
pub const QUIT: u8 = 3;
pub const KILL: u8 = 9;
pub const TERM: u8 = 15;

/// What a process waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    Timer,
    Signal(u8),
    Input,
}

/// A running program's hold on the world.
#[derive(Clone)]
pub struct Process {
    pub world: Simulated,
    pub container: String,
    pub arguments: Vec<String>,
    pub env: Vec<String>,
    pub io: Io,
    /// The container's first process: signals that it does not handle do nothing to it.
    pub first: bool,
    /// What it prints goes to standard error (`>&2`).
    pub to_stderr: bool,
}

impl Process {
    pub fn print(&self, text: &str) {
        self.io.lock().write(self.world.now(), self.to_stderr, text);
    }

    pub fn complain(&self, text: &str) {
        self.io.lock().write(self.world.now(), true, text);
    }

    /// Until the time comes, a signal arrives, or there is input.
    pub async fn wait(&self, duration: Option<Duration>, input: bool) -> Wake {
        let until = duration.map(|duration| self.after(duration));
        if let Some(until) = until {
            self.world.set_timer(until);
        }
        poll_fn(|_| {
            let mut state = self.io.lock();
            if let Some(signal) = state.signals.pop_front() {
                return std::task::Poll::Ready(Wake::Signal(signal));
            }
            if input && (state.input_closed || state.input.contains(&b'\n')) {
                return std::task::Poll::Ready(Wake::Input);
            }
            match until {
                Some(until) if self.world.now() >= until => std::task::Poll::Ready(Wake::Timer),
                _ => std::task::Poll::Pending,
            }
        })
        .await
    }

    /// A moment that far from now; a wait of longer than time itself ends with it.
    fn after(&self, duration: Duration) -> Timestamp {
        let after = self.world.now().checked_add(duration);
        after.unwrap_or(Timestamp::MAX)
    }

    /// Sleeps, ended early by a signal that ends it: its exit code then.
    pub async fn sleep(&self, duration: Duration) -> Option<i64> {
        let until = self.after(duration);
        loop {
            let left =
                Duration::try_from(until.duration_since(self.world.now())).unwrap_or_default();
            match self.wait(Some(left), false).await {
                Wake::Signal(signal) => {
                    if let Some(exit) = self.default_action(signal) {
                        return Some(exit);
                    }
                }
                _ => return None,
            }
        }
    }

    /// What a signal does to a program that does not handle it.
    pub fn default_action(&self, signal: u8) -> Option<i64> {
        (!self.first || signal == KILL).then(|| 128 + i64::from(signal))
    }

    /// The next line of input, or `None` at its end.
    pub fn take_line(&self) -> Option<String> {
        let mut state = self.io.lock();
        let end = state.input.iter().position(|byte| *byte == b'\n');
        let count = end.map_or(state.input.len(), |end| end + 1);
        if count == 0 {
            return None;
        }
        let bytes: Vec<u8> = state.input.drain(..count).collect();
        Some(
            String::from_utf8_lossy(&bytes)
                .trim_end_matches('\n')
                .to_owned(),
        )
    }
}
