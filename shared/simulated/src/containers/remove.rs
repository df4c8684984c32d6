//! `docker rm`, `docker rename`

use lab::{Error, Result, options::RemoveContainerOptions};

use super::name::name_is_free;
use crate::{Simulated, process::KILL};

impl Simulated {
    pub(super) fn rename(&self, container: &str, name: &str) -> Result<()> {
        {
            let mut world = self.world();
            name_is_free(&world, name)?;
            let container = world.container_mut(container)?;
            name.clone_into(&mut container.name);
            let id = container.id.clone();
            world.container_event(self.now(), "rename", &id);
        }
        self.changed();
        Ok(())
    }

    pub(crate) fn remove(&self, container: &str, options: &RemoveContainerOptions) -> Result<()> {
        let (id, name, running) = {
            let world = self.world();
            let container = world.container(container)?;
            (
                container.id.clone(),
                container.name.clone(),
                container.is_running(),
            )
        };
        if running && !options.force {
            return Err(Error::conflict(format!(
                "cannot remove container \"{name}\": container is running: stop the container before removing or force remove"
            )));
        }
        if running {
            self.world().container_event(self.now(), "kill", &id);
            self.container_ended(&id, 128 + i64::from(KILL));
        }
        {
            let mut world = self.world();
            world.container_event(self.now(), "destroy", &id);
            world.containers.remove(&id);
        }
        self.changed();
        Ok(())
    }
}
