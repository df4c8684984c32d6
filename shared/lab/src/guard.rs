//! What may touch a lab, and what a lab may touch.
//!
//! [`Guard`] stands around an engine: it makes nothing that is not named here, keeps every limit, writes down what it
//! makes before and after, and changes only what it made itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Engine, Result};

/// The label on everything that a lab makes. Its value is the journal entry's nonce. A hint for people, not ownership.
pub const LABEL: &str = "dev.causeway.lab";

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
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub intent: Intent,
    /// `None`: the answer was never seen; found again by the nonce in the label.
    pub id: Option<String>,
}

/// An engine, guarded. It is an [`Engine`] itself.
pub struct Guard {
    _engine: Arc<dyn Engine>,
    _journal: Arc<dyn Journal>,
}
