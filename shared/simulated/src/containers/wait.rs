//! `docker wait`

use futures::{StreamExt, stream};
use lab::{
    Error, Result, engine::Items, models::ContainerWaitResponse, options::WaitContainerOptions,
};

use crate::{
    Simulated,
    process::Io,
    world::{Container, State, World},
};

/// What is waited for. The exits that have been are told apart from the next by their number.
enum Until {
    NotRunning,
    ExitAfter(u64),
    Removed,
}

impl Simulated {
    pub(super) fn wait(
        &self,
        container: &str,
        options: &WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>> {
        self.drive();
        let (id, until, io) = {
            let world = self.world();
            let container = world.container(container)?;
            let until = until(container, &options.condition)?;
            (container.id.clone(), until, container.io.clone())
        };
        let world = self.clone();
        let exit = async move {
            let ended = |world: &mut World| look(world, &id, &until, &io);
            Ok(ContainerWaitResponse {
                status_code: world.until(ended).await,
                error: None,
            })
        };
        Ok(stream::once(exit).boxed())
    }
}

fn until(container: &Container, condition: &str) -> Result<Until> {
    let runs = container.is_running() || container.state == State::Restarting;
    Ok(match condition {
        "" | "not-running" if !runs => Until::NotRunning,
        "" | "not-running" | "next-exit" => Until::ExitAfter(container.life.exits),
        "removed" => Until::Removed,
        condition => {
            let message = format!("invalid condition: \"{condition}\"");
            return Err(Error::refused(400, message));
        }
    })
}

/// The exit code, once it is there; of one that has gone, the last it left.
fn look(world: &World, id: &str, until: &Until, io: &Io) -> Option<i64> {
    let Some(container) = world.containers.get(id) else {
        return Some(io.lock().exit.unwrap_or_default());
    };
    let done = match until {
        Until::NotRunning => true,
        Until::ExitAfter(seen) => container.life.exits > *seen,
        Until::Removed => false,
    };
    done.then_some(container.exit_code)
}
