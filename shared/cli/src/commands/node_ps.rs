//! `docker node ps`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    grammar::{Call, Command, Count, Grammar},
    service::tasks,
};

pub struct NodePs;

static GRAMMAR: Grammar = Grammar {
    names: &["node ps"],
    usage: "[OPTIONS] [NODE...]",
    about: "List the tasks on a machine",
    flags: tasks::FLAGS,
    count: Count::AtLeast(0),
    arguments: &["node"],
    program_from: None,
};

#[async_trait]
impl Command for NodePs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let own = ["self".to_owned()];
        let names = match &call.given.arguments[..] {
            [] => &own[..],
            names => names,
        };
        let mut wrong = Vec::new();
        let mut wanted = Vec::new();
        for name in names {
            match context.engine.inspect_node(&of(name, context).await?).await {
                Ok(node) => wanted.push(("node", node.parse()?.id.unwrap_or_default())),
                Err(error) => wrong.push(told(&error)),
            }
        }
        if wrong.is_empty() || !wanted.is_empty() {
            tasks::print(&wanted, &call.given, context, console).await?;
        }
        Failure::all(&wrong)?;
        Ok(0)
    }
}

/// `self` is this machine's own node.
pub async fn of(name: &str, context: &Context) -> Result<String, Failure> {
    if name != "self" {
        return Ok(name.to_owned());
    }
    let info = context.engine.info().await?;
    let node = info
        .swarm
        .and_then(|swarm| swarm.node_id)
        .unwrap_or_default();
    // Where there is none, docker asks for "self", and its engine says why not.
    Ok(if node.is_empty() {
        name.to_owned()
    } else {
        node
    })
}
