//! `docker rm`, `docker rename`

use lab::{Error, Result, options::RemoveContainerOptions};

use super::name::name_is_free;
use crate::{
    Simulated, networks,
    world::{Container, State},
};

impl Simulated {
    pub(super) fn rename(&self, container: &str, name: &str) -> Result<()> {
        self.drive();
        {
            let mut world = self.world();
            let name = name.trim_start_matches('/');
            if name.is_empty() {
                let message = "Neither old nor new names may be empty";
                return Err(Error::refused(400, message));
            }
            let old = world.container(container)?.name.clone();
            if old == name {
                let message = "Renaming a container with the same name as its current name";
                return Err(Error::refused(400, message));
            }
            name_is_free(&world, &format!("/{name}")).map_err(|error| match error {
                Error::Refused { status, message } => {
                    Error::refused(status, format!("Error when allocating new name: {message}"))
                }
                error => error,
            })?;
            let container = world.container_mut(container)?;
            name.clone_into(&mut container.name);
            let id = container.id.clone();
            networks::renamed(container);
            let old = format!("/{old}");
            world.container_event_with(self.now(), "rename", &id, &[("oldName", &old)]);
        }
        self.changed();
        Ok(())
    }

    pub(crate) fn remove(&self, container: &str, options: &RemoveContainerOptions) -> Result<()> {
        self.drive();
        if options.link {
            self.world().container(container)?;
            let message = "Conflict, cannot remove the default link name of the container";
            return Err(Error::refused(500, message));
        }
        let id = {
            let world = self.world();
            let container = world.container(container)?;
            if !options.force {
                may_go(container)?;
            }
            container.id.clone()
        };
        self.kill_now(&id);
        {
            let mut world = self.world();
            // One made with `--rm` has gone by itself.
            if world.containers.contains_key(&id) {
                world.container_event(self.now(), "destroy", &id);
                world.containers.remove(&id);
            }
        }
        self.changed();
        Ok(())
    }
}

fn may_go(container: &Container) -> Result<()> {
    let why = match container.state {
        State::Created | State::Exited => return Ok(()),
        State::Running => {
            "container is running: stop the container before removing or force remove"
        }
        State::Restarting => {
            "container is restarting: stop the container before removing or force remove"
        }
        State::Paused => "container is paused and must be unpaused first",
    };
    let message = format!("cannot remove container \"{}\": {why}", container.name);
    Err(Error::conflict(message))
}
