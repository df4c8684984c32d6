//! A change of a node's specification, sent as the engine wants it: with the version that was looked at.

use lab::{
    Engine,
    models::{Node, NodeSpec, NodeSpecRoleEnum},
    options::UpdateNodeOptions,
};

use crate::{Context, console::Console, failure::Failure, grammar::Call};

/// `node promote`, `node demote`: each node that is not `role` yet becomes it, and `done` says so.
pub async fn to_role(
    call: &Call,
    role: NodeSpecRoleEnum,
    done: fn(&str) -> String,
    context: &Context,
    console: &mut Console,
) -> Result<u8, Failure> {
    for name in &call.given.arguments {
        let node = context.engine.inspect_node(name).await?.parse()?;
        let mut spec = node.spec.clone().unwrap_or_default();
        if spec.role == Some(role) {
            let id = node.id.unwrap_or_default();
            console
                .line(&format!("Node {id} is already a {role}."))
                .await;
            continue;
        }
        spec.role = Some(role);
        send(context.engine.as_ref(), node, spec).await?;
        console.line(&done(name)).await;
    }
    Ok(0)
}

/// `node` is as it was before.
pub async fn send(engine: &dyn Engine, node: Node, spec: NodeSpec) -> Result<(), Failure> {
    let index = node.version.and_then(|version| version.index);
    let options = UpdateNodeOptions {
        version: i64::try_from(index.unwrap_or_default()).unwrap_or_default(),
    };
    let id = node.id.unwrap_or_default();
    Ok(engine.update_node(&id, options, spec).await?)
}
