//! `docker system prune`, of the lab: containers that do not run, networks that nobody uses. What is not the lab's stays.

use async_trait::async_trait;

use super::{network_prune::prune_networks, prune::prune_containers};
use crate::{
    Context,
    confirm::confirm,
    console::Console,
    failure::Failure,
    flags::Flag,
    go::natural_order,
    grammar::{Call, Command, Count, Grammar},
    units::human_size,
    values::filter,
};

pub struct SystemPrune;

static FLAGS: &[Flag] = &[
    Flag::refused(
        "all",
        "images are not the lab's alone; docker rmi removes those that it pulled or built",
    ),
    Flag::many("filter", "filter", "Only those that fit: label=key").checked(filter),
    Flag::switch("force", "Do not ask").short('f'),
    Flag::refused("volumes", "a lab makes no volumes"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["system prune"],
    usage: "[OPTIONS]",
    about: "Remove all containers of the lab that do not run, and its networks that nobody uses",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Command for SystemPrune {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let asked = call.given.all("filter");
        if !call.given.on("force") && !confirm(&warning(&asked), console).await? {
            return Ok(0);
        }
        let (removed, freed) = prune_containers(&asked, context).await?;
        if !removed.is_empty() {
            let removed = removed.join("\n");
            console
                .line(&format!("Deleted Containers:\n{removed}\n"))
                .await;
        }
        let removed = prune_networks(&asked, context).await?;
        if !removed.is_empty() {
            let removed = removed.join("\n");
            console
                .line(&format!("Deleted Networks:\n{removed}\n"))
                .await;
        }
        let freed = human_size(freed, 4);
        console
            .line(&format!("Total reclaimed space: {freed}"))
            .await;
        Ok(0)
    }
}

/// Docker's question, without what a lab never removes.
fn warning(asked: &[String]) -> String {
    let mut text = "WARNING! This will remove:\n  - all stopped containers of this lab\n  - all networks of this lab not used by at least one container\n".to_owned();
    let mut asked = asked.to_vec();
    asked.sort_by(|a, b| natural_order(a, b));
    if !asked.is_empty() {
        text.push_str("\n  Items to be pruned will be filtered with:\n");
        text.extend(asked.iter().map(|filter| format!("  - {filter}\n")));
    }
    text + "\nAre you sure you want to continue?"
}
