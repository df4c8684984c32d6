//! The simulated world between two runs: read once, written at most once a second when it changed, and at the end.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lab::Clock;
use simulated::Simulated;

use crate::state::{Lock, StateDir, StateError};

const WORLD: &str = "world.json";
const EVERY: Duration = Duration::from_secs(1);
/// Of a world that nobody chose another one for.
pub const SEED: u64 = 7;

/// The simulated world and its file, which nobody else uses meanwhile.
#[derive(Clone)]
pub struct World {
    pub engine: Simulated,
    state: StateDir,
    written: Arc<Mutex<String>>,
    _lock: Arc<Lock>,
}

impl World {
    /// The world of the last run, or a new one.
    pub fn open(state: &StateDir, clock: &Arc<dyn Clock>) -> Result<Self, StateError> {
        let lock = state.lock(WORLD)?;
        let folder = |source| StateError::Folder {
            path: state.path(WORLD),
            source,
        };
        let saved = state.read(WORLD).map_err(folder)?.unwrap_or_default();
        let engine = match Simulated::restore(Arc::clone(clock), &saved) {
            Ok(engine) => engine,
            Err(_) if saved.is_empty() => Simulated::new(Arc::clone(clock), SEED),
            Err(error) => {
                let aside = state.set_aside(WORLD).map_err(folder)?;
                tracing::warn!(
                    "the simulated world starts anew ({error}); the old one is kept in {}",
                    aside.display()
                );
                Simulated::new(Arc::clone(clock), SEED)
            }
        };
        Ok(Self {
            engine,
            state: state.clone(),
            written: Arc::new(Mutex::new(saved)),
            _lock: Arc::new(lock),
        })
    }

    /// Writes it whenever it changed, for ever.
    pub async fn keep(&self) {
        loop {
            tokio::time::sleep(EVERY).await;
            self.save();
        }
    }

    /// Writes it if it changed.
    pub fn save(&self) {
        let now = self.engine.save();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if *written == now {
            return;
        }
        match self.state.write(WORLD, &now) {
            Ok(()) => *written = now,
            Err(error) => tracing::error!("the simulated world cannot be kept: {error}"),
        }
    }
}
