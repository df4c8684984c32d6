//! `docker ps`

use async_trait::async_trait;
use jiff::Timestamp;
use lab::{models::ContainerSummary, options::ListContainersOptions};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    go,
    grammar::{Call, Command, Count, Grammar},
    listing::{self, Listing, Row},
    ports,
    units::{human_duration, human_size},
    values::{filter, filters},
};

pub struct Ps;

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Show stopped ones too").short('a'),
    Flag::many(
        "filter",
        "filter",
        "Only those that fit: name=web, network=lab, status=exited",
    )
    .short('f')
    .checked(filter),
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.Names}} {{.Status}}', 'table {{.ID}}', json",
    ),
    Flag::number(
        "last",
        "Only the newest, this many, stopped ones too (default -1)",
    )
    .short('n'),
    Flag::switch("latest", "Only the newest, stopped or not").short('l'),
    Flag::switch("no-trunc", "Show ids and commands in full"),
    Flag::switch("quiet", "Show ids only").short('q'),
    Flag::switch("size", "Show how big they are").short('s'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["ps", "container ls|ps|list"],
    usage: "[OPTIONS]",
    about: "List containers",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

const HEADERS: &[(&str, &str)] = &[
    ("Command", "COMMAND"),
    ("CreatedAt", "CREATED AT"),
    ("ID", "CONTAINER ID"),
    ("Image", "IMAGE"),
    ("Labels", "LABELS"),
    ("LocalVolumes", "LOCAL VOLUMES"),
    ("Mounts", "MOUNTS"),
    ("Names", "NAMES"),
    ("Networks", "NETWORKS"),
    ("Platform", "PLATFORM"),
    ("Ports", "PORTS"),
    ("RunningFor", "CREATED"),
    ("Size", "SIZE"),
    ("State", "STATE"),
    ("Status", "STATUS"),
];

static LISTING: Listing = Listing {
    table: "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}",
    headers: HEADERS,
    quiet: "{{.ID}}",
    context: "formatter.ContainerContext",
    raw: "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n",
};

static WITH_SIZE: Listing = Listing {
    table: "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}\t{{.Size}}",
    headers: HEADERS,
    quiet: "{{.ID}}",
    context: "formatter.ContainerContext",
    raw: "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\nsize: {{.Size}}\n",
};

#[async_trait]
impl Command for Ps {
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
        if given.on("quiet") && given.text("format").is_some() {
            console
                .err_line(
                    "WARNING: Ignoring custom format, because both --format and --quiet are set.",
                )
                .await;
        }
        let last = given
            .number("last")
            .filter(|last| *last > 0)
            .and_then(|last| i32::try_from(last).ok());
        let latest = (given.on("latest") && !given.has("last")).then_some(1);
        let format = given.text("format").unwrap_or_default();
        if !format.is_empty() {
            LISTING.try_format(&format)?;
        }
        let size =
            given.on("size") || !given.on("quiet") && !given.has("size") && shows_size(&format);
        let filters = filters(&given.all("filter"));
        let options = ListContainersOptions {
            all: given.on("all"),
            limit: last.or(latest),
            size,
            filters,
        };
        let containers = context.engine.list_containers(options).await?;
        let (now, truncated) = (context.clock.now(), !given.on("no-trunc"));
        let rows: Vec<Row> = containers
            .into_iter()
            .map(|container| row(container, now, truncated))
            .collect();
        let listing = if size { &WITH_SIZE } else { &LISTING };
        console.out(listing.show(&rows, given)?).await;
        Ok(0)
    }
}

/// Whether a format asks for how big they are, which takes an engine long to find out.
fn shows_size(format: &str) -> bool {
    format.contains(".Size") || format.contains("json .}") || format.contains("json . ")
}

fn row(container: ContainerSummary, now: Timestamp, truncated: bool) -> Row {
    let created = container.created.unwrap_or_default();
    let command = container.command.unwrap_or_default();
    let command = if truncated {
        shortened(&command, 20)
    } else {
        command
    };
    let size = human_size(container.size_rw.unwrap_or_default(), 3);
    let size = match container.size_root_fs.filter(|size| *size > 0) {
        Some(whole) => format!("{size} (virtual {})", human_size(whole, 3)),
        None => size,
    };
    let networks = container
        .network_settings
        .and_then(|settings| settings.networks)
        .unwrap_or_default();
    let mut networks: Vec<String> = networks.into_keys().collect();
    networks.sort_unstable();
    let mounts = container.mounts.unwrap_or_default();
    let local = mounts
        .iter()
        .filter(|mount| mount.driver.as_deref() == Some("local"))
        .count();
    let mounts = mounts.iter().map(|mount| {
        let name = mount
            .name
            .as_deref()
            .filter(|name| !name.is_empty())
            .or(mount.source.as_deref())
            .unwrap_or_default();
        if truncated {
            shortened(name, 15)
        } else {
            name.to_owned()
        }
    });
    Row::from([
        ("Command", go::quote(&command)),
        (
            "CreatedAt",
            Timestamp::from_second(created)
                .map(listing::at)
                .unwrap_or_default(),
        ),
        (
            "ID",
            listing::id(container.id.as_deref().unwrap_or_default(), truncated),
        ),
        (
            "Image",
            image(
                container.image.unwrap_or_default(),
                container.image_id.as_deref(),
                truncated,
            ),
        ),
        ("LocalVolumes", local.to_string()),
        ("Mounts", mounts.collect::<Vec<_>>().join(",")),
        (
            "Names",
            names(&container.names.unwrap_or_default(), truncated),
        ),
        ("Networks", networks.join(",")),
        (
            "Ports",
            ports::displayed(&container.ports.unwrap_or_default()),
        ),
        (
            "RunningFor",
            human_duration(now.as_second() - created) + " ago",
        ),
        ("Size", size),
        (
            "State",
            container
                .state
                .map(|state| state.to_string())
                .unwrap_or_default(),
        ),
        ("Status", container.status.unwrap_or_default()),
    ])
    .with_labels(container.labels.unwrap_or_default())
    .with_nothing("Platform", "*formatter.Platform")
}

/// The container's own name; with `--no-trunc` those that links gave it too.
fn names(names: &[String], truncated: bool) -> String {
    let names: Vec<&str> = names
        .iter()
        .map(|name| name.strip_prefix('/').unwrap_or(name))
        .collect();
    match names.iter().find(|name| truncated && !name.contains('/')) {
        Some(own) => (*own).to_owned(),
        None => names.join(","),
    }
}

fn image(image: String, id: Option<&str>, truncated: bool) -> String {
    if image.is_empty() {
        return "<no image>".to_owned();
    }
    if !truncated {
        return image;
    }
    let short = listing::id(&image, true);
    if id.is_some_and(|id| listing::id(id, true) == short) {
        return short;
    }
    image
        .split_once('@')
        .map_or(image.clone(), |(name, _)| name.to_owned())
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use lab::models::{ContainerSummaryStateEnum, PortSummary, PortSummaryTypeEnum};

    use super::*;

    #[test]
    fn as_docker_prints_it() {
        let ports = ["0.0.0.0", "::"].map(|ip| PortSummary {
            ip: Some(ip.to_owned()),
            private_port: 80,
            public_port: Some(8080),
            typ: Some(PortSummaryTypeEnum::TCP),
        });
        let web = ContainerSummary {
            id: Some("eb625b2ac73e09390544e329c5e12e60fe6cc48ff624e3b0513322eef441f514".to_owned()),
            names: Some(vec!["/other/link".to_owned(), "/web".to_owned()]),
            image: Some("nginx:1.27@sha256:abc".to_owned()),
            command: Some("/docker-entrypoint.sh nginx -g 'daemon off;'".to_owned()),
            created: Some(1_000_000),
            ports: Some(ports.to_vec()),
            state: Some(ContainerSummaryStateEnum::RUNNING),
            status: Some("Up 3 seconds".to_owned()),
            ..ContainerSummary::default()
        };
        let db = ContainerSummary {
            id: Some("2d555a4996b27af7dd6a05dd0f5ec72a05aeac77d9c0df97e9b2a143575cdd44".to_owned()),
            names: Some(vec!["/db".to_owned()]),
            image: Some(
                "2d555a4996b27af7dd6a05dd0f5ec72a05aeac77d9c0df97e9b2a143575cdd44".to_owned(),
            ),
            image_id: Some(
                "sha256:2d555a4996b27af7dd6a05dd0f5ec72a05aeac77d9c0df97e9b2a143575cdd44"
                    .to_owned(),
            ),
            command: Some("mysqld".to_owned()),
            created: Some(999_400),
            status: Some("Exited (1) 5 minutes ago".to_owned()),
            ..ContainerSummary::default()
        };
        let now = Timestamp::from_second(1_000_004).expect("in range");
        let rows = [web, db].map(|container| row(container, now, true));
        let call = GRAMMAR
            .read("docker ps", &["-a".to_owned()])
            .expect("flags are right");
        let expected = "CONTAINER ID   IMAGE          COMMAND                  CREATED          STATUS                     PORTS                                     NAMES\n\
                        eb625b2ac73e   nginx:1.27     \"/docker-entrypoint.…\"   4 seconds ago    Up 3 seconds               0.0.0.0:8080->80/tcp, [::]:8080->80/tcp   web\n\
                        2d555a4996b2   2d555a4996b2   \"mysqld\"                 10 minutes ago   Exited (1) 5 minutes ago                                             db\n";
        assert_eq!(LISTING.show(&rows, &call.given).expect("fields"), expected);
    }
}
