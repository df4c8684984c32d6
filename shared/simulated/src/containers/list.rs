//! `docker ps`

use std::cmp::Reverse;

use lab::{
    Result,
    models::{
        ContainerSummary, ContainerSummaryHostConfig, ContainerSummaryNetworkSettings, PortSummary,
    },
    options::ListContainersOptions,
};

use super::{
    filter::{Filter, place},
    size,
    status::status,
};
use crate::{
    Simulated,
    networks::inspect,
    programs,
    world::{Container, State, World},
};

/// One line of a container's ports: exposed, or published too.
pub struct Port {
    pub private: u16,
    pub protocol: String,
    pub address: Option<String>,
    pub public: Option<u16>,
}

impl Simulated {
    pub(super) fn list(&self, options: &ListContainersOptions) -> Result<Vec<ContainerSummary>> {
        self.drive();
        let now = self.now();
        let world = self.world();
        let filter = Filter::read(&world, options.filters.as_ref())?;
        let limit = options.limit.and_then(|limit| usize::try_from(limit).ok());
        let limit = limit.filter(|limit| *limit > 0);
        let all = options.all || limit.is_some() || filter.names_states();
        let mut containers: Vec<&Container> = world
            .containers
            .values()
            .filter(|container| all || is_up(container))
            .filter(|container| filter.matches(&world, container))
            .collect();
        containers.sort_by_key(|container| Reverse(place(container)));
        containers.truncate(limit.unwrap_or(usize::MAX));
        let summaries = containers
            .into_iter()
            .map(|container| summary(&world, container, options.size, now));
        Ok(summaries.collect())
    }
}

/// As `docker ps` counts: one between two of its lives is up too.
fn is_up(container: &Container) -> bool {
    container.is_running() || container.state == State::Restarting
}

/// The name that was asked for, as long as it is still that image's.
fn shown_image<'a>(world: &World, container: &'a Container) -> &'a str {
    let named = world.images.find(container.image());
    if named.is_some_and(|image| image.id == container.image_id) {
        container.image()
    } else {
        &container.image_id
    }
}

fn summary(
    world: &World,
    container: &Container,
    sizes: bool,
    now: jiff::Timestamp,
) -> ContainerSummary {
    let changed = Some(size::changed(container)).filter(|size| sizes && *size != 0);
    ContainerSummary {
        id: Some(container.id.clone()),
        names: Some(vec![format!("/{}", container.name)]),
        image: Some(shown_image(world, container).to_owned()),
        image_id: Some(container.image_id.clone()),
        command: Some(command_line(&programs::command(container))),
        created: Some(container.created.as_second()),
        ports: Some(port_summaries(world, container)),
        size_rw: changed,
        size_root_fs: sizes.then(|| size::root(world, container)),
        labels: Some(container.body.labels.clone().unwrap_or_default()),
        state: inspect::status_word(container.state).parse().ok(),
        status: Some(status(container, now)),
        host_config: Some(ContainerSummaryHostConfig {
            network_mode: Some(container.network_mode().to_owned()),
            annotations: None,
        }),
        network_settings: Some(ContainerSummaryNetworkSettings {
            networks: Some(inspect::networks(world, container)),
        }),
        mounts: Some(Vec::new()),
        ..Default::default()
    }
}

/// Words with a space in them are quoted, as Docker has it, except the first.
fn command_line(words: &[String]) -> String {
    let Some((program, arguments)) = words.split_first() else {
        return String::new();
    };
    let quoted = arguments.iter().map(|word| {
        if word.contains(' ') {
            format!(" '{word}'")
        } else {
            format!(" {word}")
        }
    });
    std::iter::once(program.clone()).chain(quoted).collect()
}

/// Exposed ports and published ones, by number.
pub fn port_list(world: &World, container: &Container) -> Vec<Port> {
    if !world.says_ports(container) {
        return Vec::new();
    }
    let exposed = inspect::exposed(container);
    let hidden = exposed.iter().filter(|port| {
        let mut published = container.published.iter();
        published.all(|published| published.port() != **port)
    });
    let hidden = hidden.map(|port| {
        let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        Port {
            private: number.parse().unwrap_or_default(),
            protocol: protocol.to_owned(),
            address: None,
            public: None,
        }
    });
    let published = container.published.iter().map(|published| Port {
        private: published.inside,
        protocol: published.protocol.name().to_owned(),
        address: Some(published.host.ip().to_string()),
        public: Some(published.host.port()),
    });
    let mut ports: Vec<Port> = hidden.chain(published).collect();
    ports.sort_by(|one, other| (one.private, &one.protocol).cmp(&(other.private, &other.protocol)));
    ports
}

fn port_summaries(world: &World, container: &Container) -> Vec<PortSummary> {
    let ports = port_list(world, container)
        .into_iter()
        .map(|port| PortSummary {
            ip: port.address,
            private_port: port.private,
            public_port: port.public,
            typ: port.protocol.parse().ok(),
        });
    ports.collect()
}
