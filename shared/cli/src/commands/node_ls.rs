//! `docker node ls`

use async_trait::async_trait;
use lab::{models::Node, options::ListNodesOptions};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    go::natural_order,
    grammar::{Call, Command, Count, Grammar},
    listing::{Listing, Row},
    service::tasks::capital,
    values::{filter, filters},
};

pub struct NodeLs;

static FLAGS: &[Flag] = &[
    Flag::many(
        "filter",
        "filter",
        "Only those that fit: role=manager, name=host2",
    )
    .short('f')
    .checked(filter),
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.Hostname}} {{.Status}}', json",
    ),
    Flag::switch("quiet", "Show ids only").short('q'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["node ls|list"],
    usage: "[OPTIONS]",
    about: "List the machines of the swarm",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Command for NodeLs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let options = ListNodesOptions {
            filters: filters(&call.given.all("filter")),
        };
        let mut nodes = context.engine.list_nodes(options).await?;
        let info = context.engine.info().await?;
        let own = info
            .swarm
            .and_then(|swarm| swarm.node_id)
            .unwrap_or_default();
        let name = |node: &Node| {
            let described = node.description.as_ref();
            described
                .and_then(|described| described.hostname.clone())
                .unwrap_or_default()
        };
        nodes.sort_by(|a, b| natural_order(&name(a), &name(b)).then_with(|| a.id.cmp(&b.id)));
        let rows: Vec<Row> = nodes.into_iter().map(|node| row(node, &own)).collect();
        console.out(LISTING.show(&rows, &call.given)?).await;
        Ok(0)
    }
}

static LISTING: Listing = Listing {
    table: "table {{.ID}} {{if .Self}}*{{else}} {{ end }}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}",
    headers: &[
        ("Availability", "AVAILABILITY"),
        ("EngineVersion", "ENGINE VERSION"),
        ("Hostname", "HOSTNAME"),
        ("ID", "ID"),
        ("ManagerStatus", "MANAGER STATUS"),
        ("Status", "STATUS"),
        ("TLSStatus", "TLS STATUS"),
    ],
    quiet: "{{.ID}}",
    context: "node.nodeContext",
    raw: "node_id: {{.ID}}\nhostname: {{.Hostname}}\nstatus: {{.Status}}\navailability: {{.Availability}}\nmanager_status: {{.ManagerStatus}}\n",
};

fn row(node: Node, own: &str) -> Row {
    let described = node.description.unwrap_or_default();
    let spec = node.spec.unwrap_or_default();
    let state = node.status.and_then(|status| status.state);
    let manager = node.manager_status.map(|status| {
        if status.leader == Some(true) {
            return "Leader".to_owned();
        }
        let reachability = status.reachability.map(|word| word.to_string());
        capital(&reachability.unwrap_or_default())
    });
    let word = |word: Option<String>| capital(&word.unwrap_or_default());
    let id = node.id.unwrap_or_default();
    let is_own = id == own;
    let engine = described.engine.and_then(|engine| engine.engine_version);
    Row::from([
        ("ID", id),
        ("Hostname", described.hostname.unwrap_or_default()),
        ("Status", word(state.map(|state| state.to_string()))),
        (
            "Availability",
            word(spec.availability.map(|word| word.to_string())),
        ),
        ("ManagerStatus", manager.unwrap_or_default()),
        ("EngineVersion", engine.unwrap_or_default()),
        ("TLSStatus", "Ready".to_owned()),
    ])
    .with_switch("Self", is_own)
}
