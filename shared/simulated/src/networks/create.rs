//! `docker network create`

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{Ipv4Addr, Ipv6Addr},
};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use jiff::Timestamp;
use lab::{
    Error, Result,
    models::{IpamConfig, NetworkCreateRequest},
};

use super::{
    Ipam, Network, drivers, ipam,
    model::is_predefined,
    validate::{self, set},
};
use crate::world::World;

pub fn new_network(
    world: &mut World,
    request: NetworkCreateRequest,
    now: Timestamp,
) -> Result<Network> {
    let name = request.name;
    if is_predefined(&name) {
        // The space at the end is the engine's.
        return Err(Error::refused(
            403,
            format!("operation is not permitted on predefined {name} network "),
        ));
    }
    let driver = set(request.driver.as_deref())
        .unwrap_or("bridge")
        .to_owned();
    if driver == "overlay" {
        return Err(Error::refused(
            403,
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
        ));
    }
    let ipv6 = request.enable_ipv6.unwrap_or_default();
    let asked = request.ipam;
    let config = asked
        .as_ref()
        .and_then(|ipam| ipam.config.clone())
        .unwrap_or_default();
    validate::ipam(&config, ipv6)?;
    if name.trim().is_empty() {
        return Err(Error::refused(400, "invalid name: name is empty"));
    }
    if world.networks.values().any(|network| network.name == name) {
        return Err(Error::conflict(format!(
            "network with name {name} already exists"
        )));
    }
    if request.config_only == Some(true)
        || request
            .config_from
            .is_some_and(|from| from.network.is_some_and(|name| !name.is_empty()))
    {
        return Err(Error::NotSimulated(
            "networks that are only a configuration for others (--config-only, --config-from)"
                .to_owned(),
        ));
    }
    let scope = set(request.scope.as_deref()).unwrap_or("local").to_owned();
    drivers::known(&driver)?;
    if request.ingress == Some(true) {
        return Err(Error::refused(
            403,
            "Ingress network can only be global scope network",
        ));
    }
    if scope == "swarm" {
        return Err(Error::refused(
            403,
            "cannot create a swarm scoped network when swarm is not active",
        ));
    }
    let network = Network {
        id: world.id(),
        name,
        scope,
        ipv4: request.enable_ipv4.unwrap_or(true),
        ipv6,
        subnet: None,
        gateway: None,
        range: None,
        subnet6: None,
        gateway6: None,
        range6: None,
        ipam: Ipam {
            driver: asked
                .as_ref()
                .and_then(|ipam| ipam.driver.clone())
                .filter(|driver| !driver.is_empty())
                .unwrap_or_else(|| "default".to_owned()),
            options: asked
                .and_then(|ipam| ipam.options)
                .map(|options| options.into_iter().collect()),
            config: by_family(config),
        },
        internal: request.internal.unwrap_or_default(),
        attachable: request.attachable.unwrap_or_default(),
        ingress: false,
        options: request.options.into_iter().flatten().collect(),
        labels: request.labels.into_iter().flatten().collect(),
        created: now,
        driver,
        overlay: None,
    };
    allocate(world, network)
}

/// The subnets and gateways, and what the driver says to them.
fn allocate(world: &World, mut network: Network) -> Result<Network> {
    match network.ipam.driver.as_str() {
        "default" => {}
        "null" => return Err(Error::refused(400, "ipv4 pool is empty")),
        other => {
            return Err(Error::not_found(format!("plugin {other:?} not found")));
        }
    }
    if network.driver == "host" || network.driver == "null" {
        return Err(Error::refused(
            403,
            format!(
                "only one instance of {:?} network is allowed",
                network.driver
            ),
        ));
    }
    let config = network.ipam.config.clone();
    let (four, six): (Vec<_>, Vec<_>) = config.iter().partition(|config| is_ipv4(config));
    if network.ipv4 {
        pool(world, &mut network, four.first().copied())?;
    }
    if network.ipv6 {
        pool6(world, &mut network, six.first().copied())?;
    }
    if four.len() > 1 || six.len() > 1 {
        if network.is_bridge() {
            return Err(Error::refused(
                403,
                "bridge driver doesn't support multiple subnets",
            ));
        }
        return Err(Error::NotSimulated(
            "networks with several subnets of one family".to_owned(),
        ));
    }
    drivers::check(world, &network)?;
    Ok(network)
}

fn overlaps() -> Error {
    Error::refused(
        403,
        "invalid pool request: Pool overlaps with other one on this address space",
    )
}

fn used_up() -> Error {
    Error::refused(
        400,
        "all predefined address pools have been fully subnetted",
    )
}

fn pool(world: &World, network: &mut Network, config: Option<&IpamConfig>) -> Result<()> {
    let mut taken: Vec<Ipv4Net> = world
        .networks
        .values()
        .filter_map(|network| network.subnet)
        .collect();
    let range: Option<Ipv4Net> = config.and_then(|config| config.ip_range.as_ref()?.parse().ok());
    let subnet = match config.and_then(|config| config.subnet.as_ref()?.parse().ok()) {
        None => {
            // The host's own LAN is left alone.
            taken.extend(Ipv4Net::new(world.address, crate::machines::LAN_PREFIX));
            ipam::free_subnet(&taken).ok_or_else(used_up)?
        }
        // With a range, the pool is not looked at: the bridge's driver complains later.
        Some(subnet) if range.is_some() => {
            if taken.contains(&subnet) && same_range(world, subnet, range) {
                return Err(overlaps());
            }
            subnet
        }
        Some(subnet) if taken.iter().any(|other| ipam::overlap(other, &subnet)) => {
            return Err(overlaps());
        }
        Some(subnet) => subnet,
    };
    let mut reserved = BTreeSet::new();
    let asked = config.and_then(|config| set(config.gateway.as_deref()));
    let gateway: Option<Ipv4Addr> = match asked.and_then(|asked| asked.parse().ok()) {
        Some(gateway) if ipam::is_reserved(subnet, gateway) => {
            return Err(Error::refused(
                500,
                format!("failed to allocate gateway ({gateway}): Address already in use"),
            ));
        }
        None if !drivers::has_gateway(network) => None,
        None => Some(ipam::free_address(subnet, range, &reserved).ok_or_else(|| {
            Error::refused(
                500,
                "failed to allocate gateway (): no available addresses on this pool",
            )
        })?),
        given => given,
    };
    reserved.extend(gateway);
    for (name, address) in auxiliary(config) {
        let Ok(parsed) = address.parse::<Ipv4Addr>() else {
            continue;
        };
        if ipam::is_reserved(subnet, parsed) || !reserved.insert(parsed) {
            return Err(Error::refused(
                500,
                format!(
                    "failed to allocate secondary ip address ({name}:{address}): Address already in use"
                ),
            ));
        }
    }
    (network.subnet, network.range, network.gateway) = (Some(subnet), range, gateway);
    Ok(())
}

fn same_range(world: &World, subnet: Ipv4Net, range: Option<Ipv4Net>) -> bool {
    world
        .networks
        .values()
        .any(|network| network.subnet == Some(subnet) && network.range == range)
}

fn pool6(world: &World, network: &mut Network, config: Option<&IpamConfig>) -> Result<()> {
    let taken: Vec<Ipv6Net> = world
        .networks
        .values()
        .filter_map(|network| network.subnet6)
        .collect();
    let subnet = match config.and_then(|config| config.subnet.as_ref()?.parse::<Ipv6Net>().ok()) {
        None => ipam::free_subnet6(world.own_prefix6(), &taken).ok_or_else(used_up)?,
        Some(subnet) if taken.iter().any(|other| ipam::overlap6(other, &subnet)) => {
            return Err(overlaps());
        }
        Some(subnet) => subnet,
    };
    let range = config.and_then(|config| config.ip_range.as_ref()?.parse().ok());
    let asked: Option<Ipv6Addr> =
        config.and_then(|config| set(config.gateway.as_deref())?.parse().ok());
    let lowest = || ipam::free_address6(subnet, range, &BTreeSet::new());
    let gateway = asked.or_else(|| drivers::has_gateway(network).then(lowest).flatten());
    (network.subnet6, network.range6, network.gateway6) = (Some(subnet), range, gateway);
    Ok(())
}

fn auxiliary(config: Option<&IpamConfig>) -> BTreeMap<String, String> {
    let given = config.and_then(|config| config.auxiliary_addresses.clone());
    given.into_iter().flatten().collect()
}

fn is_ipv4(config: &IpamConfig) -> bool {
    let subnet = config.subnet.as_deref().unwrap_or_default();
    !matches!(subnet.parse(), Ok(IpNet::V6(_)))
}

/// IPv4 first, as the engine keeps them.
fn by_family(mut config: Vec<IpamConfig>) -> Vec<IpamConfig> {
    config.sort_by_key(|config| !is_ipv4(config));
    config
}
