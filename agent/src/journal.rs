//! The journal in a file: what a lab made, so that it is found again after a crash, and nothing else is ever removed.
//!
//! One JSON line for each step, on the disk before the engine is asked. It does not know what an engine is.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use lab::{
    Error, Result,
    guard::{Entry, Intent, Journal, MemoryJournal},
};
use serde::{Deserialize, Serialize};

use crate::state::{Lock, StateDir, StateError};

const JOURNAL: &str = "journal.jsonl";

/// A journal that outlives its process, and that no other process uses meanwhile.
pub struct FileJournal {
    entries: MemoryJournal,
    file: Mutex<Written>,
    path: PathBuf,
    _lock: Lock,
}

/// The file, and how much of it is whole lines.
struct Written {
    file: File,
    length: u64,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Step {
    Intend(Intent),
    Made { nonce: String, id: String },
    Gone { nonce: String },
}

impl FileJournal {
    /// Goes on from the last run, and drops what is over.
    pub fn open(state: &StateDir) -> Result<Self, StateError> {
        let lock = state.lock(JOURNAL)?;
        let path = state.path(JOURNAL);
        let in_folder = |source| StateError::Folder {
            path: path.clone(),
            source,
        };
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            text => text.map_err(in_folder)?,
        };
        let (entries, unreadable) = replay(&String::from_utf8_lossy(&text));
        if unreadable > 0 {
            let kept = path.with_extension("jsonl.unreadable");
            fs::copy(&path, &kept).map_err(in_folder)?;
            tracing::warn!(
                "{unreadable} lines of the journal cannot be read; they are kept in {}",
                kept.display()
            );
        }
        let file = rewrite(&path, &entries).map_err(in_folder)?;
        Ok(Self {
            entries,
            file: Mutex::new(file),
            path,
            _lock: lock,
        })
    }

    /// On the disk when it returns. A line that could not be finished is taken back.
    fn write(&self, step: &Step) -> Result<()> {
        let line = line(step).map_err(|error| self.cannot_keep(&error))?;
        let mut written = self.locked();
        if let Err(error) = written.append(&line) {
            let length = written.length;
            if let Err(error) = written.file.set_len(length) {
                tracing::error!("the journal ends with half a line: {error}");
            }
            return Err(self.cannot_keep(&error));
        }
        Ok(())
    }

    fn cannot_keep(&self, error: &io::Error) -> Error {
        Error::NotAllowed(format!(
            "Causeway cannot write down in {} what the lab makes ({error}), so it makes nothing: free some space, or name another folder with --state",
            self.path.display()
        ))
    }

    fn locked(&self) -> MutexGuard<'_, Written> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for FileJournal {
    fn intend(&self, intent: &Intent) -> Result<()> {
        self.write(&Step::Intend(intent.clone()))?;
        self.entries.intend(intent)
    }

    fn made(&self, nonce: &str, id: &str) -> Result<()> {
        // Known from now on, even if the disk does not take it: by its nonce it is found again.
        self.entries.made(nonce, id)?;
        self.write(&Step::Made {
            nonce: nonce.to_owned(),
            id: id.to_owned(),
        })
    }

    fn gone(&self, nonce: &str) -> Result<()> {
        self.entries.gone(nonce)?;
        self.write(&Step::Gone {
            nonce: nonce.to_owned(),
        })
    }

    fn entries(&self) -> Vec<Entry> {
        self.entries.entries()
    }
}

impl Written {
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.write_all(line)?;
        self.file.sync_data()?;
        self.length += line.len() as u64;
        Ok(())
    }
}

/// What the lines come to, and how many of them say nothing. A crash can tear the last one: it was never answered.
fn replay(text: &str) -> (MemoryJournal, usize) {
    let entries = MemoryJournal::default();
    let mut unreadable = 0;
    for line in text.split_inclusive('\n') {
        let step = serde_json::from_str::<Step>(line).ok();
        let torn = !line.ends_with('\n');
        if step
            .and_then(|step| replay_step(&entries, step).ok())
            .is_none()
            && !torn
        {
            unreadable += 1;
        }
    }
    (entries, unreadable)
}

fn replay_step(entries: &MemoryJournal, step: Step) -> Result<()> {
    match step {
        Step::Intend(intent) => entries.intend(&intent),
        Step::Made { nonce, id } => entries.made(&nonce, &id),
        Step::Gone { nonce } => entries.gone(&nonce),
    }
}

/// The file anew, with what is still open; the old one or the new one is there at each moment.
fn rewrite(path: &Path, entries: &MemoryJournal) -> io::Result<Written> {
    let mut text = Vec::new();
    for Entry { intent, id } in entries.entries() {
        let nonce = intent.nonce.clone();
        text.extend(line(&Step::Intend(intent))?);
        if let Some(id) = id {
            text.extend(line(&Step::Made { nonce, id })?);
        }
    }
    let new = path.with_extension("jsonl.new");
    let mut file = private()
        .create(true)
        .write(true)
        .truncate(true)
        .open(&new)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    if let Some(folder) = path.parent().filter(|_| cfg!(unix)) {
        File::open(folder)?.sync_all()?;
    }
    let file = private().append(true).open(path)?;
    let length = text.len() as u64;
    Ok(Written { file, length })
}

fn line(step: &Step) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(step)?;
    line.push(b'\n');
    Ok(line)
}

/// Only its owner may read what it says.
fn private() -> OpenOptions {
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use lab::guard::Kind;
    use proptest::prelude::*;

    use super::*;

    fn state() -> (tempfile::TempDir, StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::open(Some(folder.path().to_owned())).unwrap();
        (folder, state)
    }

    fn intent(nonce: &str) -> Intent {
        Intent {
            nonce: nonce.to_owned(),
            kind: Kind::Container,
            engine: "e".to_owned(),
        }
    }

    fn names(journal: &FileJournal) -> Vec<String> {
        let entries = journal.entries().into_iter();
        entries
            .map(|entry| format!("{}={}", entry.intent.nonce, entry.id.unwrap_or_default()))
            .collect()
    }

    fn text(state: &StateDir) -> String {
        state.read(JOURNAL).unwrap().unwrap()
    }

    #[test]
    fn the_next_run_finds_what_was_made_and_no_more() {
        let (_folder, state) = state();
        let journal = FileJournal::open(&state).unwrap();
        for nonce in ["a", "b", "c"] {
            journal.intend(&intent(nonce)).unwrap();
        }
        journal.made("a", "1").unwrap();
        journal.made("b", "2").unwrap();
        journal.gone("a").unwrap();
        assert_eq!(names(&journal), ["b=2", "c="]);
        drop(journal);
        assert_eq!(names(&FileJournal::open(&state).unwrap()), ["b=2", "c="]);
        let expected = r#"{"intend":{"nonce":"b","kind":"container","engine":"e"}}
{"made":{"nonce":"b","id":"2"}}
{"intend":{"nonce":"c","kind":"container","engine":"e"}}
"#;
        assert_eq!(text(&state), expected);
    }

    #[test]
    fn two_agents_do_not_share_it() {
        let (_folder, state) = state();
        let _first = FileJournal::open(&state).unwrap();
        let sentence = FileJournal::open(&state).err().unwrap().to_string();
        let path = state.path(JOURNAL);
        assert_eq!(
            sentence,
            format!(
                "another causeway uses {} at this moment: stop it first, or name another folder with --state",
                path.display()
            )
        );
    }

    #[test]
    fn a_line_that_says_nothing_is_kept_aside() {
        let (_folder, state) = state();
        let lines =
            "nonsense\n{\"intend\":{\"nonce\":\"a\",\"kind\":\"network\",\"engine\":\"e\"}}\n";
        state.write(JOURNAL, lines).unwrap();
        assert_eq!(names(&FileJournal::open(&state).unwrap()), ["a="]);
        assert_eq!(
            state.read("journal.jsonl.unreadable").unwrap().unwrap(),
            lines
        );
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, state) = state();
        state.write(JOURNAL, "").unwrap();
        let _journal = FileJournal::open(&state).unwrap();
        let mode = fs::metadata(state.path(JOURNAL))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// However much of the last line the disk has kept, what was answered before it is there, and new lines are whole.
        #[test]
        fn a_torn_last_line_was_never_answered(cut in 1..56_usize) {
            let (_folder, state) = state();
            let journal = FileJournal::open(&state).unwrap();
            journal.intend(&intent("a")).unwrap();
            journal.made("a", "1").unwrap();
            journal.intend(&intent("b")).unwrap();
            drop(journal);
            let whole = text(&state);
            state.write(JOURNAL, &whole[..whole.len() - cut]).unwrap();
            let journal = FileJournal::open(&state).unwrap();
            // Without its line end alone, the line still says what it says.
            let expected: &[&str] = if cut == 1 { &["a=1", "b="] } else { &["a=1"] };
            prop_assert_eq!(names(&journal), expected);
            journal.intend(&intent("c")).unwrap();
            drop(journal);
            let journal = FileJournal::open(&state).unwrap();
            prop_assert_eq!(names(&journal).pop().unwrap(), "c=");
        }
    }
}
