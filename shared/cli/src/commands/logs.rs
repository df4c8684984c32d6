//! `docker logs`

use async_trait::async_trait;
use bytes::Bytes;
use lab::{Chunk, options::LogsOptions};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    streams::{Ended, INTERRUPTED, print},
    values::point_in_time,
};

pub struct Logs;

static FLAGS: &[Flag] = &[
    Flag::switch("details", "Show what else is noted about each line"),
    Flag::switch("follow", "Go on showing lines as they come, until Ctrl-C").short('f'),
    Flag::one(
        "since",
        "string",
        "Only what is newer: a time (2013-01-02T13:23:37Z), or how long ago (42m)",
    ),
    Flag::one(
        "tail",
        "string",
        "Only the last lines, this many (default \"all\")",
    )
    .short('n'),
    Flag::switch("timestamps", "Show when each line was written").short('t'),
    Flag::one(
        "until",
        "string",
        "Only what is older: a time, or how long ago (42m)",
    ),
];

static GRAMMAR: Grammar = Grammar {
    names: &["logs", "container logs"],
    usage: "[OPTIONS] CONTAINER",
    about: "Show what a container has written",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Logs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let given = &call.given;
        // As docker does: that it is not there is said before what is wrong with a time.
        let container = context
            .engine
            .inspect_container(&given.arguments[0], false)
            .await?
            .parse()?;
        let id = container.id.unwrap_or_else(|| given.arguments[0].clone());
        let time = |name| match given.text(name) {
            Some(value) => {
                point_in_time(name, &value, context.clock.now()).map_err(|why| Failure::new(1, why))
            }
            None => Ok(0),
        };
        let options = LogsOptions {
            follow: given.on("follow"),
            stdout: true,
            stderr: true,
            since: time("since")?,
            until: time("until")?,
            timestamps: given.on("timestamps"),
            tail: given.text("tail").unwrap_or_else(|| "all".to_owned()),
        };
        let output = context.engine.logs(&id, options).await?;
        let mut details = Details {
            stamped: given.on("timestamps"),
            ..Details::default()
        };
        let change = |chunk| {
            if given.on("details") {
                details.add(chunk)
            } else {
                chunk
            }
        };
        match print(output, change, console).await? {
            Ended::Interrupted => Err(Failure::silent(INTERRUPTED)),
            Ended::Closed | Ended::Detached => Ok(0),
        }
    }
}

/// What `--details` adds to each line: nothing but a space, since a lab's containers have nothing noted.
#[derive(Default)]
struct Details {
    /// Each line begins with a time, and the space stands behind it.
    stamped: bool,
    /// Inside a line, behind that space: of standard output, and of standard error.
    inside: [bool; 2],
}

impl Details {
    fn add(&mut self, chunk: Chunk) -> Chunk {
        match chunk {
            Chunk::Stdout(bytes) => Chunk::Stdout(self.spaced(&bytes, 0)),
            Chunk::Stderr(bytes) => Chunk::Stderr(self.spaced(&bytes, 1)),
            Chunk::Terminal(bytes) => Chunk::Terminal(self.spaced(&bytes, 0)),
        }
    }

    fn spaced(&mut self, bytes: &[u8], stream: usize) -> Bytes {
        let inside = &mut self.inside[stream];
        let mut spaced = Vec::with_capacity(bytes.len() + 16);
        for byte in bytes {
            if !*inside && !self.stamped {
                spaced.push(b' ');
                *inside = true;
            }
            spaced.push(*byte);
            match byte {
                b' ' if !*inside => {
                    spaced.push(b' ');
                    *inside = true;
                }
                b'\n' => *inside = false,
                _ => {}
            }
        }
        spaced.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stamped: bool, pieces: &[&str], expected: &str) {
        let mut details = Details {
            stamped,
            ..Details::default()
        };
        let spaced = pieces
            .iter()
            .flat_map(|piece| details.spaced(piece.as_bytes(), 0));
        assert_eq!(
            String::from_utf8_lossy(&spaced.collect::<Vec<u8>>()),
            expected
        );
    }

    #[test]
    fn details_are_a_space() {
        check(false, &["a b\nc", "d\n", "e\n"], " a b\n cd\n e\n");
        check(
            true,
            &["12:00 a b\n12:", "01 c\n"],
            "12:00  a b\n12:01  c\n",
        );
    }
}
