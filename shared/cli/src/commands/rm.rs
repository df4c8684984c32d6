//! `docker rm`

use async_trait::async_trait;
use lab::options::RemoveContainerOptions;

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Rm;

static FLAGS: &[Flag] = &[
    Flag::switch("force", "Remove it even while it runs (kills it first)").short('f'),
    Flag::switch("link", "Remove the link of that name, not the container").short('l'),
    Flag::switch("volumes", "Remove its anonymous volumes too").short('v'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["rm", "container rm|remove"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    about: "Remove containers",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Rm {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let force = call.given.on("force");
        let options = RemoveContainerOptions {
            v: call.given.on("volumes"),
            force,
            link: call.given.on("link"),
        };
        let mut wrong = Vec::new();
        for name in &call.given.arguments {
            let container = name.trim_matches('/');
            if container.is_empty() {
                wrong.push("container name cannot be empty".to_owned());
                continue;
            }
            match context
                .engine
                .remove_container(container, options.clone())
                .await
            {
                Ok(()) => console.line(name).await,
                // It is not there, which is what was wanted.
                Err(error) if force && error.is_not_found() => {
                    console.err_line(&told(&error)).await;
                }
                Err(error) => wrong.push(told(&error)),
            }
        }
        Failure::all(&wrong)?;
        Ok(0)
    }
}
