//! What may be asked of an endpoint, and the endpoints that a new container is to have.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use lab::{Error, Result, models::EndpointSettings};

use super::{
    Endpoint, Network,
    validate::{joined, set},
};
use crate::world::{Container, World};

const ONLY_STATIC: &str = "user specified IP address is supported only when connecting to networks with user configured subnets";
const SHARED: &str = "container sharing network namespace with another container or host cannot be connected to any other network";
const PRIVATE: &str = "container cannot be connected to multiple networks with one of the networks in private (none) mode";
const HOST: &str =
    "cannot connect container to host network - container must be created in host network mode";

/// The endpoints that a new container asks for, by network name. A network that is not there is missed only at the start.
pub fn asked(
    world: &World,
    container: &Container,
    asked: BTreeMap<String, EndpointSettings>,
) -> Result<BTreeMap<String, Endpoint>> {
    for (name, settings) in &asked {
        let name = if name == "default" { "bridge" } else { name };
        let network = world.network(name).ok();
        check(network, name, settings).map_err(|error| {
            Error::refused(400, format!("invalid config for network {name}: {error}"))
        })?;
    }
    let mode = container.network_mode();
    if mode.starts_with("container:") {
        return Ok(BTreeMap::new());
    }
    let mut endpoints: BTreeMap<String, Endpoint> = asked
        .into_iter()
        .map(|(name, settings)| (known_name(world, &name), Endpoint::new(settings)))
        .collect();
    if endpoints.is_empty() {
        endpoints.insert(known_name(world, mode), Endpoint::default());
    }
    Ok(endpoints)
}

/// What cannot be asked for together with the network mode.
pub fn check_mode(container: &Container) -> Result<()> {
    let host = container.body.host_config.clone().unwrap_or_default();
    let given = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let refuse = |why: &str| Err(Error::refused(400, format!("conflicting options: {why}")));
    let mode = container.network_mode();
    if mode == "host" && given(&host.links) {
        return refuse(
            "host type networking can't be used with links. This would result in undefined behavior",
        );
    }
    let Some(other) = mode.strip_prefix("container:") else {
        return Ok(());
    };
    if other.is_empty() {
        return Err(Error::refused(
            400,
            "invalid network mode: invalid container format container:<name|id>",
        ));
    }
    if set(container.body.hostname.as_deref()).is_some() {
        return refuse("hostname and the network mode");
    }
    if given(&host.links) {
        return refuse(
            "container type network can't be used with links. This would result in undefined behavior",
        );
    }
    if given(&host.dns) {
        return refuse("dns and the network mode");
    }
    if given(&host.extra_hosts) {
        return refuse("custom host-to-IP mapping and the network mode");
    }
    let published = host
        .port_bindings
        .is_some_and(|bindings| !bindings.is_empty());
    if published || host.publish_all_ports == Some(true) {
        return refuse("port publishing and the container type network mode");
    }
    Ok(())
}

/// A network's name where it was named by its full id.
fn known_name(world: &World, name: &str) -> String {
    let name = if name == "default" { "bridge" } else { name };
    world
        .networks
        .get(name)
        .map_or_else(|| name.to_owned(), |network| network.name.clone())
}

/// What is wrong with an endpoint's settings.
pub fn check(network: Option<&Network>, name: &str, settings: &EndpointSettings) -> Result<()> {
    let config = settings.ipam_config.clone().unwrap_or_default();
    let four = set(config.ipv4_address.as_deref());
    let six = set(config.ipv6_address.as_deref());
    let mut wrong = Vec::new();
    if super::model::is_predefined(network.map_or(name, |network| &network.name)) {
        if four.is_some() || six.is_some() {
            wrong.push(
                "user specified IP address is supported on user defined networks only".to_owned(),
            );
        }
        if settings
            .aliases
            .as_ref()
            .is_some_and(|aliases| !aliases.is_empty())
        {
            wrong.push(
                "network-scoped alias is supported only for containers in user defined networks"
                    .to_owned(),
            );
        }
    }
    if let Some(address) = four
        && !address
            .parse()
            .is_ok_and(|address: Ipv4Addr| !address.is_unspecified())
    {
        wrong.push(format!("invalid IPv4 address: {address}"));
    }
    if let Some(address) = six
        && !address
            .parse()
            .is_ok_and(|address: Ipv6Addr| !address.is_unspecified())
    {
        wrong.push(format!("invalid IPv6 address: {address}"));
    }
    if let Some(network) = network {
        wrong.extend(four.and_then(|address| out_of_range(network, address, true)));
        wrong.extend(six.and_then(|address| out_of_range(network, address, false)));
    }
    if let Some(mac) = set(settings.mac_address.as_deref())
        && !is_mac(mac)
    {
        return Err(Error::refused(400, format!("invalid MAC address {mac}")));
    }
    match joined(&wrong) {
        None => Ok(()),
        Some(wrong) => Err(Error::refused(
            400,
            format!("invalid endpoint settings:\n{wrong}"),
        )),
    }
}

/// An address may be chosen where the subnet was, and inside of it; outside of its range too.
fn out_of_range(network: &Network, address: &str, ipv4: bool) -> Option<String> {
    let chosen: Vec<ipnet::IpNet> = network
        .ipam
        .config
        .iter()
        .filter_map(|config| config.subnet.as_ref()?.parse().ok())
        .filter(|block: &ipnet::IpNet| block.addr().is_ipv4() == ipv4)
        .collect();
    if chosen.is_empty() {
        return Some(ONLY_STATIC.to_owned());
    }
    let address: Option<IpAddr> = address.parse().ok();
    let inside = address.is_some_and(|address| chosen.iter().any(|block| block.contains(&address)));
    (!inside).then(|| {
        format!(
            "no configured subnet or ip-range contain the IP address {}",
            address.map_or_else(|| "<nil>".to_owned(), |address| address.to_string())
        )
    })
}

fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    parts.len() == 6
        && parts
            .iter()
            .all(|part| part.len() == 2 && u8::from_str_radix(part, 16).is_ok())
}

pub fn shared() -> Error {
    Error::refused(400, SHARED)
}

/// Whether a container may be on one network more.
pub fn may_join(world: &World, container: &Container, network: &Network) -> Result<()> {
    let refuse = |message: &str| Err(Error::refused(400, message));
    if container.network_mode() != "host" && network.driver == "host" {
        return refuse(HOST);
    }
    for (name, endpoint) in &container.networks {
        let Ok(other) = world.network(endpoint.id_or(name)) else {
            continue;
        };
        if other.name == network.name {
            return Ok(());
        }
        if other.driver == "host" || network.driver == "host" {
            return refuse(SHARED);
        }
        if other.name == "none" || network.name == "none" {
            return refuse(PRIVATE);
        }
    }
    Ok(())
}

/// What the name server calls the endpoint: its container, aliases, the short id, the host's name.
pub fn dns_names(container: &Container, aliases: &[String]) -> Vec<String> {
    let mut names = vec![container.name.clone()];
    let more = aliases.iter().cloned().chain([
        container.id[..12].to_owned(),
        container.hostname().to_owned(),
    ]);
    for name in more {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The name server knows a container by its new name at once.
pub fn renamed(container: &mut Container) {
    let known = container.networks.clone();
    for (name, endpoint) in known {
        if endpoint.dns_names.is_some() {
            let names = dns_names(container, endpoint.aliases());
            if let Some(endpoint) = container.networks.get_mut(&name) {
                endpoint.dns_names = Some(names);
            }
        }
    }
}

/// Whom a container wants to be linked to has to be there.
pub fn check_links(world: &World, container: &Container) -> Result<()> {
    let host = container.body.host_config.as_ref();
    let links = host.and_then(|host| host.links.as_ref());
    for link in links.into_iter().flatten() {
        let name = link.split(':').next().unwrap_or(link);
        world.container(name).map_err(|error| {
            Error::refused(400, format!("could not get container for {name}: {error}"))
        })?;
    }
    Ok(())
}

/// The variables that tell a container of those that it is linked to on the default bridge.
pub fn link_variables(world: &World, container: &Container) -> Vec<String> {
    let linked = world.links_of(container).into_iter();
    linked
        .flat_map(|(other, alias)| variables_of(container, other, alias))
        .collect()
}

fn variables_of(container: &Container, other: &Container, alias: &str) -> Vec<String> {
    let Some(address) = other.networks.get("bridge").and_then(Endpoint::address) else {
        return Vec::new();
    };
    let prefix = alias.replace('-', "_").to_uppercase();
    let mut variables = Vec::new();
    for (number, port) in super::inspect::exposed(other).iter().enumerate() {
        let (inside, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
        let whole = format!("{protocol}://{address}:{inside}");
        let name = format!("{prefix}_PORT_{inside}_{}", protocol.to_uppercase());
        if number == 0 {
            variables.push(format!("{prefix}_PORT={whole}"));
        }
        variables.push(format!("{name}={whole}"));
        variables.push(format!("{name}_ADDR={address}"));
        variables.push(format!("{name}_PORT={inside}"));
        variables.push(format!("{name}_PROTO={protocol}"));
    }
    variables.push(format!("{prefix}_NAME=/{}/{alias}", container.name));
    let own = other.body.env.iter().flatten();
    let own =
        own.filter(|variable| !variable.starts_with("PATH=") && !variable.starts_with("HOME="));
    variables.extend(own.map(|variable| format!("{prefix}_ENV_{variable}")));
    variables
}

impl Endpoint {
    /// What to look the network up by: its id where it has been on it, so that another of the same name is another.
    pub fn id_or<'a>(&'a self, name: &'a str) -> &'a str {
        match &self.network {
            Some(id) if !super::model::is_predefined(name) => id,
            _ => name,
        }
    }
}
