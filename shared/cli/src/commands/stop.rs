//! `docker stop`

use async_trait::async_trait;
use lab::options::StopContainerOptions;

use crate::{
    Context,
    console::Console,
    each::each,
    failure::Failure,
    flags::{Flag, Given},
    grammar::{Call, Command, Count, Grammar},
};

pub struct Stop;

/// `docker restart` stops too.
pub static FLAGS: &[Flag] = &[
    Flag::one(
        "signal",
        "string",
        "Signal to send, instead of the image's own (SIGTERM)",
    )
    .short('s'),
    Flag::number("timeout", "Seconds to wait before killing it (default 10)").short('t'),
    Flag::number("time", "")
        .stores("timeout")
        .deprecated("use --timeout instead"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["stop", "container stop"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    about: "Stop running containers: ask (SIGTERM), wait, then kill",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Stop {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let options = StopContainerOptions {
            signal: call.given.text("signal"),
            t: seconds(&call.given),
        };
        each(&call.given.arguments, console, |name| {
            context.engine.stop_container(name, options.clone())
        })
        .await
    }
}

/// How long it may take.
pub fn seconds(given: &Given) -> Option<i32> {
    let seconds = given.number("timeout")?;
    Some(i32::try_from(seconds).unwrap_or(i32::MAX))
}
