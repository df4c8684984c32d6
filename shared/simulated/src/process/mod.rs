//! A process inside a container: its arguments, what it reads and writes, its signals, its children. Programs are
//! `async fn`s over a [`Process`].
//!
//! Whatever waits here is looked at again each time the world moves ([`Simulated::drive`]): no future wakes another.

mod descriptor;
mod files;
mod input;
mod io;
mod launch;
mod pipe;
mod signals;
mod table;

use std::{collections::BTreeMap, task::Poll, time::Duration};

use futures::future::poll_fn;
use jiff::Timestamp;

pub use descriptor::Descriptor;
pub use io::Io;
pub use pipe::pipe;
pub use signals::{
    CHLD, CONT, HUP, INT, KILL, PIPE, QUIT, TERM, TSTP, USR1, WINCH, exit_code, signal_name,
    signal_number,
};
pub use table::{Entry, State, Table};

use crate::Simulated;

/// What a process waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    Timer,
    /// One that it has said it handles ([`Process::handle`]).
    Signal(u8),
    Input,
}

/// A running program's hold on the world.
#[derive(Clone)]
pub struct Process {
    pub world: Simulated,
    pub container: String,
    /// As the container sees it.
    pub pid: u32,
    pub arguments: Vec<String>,
    /// `NAME=value`
    pub env: Vec<String>,
    /// Where relative paths begin.
    pub folder: String,
    pub user: User,
    /// The terminal or the streams of the container or exec that it belongs to.
    pub io: Io,
    pub descriptors: BTreeMap<u32, Descriptor>,
}

/// Whom a process runs as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub id: u32,
    pub group: u32,
}

impl Process {
    /// A program's name as its messages begin: `/bin/cat` complains as `cat`.
    pub fn name(&self) -> &str {
        let first = self.arguments.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }

    /// The words after the program's name.
    pub fn words(&self) -> &[String] {
        self.arguments.get(1..).unwrap_or_default()
    }

    pub fn variable(&self, name: &str) -> Option<&str> {
        let named = |variable: &'_ &String| {
            variable
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('='))
        };
        let found = self.env.iter().rev().find(named)?;
        Some(&found[name.len() + 1..])
    }

    pub fn print(&self, text: &str) {
        self.write(1, text.as_bytes());
    }

    pub fn complain(&self, text: &str) {
        self.write(2, text.as_bytes());
    }

    /// Writes at once. Who writes without end waits for [`Self::room`] in between.
    pub fn write(&self, descriptor: u32, bytes: &[u8]) {
        let Some(to) = self.descriptors.get(&descriptor) else {
            return;
        };
        if to.write(self, bytes).is_err() {
            self.world.signal(&self.container, self.pid, PIPE);
        }
    }

    /// Until what was written has been read, or nearly.
    pub async fn room(&self) {
        poll_fn(|_| match self.descriptors.get(&1) {
            Some(Descriptor::Writer(writer)) if writer.is_full() => Poll::Pending,
            _ => Poll::Ready(()),
        })
        .await;
    }

    /// What this program's kind of work takes: who goes on without end gives way to the others.
    pub async fn breathe(&self) {
        self.pass(Duration::from_millis(1)).await;
    }

    pub async fn pass(&self, duration: Duration) {
        let until = self.after(duration);
        self.world.set_timer(until);
        poll_fn(|_| self.has_come(until)).await;
    }

    /// Until the time comes, a signal that it handles arrives, or there is input.
    pub async fn wait(&self, duration: Option<Duration>, input: bool) -> Wake {
        let until = duration.map(|duration| self.after(duration));
        if let Some(until) = until {
            self.world.set_timer(until);
        }
        poll_fn(|_| {
            if let Some(signal) = self.take_signal() {
                return Poll::Ready(Wake::Signal(signal));
            }
            if input && self.has_input(0) {
                return Poll::Ready(Wake::Input);
            }
            match until {
                Some(until) => self.has_come(until).map(|()| Wake::Timer),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Sleeps; signals that it handles are lost meanwhile.
    pub async fn sleep(&self, duration: Duration) {
        self.pass(duration).await;
    }

    fn has_come(&self, until: Timestamp) -> Poll<()> {
        if self.world.now() >= until {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// A moment that far from now; a wait of longer than time itself ends with it.
    fn after(&self, duration: Duration) -> Timestamp {
        let after = self.world.now().checked_add(duration);
        after.unwrap_or(Timestamp::MAX)
    }

    pub fn is_terminal(&self, descriptor: u32) -> bool {
        match self.descriptors.get(&descriptor) {
            Some(Descriptor::Stream { io, .. }) => io.lock().tty,
            _ => false,
        }
    }
}
