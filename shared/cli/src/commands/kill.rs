//! `docker kill`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    each::each,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Kill;

static FLAGS: &[Flag] =
    &[Flag::one("signal", "string", "Signal to send, instead of SIGKILL").short('s')];

static GRAMMAR: Grammar = Grammar {
    names: &["kill", "container kill"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    about: "End running containers at once",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Kill {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let signal = call
            .given
            .text("signal")
            .unwrap_or_else(|| "KILL".to_owned());
        each(&call.given.arguments, console, |name| {
            context.engine.kill_container(name, &signal)
        })
        .await
    }
}
