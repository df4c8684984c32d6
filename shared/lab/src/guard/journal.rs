//! Where it is written down what a lab made.
//!
//! It does not know where it is kept: the agent keeps it in a file, the page in the browser, tests in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::Result;

/// Where it is written down what a lab made, so that it is found again after a crash.
pub trait Journal: Send + Sync {
    /// Durable when it returns: the engine is asked only after this.
    fn intend(&self, intent: &Intent) -> Result<()>;
    /// The intent became the thing with this full id.
    fn made(&self, nonce: &str, id: &str) -> Result<()>;
    /// The thing is gone, or never came to be.
    fn gone(&self, nonce: &str) -> Result<()>;
    /// All that may still be there.
    fn entries(&self) -> Vec<Entry>;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Random, 128 bits in hexadecimal; also the label's value.
    pub nonce: String,
    pub kind: Kind,
    /// The engine's own id (`info().ID`): the same name on another engine is not ours.
    pub engine: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Container,
    Network,
    Service,
    /// The swarm that this machine is in: the id is its own node's.
    Swarm,
    /// Its nonce is its id: see `images`.
    Image,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub intent: Intent,
    /// `None`: the answer was never seen; found again by the nonce in the label.
    pub id: Option<String>,
}

/// A journal that lives as long as its process.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    entries: Mutex<Vec<Entry>>,
}

impl MemoryJournal {
    /// One that goes on from what another one held.
    pub fn with(entries: Vec<Entry>) -> Self {
        Self {
            entries: Mutex::new(entries),
        }
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for MemoryJournal {
    fn intend(&self, intent: &Intent) -> Result<()> {
        let intent = intent.clone();
        self.locked().push(Entry { intent, id: None });
        Ok(())
    }

    fn made(&self, nonce: &str, id: &str) -> Result<()> {
        let mut entries = self.locked();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.intent.nonce == nonce) {
            entry.id = Some(id.to_owned());
        }
        Ok(())
    }

    fn gone(&self, nonce: &str) -> Result<()> {
        self.locked().retain(|entry| entry.intent.nonce != nonce);
        Ok(())
    }

    fn entries(&self) -> Vec<Entry> {
        self.locked().clone()
    }
}
