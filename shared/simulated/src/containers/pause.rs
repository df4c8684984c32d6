//! `docker pause`, `docker unpause`: programs stand still, what the kernel does for them goes on.

use lab::{Error, Result};

use crate::{
    Simulated,
    world::{Container, State},
};

impl Simulated {
    pub(super) fn pause(&self, container: &str) -> Result<()> {
        self.drive();
        {
            let mut world = self.world();
            let container = world.container_mut(container)?;
            must_run(container)?;
            if container.state == State::Paused {
                let message = format!("Container {} is already paused", container.id);
                return Err(Error::conflict(message));
            }
            container.state = State::Paused;
            container.health_ends();
            let id = container.id.clone();
            world.container_event(self.now(), "pause", &id);
        }
        self.changed();
        Ok(())
    }

    pub(super) fn unpause(&self, container: &str) -> Result<()> {
        self.drive();
        let id = {
            let mut world = self.world();
            let container = world.container_mut(container)?;
            if container.state != State::Paused {
                let message = format!("Container {} is not paused", container.id);
                return Err(Error::refused(500, message));
            }
            container.state = State::Running;
            let id = container.id.clone();
            world.container_event(self.now(), "unpause", &id);
            id
        };
        self.health_goes_on(&id);
        self.changed();
        Ok(())
    }
}

/// Docker's words where something needs one that runs.
pub fn must_run(container: &Container) -> Result<()> {
    let id = &container.id;
    match container.state {
        State::Running | State::Paused => Ok(()),
        State::Restarting => Err(Error::conflict(format!(
            "Container {id} is restarting, wait until the container is running"
        ))),
        State::Created | State::Exited => {
            Err(Error::conflict(format!("container {id} is not running")))
        }
    }
}
