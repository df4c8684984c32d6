//! `docker start`: what can refuse it, the addresses, and the first program.

use lab::{Error, Result};

use crate::{
    Simulated,
    net::Sockets,
    process::Process,
    programs,
    world::{State, World},
};

impl Simulated {
    pub(crate) fn start(&self, container: &str) -> Result<()> {
        let prepared = self.prepare_start(container);
        let (id, begun) = {
            let mut world = self.world();
            let id = world.container(container)?.id.clone();
            if world.container(&id)?.is_running() {
                return Ok(());
            }
            let begun =
                prepared.and_then(|()| begin(self, &mut world, &id, &self.sockets(), self.now()));
            (id, begun)
        };
        match begun {
            Ok(()) => self.start_program(&id),
            Err(_) => self.not_started(&id),
        }
        self.changed();
        begun
    }

    /// Starts a container's first program.
    pub(crate) fn start_program(&self, id: &str) {
        let first = self.world().containers.get(id).map(|container| {
            let arguments = programs::command(container);
            Process::new(self, container, arguments, &[])
        });
        if let Some(first) = first {
            self.start_first(first);
        }
    }

    /// One that was to be removed at its end (`--rm`) is removed now.
    fn not_started(&self, id: &str) {
        let mut world = self.world();
        let Ok(container) = world.container(id) else {
            return;
        };
        let host = container.body.host_config.as_ref();
        if host.is_some_and(|host| host.auto_remove == Some(true)) {
            container.io.lock().exit = Some(container.exit_code);
            world.container_event(self.now(), "destroy", id);
            world.containers.remove(id);
        }
    }
}

/// Everything that can refuse a start, then the addresses.
fn begin(
    simulated: &Simulated,
    world: &mut World,
    id: &str,
    sockets: &Sockets,
    now: jiff::Timestamp,
) -> Result<()> {
    let container = world.container(id)?;
    let command = programs::command(container);
    let first = Process::new(simulated, container, command, &[]);
    if let Some(refused) = container.cannot_run(&first.arguments, &first.env, &first.folder) {
        let message = format!(
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {refused}"
        );
        world.container_mut(id)?.exit_code = 127;
        return Err(Error::refused(400, message));
    }
    world.join_networks(id, sockets, now)?;
    let pid = 2000 + i64::try_from(world.next() % 30_000).unwrap_or_default();
    let container = world.container_mut(id)?;
    container.state = State::Running;
    container.started = Some(now);
    container.exit_code = 0;
    container.pid = pid;
    container.io.lock().begin();
    world.container_event(now, "start", id);
    Ok(())
}
