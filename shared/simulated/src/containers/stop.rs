//! How a container ends: `docker stop`, `restart`, `kill`, and by itself.

use std::time::Duration;

use futures::future::Either;
use lab::{
    Error, Result,
    options::{RestartContainerOptions, StopContainerOptions},
};

use super::signal::number;
use crate::{
    Simulated,
    process::{KILL, TERM},
    world::{Container, State},
};

impl Simulated {
    pub(super) async fn stop(&self, container: &str, options: StopContainerOptions) -> Result<()> {
        let (id, io, running) = {
            let world = self.world();
            let container = world.container(container)?;
            (
                container.id.clone(),
                container.io.clone(),
                container.is_running(),
            )
        };
        if !running {
            return Ok(());
        }
        let signal = match self.world().container(&id)?.body.stop_signal.as_deref() {
            None | Some("") => TERM,
            Some(signal) => number(signal)?,
        };
        self.world().container_event(self.now(), "kill", &id);
        self.signal(&id, 1, signal);
        self.changed();
        let patience = Duration::from_secs(
            u64::try_from(options.t.unwrap_or(10)).unwrap_or(u64::from(u32::MAX)),
        );
        let ended = Box::pin(self.until(|_| io.lock().exit));
        let patience = self.inner.clock.sleep(patience);
        if let Either::Right(_) = futures::future::select(ended, patience).await {
            self.container_ended(&id, 128 + i64::from(KILL));
        }
        self.world().container_event(self.now(), "stop", &id);
        self.changed();
        Ok(())
    }

    pub(super) async fn restart(
        &self,
        container: &str,
        options: RestartContainerOptions,
    ) -> Result<()> {
        let options = StopContainerOptions {
            signal: options.signal,
            t: options.t,
        };
        self.stop(container, options).await?;
        self.start(container)
    }

    pub(super) fn kill(&self, container: &str, signal: &str) -> Result<()> {
        let id = {
            let mut world = self.world();
            let container = world.container(container).map_err(|error| {
                Error::not_found(format!("cannot kill container: {container}: {error}"))
            })?;
            if !container.is_running() {
                return Err(Error::conflict(format!(
                    "cannot kill container: {}: container {} is not running",
                    container.name, container.id
                )));
            }
            let id = container.id.clone();
            world.container_event(self.now(), "kill", &id);
            id
        };
        match number(signal)? {
            KILL => self.container_ended(&id, 128 + i64::from(KILL)),
            signal => {
                self.signal(&id, 1, signal);
            }
        }
        self.changed();
        Ok(())
    }

    /// A container's first program has ended: the container exits, and goes if it was made with `--rm`.
    pub(crate) fn container_ended(&self, id: &str, exit: i64) {
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
        container.io.lock().exit = Some(exit);
        let auto_remove = container
            .body
            .host_config
            .as_ref()
            .is_some_and(|host| host.auto_remove == Some(true));
        world.container_event(now, "die", id);
        world.leave_networks(id, now);
        if auto_remove {
            world.container_event(now, "destroy", id);
            world.containers.remove(id);
        }
    }
}
