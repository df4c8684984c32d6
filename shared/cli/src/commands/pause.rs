//! `docker pause`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    each::each,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Pause;

static GRAMMAR: Grammar = Grammar {
    names: &["pause", "container pause"],
    usage: "CONTAINER [CONTAINER...]",
    about: "Freeze all processes of containers where they are",
    flags: &[],
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Pause {
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
            context.engine.pause_container(name)
        })
        .await
    }
}
