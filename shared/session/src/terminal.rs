//! A terminal: what it showed, and the line that runs in it.

use cli::Input;
use futures::{channel::mpsc::UnboundedSender, future::AbortHandle};

use crate::{
    ring::Ring,
    wire::{TerminalId, TerminalState},
};

#[derive(Default)]
pub struct Terminal {
    pub ring: Ring,
    pub running: Option<Running>,
    pub last_exit: Option<u8>,
    /// Counts the lines that ran here, so that what an ended one still sends is known as such.
    pub runs: u64,
}

pub struct Running {
    pub line: String,
    pub input: UnboundedSender<Input>,
    pub stop: AbortHandle,
}

impl Terminal {
    pub fn state(&self, id: TerminalId) -> TerminalState {
        TerminalState {
            id,
            start: self.ring.start(),
            end: self.ring.end(),
            running: self.running.as_ref().map(|running| running.line.clone()),
            last_exit: self.last_exit,
        }
    }

    /// To the line that runs; where none does, nobody reads it.
    pub fn input(&self, input: Input) {
        if let Some(running) = &self.running {
            let _ = running.input.unbounded_send(input);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.abort();
    }
}
