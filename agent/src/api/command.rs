//! `causeway engine`: the simulated engine on a socket, until it is stopped.

use std::sync::Arc;

use futures::FutureExt as _;
use lab::Clock;
use simulated::Simulated;

use crate::{
    app::{say, stopped},
    args::EngineSocket,
    clock::SystemClock,
    state::StateDir,
    world::World,
};

use super::Api;

#[cfg(unix)]
pub async fn run(options: EngineSocket) -> anyhow::Result<()> {
    let listener = super::Listener::on(&options.socket)?;
    let mut stopped = Box::pin(stopped());
    // From now on: whoever reads what is said below may stop it at once.
    if (&mut stopped).now_or_never().is_some() {
        return Ok(());
    }
    let (engine, world) = world(&options)?;
    let router = Api::over(Arc::new(engine)).await?.router();
    say(&format!(
        "The simulated engine answers Docker's API: export DOCKER_HOST=unix://{}",
        listener.path().display()
    ));
    let kept = world.as_ref().map_or_else(
        || "nothing of it is kept".to_owned(),
        |_| "its world is kept for the next time".to_owned(),
    );
    say(&format!("Ctrl-C stops it, and {kept}."));
    let keep = async {
        match &world {
            Some(world) => world.keep().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = listener.serve(router) => {}
        () = keep => {}
        () = stopped => {}
    }
    if let Some(world) = &world {
        world.save();
    }
    Ok(())
}

#[cfg(not(unix))]
pub async fn run(_: EngineSocket) -> anyhow::Result<()> {
    anyhow::bail!(
        "this system has no Unix sockets, and the simulated engine answers on nothing else: run `causeway engine` on Linux or macOS"
    )
}

/// A new world, or the one of a folder.
fn world(options: &EngineSocket) -> anyhow::Result<(Simulated, Option<World>)> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let Some(folder) = &options.state else {
        return Ok((
            Simulated::new(clock, options.seed.unwrap_or(crate::world::SEED)),
            None,
        ));
    };
    let world = World::open(&StateDir::open(Some(folder.clone()))?, &clock)?;
    Ok((world.engine.clone(), Some(world)))
}
