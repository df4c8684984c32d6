//! Networks and containers as the engine's JSON, its keys in the engine's order.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use lab::{Error, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    programs,
    world::{Container, Endpoint, Network, State, World},
};

/// The engine's JSON as one of its models.
pub fn read<T: DeserializeOwned>(json: Value) -> Result<T> {
    serde_json::from_value(json).map_err(|error| Error::Unreadable(error.to_string()))
}

/// `containers`: an inspect lists them, a list does not.
pub fn network(world: &World, network: &Network, containers: bool) -> Value {
    let config: Vec<Value> = network
        .subnet
        .iter()
        .map(|subnet| json!({ "Subnet": subnet.to_string(), "Gateway": text(network.gateway) }))
        .collect();
    let config = if network.subnet.is_none() {
        Value::Null
    } else {
        config.into()
    };
    let attached: Map<String, Value> = world
        .containers
        .values()
        .filter(|container| containers && container.is_running())
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

pub fn container(world: &World, container: &Container) -> Value {
    let command = programs::command(container);
    let (path, arguments) = command
        .split_first()
        .map_or(("", &[][..]), |(path, arguments)| {
            (path.as_str(), arguments)
        });
    let host = container.body.host_config.clone().unwrap_or_default();
    let mut host_config = serde_json::to_value(&host).unwrap_or_default();
    host_config["NetworkMode"] = container.network_mode().into();
    json!({
        "Id": container.id,
        "Created": container.created.to_string(),
        "Path": path,
        "Args": arguments,
        "State": {
            "Status": status_word(container.state),
            "Running": container.is_running(),
            "Paused": container.state == State::Paused,
            "Restarting": false,
            "OOMKilled": false,
            "Dead": false,
            "Pid": if container.is_running() { container.pid } else { 0 },
            "ExitCode": container.exit_code,
            "Error": "",
            "StartedAt": time(container.started),
            "FinishedAt": time(container.finished),
        },
        "Image": crate::images::id(container.image()),
        "Name": format!("/{}", container.name),
        "RestartCount": 0,
        "Driver": "overlay2",
        "Platform": "linux",
        "HostConfig": host_config,
        "Mounts": [],
        "Config": {
            "Hostname": container.hostname(),
            "Domainname": container.body.domainname.clone().unwrap_or_default(),
            "User": container.body.user.clone().unwrap_or_default(),
            "AttachStdin": container.body.attach_stdin.unwrap_or_default(),
            "AttachStdout": container.body.attach_stdout.unwrap_or_default(),
            "AttachStderr": container.body.attach_stderr.unwrap_or_default(),
            "Tty": container.body.tty.unwrap_or_default(),
            "OpenStdin": container.body.open_stdin.unwrap_or_default(),
            "StdinOnce": container.body.stdin_once.unwrap_or_default(),
            "Env": container.body.env,
            "Cmd": container.body.cmd,
            "Image": container.image(),
            "Volumes": null,
            "WorkingDir": container.body.working_dir.clone().unwrap_or_default(),
            "Entrypoint": container.body.entrypoint,
            "OnBuild": null,
            "Labels": container.body.labels.clone().unwrap_or_default(),
        },
        "NetworkSettings": {
            "Ports": ports(container),
            "Networks": networks(world, container),
        },
    })
}

pub fn networks(world: &World, container: &Container) -> Value {
    let networks = container.endpoints.iter().filter_map(|(id, endpoint)| {
        let network = world.networks.get(id)?;
        Some((
            network.name.clone(),
            endpoint_settings(container, network, endpoint),
        ))
    });
    let networks: Map<String, Value> = networks.collect();
    networks.into()
}

fn endpoint_settings(container: &Container, network: &Network, endpoint: &Endpoint) -> Value {
    let dns_names = network.has_names().then(|| {
        let mut names = vec![container.name.clone()];
        names.extend(endpoint.aliases.iter().cloned());
        names.push(container.id[..12].to_owned());
        names
    });
    let on = endpoint.address.is_some();
    json!({
        "IPAMConfig": endpoint.fixed.map(|address| json!({ "IPv4Address": address.to_string() })),
        "Links": null,
        "Aliases": if endpoint.aliases.is_empty() { Value::Null } else { json!(endpoint.aliases) },
        "MacAddress": text(endpoint.mac()),
        "DriverOpts": null,
        "GwPriority": 0,
        "NetworkID": network.id,
        "EndpointID": if on { endpoint.id.as_str() } else { "" },
        "Gateway": text(network.gateway.filter(|_| on && !network.internal)),
        "IPAddress": text(endpoint.address),
        "IPPrefixLen": network.subnet.filter(|_| on).map_or(0, |subnet| subnet.prefix_len()),
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "DNSNames": dns_names,
    })
}

/// Exposed and published ports, as an inspect shows them.
fn ports(container: &Container) -> Value {
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
    exposed.extend(
        crate::images::find(container.image())
            .into_iter()
            .flat_map(|image| image.exposes)
            .map(|port| (*port).to_owned()),
    );
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

fn time(time: Option<jiff::Timestamp>) -> String {
    time.map_or_else(
        || "0001-01-01T00:00:00Z".to_owned(),
        |time| time.to_string(),
    )
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
