//! `docker logs`: what the programs wrote, line by line as Docker keeps it.

use std::{collections::VecDeque, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, stream};
use jiff::Timestamp;
use lab::{Chunk, Error, OutputStream, Result, options::LogsOptions};

use crate::{Simulated, process::Io, world::World};

/// One that fits into no line is cut, as Docker's is.
const LONGEST_LINE: usize = 16 << 10;

/// A line, with its end if it has one.
#[derive(Clone)]
struct Entry {
    time: Timestamp,
    line: Chunk,
}

/// Makes lines of what was written: one is there when it has ended, or its container.
struct Reader {
    io: Io,
    /// Of what was written, what has been read.
    at: usize,
    out: Vec<u8>,
    err: Vec<u8>,
    lines: VecDeque<Entry>,
}

impl Simulated {
    pub(crate) fn read_logs(&self, container: &str, options: &LogsOptions) -> Result<OutputStream> {
        self.drive();
        if !options.stdout && !options.stderr {
            let message = "Bad parameters: you must choose at least one stream";
            return Err(Error::refused(400, message));
        }
        let (id, io, runs, closings) = {
            let world = self.world();
            let container = world.container(container)?;
            (
                container.id.clone(),
                container.io.clone(),
                container.is_running(),
                container.life.closings,
            )
        };
        let wanted = Arc::new(Wanted::read(options));
        let mut reader = Reader::new(io);
        reader.read_on();
        let first = wanted.last(std::mem::take(&mut reader.lines));
        let first = stream::iter(first);
        let shown = Arc::clone(&wanted);
        let show = move |entry: Entry| Ok(shown.show(&entry));
        if !(options.follow && runs) {
            return Ok(first.map(show).boxed());
        }
        let more = self
            .lines_to_come(id, closings, reader)
            .filter(move |entry| std::future::ready(wanted.takes(entry)));
        Ok(first.chain(more).map(show).boxed())
    }

    /// From now on until the container's end.
    fn lines_to_come(
        &self,
        id: String,
        closings: u64,
        reader: Reader,
    ) -> impl futures::Stream<Item = Entry> + Send + use<> {
        let world = self.clone();
        stream::unfold(reader, move |mut reader| {
            let (world, id) = (world.clone(), id.clone());
            async move {
                let next = world
                    .until(|inner| {
                        reader.read_on();
                        if let Some(entry) = reader.lines.pop_front() {
                            return Some(Some(entry));
                        }
                        let container = inner.containers.get(&id);
                        if container.is_some_and(|container| container.life.closings == closings) {
                            return None;
                        }
                        Some(reader.lines.pop_front())
                    })
                    .await;
                next.map(|entry| (entry, reader))
            }
        })
    }

    /// Output as it comes, from this chunk on, until it is said to be over.
    pub fn chunks<Over>(
        &self,
        io: Io,
        from: usize,
        is_over: Over,
    ) -> impl futures::Stream<Item = Chunk> + Send + use<Over>
    where
        Over: Fn(&World) -> bool + Clone + Send + Sync + 'static,
    {
        let world = self.clone();
        stream::unfold(from, move |at| {
            let (world, io, is_over) = (world.clone(), io.clone(), is_over.clone());
            async move {
                let next = world
                    .until(|inner| {
                        let next = io.lock().chunks.get(at).cloned();
                        match next {
                            Some((_, chunk)) => Some(Some(chunk)),
                            None if is_over(inner) => Some(None),
                            None => None,
                        }
                    })
                    .await;
                next.map(|chunk| (chunk, at + 1))
            }
        })
    }
}

impl Reader {
    fn new(io: Io) -> Self {
        Self {
            io,
            at: 0,
            out: Vec::new(),
            err: Vec::new(),
            lines: VecDeque::new(),
        }
    }

    /// Reads what has been written meanwhile.
    fn read_on(&mut self) {
        loop {
            let (chunk, is_last) = {
                let state = self.io.lock();
                let Some(chunk) = state.chunks.get(self.at) else {
                    return;
                };
                (chunk.clone(), state.ends.contains(&(self.at + 1)))
            };
            self.take(chunk.0, &chunk.1);
            self.at += 1;
            // The container, or an earlier life of it, has left its last line without an end.
            if is_last {
                self.flush(chunk.0);
            }
        }
    }

    fn take(&mut self, time: Timestamp, chunk: &Chunk) {
        let kind = chunk.clone();
        let partial = match chunk {
            Chunk::Stderr(_) => &mut self.err,
            Chunk::Stdout(_) | Chunk::Terminal(_) => &mut self.out,
        };
        for piece in chunk.bytes().split_inclusive(|byte| *byte == b'\n') {
            partial.extend_from_slice(piece);
            if partial.ends_with(b"\n") || partial.len() >= LONGEST_LINE {
                let line = with_bytes(&kind, std::mem::take(partial));
                self.lines.push_back(Entry { time, line });
            }
        }
    }

    /// Lines that end with their container, when the last was written.
    fn flush(&mut self, time: Timestamp) {
        let out = if self.io.lock().tty {
            Chunk::Terminal
        } else {
            Chunk::Stdout
        };
        for (stream, partial) in [(out, &mut self.out), (Chunk::Stderr, &mut self.err)] {
            if !partial.is_empty() {
                let line = stream(Bytes::from(std::mem::take(partial)));
                self.lines.push_back(Entry { time, line });
            }
        }
    }
}

/// What was asked for.
struct Wanted {
    stdout: bool,
    stderr: bool,
    timestamps: bool,
    since: Option<i64>,
    until: Option<i64>,
    tail: Option<usize>,
}

impl Wanted {
    fn read(options: &LogsOptions) -> Self {
        let time = |seconds: i64| Some(seconds).filter(|seconds| *seconds != 0);
        Self {
            stdout: options.stdout,
            stderr: options.stderr,
            timestamps: options.timestamps,
            since: time(options.since.into()),
            until: time(options.until.into()),
            tail: options.tail.parse().ok(),
        }
    }

    fn takes(&self, entry: &Entry) -> bool {
        let second = entry.time.as_second();
        let stream = match entry.line {
            Chunk::Stdout(_) => self.stdout,
            Chunk::Stderr(_) => self.stderr,
            Chunk::Terminal(_) => true,
        };
        stream
            && self.since.is_none_or(|since| second >= since)
            && self.until.is_none_or(|until| second <= until)
    }

    /// The tail is counted before the streams are told apart.
    fn last(&self, lines: VecDeque<Entry>) -> Vec<Entry> {
        let skipped = self.tail.map_or(0, |tail| lines.len().saturating_sub(tail));
        let lines = lines.into_iter().skip(skipped);
        lines.filter(|entry| self.takes(entry)).collect()
    }

    fn show(&self, entry: &Entry) -> Chunk {
        if !self.timestamps {
            return entry.line.clone();
        }
        let mut bytes = format!("{:.9} ", entry.time).into_bytes();
        bytes.extend_from_slice(entry.line.bytes());
        with_bytes(&entry.line, bytes)
    }
}

/// The same stream, other bytes.
fn with_bytes(chunk: &Chunk, bytes: Vec<u8>) -> Chunk {
    let bytes = Bytes::from(bytes);
    match chunk {
        Chunk::Stdout(_) => Chunk::Stdout(bytes),
        Chunk::Stderr(_) => Chunk::Stderr(bytes),
        Chunk::Terminal(_) => Chunk::Terminal(bytes),
    }
}
