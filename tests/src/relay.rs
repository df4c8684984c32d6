//! A socket between an agent and its engine, which can be cut and joined again: an engine that stops and comes back.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::{
    io::copy_bidirectional,
    net::{UnixListener, UnixStream},
    task::{JoinHandle, JoinSet},
};

pub struct Relay {
    engine: PathBuf,
    folder: TempDir,
    passing: Option<JoinHandle<()>>,
}

impl Relay {
    /// To the engine that answers at this socket.
    pub fn to(engine: PathBuf) -> Self {
        let mut relay = Self {
            engine,
            folder: tempfile::tempdir().expect("a folder for a socket"),
            passing: None,
        };
        relay.join();
        relay
    }

    /// As in `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    pub fn join(&mut self) {
        let listener = UnixListener::bind(self.socket()).expect("a socket");
        let engine = self.engine.clone();
        self.passing = Some(tokio::spawn(pass(listener, engine)));
    }

    /// Every connection ends, and nobody is there any more.
    pub async fn cut(&mut self) {
        if let Some(passing) = self.passing.take() {
            passing.abort();
            let _ = passing.await;
        }
        std::fs::remove_file(self.socket()).expect("a socket to remove");
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(passing) = &self.passing {
            passing.abort();
        }
    }
}

/// Ends with all that it passes on when it is aborted.
async fn pass(listener: UnixListener, engine: PathBuf) {
    let mut connections = JoinSet::new();
    while let Ok((near, _)) = listener.accept().await {
        connections.spawn(between(near, engine.clone()));
    }
}

async fn between(mut near: UnixStream, engine: impl AsRef<Path>) {
    if let Ok(mut far) = UnixStream::connect(engine).await {
        // Either end may go at any time.
        let _ = copy_bidirectional(&mut near, &mut far).await;
    }
}
