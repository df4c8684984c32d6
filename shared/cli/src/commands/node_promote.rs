//! `docker node promote`

use async_trait::async_trait;
use lab::{models::NodeSpecRoleEnum, options::UpdateNodeOptions};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
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
        for name in &call.given.arguments {
            let node = context.engine.inspect_node(name).await?.parse()?;
            let mut spec = node.spec.unwrap_or_default();
            let id = node.id.unwrap_or_default();
            if spec.role == Some(NodeSpecRoleEnum::MANAGER) {
                console
                    .line(&format!("Node {id} is already a manager."))
                    .await;
                continue;
            }
            spec.role = Some(NodeSpecRoleEnum::MANAGER);
            let index = node
                .version
                .and_then(|version| version.index)
                .unwrap_or_default();
            let options = UpdateNodeOptions {
                version: i64::try_from(index).unwrap_or_default(),
            };
            context.engine.update_node(&id, options, spec).await?;
            console
                .line(&format!("Node {name} promoted to a manager in the swarm."))
                .await;
        }
        Ok(0)
    }
}
