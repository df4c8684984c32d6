//! The lab's files: what a learner writes beside the containers (`app.py`, a `Dockerfile`). They are the lab's own, in
//! memory: no path leads to a file of the learner's machine. Who holds them writes them down.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// In bytes, of one file.
pub const LARGEST_FILE: usize = 1 << 20;
/// In bytes, of all files together.
pub const LARGEST_LAB: usize = 8 << 20;
/// Files and folders together.
pub const MOST_ENTRIES: usize = 1_000;

/// The lab's files; clones are the same ones.
///
/// Paths are absolute (`/app.py`), resolved by [`resolve`]; the lab's own folder is `/`.
#[derive(Clone, Debug, Default)]
pub struct Files {
    tree: Arc<Mutex<Tree>>,
}

/// All of it, as it is written down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tree {
    /// By path; the root is not among them.
    pub entries: BTreeMap<String, Entry>,
    /// Grows with each change.
    #[serde(skip)]
    pub changes: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Entry {
    File(#[serde(with = "written")] Bytes),
    Folder,
}

/// A file is written down as text where it is text, else as its bytes' numbers.
mod written {
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Content {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub fn serialize<S: Serializer>(content: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        match str::from_utf8(content) {
            Ok(text) => text.serialize(to),
            Err(_) => content.as_ref().serialize(to),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        Ok(match Content::deserialize(from)? {
            Content::Text(text) => text.into(),
            Content::Bytes(bytes) => bytes.into(),
        })
    }
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
    #[error("File too large")]
    TooLarge,
    #[error("No space left on device")]
    Full,
}

impl Files {
    pub fn new(tree: Tree) -> Self {
        Self {
            tree: Arc::new(Mutex::new(tree)),
        }
    }

    /// Everything as it is now, to be written down.
    pub fn tree(&self) -> Tree {
        self.lock().clone()
    }

    /// Puts others in their place.
    pub fn replace(&self, tree: Tree) {
        let mut now = self.lock();
        let changes = now.changes + 1;
        *now = Tree { changes, ..tree };
    }

    /// Grows with each change.
    pub fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// `None` where nothing is. The root is a folder.
    pub fn get(&self, path: &str) -> Option<Entry> {
        if path == "/" {
            return Some(Entry::Folder);
        }
        self.lock().entries.get(path).cloned()
    }

    pub fn read(&self, path: &str) -> Result<Bytes, FileError> {
        match self.get(path) {
            Some(Entry::File(content)) => Ok(content),
            Some(Entry::Folder) => Err(FileError::IsFolder),
            None => Err(FileError::Missing),
        }
    }

    /// Makes the file, or puts this in the place of what it held.
    pub fn write(&self, path: &str, content: impl Into<Bytes>) -> Result<(), FileError> {
        let content = content.into();
        let mut tree = self.lock();
        tree.parent(path)?;
        if path == "/" || tree.entries.get(path) == Some(&Entry::Folder) {
            return Err(FileError::IsFolder);
        }
        tree.room(path, content.len())?;
        tree.put(path, Entry::File(content));
        Ok(())
    }

    /// Makes the file, or puts this after what it holds.
    pub fn append(&self, path: &str, more: &[u8]) -> Result<(), FileError> {
        let mut content = match self.get(path) {
            Some(Entry::File(content)) => content.to_vec(),
            _ => Vec::new(),
        };
        content.extend_from_slice(more);
        self.write(path, content)
    }

    /// `mv`: a folder goes with what is in it. What is at the new place must not be there.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), FileError> {
        let mut tree = self.lock();
        if !tree.entries.contains_key(from) {
            return Err(FileError::Missing);
        }
        if to == "/" || tree.entries.contains_key(to) {
            return Err(FileError::Exists);
        }
        if to.starts_with(&format!("{from}/")) {
            return Err(FileError::NotAFolder);
        }
        tree.parent(to)?;
        let inside = tree.inside(from).map(|(path, _)| path.clone());
        let moved: Vec<String> = inside.chain([from.to_owned()]).collect();
        for path in moved {
            if let Some(entry) = tree.entries.remove(&path) {
                let new = format!("{to}{}", &path[from.len()..]);
                tree.entries.insert(new, entry);
            }
        }
        tree.changes += 1;
        Ok(())
    }

    /// `mkdir`
    pub fn make_folder(&self, path: &str) -> Result<(), FileError> {
        let mut tree = self.lock();
        if path == "/" || tree.entries.contains_key(path) {
            return Err(FileError::Exists);
        }
        tree.parent(path)?;
        tree.room(path, 0)?;
        tree.put(path, Entry::Folder);
        Ok(())
    }

    /// `mkdir -p`
    pub fn make_folders(&self, path: &str) -> Result<(), FileError> {
        let steps = path.match_indices('/').map(|(at, _)| at).skip(1);
        for end in steps.chain([path.len()]) {
            match self.make_folder(&path[..end]) {
                Err(FileError::Exists) => match self.get(&path[..end]) {
                    Some(Entry::File(_)) if end < path.len() => return Err(FileError::NotAFolder),
                    Some(Entry::File(_)) => return Err(FileError::Exists),
                    _ => {}
                },
                made => made?,
            }
        }
        Ok(())
    }

    /// `rm` for a file, `rmdir` for an empty folder.
    pub fn remove(&self, path: &str) -> Result<(), FileError> {
        let mut tree = self.lock();
        if !tree.entries.contains_key(path) {
            return Err(FileError::Missing);
        }
        if tree.inside(path).next().is_some() {
            return Err(FileError::NotEmpty);
        }
        tree.entries.remove(path);
        tree.changes += 1;
        Ok(())
    }

    /// The names in a folder, in order.
    pub fn list(&self, folder: &str) -> Result<Vec<String>, FileError> {
        match self.get(folder) {
            Some(Entry::Folder) => {}
            Some(Entry::File(_)) => return Err(FileError::NotAFolder),
            None => return Err(FileError::Missing),
        }
        let tree = self.lock();
        let names = tree.inside(folder).filter_map(|(path, _)| {
            let name = path.strip_prefix(folder)?.trim_start_matches('/');
            (!name.contains('/')).then(|| name.to_owned())
        });
        Ok(names.collect())
    }

    fn lock(&self) -> MutexGuard<'_, Tree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tree {
    /// What is below a folder, at any depth.
    pub fn inside<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a String, &'a Entry)> {
        let below = format!("{}/", folder.trim_end_matches('/'));
        self.entries
            .range(below.clone()..)
            .take_while(move |(path, _)| path.starts_with(&below))
    }

    fn parent(&self, path: &str) -> Result<(), FileError> {
        match path.rsplit_once('/') {
            None | Some(("", _)) => Ok(()),
            Some((parent, _)) => match self.entries.get(parent) {
                Some(Entry::Folder) => Ok(()),
                Some(Entry::File(_)) => Err(FileError::NotAFolder),
                None => Err(FileError::Missing),
            },
        }
    }

    fn room(&self, path: &str, size: usize) -> Result<(), FileError> {
        if size > LARGEST_FILE {
            return Err(FileError::TooLarge);
        }
        let others = self.entries.iter().filter(|(other, _)| *other != path);
        let (count, bytes) = others.fold((0, 0), |(count, bytes), (_, entry)| match entry {
            Entry::File(content) => (count + 1, bytes + content.len()),
            Entry::Folder => (count + 1, bytes),
        });
        if count >= MOST_ENTRIES || bytes + size > LARGEST_LAB {
            return Err(FileError::Full);
        }
        Ok(())
    }

    fn put(&mut self, path: &str, entry: Entry) {
        self.entries.insert(path.to_owned(), entry);
        self.changes += 1;
    }
}

/// The absolute path that a path means in a folder: `resolve("/app", "../web/./a")` is `/web/a`. `..` of `/` is `/`.
pub fn resolve(folder: &str, path: &str) -> String {
    let start = if path.starts_with('/') { "" } else { folder };
    let mut steps: Vec<&str> = Vec::new();
    for step in start.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    format!("/{}", steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_in_folders() {
        let files = Files::default();
        assert_eq!(files.write("/app/app.py", "x"), Err(FileError::Missing));
        assert_eq!(files.make_folder("/app"), Ok(()));
        assert_eq!(files.write("/app/app.py", "x"), Ok(()));
        assert_eq!(files.write("/apple", "y"), Ok(()));
        assert_eq!(
            files.list("/").as_deref(),
            Ok(&["app".to_owned(), "apple".to_owned()][..])
        );
        assert_eq!(
            files.list("/app").as_deref(),
            Ok(&["app.py".to_owned()][..])
        );
        assert_eq!(files.remove("/app"), Err(FileError::NotEmpty));
        assert_eq!(files.write("/app", "z"), Err(FileError::IsFolder));
        assert_eq!(files.make_folder("/apple/a"), Err(FileError::NotAFolder));
        assert_eq!(files.remove("/app/app.py"), Ok(()));
        assert_eq!(files.remove("/app"), Ok(()));
    }

    #[test]
    fn a_lab_has_room_for_so_much() {
        let files = Files::default();
        let large = vec![0; LARGEST_FILE];
        assert_eq!(
            files.write("/a", vec![0; LARGEST_FILE + 1]),
            Err(FileError::TooLarge)
        );
        for name in 0..LARGEST_LAB / LARGEST_FILE {
            assert_eq!(files.write(&format!("/{name}"), large.clone()), Ok(()));
        }
        assert_eq!(files.write("/more", "x"), Err(FileError::Full));
        assert_eq!(files.write("/0", "less"), Ok(()));
    }

    #[test]
    fn paths_are_resolved() {
        assert_eq!(resolve("/app", "../web/./a"), "/web/a");
        assert_eq!(resolve("/app", "/etc/../x"), "/x");
        assert_eq!(resolve("/", "../../.."), "/");
    }
}
