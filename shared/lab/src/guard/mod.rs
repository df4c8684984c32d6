//! What may touch a lab, and what a lab may touch.
//!
//! [`Guard`] stands around an engine: it makes nothing that is not named here, keeps every limit, writes down what it
//! makes before and after, and changes only what it made itself. It reads everything, and hides only its own label.
//! It has no clock and draws no random numbers: a source of nonces is handed in.

mod body;
mod engine;
mod hosts;
mod images;
mod journal;
mod labels;
mod limits;
mod ownership;
mod recover;
mod reset;
mod service;
mod swarm;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

pub use hosts::{GuardedHost, GuardedHosts};
pub use journal::{Entry, Intent, Journal, Kind, MemoryJournal};
pub use limits::Limits;
pub use reset::{Kept, Removed, ResetPlan, Thing};

use crate::{Engine, Error, Result};

/// The label on everything that a lab makes. Its value is the journal entry's nonce. A hint for people, not ownership.
pub const LABEL: &str = "dev.causeway.lab";

/// An engine, guarded. It is an [`Engine`] itself.
pub struct Guard {
    engine: Arc<dyn Engine>,
    journal: Arc<dyn Journal>,
    limits: Limits,
    random: Box<dyn Fn() -> String + Send + Sync>,
    /// What the engine said of itself; asked for again once it was away.
    about: Mutex<Option<About>>,
    /// Held while counting and intending, so that two creates do not both take the last place.
    reserving: Mutex<()>,
    /// Nonces whose create is under way: not to be looked for yet.
    in_flight: Mutex<BTreeSet<String>>,
    /// How many creates were begun.
    begun: AtomicU64,
    /// How often an intent's thing was looked for in vain.
    missed: Mutex<BTreeMap<String, u32>>,
    /// Containers of the lab's services, as far as they were seen.
    tasks: Mutex<BTreeSet<String>>,
    /// The execs that were made here.
    execs: Mutex<BTreeSet<String>>,
}

/// What the guard knows of the engine behind it.
#[derive(Clone, Debug)]
struct About {
    id: String,
    keeps: limits::Kept,
}

impl Guard {
    /// `random` gives a nonce nobody can guess: 128 bits in hexadecimal.
    pub fn new(
        engine: Arc<dyn Engine>,
        journal: Arc<dyn Journal>,
        limits: Limits,
        random: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self {
            engine,
            journal,
            limits,
            random: Box::new(random),
            about: Mutex::default(),
            reserving: Mutex::default(),
            in_flight: Mutex::default(),
            begun: AtomicU64::default(),
            missed: Mutex::default(),
            tasks: Mutex::default(),
            execs: Mutex::default(),
        }
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether the journal names this full id. Changes are checked further, with the engine.
    pub fn owns(&self, id: &str) -> bool {
        let entries = self.journal.entries();
        entries.iter().any(|entry| entry.id.as_deref() == Some(id))
            || locked(&self.tasks).contains(id)
    }

    /// How many creates there were; none while one is under way: what it makes may be there already, and is not known
    /// to be the lab's before the engine's answer is here.
    pub fn settled(&self) -> Option<u64> {
        let in_flight = locked(&self.in_flight);
        in_flight
            .is_empty()
            .then(|| self.begun.load(Ordering::Relaxed))
    }

    async fn about(&self) -> Result<About> {
        if let Some(about) = locked(&self.about).clone() {
            return Ok(about);
        }
        let info = self.engine.info().await?;
        let about = About {
            id: info.id.unwrap_or_default(),
            keeps: limits::Kept {
                memory: info.memory_limit == Some(true),
                pids: info.pids_limit == Some(true),
                cpus: info.ncpu.filter(|_| info.cpu_cfs_quota == Some(true)),
            },
        };
        *locked(&self.about) = Some(about.clone());
        Ok(about)
    }

    /// After a time away it may be another engine that answers.
    fn notice<T>(&self, answer: Result<T>) -> Result<T> {
        if let Err(Error::Unreachable(_)) = &answer {
            *locked(&self.about) = None;
        }
        answer
    }
}

/// What a lock protects here is never left half changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
