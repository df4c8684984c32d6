//! `docker create`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    container_options::{CREATE_FLAGS, Pull, body_here},
    failure::{Failure, with_help},
    grammar::{Call, Command, Count, Grammar},
    make::make,
};

pub struct Create;

static GRAMMAR: Grammar = Grammar {
    names: &["create", "container create"],
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    about: "Make a container from an image, without starting it",
    flags: CREATE_FLAGS,
    count: Count::AtLeast(1),
    arguments: &["image"],
    program_from: Some(1),
};

#[async_trait]
impl Command for Create {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let wrong = |why: String| with_help(125, &why, "create");
        let pull = Pull::read(&call.given).map_err(wrong)?;
        let body = body_here(&call.given, console.output_terminal(), context).map_err(wrong)?;
        let made = make(body, pull, &call.given, context, console).await;
        let id = made.map_err(|why| {
            why.failure(
                |error| Failure::from(error.clone()),
                |said| Failure::new(1, said),
            )
        })?;
        console.line(&id).await;
        Ok(0)
    }
}
