//! Which engine runs the lab: what was asked for, what was found, and the guard around it.

use std::sync::Arc;

use lab::{
    Clock, Engine, Host,
    guard::{Guard, Limits, MemoryJournal},
};
use session::wire::{EngineKind, EngineState};

use crate::{args::Choice, server::random_hex, state::StateDir, world::World};

/// An engine, guarded, and all that a session needs beside it.
pub struct Chosen {
    pub guard: Arc<Guard>,
    pub host: Arc<dyn Host>,
    pub clock: Arc<dyn Clock>,
    pub about: EngineState,
    /// Which engine, and how it was found: one sentence.
    pub found: String,
    /// Where the engine is the simulated one.
    pub world: Option<World>,
}

impl Chosen {
    #[allow(clippy::unused_async)] // Asking a real engine waits.
    pub async fn find(choice: Choice, state: &StateDir) -> anyhow::Result<Self> {
        let _ = choice;
        Self::simulated(state, None)
    }

    /// `why`: where it takes over for Docker.
    fn simulated(state: &StateDir, why: Option<String>) -> anyhow::Result<Self> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let world = World::open(state, &clock)?;
        let engine: Arc<dyn Engine> = Arc::new(world.engine.clone());
        Ok(Self {
            guard: guard(engine),
            host: Arc::new(world.engine.clone()),
            clock,
            found: why.clone().unwrap_or_else(|| "The simulated engine runs the lab: nothing on this machine's own Docker is touched.".to_owned()),
            about: EngineState {
                kind: EngineKind::Simulated,
                name: "Simulated engine".to_owned(),
                gone: None,
                why,
            },
            world: Some(world),
        })
    }
}

fn guard(engine: Arc<dyn Engine>) -> Arc<Guard> {
    // The system gave randomness for the token a moment ago; without any, no nonce must be guessable.
    let nonce = || random_hex::<16>().expect("the system has randomness");
    Arc::new(Guard::new(
        engine,
        Arc::new(MemoryJournal::default()),
        Limits::default(),
        nonce,
    ))
}

struct SystemClock;
impl Clock for SystemClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
    fn sleep(&self, duration: std::time::Duration) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
