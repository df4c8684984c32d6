//! `docker swarm join-token`

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct SwarmJoinToken;

static FLAGS: &[Flag] = &[
    Flag::switch("quiet", "Show the token only").short('q'),
    Flag::refused("rotate", "a lab's tokens end with its swarm"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["swarm join-token"],
    usage: "[OPTIONS] (worker|manager)",
    about: "Show the token that brings another machine into the swarm",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["role"],
    program_from: None,
};

#[async_trait]
impl Command for SwarmJoinToken {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let role = call.given.arguments[0].as_str();
        if !matches!(role, "worker" | "manager") {
            return Err(Failure::new(1, format!("unknown role {role}")));
        }
        let token = token(role, context).await?;
        if call.given.on("quiet") {
            console.line(&token).await;
            return Ok(0);
        }
        let info = context.engine.info().await?;
        let node = info
            .swarm
            .and_then(|swarm| swarm.node_id)
            .unwrap_or_default();
        join_command(&node, role, context, console).await?;
        Ok(0)
    }
}

async fn token(role: &str, context: &Context) -> Result<String, Failure> {
    let swarm = context.engine.inspect_swarm().await?.parse()?;
    let tokens = swarm.join_tokens.unwrap_or_default();
    let token = if role == "manager" {
        tokens.manager
    } else {
        tokens.worker
    };
    Ok(token.unwrap_or_default())
}

/// The command for the other machine.
pub async fn join_command(
    node: &str,
    role: &str,
    context: &Context,
    console: &mut Console,
) -> Result<(), Failure> {
    let token = token(role, context).await?;
    let node = context.engine.inspect_node(node).await?.parse()?;
    let address = node.manager_status.and_then(|status| status.addr);
    let text = format!(
        "To add a {role} to this swarm, run the following command:\n\n    docker swarm join --token {token} {}\n",
        address.unwrap_or_default()
    );
    console.line(&text).await;
    Ok(())
}
