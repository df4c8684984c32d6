//! The processes of one container, as its kernel lists them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;

use super::{Io, Process, User};

/// By pid, as seen inside.
#[derive(Default)]
pub struct Table {
    last: u32,
    processes: BTreeMap<u32, Entry>,
}

pub struct Entry {
    pub pid: u32,
    /// 0 for the first process and for what `docker exec` started.
    pub parent: u32,
    /// The process group: a job of a shell.
    pub group: u32,
    /// Its command line. Applets that a shell runs keep the shell's.
    pub arguments: Vec<String>,
    /// The kernel's name for it, where it is not that of its first argument.
    pub name: Option<String>,
    pub user: User,
    pub started: Timestamp,
    pub state: State,
    pub io: Io,
    pub signals: VecDeque<u8>,
    pub sender: Option<u32>,
    pub handled: BTreeSet<u8>,
    pub ignored: BTreeSet<u8>,
    /// A signal has ended it; it goes when the world moves next.
    pub killed: Option<u8>,
    /// For a zombie: what its parent has not asked for yet.
    pub exit: Option<i64>,
    /// Its end is the end of the exec that started it.
    pub leads: bool,
}

/// As `ps` has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Running,
    Sleeping,
    Stopped,
    Zombie,
}

impl State {
    pub fn letter(self) -> char {
        match self {
            Self::Running => 'R',
            Self::Sleeping => 'S',
            Self::Stopped => 'T',
            Self::Zombie => 'Z',
        }
    }
}

impl Table {
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn get(&self, pid: u32) -> Option<&Entry> {
        self.processes.get(&pid)
    }

    pub fn get_mut(&mut self, pid: u32) -> Option<&mut Entry> {
        self.processes.get_mut(&pid)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.processes.values()
    }

    pub fn len(&self) -> usize {
        self.processes.len()
    }

    /// The processes as text: pid, and the line that `ps` has for it.
    pub fn command_line(entry: &Entry) -> String {
        let line = entry.arguments.join(" ");
        match (&entry.name, entry.state) {
            (_, State::Zombie) => {
                let first = entry
                    .name
                    .as_deref()
                    .or(entry.arguments.first().map(String::as_str));
                let first = first.unwrap_or_default();
                format!("[{}]", first.rsplit('/').next().unwrap_or(first))
            }
            (Some(name), _) => format!("{{{name}}} {line}"),
            (None, _) => line,
        }
    }

    /// The next pid, and its place in the table.
    pub(super) fn insert(&mut self, process: &mut Process, parent: u32, leads: bool) {
        self.last += 1;
        process.pid = self.last;
        let group = match self.processes.get(&parent) {
            Some(parent) => parent.group,
            None => self.last,
        };
        let inherited = self.processes.get(&parent);
        let ignored = inherited.map(|parent| parent.ignored.clone());
        let entry = Entry {
            pid: self.last,
            parent,
            group,
            arguments: process.arguments.clone(),
            name: None,
            user: process.user,
            started: process.world.now(),
            state: State::Sleeping,
            io: process.io.clone(),
            signals: VecDeque::new(),
            sender: None,
            handled: BTreeSet::new(),
            ignored: ignored.unwrap_or_default(),
            killed: None,
            exit: None,
            leads,
        };
        self.processes.insert(self.last, entry);
        if parent == 0 {
            // What starts a program from outside has taken some pids inside.
            self.last += 5;
        }
    }

    /// It has ended: a zombie until its parent asks, gone at once where no parent could. Its children are the first
    /// process's now.
    pub(super) fn end(&mut self, pid: u32, exit: i64) {
        for child in self.processes.values_mut() {
            if child.parent == pid {
                child.parent = 1;
            }
        }
        let Some(entry) = self.processes.get_mut(&pid) else {
            return;
        };
        if entry.parent == 0 {
            self.processes.remove(&pid);
            return;
        }
        entry.state = State::Zombie;
        entry.exit = Some(exit);
    }

    /// What an ended child leaves, which is forgotten with that.
    pub(super) fn reap(&mut self, pid: u32) -> Option<i64> {
        let exit = self.processes.get(&pid)?.exit?;
        self.processes.remove(&pid);
        Some(exit)
    }
}

impl Process {
    pub(super) fn with_entry<T>(&self, look: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let mut world = self.world.world();
        let container = world.containers.get_mut(&self.container)?;
        container.processes.get_mut(self.pid).map(look)
    }
}

impl Process {
    pub fn parent(&self) -> u32 {
        self.with_entry(|entry| entry.parent).unwrap_or_default()
    }

    pub fn group(&self) -> u32 {
        self.with_entry(|entry| entry.group).unwrap_or_default()
    }

    /// A process of the same container joins a group.
    pub fn set_group(&self, pid: u32, group: u32) {
        let mut world = self.world.world();
        let container = world.containers.get_mut(&self.container);
        if let Some(entry) = container.and_then(|container| container.processes.get_mut(pid)) {
            entry.group = group;
        }
    }

    pub fn state_of(&self, pid: u32) -> Option<State> {
        let world = self.world.world();
        let container = world.containers.get(&self.container)?;
        Some(container.processes.get(pid)?.state)
    }

    /// It shows itself to `ps` with this line.
    pub fn titled(self, title: &str) -> Self {
        self.with_entry(|entry| {
            entry.arguments = vec![title.to_owned()];
            entry.name = None;
        });
        self
    }

    /// Another program has taken this process's place: with a command line of its own, or with the shell's.
    pub fn rename(&self, arguments: Option<Vec<String>>) {
        let name = self.name().to_owned();
        self.with_entry(|entry| {
            match arguments {
                Some(arguments) => {
                    entry.arguments = arguments;
                    entry.name = None;
                }
                None => entry.name = Some(name),
            }
            entry.handled.clear();
            entry.signals.clear();
        });
    }

    pub fn has_signal(&self) -> bool {
        self.peek_signal().is_some()
    }

    pub fn peek_signal(&self) -> Option<u8> {
        self.with_entry(|entry| entry.signals.front().copied())
            .flatten()
    }
}
