//! `docker ps`

use std::collections::BTreeMap;

use lab::{
    models::{
        ContainerSummary, ContainerSummaryHostConfig, ContainerSummaryNetworkSettings, PortSummary,
    },
    options::ListContainersOptions,
};

use super::status::status;
use crate::{
    Simulated,
    networks::{self, inspect},
    programs,
    world::{Container, World},
};

impl Simulated {
    pub(super) fn list(&self, options: &ListContainersOptions) -> Vec<ContainerSummary> {
        self.drive();
        let world = self.world();
        let mut containers: Vec<&Container> = world
            .containers
            .values()
            .filter(|container| {
                (options.all || container.is_running()) && matches(container, options)
            })
            .collect();
        containers
            .sort_by_key(|container| std::cmp::Reverse((container.created, container.id.clone())));
        let now = self.now();
        let summaries = containers
            .into_iter()
            .map(|container| summary(&world, container, now));
        summaries.collect()
    }
}

fn matches(container: &Container, options: &ListContainersOptions) -> bool {
    let labels: BTreeMap<String, String> = container
        .body
        .labels
        .iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    options.filters.iter().flatten().all(|(key, values)| {
        let matches = |value: &String| match key.as_str() {
            "name" => container.name.contains(value.trim_start_matches('/')),
            "id" => container.id.starts_with(value.as_str()),
            "status" => inspect::status_word(container.state) == value,
            "label" => networks::has_label(&labels, value),
            "ancestor" => container.image() == value,
            _ => true,
        };
        values.iter().any(matches)
    })
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

fn summary(world: &World, container: &Container, now: jiff::Timestamp) -> ContainerSummary {
    ContainerSummary {
        id: Some(container.id.clone()),
        names: Some(vec![format!("/{}", container.name)]),
        image: Some(shown_image(world, container).to_owned()),
        image_id: Some(container.image_id.clone()),
        command: Some(programs::command(container).join(" ")),
        created: Some(container.created.as_second()),
        ports: Some(port_summaries(world, container)),
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

/// Exposed ports that are not published, and the published ones.
fn port_summaries(world: &World, container: &Container) -> Vec<PortSummary> {
    if !world.says_ports(container) {
        return Vec::new();
    }
    let port = |number, protocol: &str| PortSummary {
        private_port: number,
        typ: protocol.parse().ok(),
        ..Default::default()
    };
    let exposed = inspect::exposed(container);
    let hidden = exposed.iter().filter(|port| {
        let mut published = container.published.iter();
        published.all(|published| published.port() != **port)
    });
    let hidden = hidden.map(|text| {
        let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        port(number.parse().unwrap_or_default(), protocol)
    });
    let published = container.published.iter().map(|published| PortSummary {
        ip: Some(published.host.ip().to_string()),
        public_port: Some(published.host.port()),
        ..port(published.inside, published.protocol.name())
    });
    hidden.chain(published).collect()
}
