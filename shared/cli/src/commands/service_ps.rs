//! `docker service ps`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
    service::{ids, tasks},
};

pub struct ServicePs;

static GRAMMAR: Grammar = Grammar {
    names: &["service ps"],
    usage: "[OPTIONS] SERVICE [SERVICE...]",
    about: "List the tasks of services",
    flags: tasks::FLAGS,
    count: Count::AtLeast(1),
    arguments: &["service"],
    program_from: None,
};

#[async_trait]
impl Command for ServicePs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let (found, missing) = ids(context, &call.given.arguments).await?;
        if !found.is_empty() {
            let wanted: Vec<(&str, String)> = found.into_iter().map(|id| ("service", id)).collect();
            tasks::print(&wanted, &call.given, context, console).await?;
        }
        Failure::all(&missing)?;
        Ok(0)
    }
}
