//! A container's files: the layers of its image, shared and never changed, and its own changes over them.
//!
//! Paths are absolute and without `.` and `..` (see [`lab::files::resolve`]); links are followed here. What the kernel
//! shows (`/proc`, `/dev`) and what Docker puts over the image (`/etc/hosts`) is not known here: see `process::files`.

mod content;
mod layer;
mod rootfs;
mod walk;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use content::Content;
pub use layer::{Change, Layer};
pub use rootfs::rootfs;

/// A file, a folder or a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub kind: Kind,
    /// Permissions: 0o644.
    pub mode: u32,
    #[serde(default, skip_serializing_if = "is_root")]
    pub owner: u32,
    #[serde(default, skip_serializing_if = "is_root")]
    pub group: u32,
    pub modified: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    File(Content),
    Folder,
    /// To this path, from the link's own folder where it is relative.
    Link(String),
}

/// Why not, in the words of Unix.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum FileError {
    #[error("No such file or directory")]
    Missing,
    #[error("File exists")]
    Exists,
    #[error("Is a directory")]
    IsFolder,
    #[error("Not a directory")]
    NotAFolder,
    #[error("Directory not empty")]
    NotEmpty,
    #[error("Too many levels of symbolic links")]
    TooManyLinks,
    #[error("Invalid argument")]
    Invalid,
    #[error("Permission denied")]
    Denied,
    #[error("Read-only file system")]
    ReadOnly,
    #[error("No space left on device")]
    Full,
}

pub type Result<T, E = FileError> = std::result::Result<T, E>;

/// What one container may write, in bytes: the learner's page holds it in memory.
pub const MOST_WRITTEN: u64 = 32 << 20;

/// Layers and what was changed over them. A clone shares the layers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Files {
    /// The lowest first. Not saved with the world: they are the image's, see [`Files::restore`].
    #[serde(skip)]
    layers: Vec<Arc<Layer>>,
    own: Layer,
}

impl Node {
    pub fn file(content: impl Into<Content>, mode: u32, modified: Timestamp) -> Self {
        Self::new(Kind::File(content.into()), mode, modified)
    }

    pub fn folder(mode: u32, modified: Timestamp) -> Self {
        Self::new(Kind::Folder, mode, modified)
    }

    pub fn link(to: impl Into<String>, modified: Timestamp) -> Self {
        Self::new(Kind::Link(to.into()), 0o777, modified)
    }

    fn new(kind: Kind, mode: u32, modified: Timestamp) -> Self {
        Self {
            kind,
            mode,
            owner: 0,
            group: 0,
            modified,
        }
    }

    pub fn is_folder(&self) -> bool {
        self.kind == Kind::Folder
    }

    /// As `ls -l` counts it: a folder takes a block.
    pub fn size(&self) -> u64 {
        match &self.kind {
            Kind::File(content) => content.size(),
            Kind::Folder => 4096,
            Kind::Link(to) => to.len() as u64,
        }
    }
}

impl Files {
    pub fn on(layers: Vec<Arc<Layer>>) -> Self {
        Self {
            layers,
            own: Layer::default(),
        }
    }

    /// Gives a saved container its image's layers back.
    pub fn restore(&mut self, layers: Vec<Arc<Layer>>) {
        self.layers = layers;
    }

    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    /// What was changed over the layers: what a build's step makes a new layer of, and what `docker diff` tells.
    pub fn own(&self) -> &Layer {
        &self.own
    }

    /// What a path is, with links followed.
    pub fn stat(&self, path: &str) -> Result<&Node> {
        let real = self.real(path, true)?;
        self.look(&real).ok_or(FileError::Missing)
    }

    /// What a path is; a link is a link.
    pub fn stat_link(&self, path: &str) -> Result<&Node> {
        let real = self.real(path, false)?;
        self.look(&real).ok_or(FileError::Missing)
    }

    /// A file's content, with links followed.
    pub fn content(&self, path: &str) -> Result<&Content> {
        match &self.stat(path)?.kind {
            Kind::File(content) => Ok(content),
            _ => Err(FileError::IsFolder),
        }
    }

    /// A file's bytes; of one whose content nobody wrote down, none.
    pub fn read(&self, path: &str) -> Result<Bytes> {
        Ok(self.content(path)?.bytes().cloned().unwrap_or_default())
    }

    /// The names in a folder, in order.
    pub fn list(&self, folder: &str) -> Result<Vec<String>> {
        let real = self.real(folder, true)?;
        match self.look(&real) {
            Some(node) if node.is_folder() => Ok(self.names(&real)),
            Some(_) => Err(FileError::NotAFolder),
            None => Err(FileError::Missing),
        }
    }

    /// Makes the file, or puts this in the place of what it held.
    pub fn write(&mut self, path: &str, content: impl Into<Content>, now: Timestamp) -> Result<()> {
        let content = content.into();
        let real = self.place(path, true)?;
        if self.own.size() + content.size() > MOST_WRITTEN {
            return Err(FileError::Full);
        }
        let node = match self.look(&real) {
            Some(node) if node.is_folder() => return Err(FileError::IsFolder),
            Some(node) => Node {
                kind: Kind::File(content),
                modified: now,
                ..node.clone()
            },
            None => Node::file(content, 0o644, now),
        };
        self.own.put(&real, node);
        Ok(())
    }

    /// Makes the file if there is none, and puts this at its end.
    pub fn append(&mut self, path: &str, more: &[u8], now: Timestamp) -> Result<()> {
        let mut whole = match self.read(path) {
            Ok(bytes) => bytes.to_vec(),
            Err(FileError::Missing) => Vec::new(),
            Err(error) => return Err(error),
        };
        whole.extend_from_slice(more);
        self.write(path, whole, now)
    }

    pub fn make_folder(&mut self, path: &str, mode: u32, now: Timestamp) -> Result<()> {
        self.make(path, Node::folder(mode, now))
    }

    /// `ln -s to path`
    pub fn make_link(&mut self, to: &str, path: &str, now: Timestamp) -> Result<()> {
        self.make(path, Node::link(to, now))
    }

    /// Makes what must not be there yet.
    pub fn make(&mut self, path: &str, node: Node) -> Result<()> {
        let real = self.place(path, false)?;
        if self.look(&real).is_some() {
            return Err(FileError::Exists);
        }
        self.own.put(&real, node);
        Ok(())
    }

    /// `mkdir -p`
    pub fn make_folders(&mut self, path: &str, now: Timestamp) -> Result<()> {
        let mut at = String::new();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            at = format!("{at}/{name}");
            match self.stat(&at) {
                Ok(node) if node.is_folder() => {}
                Ok(_) => return Err(FileError::NotAFolder),
                Err(FileError::Missing) => self.make_folder(&at, 0o755, now)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Puts a node where it is to be, in the place of what is there: unpacking an archive. The folders above are made; a
    /// folder over a folder changes only its permissions.
    pub fn put(&mut self, path: &str, node: Node) -> Result<()> {
        let parent = path.rsplit_once('/').map_or("/", |(parent, _)| parent);
        self.make_folders(parent, node.modified)?;
        let real = self.place(path, false)?;
        let (was_folder, is_folder) = (
            self.look(&real).is_some_and(Node::is_folder),
            node.is_folder(),
        );
        if was_folder && !is_folder {
            self.remove_all(&real)?;
        }
        self.own.put(&real, node);
        Ok(())
    }

    /// Removes a file or a link.
    pub fn remove(&mut self, path: &str) -> Result<()> {
        let real = self.real(path, false)?;
        match self.look(&real) {
            None => Err(FileError::Missing),
            Some(node) if node.is_folder() => Err(FileError::IsFolder),
            Some(_) => {
                self.forget(&real);
                Ok(())
            }
        }
    }

    /// `rmdir`
    pub fn remove_folder(&mut self, path: &str) -> Result<()> {
        let real = self.real(path, false)?;
        match self.look(&real) {
            None => Err(FileError::Missing),
            Some(node) if !node.is_folder() => Err(FileError::NotAFolder),
            Some(_) if !self.names(&real).is_empty() => Err(FileError::NotEmpty),
            Some(_) => {
                self.forget(&real);
                Ok(())
            }
        }
    }

    /// `rm -r`
    pub fn remove_all(&mut self, path: &str) -> Result<()> {
        let real = self.real(path, false)?;
        self.look(&real).ok_or(FileError::Missing)?;
        self.forget(&real);
        Ok(())
    }

    /// Moves a file, a link or a folder with all that is in it; what was there before is replaced.
    pub fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let (from, to) = (self.real(from, false)?, self.place(to, false)?);
        let node = self.look(&from).ok_or(FileError::Missing)?.clone();
        if from == to {
            return Ok(());
        }
        if to.starts_with(&format!("{from}/")) {
            return Err(FileError::Invalid);
        }
        match self.look(&to) {
            Some(there) if there.is_folder() && !node.is_folder() => {
                return Err(FileError::IsFolder);
            }
            Some(there) if !there.is_folder() && node.is_folder() => {
                return Err(FileError::NotAFolder);
            }
            Some(there) if there.is_folder() && !self.names(&to).is_empty() => {
                return Err(FileError::NotEmpty);
            }
            Some(_) => self.forget(&to),
            None => {}
        }
        for (path, node) in self.tree(&from) {
            self.own.put(&format!("{to}{}", &path[from.len()..]), node);
        }
        self.forget(&from);
        Ok(())
    }

    /// `chmod`, `chown`, `touch`: everything but what it is.
    pub fn change(&mut self, path: &str, change: impl FnOnce(&mut Node)) -> Result<()> {
        let real = self.real(path, true)?;
        let mut node = self.look(&real).ok_or(FileError::Missing)?.clone();
        change(&mut node);
        self.own.put(&real, node);
        Ok(())
    }

    /// A path and all that is under it, with links as links, in order; nothing where nothing is.
    pub fn tree(&self, path: &str) -> Vec<(String, Node)> {
        let mut found = Vec::new();
        let mut left = vec![path.to_owned()];
        while let Some(path) = left.pop() {
            let Some(node) = self.look(&path) else {
                continue;
            };
            if node.is_folder() {
                let names = self.names(&path);
                left.extend(names.iter().rev().map(|name| join(&path, name)));
            }
            found.push((path, node.clone()));
        }
        found
    }

    /// What is at a path without any link on its way.
    fn look(&self, real: &str) -> Option<&Node> {
        let from_the_top =
            std::iter::once(&self.own).chain(self.layers.iter().rev().map(|layer| &**layer));
        for layer in from_the_top {
            match layer.look(real) {
                layer::Seen::Here(node) => return Some(node),
                layer::Seen::Hidden => return None,
                layer::Seen::Through => {}
            }
        }
        (real == "/").then(|| rootfs::root())
    }

    fn names(&self, real: &str) -> Vec<String> {
        let all = self.layers.iter().map(|layer| &**layer).chain([&self.own]);
        let names: std::collections::BTreeSet<&str> =
            all.flat_map(|layer| layer.names(real)).collect();
        names
            .into_iter()
            .filter(|name| self.look(&join(real, name)).is_some())
            .map(str::to_owned)
            .collect()
    }

    /// Takes it away, with a whiteout where a layer has it.
    fn forget(&mut self, real: &str) {
        self.own.cut(real);
        if self.look(real).is_some() {
            self.own.hide(real);
        }
    }
}

/// A name in a folder.
pub fn join(folder: &str, name: &str) -> String {
    format!("{}/{name}", folder.trim_end_matches('/'))
}

// The signature that serde asks for.
fn is_root(id: &u32) -> bool {
    *id == 0
}
