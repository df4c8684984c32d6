//! `docker logs`

use bytes::Bytes;
use futures::{StreamExt, stream};
use lab::{Chunk, Error, OutputStream, Result, options::LogsOptions};

use crate::{Simulated, process::Io};

impl Simulated {
    pub(crate) fn read_logs(&self, container: &str, options: &LogsOptions) -> Result<OutputStream> {
        self.drive();
        let io = self.world().container(container)?.io.clone();
        if !options.stdout && !options.stderr {
            let message = "Bad parameters: you must choose at least one stream";
            return Err(Error::refused(400, message));
        }
        let from = first_of_tail(&io, &options.tail);
        let stamps = options.timestamps;
        let (wants_out, wants_err) = (options.stdout, options.stderr);
        let chunks =
            self.chunks(io, from, options.follow)
                .filter_map(move |(time, chunk)| async move {
                    let wanted = match chunk {
                        Chunk::Stdout(_) => wants_out,
                        Chunk::Stderr(_) => wants_err,
                        Chunk::Terminal(_) => true,
                    };
                    wanted.then(|| Ok(if stamps { stamped(time, chunk) } else { chunk }))
                });
        Ok(chunks.boxed())
    }

    /// Output as it comes, from this chunk on; ends with the process, or at what is there.
    pub fn chunks(
        &self,
        io: Io,
        from: usize,
        follow: bool,
    ) -> impl futures::Stream<Item = (jiff::Timestamp, Chunk)> + Send + use<> {
        let world = self.clone();
        stream::unfold(from, move |at| {
            let (world, io) = (world.clone(), io.clone());
            async move {
                let next = world
                    .until(|_| {
                        let state = io.lock();
                        match state.chunks.get(at) {
                            Some(chunk) => Some(Some(chunk.clone())),
                            None if state.exit.is_some() || !follow => Some(None),
                            None => None,
                        }
                    })
                    .await;
                next.map(|chunk| (chunk, at + 1))
            }
        })
    }
}

/// Where the last `tail` lines begin; a chunk is a line or more of them.
fn first_of_tail(io: &Io, tail: &str) -> usize {
    let Ok(wanted) = tail.parse::<usize>() else {
        return 0;
    };
    let state = io.lock();
    let mut lines = 0;
    for (at, (_, chunk)) in state.chunks.iter().enumerate().rev() {
        if lines >= wanted {
            return at + 1;
        }
        lines += chunk.bytes().iter().filter(|byte| **byte == b'\n').count();
    }
    0
}

fn stamped(time: jiff::Timestamp, chunk: Chunk) -> Chunk {
    let stamp =
        |bytes: Bytes| Bytes::from([format!("{time:.9} ").into_bytes(), bytes.to_vec()].concat());
    match chunk {
        Chunk::Stdout(bytes) => Chunk::Stdout(stamp(bytes)),
        Chunk::Stderr(bytes) => Chunk::Stderr(stamp(bytes)),
        Chunk::Terminal(bytes) => Chunk::Terminal(stamp(bytes)),
    }
}
