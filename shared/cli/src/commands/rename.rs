//! `docker rename`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    grammar::{Call, Command, Count, Grammar},
};

pub struct Rename;

static GRAMMAR: Grammar = Grammar {
    names: &["rename", "container rename"],
    usage: "CONTAINER NEW_NAME",
    about: "Give a container another name",
    flags: &[],
    count: Count::Exactly(2),
    arguments: &["container", "new name"],
    program_from: None,
};

#[async_trait]
impl Command for Rename {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let (old, new) = (
            call.given.arguments[0].trim(),
            call.given.arguments[1].trim(),
        );
        if old.is_empty() || new.is_empty() {
            return Err(Failure::new(
                1,
                "Error: Neither old nor new names may be empty",
            ));
        }
        if let Err(error) = context.engine.rename_container(old, new).await {
            console.err_line(&told(&error)).await;
            return Err(Failure::new(
                1,
                format!("Error: failed to rename container named {old}"),
            ));
        }
        Ok(0)
    }
}
