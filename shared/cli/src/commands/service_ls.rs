//! `docker service ls`

use async_trait::async_trait;
use lab::{
    models::{EndpointPortConfigPublishModeEnum as PublishMode, Service},
    options::ListServicesOptions,
};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    go::natural_order,
    grammar::{Call, Command, Count, Grammar},
    listing::{self, Listing, Row},
    service::{publish, tasks::untagged_digest},
    values::{filter, filters},
};

pub struct ServiceLs;

static FLAGS: &[Flag] = &[
    Flag::many(
        "filter",
        "filter",
        "Only those that fit: name=web, mode=global",
    )
    .short('f')
    .checked(filter),
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.Name}} {{.Replicas}}', json",
    ),
    Flag::switch("quiet", "Show ids only").short('q'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["service ls|list"],
    usage: "[OPTIONS]",
    about: "List the services of the swarm",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Command for ServiceLs {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let options = ListServicesOptions {
            filters: filters(&call.given.all("filter")),
            status: Some(true),
        };
        let mut services = context.engine.list_services(options).await?;
        let name = |service: &Service| {
            let spec = service.spec.as_ref();
            spec.and_then(|spec| spec.name.clone()).unwrap_or_default()
        };
        services.sort_by(|a, b| natural_order(&name(a), &name(b)));
        let rows: Vec<Row> = services.into_iter().map(row).collect();
        console.out(LISTING.show(&rows, &call.given)?).await;
        Ok(0)
    }
}

static LISTING: Listing = Listing {
    table: "table {{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}",
    headers: &[
        ("ID", "ID"),
        ("Image", "IMAGE"),
        ("Mode", "MODE"),
        ("Name", "NAME"),
        ("Ports", "PORTS"),
        ("Replicas", "REPLICAS"),
    ],
    quiet: "{{.ID}}",
    context: "service.serviceContext",
    raw: "id: {{.ID}}\nname: {{.Name}}\nmode: {{.Mode}}\nreplicas: {{.Replicas}}\nimage: {{.Image}}\nports: {{.Ports}}\n",
};

fn row(service: Service) -> Row {
    let spec = service.spec.unwrap_or_default();
    let status = service.service_status.unwrap_or_default();
    let is_global = spec.mode.is_some_and(|mode| mode.global.is_some());
    let template = spec.task_template.unwrap_or_default();
    let image = template
        .container_spec
        .and_then(|container| container.image);
    let ports = service
        .endpoint
        .and_then(|endpoint| endpoint.ports)
        .unwrap_or_default();
    let in_mesh = ports
        .iter()
        .filter(|port| port.publish_mode == Some(PublishMode::INGRESS));
    let most = template
        .placement
        .and_then(|placement| placement.max_replicas);
    let most = most
        .filter(|most| *most > 0)
        .map(|most| format!(" (max {most} per node)"));
    let running = status.running_tasks.unwrap_or_default();
    let desired = status.desired_tasks.unwrap_or_default();
    Row::from([
        (
            "ID",
            listing::id(service.id.as_deref().unwrap_or_default(), true),
        ),
        ("Name", spec.name.unwrap_or_default()),
        (
            "Mode",
            if is_global { "global" } else { "replicated" }.to_owned(),
        ),
        (
            "Replicas",
            format!("{running}/{desired}{}", most.unwrap_or_default()),
        ),
        ("Image", untagged_digest(&image.unwrap_or_default())),
        ("Ports", publish::shown(in_mesh)),
    ])
}
