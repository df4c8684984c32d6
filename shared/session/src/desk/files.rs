//! The lab's files, as the pages see and change them. Commands change them too; a look now and then notices.

use std::{sync::Arc, time::Duration};

use futures::{FutureExt, SinkExt};
use lab::files::{Entry, Files, resolve};

use super::{Desk, Happening};
use crate::{
    connection::ClientId,
    wire::{FileState, ServerMessage, Update},
};

/// What commands changed is told after so long, at most.
const LOOK: Duration = Duration::from_millis(250);
/// An editor of a page takes no more, in bytes.
const MOST_TEXT: usize = 256 * 1024;

impl Desk {
    /// Looks whether files changed, for ever.
    pub(super) fn watch_files(&mut self) {
        let (files, clock) = (self.parts.files.clone(), Arc::clone(&self.parts.clock));
        let mut report = self.report.clone();
        let mut told = files.changes();
        let watching = async move {
            loop {
                clock.sleep(LOOK).await;
                if files.changes() != told {
                    told = files.changes();
                    if report.send(Happening::FilesChanged).await.is_err() {
                        return;
                    }
                }
            }
        };
        self.tasks.push(watching.boxed());
    }

    /// Tells the pages, unless they know.
    pub(super) fn files_changed(&mut self) {
        let files = listed(&self.parts.files);
        if files != self.files {
            self.files.clone_from(&files);
            self.tell(Update::Files { files });
        }
    }

    pub(super) fn read_file(&self, page: ClientId, path: &str) {
        let path = resolve("/", path);
        let held = self.parts.files.read(&path).ok();
        let text = held.filter(|held| held.len() <= MOST_TEXT);
        let text = text.and_then(|held| String::from_utf8(held.to_vec()).ok());
        if let Some(page) = self.pages.get(&page) {
            page.answer(ServerMessage::File { path, text });
        }
    }

    pub(super) fn save_file(&mut self, page: ClientId, path: &str, text: String) {
        let path = resolve("/", path);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let made = match folder {
            "" => Ok(()),
            folder => self.parts.files.make_folders(folder),
        };
        let saved = made.and_then(|()| self.parts.files.write(&path, text));
        self.done(
            page,
            "cannot be saved",
            &path,
            saved.map_err(|error| error.to_string()),
        );
    }

    pub(super) fn rename_file(&mut self, page: ClientId, from: &str, to: &str) {
        let (from, to) = (resolve("/", from), resolve("/", to));
        let renamed = self.parts.files.rename(&from, &to);
        self.done(
            page,
            "cannot be renamed",
            &from,
            renamed.map_err(|error| error.to_string()),
        );
    }

    pub(super) fn remove_file(&mut self, page: ClientId, path: &str) {
        let path = resolve("/", path);
        let removed = remove(&self.parts.files, &path);
        self.done(page, "cannot be removed", &path, removed);
    }

    fn done(&mut self, page: ClientId, what: &str, path: &str, done: Result<(), String>) {
        if let Err(why) = done {
            let name = path.trim_start_matches('/');
            self.refuse(page, format!("{name} {what}: {why}."));
        }
        self.files_changed();
    }

    /// What the line of this terminal asked to be opened, on the page that ran it.
    pub(super) fn open_files(&self, page: ClientId, session: &cli::Session) {
        if let Some(page) = self.pages.get(&page) {
            for path in session.to_open() {
                page.answer(ServerMessage::OpenFile { path });
            }
        }
    }
}

fn remove(files: &Files, path: &str) -> Result<(), String> {
    for name in files.list(path).unwrap_or_default() {
        remove(files, &format!("{}/{name}", path.trim_end_matches('/')))?;
    }
    match path {
        "/" => Ok(()),
        path => files.remove(path).map_err(|error| error.to_string()),
    }
}

pub(super) fn listed(files: &Files) -> Vec<FileState> {
    let tree = files.tree();
    let entries = tree.entries.iter().map(|(path, entry)| match entry {
        Entry::File(held) => FileState {
            path: path.clone(),
            size: held.len(),
            version: version(held),
        },
        Entry::Folder => FileState {
            path: format!("{path}/"),
            size: 0,
            version: 0,
        },
    });
    entries.collect()
}

/// FNV-1a: only so that a page notices that a file holds something else.
fn version(held: &[u8]) -> u32 {
    held.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}
