//! Reads a [`Topology`] from an engine's answers.
//!
//! It asks and never changes. What vanishes between the list and the inspect is simply not there.

use std::{
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv4Addr},
    str::FromStr,
};

use futures::future::join_all;

use super::{ContainerNode, ContainerState, Endpoint, NetworkNode, Port, Subnet, Topology};
use crate::{
    ContainerId, Engine, NetworkId, Result,
    host::HostFacts,
    models::{
        ContainerInspectResponse, ContainerState as ContainerStateModel, ContainerStateStatusEnum,
        EndpointSettings, IpamConfig, Network, PortMap,
    },
    options::{ListContainersOptions, ListNetworksOptions},
};

/// How many inspects are under way at once: enough to be quick, few enough to leave the engine room.
const INSPECTS_AT_ONCE: usize = 16;

/// Everything on the engine, as it is now. `ours` says of a full id whether the lab made it.
pub async fn read(
    engine: &dyn Engine,
    host: HostFacts,
    ours: &(dyn Fn(&str) -> bool + Sync),
) -> Result<Topology> {
    let networks = engine.list_networks(ListNetworksOptions::default()).await?;
    let networks: BTreeMap<_, _> = networks
        .into_iter()
        .filter_map(|network| network_node(network, ours))
        .map(|node| (node.id.clone(), node))
        .collect();
    let mut containers = BTreeMap::new();
    for answer in inspect_all(engine).await? {
        if let Some(node) = container_node(answer, &networks, ours) {
            containers.insert(node.id.clone(), node);
        }
    }
    Ok(Topology {
        host,
        networks,
        containers,
    })
}

async fn inspect_all(engine: &dyn Engine) -> Result<Vec<ContainerInspectResponse>> {
    let all = ListContainersOptions {
        all: true,
        ..Default::default()
    };
    let listed = engine.list_containers(all).await?;
    let ids: Vec<String> = listed
        .into_iter()
        .filter_map(|summary| summary.id)
        .collect();
    let mut answers = Vec::with_capacity(ids.len());
    for some in ids.chunks(INSPECTS_AT_ONCE) {
        for answer in join_all(some.iter().map(|id| engine.inspect_container(id, false))).await {
            match answer {
                Ok(raw) => answers.push(raw.parse()?),
                // Removed since it was listed.
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(answers)
}

fn network_node(network: Network, ours: &(dyn Fn(&str) -> bool + Sync)) -> Option<NetworkNode> {
    let id = NetworkId::new(network.id?);
    let name = network.name?;
    let driver = network.driver.unwrap_or_default();
    let subnets = network
        .ipam
        .and_then(|ipam| ipam.config)
        .unwrap_or_default();
    Some(NetworkNode {
        interface: bridge_interface(&driver, &id, network.options.as_ref()),
        name_server: !is_predefined(&name),
        ours: ours(id.as_str()),
        subnets: subnets.into_iter().filter_map(subnet).collect(),
        scope: network.scope.unwrap_or_default(),
        internal: network.internal.unwrap_or_default(),
        attachable: network.attachable.unwrap_or_default(),
        created: network.created.unwrap_or_default(),
        id,
        name,
        driver,
    })
}

/// The networks that every engine brings along; none of them has a name server.
pub(crate) fn is_predefined(network: &str) -> bool {
    matches!(network, "bridge" | "host" | "none" | "default")
}

fn bridge_interface(
    driver: &str,
    id: &NetworkId,
    options: Option<&HashMap<String, String>>,
) -> Option<String> {
    if driver != "bridge" {
        return None;
    }
    let named = options.and_then(|options| options.get("com.docker.network.bridge.name"));
    Some(
        named
            .cloned()
            .unwrap_or_else(|| format!("br-{}", id.short())),
    )
}

fn subnet(config: IpamConfig) -> Option<Subnet> {
    Some(Subnet {
        subnet: config.subnet?,
        gateway: address(config.gateway.as_deref()),
    })
}

fn container_node(
    answer: ContainerInspectResponse,
    networks: &BTreeMap<NetworkId, NetworkNode>,
    ours: &(dyn Fn(&str) -> bool + Sync),
) -> Option<ContainerNode> {
    let id = ContainerId::new(answer.id?);
    let name = answer
        .name
        .unwrap_or_default()
        .trim_start_matches('/')
        .to_owned();
    let config = answer.config.unwrap_or_default();
    let state = answer.state.unwrap_or_default();
    let settings = answer.network_settings.unwrap_or_default();
    let attached = settings.networks.unwrap_or_default().into_iter();
    let endpoints = attached.filter_map(|(key, settings)| {
        let network = network_of(&key, &settings, networks)?;
        Some((network.id.clone(), endpoint(settings, network, &id, &name)))
    });
    Some(ContainerNode {
        endpoints: endpoints.collect(),
        image: config.image.or(answer.image).unwrap_or_default(),
        exit_code: exit_code(&state),
        state: container_state(state.status),
        network_mode: answer
            .host_config
            .and_then(|host| host.network_mode)
            .unwrap_or_default(),
        ports: ports(
            settings.ports.unwrap_or_default(),
            &config.exposed_ports.unwrap_or_default(),
        ),
        created: answer.created.unwrap_or_default(),
        ours: ours(id.as_str()),
        id,
        name,
    })
}

/// The network an endpoint is on. A container that never ran names it by key only: by name or (as it was asked for) id.
fn network_of<'a>(
    key: &str,
    settings: &EndpointSettings,
    networks: &'a BTreeMap<NetworkId, NetworkNode>,
) -> Option<&'a NetworkNode> {
    if let Some(id) = settings.network_id.as_deref().filter(|id| !id.is_empty()) {
        return networks.get(&NetworkId::new(id));
    }
    let key = if key == "default" { "bridge" } else { key };
    let by_name = networks.values().find(|network| network.name == key);
    by_name.or_else(|| {
        networks
            .values()
            .find(|network| network.id.as_str().starts_with(key))
    })
}

fn endpoint(
    settings: EndpointSettings,
    network: &NetworkNode,
    id: &ContainerId,
    name: &str,
) -> Endpoint {
    Endpoint {
        address: address(settings.ip_address.as_deref()),
        address_v6: address(settings.global_ipv6_address.as_deref()),
        mac: settings.mac_address.filter(|mac| !mac.is_empty()),
        gateway: address(settings.gateway.as_deref()),
        names: if network.name_server {
            names(settings.dns_names, settings.aliases, id, name)
        } else {
            Vec::new()
        },
    }
}

/// Engines since 25 say the names themselves; older ones know a container by its name, its aliases and its short id.
fn names(
    said: Option<Vec<String>>,
    aliases: Option<Vec<String>>,
    id: &ContainerId,
    name: &str,
) -> Vec<String> {
    let names = said.filter(|names| !names.is_empty()).unwrap_or_else(|| {
        let aliases = aliases.unwrap_or_default();
        [name.to_owned()]
            .into_iter()
            .chain(aliases)
            .chain([id.short().to_owned()])
            .collect()
    });
    let mut once = Vec::with_capacity(names.len());
    for name in names {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

fn container_state(status: Option<ContainerStateStatusEnum>) -> ContainerState {
    use ContainerStateStatusEnum as Status;
    match status {
        Some(Status::RUNNING | Status::STOPPING) => ContainerState::Running,
        Some(Status::PAUSED) => ContainerState::Paused,
        Some(Status::RESTARTING) => ContainerState::Restarting,
        Some(Status::REMOVING) => ContainerState::Removing,
        Some(Status::EXITED) => ContainerState::Exited,
        Some(Status::DEAD) => ContainerState::Dead,
        Some(Status::CREATED | Status::EMPTY) | None => ContainerState::Created,
    }
}

/// Only an ended run has one: the engine says 0 as well of a container that runs, or never ran.
fn exit_code(state: &ContainerStateModel) -> Option<i64> {
    use ContainerStateStatusEnum as Status;
    match state.status {
        Some(Status::EXITED | Status::DEAD | Status::RESTARTING) => state.exit_code,
        _ => None,
    }
}

/// While it runs, the engine says what is published; otherwise only what is exposed is known to be true.
fn ports(now: PortMap, exposed: &[String]) -> Vec<Port> {
    let mut ports = Vec::new();
    for (port, bindings) in now {
        let bindings = bindings.unwrap_or_default();
        let published = bindings.iter().filter_map(|binding| {
            let address = match binding.host_ip.as_deref() {
                None | Some("") => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                Some(address) => address.parse().ok()?,
            };
            Some((address, binding.host_port.as_deref()?.parse().ok()?))
        });
        let published: Vec<_> = published.collect();
        if published.is_empty() {
            ports.extend(port_node(&port, None));
        }
        ports.extend(
            published
                .into_iter()
                .filter_map(|host| port_node(&port, Some(host))),
        );
    }
    let also_exposed = exposed.iter().filter_map(|port| port_node(port, None));
    let also_exposed: Vec<_> = also_exposed
        .filter(|port| {
            !ports
                .iter()
                .any(|known| (known.container, &known.protocol) == (port.container, &port.protocol))
        })
        .collect();
    ports.extend(also_exposed);
    ports.sort();
    ports
}

/// `80/tcp`, as the API writes it.
fn port_node(port: &str, host: Option<(IpAddr, u16)>) -> Option<Port> {
    let (number, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    Some(Port {
        container: number.parse().ok()?,
        protocol: protocol.to_owned(),
        host,
    })
}

/// The API writes "no address" as an empty string, or as `invalid IP`.
fn address(text: Option<&str>) -> Option<IpAddr> {
    text.and_then(|text| IpAddr::from_str(text).ok())
}
