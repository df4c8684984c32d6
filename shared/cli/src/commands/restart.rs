//! `docker restart`

use async_trait::async_trait;
use lab::options::RestartContainerOptions;

use super::stop::{FLAGS, seconds};
use crate::{
    Context,
    console::Console,
    each::each,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Restart;

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
        let options = RestartContainerOptions {
            signal: call.given.text("signal"),
            t: seconds(&call.given),
        };
        each(&call.given.arguments, console, |name| {
            context.engine.restart_container(name, options.clone())
        })
        .await
    }
}
