//! `docker wait`

use async_trait::async_trait;
use futures::StreamExt;
use lab::options::WaitContainerOptions;

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    grammar::{Call, Command, Count, Grammar},
    streams::{INTERRUPTED, unless_interrupted},
};

pub struct Wait;

static GRAMMAR: Grammar = Grammar {
    names: &["wait", "container wait"],
    usage: "CONTAINER [CONTAINER...]",
    about: "Wait until containers end, and print their exit codes",
    flags: &[],
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Wait {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let mut wrong = Vec::new();
        for name in &call.given.arguments {
            let options = WaitContainerOptions {
                condition: "not-running".to_owned(),
            };
            let exit = async {
                let mut exits = context.engine.wait_container(name, options).await?;
                exits.next().await.transpose()
            };
            match unless_interrupted(exit, console).await {
                None => return Err(Failure::silent(INTERRUPTED)),
                Some(Ok(Some(exit))) => console.line(&exit.status_code.to_string()).await,
                Some(Ok(None)) => wrong
                    .push("causeway: the engine went away before the container ended".to_owned()),
                Some(Err(error)) => wrong.push(told(&error)),
            }
        }
        Failure::all(&wrong)?;
        Ok(0)
    }
}
