//! The lab's files, kept in the state folder. They are one text there, not files: no path that a learner types leads anywhere.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use lab::files::{Files, Tree};

use crate::state::{StateDir, StateError};

const FILES: &str = "files.json";
const EVERY: Duration = Duration::from_millis(500);

/// The files, and which of their changes is written; clones are the same ones.
#[derive(Clone)]
pub struct KeptFiles {
    files: Files,
    state: StateDir,
    written: Arc<Mutex<u64>>,
}

impl KeptFiles {
    /// The files of the last run, or none.
    pub fn open(state: &StateDir) -> Result<Self, StateError> {
        let folder = |source| StateError::Folder {
            path: state.path(FILES),
            source,
        };
        let saved = state.read(FILES).map_err(folder)?.unwrap_or_default();
        let tree = match serde_json::from_str(&saved) {
            Ok(tree) => tree,
            Err(_) if saved.is_empty() => Tree::default(),
            Err(error) => {
                let aside = state.set_aside(FILES).map_err(folder)?;
                tracing::warn!(
                    "the lab's files cannot be read ({error}); they are kept in {}",
                    aside.display()
                );
                Tree::default()
            }
        };
        let files = Files::new(tree);
        Ok(Self {
            written: Arc::new(Mutex::new(files.changes())),
            files,
            state: state.clone(),
        })
    }

    pub fn now(&self) -> Files {
        self.files.clone()
    }

    /// Writes them whenever they changed, for ever.
    pub async fn keep(&self) {
        loop {
            tokio::time::sleep(EVERY).await;
            self.save();
        }
    }

    /// Writes them if they changed.
    pub fn save(&self) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let tree = self.files.tree();
        if *written == tree.changes {
            return;
        }
        let kept = serde_json::to_string(&tree)
            .map_err(std::io::Error::other)
            .and_then(|text| self.state.write(FILES, &text));
        match kept {
            Ok(()) => *written = tree.changes,
            Err(error) => tracing::error!("the lab's files cannot be kept: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run_has_them() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(Some(folder.path().join("state"))).unwrap();
        let kept = KeptFiles::open(&state).unwrap();
        kept.now().write("/app.py", "print(1)\n").unwrap();
        kept.now().write("/blob", vec![0xff, 0]).unwrap();
        kept.save();
        let next = KeptFiles::open(&state).unwrap().now();
        assert_eq!(next.read("/app.py").unwrap(), "print(1)\n");
        assert_eq!(next.read("/blob").unwrap(), vec![0xff, 0]);
    }

    #[test]
    fn what_cannot_be_read_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(Some(folder.path().join("state"))).unwrap();
        state.write(FILES, "not this").unwrap();
        assert_eq!(
            KeptFiles::open(&state).unwrap().now().tree(),
            Tree::default()
        );
        assert_eq!(
            state.read("files.json.unreadable").unwrap().as_deref(),
            Some("not this")
        );
    }
}
