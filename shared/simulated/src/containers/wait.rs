//! `docker wait`

use futures::{StreamExt, stream};
use lab::{Result, engine::Items, models::ContainerWaitResponse, options::WaitContainerOptions};

use crate::{Simulated, world::State};

impl Simulated {
    pub(super) fn wait(
        &self,
        container: &str,
        options: &WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>> {
        self.drive();
        let (id, io, started) = {
            let world = self.world();
            let container = world.container(container)?;
            (
                container.id.clone(),
                container.io.clone(),
                container.state != State::Created,
            )
        };
        let (world, removed) = (self.clone(), options.condition == "removed");
        // `next-exit` waits for an exit that is still to come.
        if started && options.condition == "next-exit" {
            io.lock().exit = None;
        }
        let exit = async move {
            let code = world
                .until(|inner| {
                    io.lock()
                        .exit
                        .filter(|_| !removed || !inner.containers.contains_key(&id))
                })
                .await;
            Ok(ContainerWaitResponse {
                status_code: code,
                error: None,
            })
        };
        Ok(stream::once(exit).boxed())
    }
}
