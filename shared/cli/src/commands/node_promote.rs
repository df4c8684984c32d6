//! `docker node promote`

use async_trait::async_trait;
use lab::models::NodeSpecRoleEnum;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
    node_change::to_role,
};

pub struct NodePromote;

static GRAMMAR: Grammar = Grammar {
    names: &["node promote"],
    usage: "NODE [NODE...]",
    about: "Make machines managers of the swarm",
    flags: &[],
    count: Count::AtLeast(1),
    arguments: &["node"],
    program_from: None,
};

#[async_trait]
impl Command for NodePromote {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let done = |name: &str| format!("Node {name} promoted to a manager in the swarm.");
        to_role(call, NodeSpecRoleEnum::MANAGER, done, context, console).await
    }
}
