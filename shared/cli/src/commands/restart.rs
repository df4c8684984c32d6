//! `docker restart`

use async_trait::async_trait;
use lab::options::RestartContainerOptions;

use crate::{
    Context,
    console::Console,
    each::each,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Restart;

static FLAGS: &[Flag] = &[
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
    names: &["restart", "container restart"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    about: "Stop containers and start them again",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Restart {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let seconds = call
            .given
            .number("timeout")
            .map(|seconds| i32::try_from(seconds).unwrap_or(i32::MAX));
        let options = RestartContainerOptions {
            signal: call.given.text("signal"),
            t: seconds,
        };
        each(&call.given.arguments, console, |name| {
            context.engine.restart_container(name, options.clone())
        })
        .await
    }
}
