//! `docker service rm`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    each::each,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
};

pub struct ServiceRm;

static GRAMMAR: Grammar = Grammar {
    names: &["service rm|remove"],
    usage: "SERVICE [SERVICE...]",
    about: "Remove services and their tasks",
    flags: &[],
    count: Count::AtLeast(1),
    arguments: &["service"],
    program_from: None,
};

#[async_trait]
impl Command for ServiceRm {
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
            context.engine.remove_service(name)
        })
        .await
    }
}
