//! `|`: what one process writes and another reads.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// As Linux: who has written more waits for the reader.
const ROOM: usize = 64 << 10;

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    writers_gone: bool,
    readers_gone: bool,
}

type Shared = Arc<Mutex<State>>;

/// Clones are the same end; when the last of them is dropped, the end is closed.
#[derive(Clone)]
pub struct Writer(Arc<WriteEnd>);

#[derive(Clone)]
pub struct Reader(Arc<ReadEnd>);

struct WriteEnd(Shared);

struct ReadEnd(Shared);

/// Nobody reads any more.
pub struct Broken;

pub fn pipe() -> (Writer, Reader) {
    let shared = Shared::default();
    (
        Writer(Arc::new(WriteEnd(Arc::clone(&shared)))),
        Reader(Arc::new(ReadEnd(shared))),
    )
}

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Writer {
    pub fn write(&self, bytes: &[u8]) -> Result<(), Broken> {
        let mut state = lock(&self.0.0);
        if state.readers_gone {
            return Err(Broken);
        }
        state.bytes.extend(bytes);
        Ok(())
    }

    pub fn is_full(&self) -> bool {
        let state = lock(&self.0.0);
        !state.readers_gone && state.bytes.len() >= ROOM
    }
}

impl Reader {
    pub fn is_readable(&self) -> bool {
        let state = lock(&self.0.0);
        !state.bytes.is_empty() || state.writers_gone
    }

    /// Nobody writes any more.
    pub fn is_closed(&self) -> bool {
        lock(&self.0.0).writers_gone
    }

    /// Up to so many bytes.
    pub fn take(&self, most: usize) -> Vec<u8> {
        let mut state = lock(&self.0.0);
        let count = state.bytes.len().min(most);
        state.bytes.drain(..count).collect()
    }

    /// Through the end of the first line, if there is one.
    pub fn take_line(&self) -> Option<Vec<u8>> {
        let mut state = lock(&self.0.0);
        let end = state.bytes.iter().position(|byte| *byte == b'\n')?;
        Some(state.bytes.drain(..=end).collect())
    }
}

impl Drop for WriteEnd {
    fn drop(&mut self) {
        lock(&self.0).writers_gone = true;
    }
}

impl Drop for ReadEnd {
    fn drop(&mut self) {
        let mut state = lock(&self.0);
        state.readers_gone = true;
        state.bytes.clear();
    }
}
