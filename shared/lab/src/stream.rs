//! What flows in and out of a container while a command is attached to it.

use std::pin::Pin;

use bytes::Bytes;
use futures::{Sink, Stream};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A piece of a container's output, as the engine frames it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chunk {
    Stdout(Bytes),
    Stderr(Bytes),
    /// From a pseudo-terminal, where stdout and stderr are one.
    Terminal(Bytes),
}

impl Chunk {
    pub fn bytes(&self) -> &Bytes {
        match self {
            Self::Stdout(bytes) | Self::Stderr(bytes) | Self::Terminal(bytes) => bytes,
        }
    }
}

/// Output as it comes; it ends when the container (or exec) closes it, or after an error.
pub type OutputStream = Pin<Box<dyn Stream<Item = Result<Chunk>> + Send>>;

/// Where input goes. Closing it is end-of-file for the program.
pub type InputSink = Pin<Box<dyn Sink<Bytes, Error = Error> + Send>>;

/// Both directions of an attach or an exec.
pub struct Attached {
    pub output: OutputStream,
    pub input: InputSink,
}

/// A terminal's size in character cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

impl Default for Size {
    fn default() -> Self {
        Self {
            columns: 80,
            rows: 24,
        }
    }
}
