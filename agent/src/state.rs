//! The folder where the agent keeps what outlives it: journal, progress, the simulated world. No token is ever in it.
//!
//! It does not know what the files say.

use std::{
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use directories::ProjectDirs;
use session::Store;

/// The folder could not be used: one sentence.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    #[error("this system does not say where programs keep their files: name a folder with --state")]
    NoHome,
    #[error("cannot use the folder {path} ({source}): name another one with --state")]
    Folder { path: PathBuf, source: io::Error },
    #[error(
        "another causeway uses {0} at this moment: stop it first, or name another folder with --state"
    )]
    InUse(PathBuf),
}

/// The folder; clones name the same one.
#[derive(Clone, Debug)]
pub struct StateDir(Arc<Path>);

/// Held for as long as this program uses something alone; the system lets go of it even after a crash.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl StateDir {
    /// The folder that was asked for, or the usual one of this system. Only its owner may look into it.
    pub fn open(asked: Option<PathBuf>) -> Result<Self, StateError> {
        let path = asked.or_else(usual).ok_or(StateError::NoHome)?;
        match create(&path) {
            Ok(()) => Ok(Self(path.into())),
            Err(source) => Err(StateError::Folder { path, source }),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// `None` where nothing was written yet.
    pub fn read(&self, name: &str) -> io::Result<Option<String>> {
        match fs::read_to_string(self.path(name)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// After a crash, the file is the old one or the new one, and whole.
    pub fn write(&self, name: &str, text: &str) -> io::Result<()> {
        let new = self.path(&format!("{name}.{}.new", std::process::id()));
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, self.path(name))
    }

    /// Puts away what cannot be read, so that it is neither lost nor in the way.
    pub fn set_aside(&self, name: &str) -> io::Result<PathBuf> {
        let aside = self.path(&format!("{name}.unreadable"));
        fs::rename(self.path(name), &aside)?;
        Ok(aside)
    }

    /// For this program alone.
    pub fn lock(&self, name: &str) -> Result<Lock, StateError> {
        let path = self.path(&format!("{name}.lock"));
        let opened = File::options().create(true).append(true).open(&path);
        let file = opened.map_err(|source| StateError::Folder {
            path: path.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StateError::InUse(self.path(name))),
            Err(TryLockError::Error(source)) => Err(StateError::Folder { path, source }),
        }
    }
}

/// The learner's progress, in a file of its own.
pub struct ProgressFile(pub StateDir);

const PROGRESS: &str = "progress.json";

impl Store for ProgressFile {
    fn load(&self) -> Option<String> {
        self.0.read(PROGRESS).unwrap_or_else(|error| {
            tracing::error!("the progress cannot be read: {error}");
            None
        })
    }

    fn save(&self, text: &str) {
        if let Err(error) = self.0.write(PROGRESS, text) {
            tracing::error!("the progress cannot be kept: {error}");
        }
    }
}

fn usual() -> Option<PathBuf> {
    let folders = ProjectDirs::from("dev", "causeway", "causeway")?;
    let folder = folders
        .state_dir()
        .unwrap_or_else(|| folders.data_local_dir());
    Some(folder.to_owned())
}

fn create(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> (tempfile::TempDir, StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(Some(folder.path().join("a/b"))).unwrap();
        (folder, state)
    }

    #[test]
    fn what_is_written_is_read() {
        let (_folder, state) = state();
        assert_eq!(state.read("world").unwrap(), None);
        state.write("world", "one").unwrap();
        state.write("world", "two").unwrap();
        assert_eq!(state.read("world").unwrap().as_deref(), Some("two"));
        let names: Vec<_> = fs::read_dir(state.path(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["world"]);
    }

    #[test]
    fn only_one_has_it() {
        let (_folder, state) = state();
        let lock = state.lock("world").unwrap();
        let sentence = state.lock("world").unwrap_err().to_string();
        let path = state.path("world");
        let expected = "at this moment: stop it first, or name another folder with --state";
        assert_eq!(
            sentence,
            format!("another causeway uses {} {expected}", path.display())
        );
        drop(lock);
        state.lock("world").unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_looks_into_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, state) = state();
        let mode = fs::metadata(state.path("")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
