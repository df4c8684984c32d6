//! A terminal: what it showed, and the line that runs in it.

use cli::Input;
use futures::{channel::mpsc::UnboundedSender, future::AbortHandle};

use crate::{
    connection::ClientId,
    ring::Ring,
    wire::{TerminalId, TerminalState},
};

pub struct Terminal {
    pub ring: Ring,
    pub running: Option<Running>,
    pub last_exit: Option<u8>,
    /// Its shell: variables, where it is, `$?`.
    pub session: cli::Session,
    /// The run that is under way or was last, so that what another one still sends is known as such.
    pub run: u64,
}

pub struct Running {
    pub line: String,
    /// Who ran it.
    pub page: ClientId,
    pub input: UnboundedSender<Input>,
    pub stop: AbortHandle,
}

impl Terminal {
    pub fn new(ring: Ring) -> Self {
        Self {
            ring,
            running: None,
            last_exit: None,
            session: cli::Session::default().with_editor(),
            run: 0,
        }
    }

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
