//! `docker node update`

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    node_change::send,
    values::pairs,
};
use async_trait::async_trait;

pub struct NodeUpdate;

static FLAGS: &[Flag] = &[
    Flag::one(
        "availability",
        "string",
        "Whether it takes tasks (active, pause, drain)",
    ),
    Flag::many("label-add", "list", "Give it a label: disk=ssd"),
    Flag::many("label-rm", "list", "Take a label away"),
    Flag::one(
        "role",
        "string",
        "What it is in the swarm (worker, manager)",
    ),
];

static GRAMMAR: Grammar = Grammar {
    names: &["node update"],
    usage: "[OPTIONS] NODE",
    about: "Change a machine of the swarm: whether it takes tasks, its labels",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["node"],
    program_from: None,
};

#[async_trait]
impl Command for NodeUpdate {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let given = &call.given;
        let name = &given.arguments[0];
        let node = context.engine.inspect_node(name).await?.parse()?;
        let mut spec = node.spec.clone().unwrap_or_default();
        let unknown = |what: &str, word: &str| {
            let why = format!(
                "Error response from daemon: invalid {what}: {}",
                crate::go::quote(word)
            );
            Failure::new(1, why)
        };
        if let Some(word) = given.text("availability") {
            let known = word.parse().map_err(|_| unknown("Availability", &word))?;
            spec.availability = Some(known);
        }
        if let Some(word) = given.text("role") {
            let known = word.parse().map_err(|_| unknown("Role", &word))?;
            spec.role = Some(known);
        }
        let labels = spec.labels.get_or_insert_default();
        labels.extend(pairs(&given.all("label-add")));
        for label in given.all("label-rm") {
            labels.remove(&label);
        }
        send(context.engine.as_ref(), node, spec).await?;
        console.line(name).await;
        Ok(0)
    }
}
