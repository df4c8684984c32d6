//! Tar archives, as Docker sends and takes files: a build's context, `docker cp`. In memory only.

use std::io::{self, Read as _};

use bytes::Bytes;
use tar::{Builder, EntryType, Header};

/// One thing in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Without a slash at its beginning or end; the folder itself is `.`.
    pub path: String,
    pub kind: Kind,
    /// Permissions.
    pub mode: u32,
    pub owner: u64,
    pub group: u64,
    /// Seconds since 1970.
    pub modified: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    File(Bytes),
    Folder,
    /// A symbolic link to this.
    Link(String),
}

impl Entry {
    pub fn file(path: impl Into<String>, content: impl Into<Bytes>) -> Self {
        Self::new(path, Kind::File(content.into()), 0o644)
    }

    pub fn folder(path: impl Into<String>) -> Self {
        Self::new(path, Kind::Folder, 0o755)
    }

    fn new(path: impl Into<String>, kind: Kind, mode: u32) -> Self {
        Self {
            path: path.into(),
            kind,
            mode,
            owner: 0,
            group: 0,
            modified: 0,
        }
    }
}

/// The archive of these, in this order.
pub fn pack<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> io::Result<Bytes> {
    let mut archive = Builder::new(Vec::new());
    for entry in entries {
        let mut header = Header::new_gnu();
        header.set_mode(entry.mode);
        header.set_uid(entry.owner);
        header.set_gid(entry.group);
        header.set_mtime(entry.modified);
        match &entry.kind {
            Kind::File(content) => {
                header.set_entry_type(EntryType::Regular);
                header.set_size(content.len() as u64);
                archive.append_data(&mut header, &entry.path, &content[..])?;
            }
            Kind::Folder => {
                header.set_entry_type(EntryType::Directory);
                header.set_size(0);
                let path = format!("{}/", entry.path);
                archive.append_data(&mut header, path, io::empty())?;
            }
            Kind::Link(to) => {
                header.set_entry_type(EntryType::Symlink);
                header.set_size(0);
                archive.append_link(&mut header, &entry.path, to)?;
            }
        }
    }
    archive.into_inner().map(Bytes::from)
}

/// What is in an archive; kinds that nobody here makes (devices, hard links) are passed over. No more than `most` bytes.
pub fn unpack(archive: &[u8], most: u64) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    let mut left = most;
    for entry in tar::Archive::new(archive).entries()? {
        let entry = entry?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = path.trim_start_matches("./").trim_matches('/');
        let path = if path.is_empty() { "." } else { path }.to_owned();
        let header = entry.header();
        let (mode, owner, group) = (header.mode()?, header.uid()?, header.gid()?);
        let modified = header.mtime()?;
        let kind = match header.entry_type() {
            EntryType::Directory => Kind::Folder,
            EntryType::Symlink => {
                let to = entry.link_name_bytes().unwrap_or_default();
                Kind::Link(String::from_utf8_lossy(&to).into_owned())
            }
            EntryType::Regular | EntryType::Continuous => {
                let mut content = Vec::new();
                entry.take(left + 1).read_to_end(&mut content)?;
                left = left.checked_sub(content.len() as u64).ok_or_else(|| {
                    io::Error::other(format!("there is more than {most} bytes in it"))
                })?;
                Kind::File(content.into())
            }
            _ => continue,
        };
        found.push(Entry {
            path,
            kind,
            mode: mode & 0o7777,
            owner,
            group,
            modified,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let entries = vec![
            Entry::folder("app"),
            Entry::file("app/app.py", "print(1)\n"),
            Entry {
                kind: Kind::Link("app.py".to_owned()),
                mode: 0o777,
                ..Entry::file(format!("app/{}", "long".repeat(40)), "")
            },
        ];
        let archive = pack(&entries).expect("an archive");
        assert_eq!(unpack(&archive, 100).expect("entries"), entries);
        assert!(unpack(&archive, 8).is_err());
        assert!(unpack(b"nothing like an archive".repeat(40).as_slice(), 8).is_err());
    }

    #[test]
    fn an_archive_is_as_large_as_dockers() {
        let archive = pack(&[Entry::file("Dockerfile", "FROM a"), Entry::file("a", "")]);
        assert_eq!(archive.expect("an archive").len(), 2560);
    }
}
