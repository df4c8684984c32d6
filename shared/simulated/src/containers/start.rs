//! `docker start`: what can refuse it, the addresses, and the first program.

use lab::{Error, Result};

use crate::{
    Simulated,
    net::published,
    process::Process,
    programs,
    world::{State, World},
};

impl Simulated {
    pub(super) fn start(&self, container: &str) -> Result<()> {
        let (id, begun) = {
            let mut world = self.world();
            let id = world.container(container)?.id.clone();
            if world.container(&id)?.is_running() {
                return Ok(());
            }
            let begun = begin(self, &mut world, &id, self.now());
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

pub fn joins_a_network(mode: &str) -> bool {
    !matches!(mode, "none" | "host") && !mode.starts_with("container:")
}

/// Everything that can refuse a start, then the addresses.
fn begin(simulated: &Simulated, world: &mut World, id: &str, now: jiff::Timestamp) -> Result<()> {
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
    let mode = container.network_mode();
    if container.started.is_none() && joins_a_network(mode) {
        world.network(mode).map_err(|error| {
            Error::not_found(format!("failed to set up container networking: {error}"))
        })?;
    }
    let wanted: Vec<u16> = published(container).map(|(_, outside)| outside).collect();
    for port in wanted {
        let taken = world.containers.values().any(|other| {
            other.id != id
                && other.is_running()
                && published(other).any(|(_, outside)| outside == port)
        });
        if taken {
            let container = world.container(id)?;
            let endpoint = &container.name;
            let message = format!(
                "failed to set up container networking: driver failed programming external connectivity on endpoint {endpoint}: Bind for 0.0.0.0:{port} failed: port is already allocated"
            );
            return Err(Error::refused(500, message));
        }
    }
    let networks: Vec<String> = world.container(id)?.endpoints.keys().cloned().collect();
    for network in &networks {
        world.attach(id, network)?;
    }
    let pid = 2000 + i64::try_from(world.next() % 30_000).unwrap_or_default();
    let container = world.container_mut(id)?;
    container.state = State::Running;
    container.started = Some(now);
    container.exit_code = 0;
    container.pid = pid;
    container.io.lock().begin();
    for network in &networks {
        world.network_event(now, "connect", network, Some(id));
    }
    world.container_event(now, "start", id);
    Ok(())
}
