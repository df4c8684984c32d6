//! `docker top`

use async_trait::async_trait;
use lab::options::TopOptions;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    go,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Top;

static GRAMMAR: Grammar = Grammar {
    names: &["top", "container top"],
    usage: "CONTAINER [ps OPTIONS]",
    about: "Show a container's processes, as the host sees them",
    flags: &[],
    count: Count::AtLeast(1),
    arguments: &["container", "option for ps"],
    program_from: Some(1),
};

#[async_trait]
impl Command for Top {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let arguments = &call.given.arguments;
        let ps_args = if arguments.len() > 1 {
            arguments[1..].join(" ")
        } else {
            "-ef".to_owned()
        };
        let processes = context
            .engine
            .top(&arguments[0], TopOptions { ps_args })
            .await?;
        let mut rows = vec![processes.titles.unwrap_or_default()];
        rows.extend(processes.processes.unwrap_or_default());
        console.out(go::table(&rows, 20)).await;
        Ok(0)
    }
}
