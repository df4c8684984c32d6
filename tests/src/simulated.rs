//! The simulated engine on a socket of its own, in a thread of this process.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use causeway::{
    api::{Api, Listener},
    clock::SystemClock,
};
use simulated::Simulated;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// Answers until it is dropped.
pub struct Socket {
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Socket {
    #[allow(clippy::new_without_default, reason = "it listens at once")]
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the socket");
        let path = path_in(folder.path());
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let serving = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(async {
                let listener = Listener::on(&path).expect("a socket");
                let engine = Arc::new(Simulated::new(Arc::new(SystemClock), 7));
                let api = Api::over(engine).await.expect("a version");
                ready.send(()).expect("the test waits");
                tokio::select! {
                    () = listener.serve(api.router()) => {}
                    _ = stopped => {}
                }
            });
        });
        is_ready.recv().expect("it listens");
        Self {
            folder,
            stop: Some(stop),
            serving: Some(serving),
        }
    }

    pub fn path(&self) -> PathBuf {
        path_in(self.folder.path())
    }

    /// As in `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}", self.path().display())
    }
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("own").join("engine.sock")
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The thread may have panicked; its panic was printed.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.serving.take().map(JoinHandle::join);
    }
}
