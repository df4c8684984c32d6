//! What a number like 1 or 2 stands for in a process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::{
    Io, Process,
    pipe::{Broken, Reader, Writer},
};

/// An open file, a pipe's end, or a stream of the container or exec.
#[derive(Clone)]
pub enum Descriptor {
    Stream {
        io: Io,
        stderr: bool,
    },
    Reader(Reader),
    Writer(Writer),
    /// For reading: what it held when it was opened, and how much of it is read.
    File(Arc<Mutex<Unread>>),
    /// For writing, at its end.
    WriteFile(Arc<str>),
    /// `/dev/null`
    Null,
    /// `/dev/full`
    Full,
}

/// What is left of a file.
pub struct Unread(Bytes);

impl Descriptor {
    pub fn of_bytes(bytes: impl Into<Bytes>) -> Self {
        Self::File(Arc::new(Mutex::new(Unread(bytes.into()))))
    }

    pub(super) fn write(&self, process: &Process, bytes: &[u8]) -> Result<(), Broken> {
        match self {
            Self::Stream { io, stderr } => {
                io.lock().write(process.world.now(), *stderr, bytes);
            }
            Self::Writer(writer) => {
                process.world.stir();
                return writer.write(bytes);
            }
            Self::WriteFile(path) => {
                let _ = process.append_file(path, bytes);
            }
            Self::Reader(_) | Self::File(_) | Self::Null | Self::Full => {}
        }
        Ok(())
    }

    pub(super) fn is_readable(&self) -> bool {
        match self {
            Self::Stream { io, .. } => io.lock().is_readable(),
            Self::Reader(reader) => reader.is_readable(),
            _ => true,
        }
    }

    /// Something that is there, or nothing at the end.
    pub(super) fn take(&self, most: usize) -> Vec<u8> {
        match self {
            Self::Stream { io, .. } => {
                let mut state = io.lock();
                if state.is_at_end() {
                    state.take_end();
                }
                let count = state.input.len().min(most);
                state.input.drain(..count).collect()
            }
            Self::Reader(reader) => reader.take(most),
            Self::File(file) => {
                let mut left = unread(file);
                let count = left.0.len().min(most);
                left.0.split_to(count).to_vec()
            }
            _ => Vec::new(),
        }
    }

    /// The next line with its end, or what is left at the end; nothing while it is not all there.
    pub(super) fn take_line(&self) -> Option<Vec<u8>> {
        match self {
            Self::Stream { io, .. } => {
                let mut state = io.lock();
                if state.is_at_end() {
                    state.take_end();
                    return Some(Vec::new());
                }
                let end = state.input.iter().position(|byte| *byte == b'\n');
                let count = match end {
                    Some(end) => end + 1,
                    None if state.input_closed => state.input.len(),
                    None => return None,
                };
                Some(state.input.drain(..count).collect())
            }
            Self::Reader(reader) => {
                let line = reader.take_line();
                line.or_else(|| reader.is_closed().then(|| reader.take(usize::MAX)))
            }
            Self::File(file) => {
                let mut left = unread(file);
                let end = left.0.iter().position(|byte| *byte == b'\n');
                let count = end.map_or(left.0.len(), |end| end + 1);
                Some(left.0.split_to(count).to_vec())
            }
            _ => Some(Vec::new()),
        }
    }
}

fn unread(file: &Arc<Mutex<Unread>>) -> MutexGuard<'_, Unread> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}
