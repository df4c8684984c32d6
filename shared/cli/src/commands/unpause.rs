//! `docker unpause`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    each::each,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Unpause;

static GRAMMAR: Grammar = Grammar {
    names: &["unpause", "container unpause"],
    usage: "CONTAINER [CONTAINER...]",
    about: "Let the processes of paused containers go on",
    flags: &[],
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Unpause {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        each(&call.given.arguments, console, |name| {
            context.engine.unpause_container(name)
        })
        .await
    }
}
