//! `docker network prune`, one by one: what is not the lab's own stays.

use async_trait::async_trait;
use lab::{
    Error,
    models::Network,
    options::{InspectNetworkOptions, ListNetworksOptions},
};

use super::prune::Limited;
use crate::{
    Context,
    confirm::confirm,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    values::filter,
};

pub struct NetworkPrune;

static FLAGS: &[Flag] = &[
    Flag::many("filter", "filter", "Only those that fit: label=key").checked(filter),
    Flag::switch("force", "Do not ask").short('f'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["network prune"],
    usage: "[OPTIONS]",
    about: "Remove all networks of the lab that no container uses",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

const WARNING: &str = "WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?";

#[async_trait]
impl Command for NetworkPrune {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        if !call.given.on("force") && !confirm(WARNING, console).await? {
            return Ok(0);
        }
        let removed = prune_networks(&call.given.all("filter"), context).await?;
        if !removed.is_empty() {
            console
                .out(format!("Deleted Networks:\n{}\n\n", removed.join("\n")))
                .await;
        }
        Ok(0)
    }
}

/// Removes the lab's networks that nobody uses and that fit; their names.
pub async fn prune_networks(asked: &[String], context: &Context) -> Result<Vec<String>, Failure> {
    let limited = Limited::read(asked, context.clock.now())?;
    let options = ListNetworksOptions {
        filters: Some(limited.wanted.clone()).filter(|wanted| !wanted.is_empty()),
    };
    let mut removed = Vec::new();
    for network in context.engine.list_networks(options).await? {
        let created = network.created.as_deref().unwrap_or_default();
        let created: Option<jiff::Timestamp> = created.parse().ok();
        let created = created.map(jiff::Timestamp::as_second);
        if !limited.takes(created, network.labels.as_ref())
            || built_in(&network)
            || in_use(&network, context).await?
        {
            continue;
        }
        let Some(id) = network.id else { continue };
        match context.engine.remove_network(&id).await {
            Ok(()) => removed.push(network.name.unwrap_or(id)),
            // Somebody else's, or used in this very moment.
            Err(Error::NotAllowed(_) | Error::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(removed)
}

fn built_in(network: &Network) -> bool {
    matches!(network.name.as_deref(), Some("bridge" | "host" | "none"))
}

async fn in_use(network: &Network, context: &Context) -> Result<bool, Failure> {
    let id = network.id.as_deref().unwrap_or_default();
    let options = InspectNetworkOptions {
        verbose: false,
        scope: None,
    };
    match context.engine.inspect_network(id, options).await {
        Ok(raw) => Ok(raw
            .parse()?
            .containers
            .is_some_and(|containers| !containers.is_empty())),
        Err(error) if error.is_not_found() => Ok(true),
        Err(error) => Err(error.into()),
    }
}
