//! What can go wrong when an engine is asked for something.

/// The answer of an engine that did not do what it was asked.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an engine did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// The engine understood and refused. `status` is the API's HTTP status, `message` the engine's own words,
    /// without the docker CLI's `Error response from daemon: ` before them.
    #[error("{message}")]
    Refused { status: u16, message: String },
    /// No engine answers, or it went away in the middle.
    #[error("{0}")]
    Unreachable(String),
    /// The guard does not let this through: the sentence says what, why, and what to do.
    #[error("{0}")]
    NotAllowed(String),
    /// Real Docker can do this, the simulated engine cannot; it says so and makes nothing up.
    #[error("not simulated: {0}")]
    NotSimulated(String),
    /// The engine's answer could not be read.
    #[error("cannot read the engine's answer: {0}")]
    Unreadable(String),
}

impl Error {
    pub fn refused(status: u16, message: impl Into<String>) -> Self {
        Self::Refused {
            status,
            message: message.into(),
        }
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::refused(404, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::refused(409, message)
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }
}
