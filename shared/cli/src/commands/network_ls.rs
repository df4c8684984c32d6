//! `docker network ls`

use async_trait::async_trait;
use lab::{models::Network, options::ListNetworksOptions};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    go::natural_order,
    grammar::{Call, Command, Count, Grammar},
    listing::{self, Listing, Row},
    values::{filter, filters},
};

pub struct NetworkLs;

static FLAGS: &[Flag] = &[
    Flag::many(
        "filter",
        "filter",
        "Only those that fit: driver=bridge, name=lab",
    )
    .short('f')
    .checked(filter),
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.Name}} {{.Driver}}', 'table {{.ID}}', json",
    ),
    Flag::switch("no-trunc", "Show ids in full"),
    Flag::switch("quiet", "Show ids only").short('q'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["network ls|list"],
    usage: "[OPTIONS]",
    about: "List networks",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

static LISTING: Listing = Listing {
    table: "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}",
    headers: &[
        ("CreatedAt", "CREATED AT"),
        ("Driver", "DRIVER"),
        ("ID", "NETWORK ID"),
        ("IPv4", "IPV4"),
        ("IPv6", "IPV6"),
        ("Internal", "INTERNAL"),
        ("Labels", "LABELS"),
        ("Name", "NAME"),
        ("Scope", "SCOPE"),
    ],
    quiet: "{{.ID}}",
    context: "network.networkContext",
    raw: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
};

#[async_trait]
impl Command for NetworkLs {
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
        let options = ListNetworksOptions {
            filters: filters(&given.all("filter")),
        };
        let mut networks = context.engine.list_networks(options).await?;
        let name = |network: &Network| network.name.clone().unwrap_or_default();
        networks.sort_by(|a, b| natural_order(&name(a), &name(b)));
        let rows: Vec<Row> = networks
            .into_iter()
            .map(|network| row(network, !given.on("no-trunc")))
            .collect();
        console.out(LISTING.show(&rows, given)?).await;
        Ok(0)
    }
}

fn row(network: Network, truncated: bool) -> Row {
    let yes = |value: Option<bool>| value.unwrap_or_default().to_string();
    let labels = network.labels.unwrap_or_default();
    Row::from([
        (
            "CreatedAt",
            listing::time(network.created.as_deref().unwrap_or_default()),
        ),
        ("Driver", network.driver.unwrap_or_default()),
        (
            "ID",
            listing::id(network.id.as_deref().unwrap_or_default(), truncated),
        ),
        ("IPv4", network.enable_ipv4.unwrap_or(true).to_string()),
        ("IPv6", yes(network.enable_ipv6)),
        ("Internal", yes(network.internal)),
        ("Name", network.name.unwrap_or_default()),
        ("Scope", network.scope.unwrap_or_default()),
    ])
    .with_labels(labels)
}
