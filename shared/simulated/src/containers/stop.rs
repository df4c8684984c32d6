//! How a container ends: `docker stop`, `restart`, `kill`, and by itself.

use std::time::Duration;

use jiff::Timestamp;
use lab::{
    Error, Result,
    options::{RestartContainerOptions, StopContainerOptions},
};

use super::{pause::must_run, signal};
use crate::{
    Simulated,
    process::{KILL, TERM},
    world::{Container, State, World},
};

const PATIENCE: i64 = 10;

impl Simulated {
    pub(super) async fn stop(&self, container: &str, options: StopContainerOptions) -> Result<()> {
        self.drive();
        let (id, signal, patience) = {
            let world = self.world();
            let found = world.container(container)?;
            if matches!(found.state, State::Created | State::Exited) {
                return Ok(());
            }
            let signal = stop_signal(found, options.signal.as_deref())
                .map_err(|error| refused(500, "stop", container, &error))?;
            let patience = options.t.map(i64::from).or(found.body.stop_timeout);
            (found.id.clone(), signal, patience.unwrap_or(PATIENCE))
        };
        self.stop_by(&id, signal, patience).await;
        Ok(())
    }

    async fn stop_by(&self, id: &str, signal: u8, patience: i64) {
        let Some(exits) = self.exits(id) else {
            return;
        };
        self.send(id, signal);
        self.changed();
        // A negative patience waits for ever.
        let patience = u64::try_from(patience).map(Duration::from_secs).ok();
        let deadline = patience.and_then(|patience| self.now().checked_add(patience).ok());
        if let Some(deadline) = deadline {
            self.set_timer(deadline);
        }
        let ended = self.until(|world| {
            let container = world.containers.get(id);
            let ended =
                container.is_none_or(|container| container.life.exits > exits || !is_up(container));
            let late = deadline.is_some_and(|deadline| self.now() >= deadline);
            (ended || late).then_some(ended)
        });
        if ended.await {
            self.world().container_event(self.now(), "stop", id);
        } else {
            self.send(id, KILL);
            self.end(id, exit_by(KILL), Some("stop"));
        }
        self.changed();
    }

    fn exits(&self, id: &str) -> Option<u64> {
        let world = self.world();
        world
            .containers
            .get(id)
            .map(|container| container.life.exits)
    }

    pub(super) async fn restart(
        &self,
        asked: &str,
        options: RestartContainerOptions,
    ) -> Result<()> {
        let id = {
            let mut world = self.world();
            let container = world.container_mut(asked)?;
            container.life.being_restarted = true;
            container.id.clone()
        };
        let stop = StopContainerOptions {
            signal: options.signal,
            t: options.t,
        };
        let mut done = self.stop(&id, stop).await;
        if done.is_ok() {
            done = self.start(&id);
        }
        if let Ok(container) = self.world().container_mut(&id) {
            container.life.being_restarted = false;
        }
        done.map_err(|error| cannot_restart(asked, error))?;
        self.world().container_event(self.now(), "restart", &id);
        self.changed();
        Ok(())
    }

    pub(super) fn kill(&self, container: &str, signal: &str) -> Result<()> {
        self.drive();
        let refused = |error: Error| {
            let status = match error {
                Error::Refused { status, .. } => status,
                _ => 500,
            };
            refused(status, "kill", container, &error)
        };
        let number = match signal {
            "" => KILL,
            signal => signal::number(signal).map_err(refused)?,
        };
        let id = {
            let world = self.world();
            let container = world.container(container).map_err(refused)?;
            if container.state != State::Restarting {
                must_run(container).map_err(refused)?;
            }
            container.id.clone()
        };
        if number == KILL {
            self.kill_now(&id);
        } else {
            self.send(&id, number);
        }
        self.changed();
        Ok(())
    }

    /// As `docker kill` does it, whatever the container does.
    pub(super) fn kill_now(&self, id: &str) {
        self.send(id, KILL);
        self.end(id, exit_by(KILL), None);
    }

    /// Sends a signal to the first process, and notes that a person wanted it. One that is paused goes on, if the
    /// signal is to end it; one that waits for its next life has none any more.
    fn send(&self, id: &str, signal: u8) {
        let now = self.now();
        let (ended, unpaused) = {
            let mut world = self.world();
            let Some(container) = world.containers.get_mut(id).filter(|one| is_up(one)) else {
                return;
            };
            container.life.stopped_by_hand = true;
            let ends = signal == KILL || stop_signal_is(container, signal);
            container.life.no_restart |= ends;
            if container.state == State::Restarting {
                if ends {
                    container.life.restart_at = None;
                    container.state = State::Exited;
                    removes_itself(&mut world, id, now);
                }
                return;
            }
            let unpaused = ends && signal != KILL && container.state == State::Paused;
            if unpaused {
                container.state = State::Running;
            }
            let text = signal.to_string();
            world.container_event_with(now, "kill", id, &[("signal", &text)]);
            if unpaused {
                world.container_event(now, "unpause", id);
            }
            (ended_by_init(&world, id, signal), unpaused)
        };
        if unpaused {
            self.health_goes_on(id);
        }
        if ended {
            self.end(id, exit_by(signal), None);
        } else if signal != KILL {
            self.signal(id, 1, signal);
        }
    }

    /// A container's first program has ended.
    pub(crate) fn container_ended(&self, id: &str, exit: i64) {
        self.end(id, exit, None);
    }

    /// The container exits: it starts again if its restart policy says so, and goes if it was made with `--rm`.
    fn end(&self, id: &str, exit: i64, before_die: Option<&str>) {
        if !self.world().container(id).is_ok_and(Container::is_running) {
            return;
        }
        self.end_all(id);
        let now = self.now();
        let mut world = self.world();
        let Some(container) = world.containers.get_mut(id) else {
            return;
        };
        container.state = State::Exited;
        container.exit_code = exit;
        container.finished = Some(now);
        container.life.exits += 1;
        container.life.closings += 1;
        container.io.lock().end(exit);
        container.health_ends();
        let lived = container
            .started
            .map_or(0, |started| now.duration_since(started).as_secs());
        let restart_at = container.restarts_at(now);
        if restart_at.is_some() {
            container.state = State::Restarting;
        }
        world.leave_networks(id, now);
        if let Some(event) = before_die {
            world.container_event(now, event, id);
        }
        let (exit, lived) = (exit.to_string(), lived.to_string());
        let attributes = [
            ("execDuration", lived.as_str()),
            ("exitCode", exit.as_str()),
        ];
        world.container_event_with(now, "die", id, &attributes);
        match restart_at {
            Some(at) => {
                drop(world);
                self.set_alarm(at, id);
            }
            None => removes_itself(&mut world, id, now),
        }
    }
}

/// With `--init`, the first process hands signals on to a program that they end, if it does not handle them.
fn ended_by_init(world: &World, id: &str, signal: u8) -> bool {
    let Some(container) = world.containers.get(id) else {
        return false;
    };
    let host = container.body.host_config.as_ref();
    let init = host.is_some_and(|host| host.init == Some(true));
    let first = container.processes.get(1);
    let listens = first
        .is_some_and(|first| first.handled.contains(&signal) || first.ignored.contains(&signal));
    init && !listens && matches!(signal, 1..=6 | TERM | 10..=14)
}

/// One made with `--rm` goes at its end, unless that is a restart's.
pub fn removes_itself(world: &mut World, id: &str, now: Timestamp) {
    let Some(container) = world.containers.get(id) else {
        return;
    };
    let host = container.body.host_config.as_ref();
    let to_remove = host.is_some_and(|host| host.auto_remove == Some(true));
    if to_remove && !container.life.being_restarted {
        world.container_event(now, "destroy", id);
        world.containers.remove(id);
    }
}

fn is_up(container: &Container) -> bool {
    container.is_running() || container.state == State::Restarting
}

fn stop_signal(container: &Container, asked: Option<&str>) -> Result<u8> {
    let own = container.body.stop_signal.as_deref();
    let asked = asked.filter(|asked| !asked.is_empty());
    match asked.or(own).unwrap_or_default() {
        "" => Ok(TERM),
        signal => signal::number(signal),
    }
}

/// Whether this is the signal that is to end it: any, where none is named.
fn stop_signal_is(container: &Container, signal: u8) -> bool {
    match container.body.stop_signal.as_deref().unwrap_or_default() {
        "" => true,
        own => signal::number(own) == Ok(signal),
    }
}

fn exit_by(signal: u8) -> i64 {
    128 + i64::from(signal)
}

fn refused(status: u16, what: &str, container: &str, error: &Error) -> Error {
    Error::refused(
        status,
        format!("cannot {what} container: {container}: {error}"),
    )
}

fn cannot_restart(asked: &str, error: Error) -> Error {
    match error {
        Error::Refused { status, message } => Error::refused(
            status,
            format!("Cannot restart container {asked}: {message}"),
        ),
        error => error,
    }
}
