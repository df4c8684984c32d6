//! Networks and endpoints in the engine's models for lists, and as its JSON for inspects: its keys in its order.

use std::collections::{BTreeMap, HashMap};

use ipnet::Ipv4Net;
use lab::models::{
    ConfigReference, EndpointIpamConfig, EndpointSettings, Ipam, IpamConfig,
    Network as NetworkModel,
};
use serde_json::{Map, Value, json};

use crate::world::{Container, Endpoint, Network, State, World};

/// As a list of networks shows it.
pub fn network(network: &Network) -> NetworkModel {
    let config = network.subnet.map(|subnet| IpamConfig {
        subnet: Some(subnet.to_string()),
        gateway: Some(text(network.gateway)),
        ..Default::default()
    });
    NetworkModel {
        name: Some(network.name.clone()),
        id: Some(network.id.clone()),
        created: Some(network.created.to_string()),
        scope: Some("local".to_owned()),
        driver: Some(network.driver.clone()),
        enable_ipv4: Some(true),
        enable_ipv6: Some(false),
        ipam: Some(Ipam {
            driver: Some("default".to_owned()),
            options: (!network.is_predefined()).then(HashMap::new),
            config: config.map(|config| vec![config]),
        }),
        internal: Some(network.internal),
        attachable: Some(network.attachable),
        ingress: Some(false),
        config_from: Some(ConfigReference {
            network: Some(String::new()),
        }),
        config_only: Some(false),
        options: Some(network.options.clone().into_iter().collect()),
        labels: Some(network.labels.clone().into_iter().collect()),
        ..Default::default()
    }
}

/// As an inspect of a network shows it: with its containers.
pub fn network_inspect(world: &World, network: &Network) -> Value {
    let config = network
        .subnet
        .map(|subnet| json!([{ "Subnet": subnet.to_string(), "Gateway": text(network.gateway) }]));
    let attached: Map<String, Value> = world
        .containers
        .values()
        .filter(|container| container.is_running())
        .filter_map(|container| {
            Some((
                container.id.clone(),
                attached(
                    container,
                    container.endpoints.get(&network.id)?,
                    network.subnet,
                ),
            ))
        })
        .collect();
    json!({
        "Name": network.name,
        "Id": network.id,
        "Created": network.created.to_string(),
        "Scope": "local",
        "Driver": network.driver,
        "EnableIPv4": true,
        "EnableIPv6": false,
        "IPAM": {
            "Driver": "default",
            "Options": if network.is_predefined() { Value::Null } else { json!({}) },
            "Config": config,
        },
        "Internal": network.internal,
        "Attachable": network.attachable,
        "Ingress": false,
        "ConfigFrom": { "Network": "" },
        "ConfigOnly": false,
        "Containers": attached,
        "Options": network.options,
        "Labels": network.labels,
    })
}

fn attached(container: &Container, endpoint: &Endpoint, subnet: Option<Ipv4Net>) -> Value {
    let address = endpoint.address.zip(subnet);
    json!({
        "Name": container.name,
        "EndpointID": endpoint.id,
        "MacAddress": text(endpoint.mac()),
        "IPv4Address": text(address.map(|(address, subnet)| format!("{address}/{}", subnet.prefix_len()))),
        "IPv6Address": "",
    })
}

/// A container's endpoints by network name, as a list of containers shows them.
pub fn networks(world: &World, container: &Container) -> HashMap<String, EndpointSettings> {
    let networks = container.endpoints.iter().filter_map(|(id, endpoint)| {
        let network = world.networks.get(id)?;
        let settings = endpoint_settings(container, network, endpoint);
        Some((network.name.clone(), settings))
    });
    networks.collect()
}

fn endpoint_settings(
    container: &Container,
    network: &Network,
    endpoint: &Endpoint,
) -> EndpointSettings {
    let dns_names = network.has_names().then(|| {
        let mut names = vec![container.name.clone()];
        names.extend(endpoint.aliases.iter().cloned());
        names.push(container.id[..12].to_owned());
        names
    });
    let on = endpoint.address.is_some();
    let prefix = network
        .subnet
        .filter(|_| on)
        .map(|subnet| subnet.prefix_len());
    EndpointSettings {
        ipam_config: endpoint.fixed.map(|address| EndpointIpamConfig {
            ipv4_address: Some(address.to_string()),
            ..Default::default()
        }),
        aliases: (!endpoint.aliases.is_empty()).then(|| endpoint.aliases.clone()),
        mac_address: Some(text(endpoint.mac())),
        gw_priority: Some(0),
        network_id: Some(network.id.clone()),
        endpoint_id: Some(text(on.then_some(&endpoint.id))),
        gateway: Some(text(network.gateway.filter(|_| on && !network.internal))),
        ip_address: Some(text(endpoint.address)),
        ip_prefix_len: Some(prefix.unwrap_or_default().into()),
        ipv6_gateway: Some(String::new()),
        global_ipv6_address: Some(String::new()),
        global_ipv6_prefix_len: Some(0),
        dns_names,
        ..Default::default()
    }
}

/// The same as an inspect prints it: what is not set, is null.
pub fn endpoints(world: &World, container: &Container) -> Value {
    let endpoints = networks(world, container).into_iter();
    let endpoints: BTreeMap<String, Value> = endpoints
        .map(|(name, endpoint)| (name, endpoint_inspect(endpoint)))
        .collect();
    json!(endpoints)
}

fn endpoint_inspect(endpoint: EndpointSettings) -> Value {
    json!({
        "IPAMConfig": endpoint.ipam_config,
        "Links": endpoint.links,
        "Aliases": endpoint.aliases,
        "MacAddress": endpoint.mac_address,
        "DriverOpts": endpoint.driver_opts,
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
pub fn ports(container: &Container) -> Value {
    if !container.is_running() {
        return json!({});
    }
    let mut ports: BTreeMap<String, Value> = exposed(container)
        .into_iter()
        .map(|port| (port, Value::Null))
        .collect();
    let bindings = container
        .body
        .host_config
        .as_ref()
        .and_then(|host| host.port_bindings.as_ref());
    for (port, bindings) in bindings.into_iter().flatten() {
        let bindings: Vec<Value> = bindings
            .iter()
            .flatten()
            .map(|binding| {
                let ip = binding
                    .host_ip
                    .clone()
                    .filter(|ip| !ip.is_empty())
                    .unwrap_or_else(|| "0.0.0.0".to_owned());
                json!({ "HostIp": ip, "HostPort": binding.host_port })
            })
            .collect();
        ports.insert(port.clone(), bindings.into());
    }
    json!(ports)
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
        State::Exited => "exited",
    }
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
