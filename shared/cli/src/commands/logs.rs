//! `docker logs`

use async_trait::async_trait;
use lab::options::LogsOptions;

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
        match print(output, console).await? {
            Ended::Interrupted => Err(Failure::silent(INTERRUPTED)),
            Ended::Closed | Ended::Detached => Ok(0),
        }
    }
}
