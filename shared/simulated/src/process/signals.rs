//! Signals: what they do to a process that handles them, ignores them, or says nothing.

use super::{Io, Process, State};
use crate::Simulated;

pub const HUP: u8 = 1;
pub const INT: u8 = 2;
pub const QUIT: u8 = 3;
pub const KILL: u8 = 9;
pub const USR1: u8 = 10;
pub const PIPE: u8 = 13;
pub const TERM: u8 = 15;
pub const CHLD: u8 = 17;
pub const CONT: u8 = 18;
pub const STOP: u8 = 19;
pub const TSTP: u8 = 20;
const TTIN: u8 = 21;
const TTOU: u8 = 22;
const URG: u8 = 23;
pub const WINCH: u8 = 28;

impl Process {
    /// From now on these signals come out of [`Process::wait`].
    pub fn handle(&self, signals: &[u8]) {
        self.with_entry(|entry| entry.handled.extend(signals));
    }

    /// From now on these signals do what they do to a process that says nothing.
    pub fn unhandle(&self, signals: &[u8]) {
        self.with_entry(|entry| {
            entry.handled.retain(|signal| !signals.contains(signal));
            entry.ignored.retain(|signal| !signals.contains(signal));
        });
    }

    /// From now on these signals do nothing.
    pub fn ignore(&self, signals: &[u8]) {
        self.with_entry(|entry| entry.ignored.extend(signals));
    }

    /// Goes no further where a signal has ended or stopped the process, which the world sees only at the next turn.
    pub async fn alive(&self) {
        let runs =
            |entry: &mut super::Entry| entry.killed.is_none() && entry.state != State::Stopped;
        futures::future::poll_fn(|_| match self.with_entry(runs) {
            Some(true) => std::task::Poll::Ready(()),
            _ => std::task::Poll::Pending,
        })
        .await;
    }

    /// The next signal that has come and is handled.
    pub fn take_signal(&self) -> Option<u8> {
        self.with_entry(|entry| entry.signals.pop_front()).flatten()
    }
}

impl Process {
    /// Who sent the last signal, where it was a process of the same container.
    pub fn last_sender(&self) -> Option<u32> {
        self.with_entry(|entry| entry.sender).flatten()
    }
}

impl Simulated {
    /// One process of a container signals another.
    pub fn signal_from(&self, from: &Process, pid: u32, signal: u8) -> bool {
        if let Some(container) = self.world().containers.get_mut(&from.container)
            && let Some(entry) = container.processes.get_mut(pid)
        {
            entry.sender = Some(from.pid);
        }
        self.signal(&from.container, pid, signal)
    }

    /// Sends a signal to a process; false if there is no such process.
    pub fn signal(&self, container: &str, pid: u32, signal: u8) -> bool {
        let mut world = self.world();
        let Some(container) = world.containers.get_mut(container) else {
            return false;
        };
        let Some(entry) = container.processes.get_mut(pid) else {
            return false;
        };
        // From inside, not even KILL ends the first process; `docker kill` does not come this way.
        match signal {
            0 => {}
            KILL if pid == 1 => {}
            KILL => entry.killed = Some(KILL),
            CONT => entry.state = State::Sleeping,
            _ if entry.ignored.contains(&signal) => {}
            _ if entry.handled.contains(&signal) => entry.signals.push_back(signal),
            CHLD | URG | WINCH => {}
            _ if pid == 1 => {}
            STOP | TSTP | TTIN | TTOU => entry.state = State::Stopped,
            _ => entry.killed = Some(signal),
        }
        drop(world);
        self.stir();
        true
    }

    /// What a person types at a container's or exec's terminal, or sends into its input.
    pub fn type_in(&self, io: &Io, bytes: &[u8]) {
        for signal in io.type_in(self.now(), bytes) {
            self.signal_foreground(io, signal);
        }
        self.changed();
    }

    /// To all processes of the group that has the terminal.
    pub fn signal_foreground(&self, io: &Io, signal: u8) {
        let group = io.lock().foreground;
        let hit: Vec<(String, u32)> = {
            let world = self.world();
            let containers = world.containers.values();
            let found = containers.flat_map(|container| {
                let group = container
                    .processes
                    .iter()
                    .filter(move |entry| entry.io.is(io) && (group == 0 || entry.group == group));
                group.map(|entry| (container.id.clone(), entry.pid))
            });
            found.collect()
        };
        for (container, pid) in hit {
            self.signal(&container, pid, signal);
        }
    }
}

/// What a process that a signal has ended leaves as its exit code.
pub fn exit_code(signal: u8) -> i64 {
    128 + i64::from(signal)
}

const NAMES: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
];

/// `TERM` for 15.
pub fn signal_name(number: u8) -> Option<&'static str> {
    NAMES.get(usize::from(number).checked_sub(1)?).copied()
}

/// 15 for `TERM`, `SIGTERM`, `term` and `15`.
pub fn signal_number(name: &str) -> Option<u8> {
    if let Ok(number) = name.parse::<u8>() {
        return (number < 65).then_some(number);
    }
    let name = name.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    let at = NAMES.iter().position(|known| *known == name)?;
    u8::try_from(at + 1).ok()
}
