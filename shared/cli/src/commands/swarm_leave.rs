//! `docker swarm leave`

use async_trait::async_trait;
use lab::options::LeaveSwarmOptions;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct SwarmLeave;

static FLAGS: &[Flag] =
    &[Flag::switch("force", "Also where this machine manages the swarm").short('f')];

static GRAMMAR: Grammar = Grammar {
    names: &["swarm leave"],
    usage: "[OPTIONS]",
    about: "Take this machine out of its swarm",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Command for SwarmLeave {
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
        context
            .engine
            .leave_swarm(LeaveSwarmOptions { force })
            .await?;
        console.line("Node left the swarm.").await;
        Ok(0)
    }
}
