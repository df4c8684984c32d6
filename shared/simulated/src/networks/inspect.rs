//! Networks and endpoints in the engine's models for lists, and as its JSON for inspects: its keys in its order.

use std::collections::{BTreeMap, HashMap};

use lab::models::{ConfigReference, EndpointSettings, Ipam, IpamConfig, Network as NetworkModel};
use serde_json::{Map, Value, json};

use super::{Endpoint, Network};
use crate::{
    net::Published,
    swarm::WAY_OUT,
    world::{Container, State, World},
};

/// As a list of networks shows it.
pub fn network(network: &Network) -> NetworkModel {
    let config = ipam_config(network);
    NetworkModel {
        name: Some(network.name.clone()),
        id: Some(network.id.clone()),
        created: Some(network.created.to_string()),
        scope: Some(network.scope.clone()),
        driver: Some(network.driver.clone()),
        enable_ipv4: Some(network.ipv4),
        enable_ipv6: Some(network.ipv6),
        ipam: Some(Ipam {
            driver: Some(network.ipam.driver.clone()),
            options: network
                .ipam
                .options
                .clone()
                .map(|options| options.into_iter().collect()),
            config: (!config.is_empty()).then_some(config),
        }),
        internal: Some(network.internal),
        attachable: Some(network.attachable),
        ingress: Some(network.ingress),
        config_from: Some(ConfigReference {
            network: Some(String::new()),
        }),
        config_only: Some(false),
        options: Some(network.options.clone().into_iter().collect()),
        labels: Some(network.labels.clone().into_iter().collect()),
        ..Default::default()
    }
}

/// What was asked for where it was, with what was given where nothing was.
fn ipam_config(network: &Network) -> Vec<IpamConfig> {
    let mut config = network.ipam.config.clone();
    let chosen = |config: &[IpamConfig], letter: char| {
        config.iter().any(|config| {
            let subnet = config.subnet.as_deref().unwrap_or_default();
            subnet.contains(letter)
        })
    };
    let (four, six) = (chosen(&config, '.'), chosen(&config, ':'));
    let given = |subnet: String, gateway: String| IpamConfig {
        subnet: Some(subnet),
        gateway: Some(gateway).filter(|gateway| !gateway.is_empty()),
        ..Default::default()
    };
    if let (false, Some(subnet)) = (four, network.subnet) {
        config.push(given(subnet.to_string(), text(network.gateway)));
    }
    if let (false, Some(subnet)) = (six, network.subnet6) {
        config.push(given(subnet.to_string(), text(network.gateway6)));
    }
    config
}

/// As an inspect of a network shows it: with its containers.
pub fn network_inspect(world: &World, network: &Network) -> Value {
    let config = ipam_config(network);
    let attached: Map<String, Value> = world
        .on_network(network)
        .map(|(container, endpoint)| {
            (
                container.id.clone(),
                attached(&container.name, endpoint, network),
            )
        })
        .collect();
    let mut shown = json!({
        "Name": network.name,
        "Id": network.id,
        "Created": network.created.to_string(),
        "Scope": network.scope,
        "Driver": network.driver,
        "EnableIPv4": network.ipv4,
        "EnableIPv6": network.ipv6,
        "IPAM": {
            "Driver": network.ipam.driver,
            "Options": network.ipam.options,
            "Config": if config.is_empty() { Value::Null } else { config.iter().map(ipam_value).collect() },
        },
        "Internal": network.internal,
        "Attachable": network.attachable,
        "Ingress": network.ingress,
        "ConfigFrom": { "Network": "" },
        "ConfigOnly": false,
        "Containers": attached,
        "Options": network.options,
        "Labels": network.labels,
    });
    crate::swarm::show_overlay(network, &mut shown);
    shown
}

/// Only what is set, the names of reserved addresses in order.
fn ipam_value(config: &IpamConfig) -> Value {
    let mut value = Map::new();
    let texts = [
        ("Subnet", &config.subnet),
        ("IPRange", &config.ip_range),
        ("Gateway", &config.gateway),
    ];
    for (key, text) in texts {
        if let Some(text) = super::validate::set(text.as_deref()) {
            value.insert(key.to_owned(), text.into());
        }
    }
    let auxiliary = config.auxiliary_addresses.iter().flatten();
    let auxiliary: BTreeMap<&String, &String> = auxiliary.collect();
    if !auxiliary.is_empty() {
        value.insert("AuxiliaryAddresses".to_owned(), json!(auxiliary));
    }
    value.into()
}

fn attached(name: &str, endpoint: &Endpoint, network: &Network) -> Value {
    let with_prefix = |address: Option<String>, prefix: Option<u8>| {
        text(
            address
                .zip(prefix)
                .map(|(address, prefix)| format!("{address}/{prefix}")),
        )
    };
    json!({
        "Name": name,
        "EndpointID": endpoint.attached.as_ref().map_or("", |attached| attached.id.as_str()),
        "MacAddress": endpoint.link().map_or("", |link| link.mac.as_str()),
        "IPv4Address": with_prefix(
            endpoint.address().map(|address| address.to_string()),
            network.subnet.map(|subnet| subnet.prefix_len()),
        ),
        "IPv6Address": with_prefix(
            endpoint.address6().map(|address| address.to_string()),
            network.subnet6.map(|subnet| subnet.prefix_len()),
        ),
    })
}

/// A container's endpoints by network name, as a list of containers shows them.
pub fn networks(world: &World, container: &Container) -> HashMap<String, EndpointSettings> {
    // The way out of overlay networks is there, and not shown.
    let shown = container.networks.iter();
    let shown = shown.filter(|(name, _)| *name != WAY_OUT);
    let networks = shown.map(|(name, endpoint)| {
        let network = endpoint
            .network
            .as_ref()
            .and_then(|id| world.networks.get(id));
        (name.clone(), endpoint_settings(network, endpoint))
    });
    networks.collect()
}

fn endpoint_settings(network: Option<&Network>, endpoint: &Endpoint) -> EndpointSettings {
    let on = network.filter(|_| endpoint.attached.is_some());
    let gateway = on.filter(|network| !network.internal && network.overlay.is_none());
    let mac = match &endpoint.attached {
        Some(_) => text(endpoint.link().map(|link| &link.mac)),
        None => endpoint.asked.mac_address.clone().unwrap_or_default(),
    };
    let prefix = on
        .and_then(|network| network.subnet)
        .filter(|_| endpoint.address().is_some());
    let prefix6 = on
        .and_then(|network| network.subnet6)
        .filter(|_| endpoint.address6().is_some());
    EndpointSettings {
        mac_address: Some(mac),
        gw_priority: Some(endpoint.gateway_priority()),
        network_id: Some(endpoint.network.clone().unwrap_or_default()),
        endpoint_id: Some(text(
            endpoint.attached.as_ref().map(|attached| &attached.id),
        )),
        gateway: Some(text(gateway.and_then(|network| network.gateway))),
        ip_address: Some(text(endpoint.address())),
        ip_prefix_len: Some(prefix.map_or(0, |subnet| subnet.prefix_len().into())),
        ipv6_gateway: Some(text(gateway.and_then(|network| network.gateway6))),
        global_ipv6_address: Some(text(endpoint.address6())),
        global_ipv6_prefix_len: Some(prefix6.map_or(0, |subnet| subnet.prefix_len().into())),
        dns_names: endpoint.dns_names.clone(),
        ..endpoint.asked.clone()
    }
}

/// `NetworkSettings` of a container's inspect.
pub fn network_settings(world: &World, container: &Container) -> Value {
    json!({
        "Bridge": "",
        "SandboxID": text(container.sandbox.as_ref()),
        "SandboxKey": sandbox_key(container),
        "Ports": ports(world, container),
        "HairpinMode": false,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "SecondaryIPAddresses": null,
        "SecondaryIPv6Addresses": null,
        "EndpointID": default(world, container, |one| one.endpoint_id.clone().unwrap_or_default().into(), "".into()),
        "Gateway": default(world, container, |one| one.gateway.clone().unwrap_or_default().into(), "".into()),
        "GlobalIPv6Address": default(world, container, |one| one.global_ipv6_address.clone().unwrap_or_default().into(), "".into()),
        "GlobalIPv6PrefixLen": default(world, container, |one| one.global_ipv6_prefix_len.unwrap_or_default().into(), 0.into()),
        "IPAddress": default(world, container, |one| one.ip_address.clone().unwrap_or_default().into(), "".into()),
        "IPPrefixLen": default(world, container, |one| one.ip_prefix_len.unwrap_or_default().into(), 0.into()),
        "IPv6Gateway": default(world, container, |one| one.ipv6_gateway.clone().unwrap_or_default().into(), "".into()),
        "MacAddress": default(world, container, |one| one.mac_address.clone().unwrap_or_default().into(), "".into()),
        "Networks": endpoints(world, container),
    })
}

/// The older fields, which repeat what the endpoint on the default bridge says.
fn default(
    world: &World,
    container: &Container,
    field: impl Fn(&EndpointSettings) -> Value,
    otherwise: Value,
) -> Value {
    let Some(endpoint) = container.networks.get("bridge") else {
        return otherwise;
    };
    let network = endpoint
        .network
        .as_ref()
        .and_then(|id| world.networks.get(id));
    field(&endpoint_settings(network, endpoint))
}

fn sandbox_key(container: &Container) -> String {
    match &container.sandbox {
        None => String::new(),
        Some(_) if container.network_mode() == "host" => "/var/run/docker/netns/default".to_owned(),
        Some(id) => format!("/var/run/docker/netns/{}", &id[..12]),
    }
}

/// The endpoints as an inspect prints them: what is not set, is null.
fn endpoints(world: &World, container: &Container) -> Value {
    let endpoints = networks(world, container).into_iter();
    let endpoints: BTreeMap<String, Value> = endpoints
        .map(|(name, endpoint)| (name, endpoint_inspect(endpoint)))
        .collect();
    json!(endpoints)
}

fn endpoint_inspect(endpoint: EndpointSettings) -> Value {
    let driver_opts: Option<BTreeMap<String, String>> = endpoint
        .driver_opts
        .map(|options| options.into_iter().collect());
    json!({
        "IPAMConfig": endpoint.ipam_config,
        "Links": endpoint.links,
        "Aliases": endpoint.aliases,
        "MacAddress": endpoint.mac_address,
        "DriverOpts": driver_opts,
        "GwPriority": endpoint.gw_priority,
        "NetworkID": endpoint.network_id,
        "EndpointID": endpoint.endpoint_id,
        "Gateway": endpoint.gateway,
        "IPAddress": endpoint.ip_address,
        "IPPrefixLen": endpoint.ip_prefix_len,
        "IPv6Gateway": endpoint.ipv6_gateway,
        "GlobalIPv6Address": endpoint.global_ipv6_address,
        "GlobalIPv6PrefixLen": endpoint.global_ipv6_prefix_len,
        "DNSNames": endpoint.dns_names,
    })
}

/// Exposed and published ports, as an inspect shows them.
fn ports(world: &World, container: &Container) -> Value {
    let mut ports: BTreeMap<String, Value> = BTreeMap::new();
    if world.says_ports(container) {
        ports.extend(
            exposed(container)
                .into_iter()
                .map(|port| (port, Value::Null)),
        );
    }
    for published in &container.published {
        let bindings = ports.entry(published.port()).or_insert(Value::Null);
        let binding = binding(published);
        match bindings {
            Value::Array(bindings) => bindings.push(binding),
            other => *other = vec![binding].into(),
        }
    }
    json!(ports)
}

fn binding(published: &Published) -> Value {
    json!({
        "HostIp": published.host.ip().to_string(),
        "HostPort": published.host.port().to_string(),
    })
}

pub fn exposed(container: &Container) -> Vec<String> {
    let mut exposed: Vec<String> = container.body.exposed_ports.clone().unwrap_or_default();
    exposed.sort();
    exposed.dedup();
    exposed
}

pub fn status_word(state: State) -> &'static str {
    match state {
        State::Created => "created",
        State::Running => "running",
        State::Paused => "paused",
        State::Restarting => "restarting",
        State::Exited => "exited",
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
