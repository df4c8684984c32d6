//! Starting processes, and waiting for them.

use std::{collections::BTreeMap, task::Poll};

use futures::future::{BoxFuture, poll_fn};

use super::{Descriptor, Io, Process, User};
use crate::{Owner, Simulated, programs, world::Container};

impl Process {
    /// One that belongs to nobody yet: a container's first, or an exec's with variables of its own.
    pub fn new(
        world: &Simulated,
        container: &Container,
        arguments: Vec<String>,
        variables: &[String],
    ) -> Self {
        let mut process = Self {
            world: world.clone(),
            container: container.id.clone(),
            pid: 0,
            arguments,
            env: environment(container, variables),
            folder: container.working_folder(),
            user: User::default(),
            io: container.io.clone(),
            descriptors: BTreeMap::new(),
        };
        process.use_streams(&container.io);
        process.become_user(
            container,
            container.body.user.as_deref().unwrap_or_default(),
        );
        process
    }

    pub fn use_streams(&mut self, io: &Io) {
        let stream = |stderr| Descriptor::Stream {
            io: io.clone(),
            stderr,
        };
        self.io = io.clone();
        self.descriptors =
            BTreeMap::from([(0, stream(false)), (1, stream(false)), (2, stream(true))]);
    }

    /// `nginx`, `1000`, `1000:1000`; an empty one is root.
    pub fn become_user(&mut self, container: &Container, user: &str) {
        let (name, group) = user.split_once(':').unwrap_or((user, ""));
        if let Ok(id) = name.parse() {
            self.user = User { id, group: 0 };
        }
        let passwd = container.files.read("/etc/passwd").unwrap_or_default();
        let passwd = String::from_utf8_lossy(&passwd);
        let mut home = "/";
        for line in passwd.lines() {
            let fields: Vec<&str> = line.split(':').collect();
            let [known, _, id, its_group, _, its_home, ..] = fields.as_slice() else {
                continue;
            };
            let (Ok(id), Ok(its_group)) = (id.parse::<u32>(), its_group.parse()) else {
                continue;
            };
            if *known == name || id == self.user.id && (name.is_empty() || name.parse() == Ok(id)) {
                self.user = User {
                    id,
                    group: its_group,
                };
                home = its_home;
                break;
            }
        }
        if let Ok(group) = group.parse() {
            self.user.group = group;
        }
        if self.variable("HOME").is_none() {
            self.env.push(format!("HOME={home}"));
        }
    }

    /// A child that is to run this; it has all that its parent has, and is started by [`Self::start`].
    pub fn child(&self, arguments: Vec<String>) -> Self {
        Self {
            arguments,
            ..self.clone()
        }
    }

    /// Starts a child with a program of the container.
    pub fn start(&self, child: Self) -> u32 {
        self.start_as(child, programs::start)
    }

    /// Starts a child that runs this: a shell's part of itself.
    pub fn start_as(
        &self,
        mut child: Self,
        program: impl FnOnce(Self) -> BoxFuture<'static, i64>,
    ) -> u32 {
        let world = self.world.clone();
        world.enter(&mut child, self.pid, false);
        let (owner, pid) = (child.owner(), child.pid);
        let program = program(child);
        world.run(owner, program);
        pid
    }

    /// Until a child has ended: its exit code.
    pub async fn wait_for(&self, pid: u32) -> i64 {
        poll_fn(|_| self.reap(pid).map_or(Poll::Pending, Poll::Ready)).await
    }

    /// A child's exit code, if it has ended.
    pub fn reap(&self, pid: u32) -> Option<i64> {
        let mut world = self.world.world();
        let container = world.containers.get_mut(&self.container);
        container.map_or(Some(0), |container| {
            if container.processes.get(pid).is_none() {
                return Some(127);
            }
            container.processes.reap(pid)
        })
    }

    fn owner(&self) -> Owner {
        Owner {
            container: self.container.clone(),
            pid: self.pid,
        }
    }
}

impl Simulated {
    /// Starts a container's first process.
    pub fn start_first(&self, process: Process) {
        self.end_all(&process.container);
        if let Some(container) = self.world().containers.get_mut(&process.container) {
            container.processes.clear();
        }
        self.lead(process);
    }

    /// Starts a process that no other process has started: a container's first, or an exec's. Its pid.
    pub fn lead(&self, mut process: Process) -> u32 {
        self.enter(&mut process, 0, true);
        {
            let mut io = process.io.lock();
            io.foreground = process.pid;
        }
        let (owner, pid) = (process.owner(), process.pid);
        let program = programs::start(process);
        self.run(owner, program);
        pid
    }

    fn enter(&self, process: &mut Process, parent: u32, leads: bool) {
        let mut world = self.world();
        if let Some(container) = world.containers.get_mut(&process.container) {
            container.processes.insert(process, parent, leads);
        }
    }

    fn run(&self, owner: Owner, program: BoxFuture<'static, i64>) {
        self.running().programs.insert(owner, program);
        self.stir();
    }

    /// A process has ended. The end of the first is the container's.
    pub(crate) fn ended(&self, owner: &Owner, exit: i64) {
        self.stir();
        if owner.pid == 1 {
            return self.container_ended(&owner.container, exit);
        }
        let mut world = self.world();
        let Some(container) = world.containers.get_mut(&owner.container) else {
            return;
        };
        let leads = container.processes.get(owner.pid).is_some_and(|entry| {
            if entry.leads {
                entry.io.lock().exit = Some(exit);
            }
            entry.leads
        });
        container.processes.end(owner.pid, exit);
        drop(world);
        if leads {
            self.exec_ended(&owner.container, owner.pid, exit);
        }
    }

    /// The first process has ended, and with it the kernel ends all others.
    pub(crate) fn end_all(&self, container: &str) {
        let taken: Vec<_> = {
            let mut running = self.running();
            let owners: Vec<Owner> = running
                .programs
                .keys()
                .filter(|owner| owner.container == container)
                .cloned()
                .collect();
            owners
                .iter()
                .filter_map(|owner| running.programs.remove(owner))
                .collect()
        };
        // Dropped without a lock: a program lets go of its sockets and pipes.
        drop(taken);
        let mut world = self.world();
        if let Some(container) = world.containers.get_mut(container) {
            for entry in container
                .processes
                .iter()
                .filter(|entry| entry.leads && entry.pid != 1)
            {
                let mut io = entry.io.lock();
                io.exit
                    .get_or_insert(super::signals::exit_code(super::KILL));
            }
            container.processes.clear();
        }
    }
}

/// As Docker builds it: its own variables, the container's, those of the exec; one of a name stays in its place.
fn environment(container: &Container, more: &[String]) -> Vec<String> {
    let mut env = vec![
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned(),
        format!("HOSTNAME={}", container.hostname()),
    ];
    if container.io.lock().tty {
        env.push("TERM=xterm".to_owned());
    }
    env.extend(container.linked.iter().cloned());
    for variable in container.body.env.iter().flatten().chain(more) {
        let name = variable.split('=').next().unwrap_or(variable);
        let same = |known: &String| known.split('=').next() == Some(name);
        match (env.iter().position(same), variable.contains('=')) {
            (Some(at), true) => env[at].clone_from(variable),
            (Some(at), false) => {
                env.remove(at);
            }
            (None, true) => env.push(variable.clone()),
            (None, false) => {}
        }
    }
    env
}

impl Container {
    fn working_folder(&self) -> String {
        let folder = self.body.working_dir.as_deref().unwrap_or_default();
        if folder.is_empty() {
            "/".to_owned()
        } else {
            folder.to_owned()
        }
    }
}
