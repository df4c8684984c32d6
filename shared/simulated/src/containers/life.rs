//! What Docker remembers of how a container has lived, beside its state: errors, restarts, its health.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Life {
    /// Why it did not start.
    pub error: String,
    pub oom_killed: bool,
    pub restart_count: i64,
    /// How often it has ended.
    pub exits: u64,
    /// How often its streams have been closed: at its ends, and at starts that failed.
    pub closings: u64,
    /// How long the next restart waits, in milliseconds; 0 is none yet.
    pub backoff: u64,
    /// When it starts again by itself.
    pub restart_at: Option<Timestamp>,
    /// A person stopped it, so that `unless-stopped` leaves it so.
    pub stopped_by_hand: bool,
    /// A person ended it, so that no policy starts it again.
    pub no_restart: bool,
    /// A restart goes on: it is not removed at its end (`--rm`).
    pub being_restarted: bool,
    pub health: Option<Health>,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Health {
    pub status: HealthStatus,
    pub failing_streak: i64,
    pub log: Vec<Probe>,
    /// When the next probe begins, or the one that runs is given up.
    pub next: Option<Timestamp>,
    /// The probe that runs: its exec.
    #[serde(skip)]
    pub running: Option<String>,
    /// When that began.
    #[serde(skip)]
    pub began: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthStatus {
    #[default]
    Starting,
    Healthy,
    Unhealthy,
}

impl HealthStatus {
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Probe {
    pub start: Timestamp,
    pub end: Timestamp,
    pub exit_code: i64,
    pub output: String,
}
