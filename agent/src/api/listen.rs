//! The socket: its owner's only, its own only, and gone at the end. It does not know what is asked on it.

use std::{
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{UnixListener, UnixStream},
    sync::Semaphore,
};

/// Connections at the same time; a hijacked one counts until it ends.
const MOST: usize = 256;
/// For a request's head.
const PATIENCE: Duration = Duration::from_secs(60);
/// Of what is read ahead of a client, and of what waits for it.
const READ_AHEAD: usize = 64 << 10;
/// After a failed accept, which is of too many open files.
const REST: Duration = Duration::from_millis(100);

/// A socket that cannot be listened on: one sentence.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    #[error("{0} is there already and is no socket: name another path with --socket")]
    NoSocket(PathBuf),
    #[error("another program listens on {0}: stop it first, or name another path with --socket")]
    InUse(PathBuf),
    #[error("{0} is another user's socket: name another path with --socket")]
    NotOurs(PathBuf),
    #[error("cannot listen on {path} ({source}): name another path with --socket")]
    Other { path: PathBuf, source: io::Error },
}

/// Listening, for this user alone.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    path: PathBuf,
    /// Of the socket that was made here: another one may have taken its name.
    inode: u64,
    _lock: File,
}

impl Listener {
    /// The folder is made where there is none; a socket that nobody listens on any more is replaced.
    pub fn on(path: &Path) -> Result<Self, SocketError> {
        let path = std::path::absolute(path).map_err(|source| other(path, source))?;
        make_folder(&path).map_err(|source| other(&path, source))?;
        let lock = lock(&path)?;
        clear(&path)?;
        // It gets its name only once nobody else may use it.
        let new = beside(&path, "new");
        let socket = bind(&new, &path).map_err(|source| other(&path, source))?;
        let made = fs::symlink_metadata(&path).map_err(|source| other(&path, source))?;
        Ok(Self {
            socket,
            inode: made.ino(),
            path,
            _lock: lock,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Answers until the future is dropped.
    pub async fn serve(&self, router: Router) {
        let places = Arc::new(Semaphore::new(MOST));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            match self.socket.accept().await {
                Ok((stream, _)) => {
                    let router = router.clone();
                    tokio::spawn(async move {
                        speak(stream, router).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!("a connection could not be accepted: {error}");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let there = fs::symlink_metadata(&self.path);
        if there.is_ok_and(|there| there.ino() == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
        // Nobody waits for it: who finds it taken gives up.
        let _ = fs::remove_file(lock_path(&self.path));
    }
}

async fn speak(stream: UnixStream, router: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(READ_AHEAD)
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    // A client may go at any time.
    let _ = connection.with_upgrades().await;
}

fn other(path: &Path, source: io::Error) -> SocketError {
    SocketError::Other {
        path: path.to_owned(),
        source,
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.exists() => {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true).mode(0o700).create(folder)
        }
        _ => Ok(()),
    }
}

/// `d.sock.lock` for `d.sock`
fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(what);
    name.into()
}

fn lock_path(path: &Path) -> PathBuf {
    beside(path, "lock")
}

/// Held for as long as the socket is ours, so that no two of us think the same socket stale.
fn lock(path: &Path) -> Result<File, SocketError> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(lock_path(path))
        .map_err(|source| other(path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SocketError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(other(path, source)),
    }
}

/// Takes away what an earlier run left, and nothing else.
fn clear(path: &Path) -> Result<(), SocketError> {
    let there = match fs::symlink_metadata(path) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(other(path, source)),
    };
    if !there.file_type().is_socket() {
        return Err(SocketError::NoSocket(path.to_owned()));
    }
    if !is_mine(path, there.uid()) {
        return Err(SocketError::NotOurs(path.to_owned()));
    }
    match std::os::unix::net::UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(|source| other(path, source))
        }
        _ => Err(SocketError::InUse(path.to_owned())),
    }
}

/// Whether this user made it: the lock file beside it was just made by us.
fn is_mine(path: &Path, owner: u32) -> bool {
    let ours = fs::metadata(lock_path(path));
    ours.is_ok_and(|ours| ours.uid() == owner)
}

fn bind(new: &Path, path: &Path) -> io::Result<UnixListener> {
    let _ = fs::remove_file(new);
    let listener = UnixListener::bind(new)?;
    let kept = fs::set_permissions(new, fs::Permissions::from_mode(0o600))
        .and_then(|()| fs::rename(new, path));
    if let Err(error) = kept {
        let _ = fs::remove_file(new);
        return Err(error);
    }
    Ok(listener)
}
