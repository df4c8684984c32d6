//! What a line runs with: an engine, a host, a clock, and where bytes come from and go to.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use lab::{Clock, Engine, Host, Hosts, Size, files::Files};

use crate::Session;

/// The world that a line runs in.
#[derive(Clone)]
pub struct Context {
    pub engine: Arc<dyn Engine>,
    pub host: Arc<dyn Host>,
    /// The machines that `ssh` goes to.
    pub hosts: Arc<dyn Hosts>,
    pub clock: Arc<dyn Clock>,
    /// The lab's own files: what `cat`, `>` and `docker build` mean by a path.
    pub files: Files,
    /// What the lines of one terminal leave to the next one.
    pub session: Session,
}

impl Context {
    /// The same, in a shell that changes nothing of this one.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            session: self.session.fork(),
            ..self.clone()
        }
    }
}

/// What a person does while a line runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Bytes(Bytes),
    Resize(Size),
    /// Ctrl-C or the Stop button.
    Interrupt,
    /// Ctrl-D, or the end of the file.
    End,
}

/// Where a line's input comes from and its output goes.
pub struct Io {
    pub input: BoxStream<'static, Input>,
    pub output: Box<dyn Output>,
    /// `Some`: a terminal of this size; `None`: a pipe.
    pub terminal: Option<Size>,
}

/// Takes a line's output.
///
/// Lines end with `\n`, as programs write them: what shows them on a raw terminal makes that `\r\n` (a container's own
/// terminal has done so already, and doing it twice is harmless).
#[async_trait]
pub trait Output: Send {
    async fn stdout(&mut self, bytes: &[u8]);
    async fn stderr(&mut self, bytes: &[u8]);
}
