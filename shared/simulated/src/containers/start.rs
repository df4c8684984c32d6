//! `docker start`: what can refuse it, the addresses, and the first program.

use jiff::Timestamp;
use lab::{Error, Result};

use super::{stop::removes_itself, user};
use crate::{
    Simulated,
    net::Sockets,
    process::Process,
    programs,
    world::{Container, State, World},
};

impl Simulated {
    pub(crate) fn start(&self, container: &str) -> Result<()> {
        self.drive();
        let id = {
            let mut world = self.world();
            let container = world.container_mut(container)?;
            match container.state {
                State::Running | State::Restarting => return Ok(()),
                State::Paused => {
                    let message = "cannot start a paused container, try unpause instead";
                    return Err(Error::conflict(message));
                }
                State::Created | State::Exited => {}
            }
            container.life.restart_count = 0;
            container.life.backoff = 0;
            container.life.no_restart = false;
            container.life.stopped_by_hand = false;
            container.id.clone()
        };
        let begun = self.begin(&id);
        if begun.is_err() {
            // One that was to be removed at its end is removed now.
            removes_itself(&mut self.world(), &id, self.now());
        }
        self.changed();
        begun
    }

    /// The start itself, by a person or by the restart policy. What refuses it is noted.
    pub(super) fn begin(&self, id: &str) -> Result<()> {
        let now = self.now();
        let prepared = self.prepare_start(id);
        let begun = {
            let mut world = self.world();
            let begun = prepared.and_then(|()| begin(self, &mut world, id, &self.sockets(), now));
            if let Ok(container) = world.container_mut(id) {
                container.life.error = begun
                    .as_ref()
                    .err()
                    .map(Error::to_string)
                    .unwrap_or_default();
            }
            begun
        };
        match begun {
            Ok(()) => {
                self.start_program(id);
                self.health_begins(id);
                Ok(())
            }
            Err(error) => {
                if let Ok(container) = self.world().container_mut(id) {
                    // What is only unknown does not replace what is known from the run before.
                    let code = exit_code(&error.to_string());
                    if code != 128 || container.exit_code == 0 {
                        container.exit_code = code;
                    }
                    container.life.closings += 1;
                    container.io.lock().end(container.exit_code);
                }
                Err(error)
            }
        }
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
}

/// Everything that can refuse a start, then the addresses.
fn begin(
    simulated: &Simulated,
    world: &mut World,
    id: &str,
    sockets: &Sockets,
    now: Timestamp,
) -> Result<()> {
    let container = world.container(id)?;
    if let Some(refused) = cannot_start(simulated, container) {
        let networks: Vec<String> = container
            .networks
            .keys()
            .filter_map(|name| Some(world.network(name).ok()?.id.clone()))
            .collect();
        for network in networks {
            world.network_event(now, "disconnect", &network, Some(id));
        }
        return Err(refused);
    }
    world.join_networks(id, sockets, now)?;
    let pid = 2000 + i64::try_from(world.next() % 30_000).unwrap_or_default();
    let container = world.container_mut(id)?;
    container.state = State::Running;
    container.started = Some(now);
    container.exit_code = 0;
    container.pid = pid;
    container.life.oom_killed = false;
    let open = container.body.open_stdin == Some(true);
    container.io.lock().begin(open);
    world.container_event(now, "start", id);
    Ok(())
}

fn cannot_start(simulated: &Simulated, container: &Container) -> Option<Error> {
    let user = container.body.user.as_deref().unwrap_or_default();
    if let Some(message) = user::missing(container, user) {
        return Some(Error::refused(500, message));
    }
    let first = Process::new(simulated, container, programs::command(container), &[]);
    let refused = container.cannot_run(&first.arguments, &first.env, &first.folder)?;
    Some(Error::refused(
        400,
        format!(
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: {refused}"
        ),
    ))
}

/// What the engine notes as the exit code of a container that did not start.
pub fn exit_code(message: &str) -> i64 {
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    if says(&[
        "executable file not found",
        "no such file or directory",
        "not a directory",
    ]) {
        127
    } else if says(&["permission denied", "is a directory"]) {
        126
    } else {
        128
    }
}
