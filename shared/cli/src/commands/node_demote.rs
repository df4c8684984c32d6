//! `docker node demote`

use async_trait::async_trait;
use lab::models::NodeSpecRoleEnum;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
    node_change::to_role,
};

pub struct NodeDemote;

static GRAMMAR: Grammar = Grammar {
    names: &["node demote"],
    usage: "NODE [NODE...]",
    about: "Make managers of the swarm mere workers",
    flags: &[],
    count: Count::AtLeast(1),
    arguments: &["node"],
    program_from: None,
};

#[async_trait]
impl Command for NodeDemote {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let done = |name: &str| format!("Manager {name} demoted in the swarm.");
        to_role(call, NodeSpecRoleEnum::WORKER, done, context, console).await
    }
}
