//! What the drivers of networks ask of their options: bridge, macvlan, ipvlan.

use lab::{Error, Result};

use super::{Network, ipam, model::parse_bool};
use crate::world::World;

pub const MTU: &str = "com.docker.network.driver.mtu";

/// Options of a bridge that say yes or no.
const BOOLEANS: [&str; 6] = [
    "com.docker.network.bridge.enable_ip_masquerade",
    "com.docker.network.bridge.enable_icc",
    "com.docker.network.bridge.inhibit_ipv4",
    "com.docker.network.bridge.default_bridge",
    "com.docker.network.enable_ipv4",
    "com.docker.network.enable_ipv6",
];

/// Options of a bridge that are an address.
const ADDRESSES: [&str; 3] = [
    "com.docker.network.bridge.host_binding_ipv4",
    "com.docker.network.host_ipv4",
    "com.docker.network.host_ipv6",
];

pub fn known(driver: &str) -> Result<()> {
    match driver {
        "bridge" | "host" | "null" | "macvlan" | "ipvlan" => Ok(()),
        other => Err(Error::not_found(format!("plugin {other:?} not found"))),
    }
}

/// Whether the driver wants an address for its gateway.
pub fn has_gateway(network: &Network) -> bool {
    !network.is_vlan() || !network.internal && network.parent().is_some() && !network.is_routed()
}

/// What the driver says to a network whose addresses are settled.
pub fn check(world: &World, network: &Network) -> Result<()> {
    match network.driver.as_str() {
        "bridge" => bridge(world, network),
        _ => super::vlan::check(world, network),
    }
}

fn bridge(world: &World, network: &Network) -> Result<()> {
    for (option, value) in &network.options {
        option_of_bridge(option, value)?;
    }
    if !network.ipv4 && !network.ipv6 {
        return Err(Error::refused(400, "IPv4 or IPv6 must be enabled"));
    }
    let mtu: i64 = network
        .options
        .get(MTU)
        .and_then(|mtu| mtu.parse().ok())
        .unwrap_or_default();
    if mtu < 0 {
        return Err(Error::refused(400, format!("invalid MTU number: {mtu}")));
    }
    for other in world.networks.values().filter(|other| other.is_bridge()) {
        if let Some(why) = conflict(other, network) {
            return Err(Error::refused(
                403,
                format!(
                    "cannot create network {} ({}): conflicts with network {} ({}): {why}",
                    network.id,
                    network.bridge_name(),
                    other.id,
                    other.bridge_name()
                ),
            ));
        }
    }
    // What the kernel says to a name of 16 letters or more.
    if network.bridge_name().len() > 15 {
        return Err(Error::refused(500, "numerical result out of range"));
    }
    Ok(())
}

fn conflict(other: &Network, network: &Network) -> Option<&'static str> {
    if other.bridge_name() == network.bridge_name() {
        return Some("networks have same bridge name");
    }
    let four = other.subnet.zip(network.subnet);
    if four.is_some_and(|(one, other)| ipam::overlap(&one, &other)) {
        return Some("networks have overlapping IPv4");
    }
    let six = other.subnet6.zip(network.subnet6);
    six.is_some_and(|(one, other)| ipam::overlap6(&one, &other))
        .then_some("networks have overlapping IPv6")
}

fn option_of_bridge(option: &str, value: &str) -> Result<()> {
    let wrong = |why: &str| {
        Err(Error::refused(
            400,
            format!("failed to parse {option} value: {value} ({why})"),
        ))
    };
    if option == MTU && value.parse::<i64>().is_err() {
        return wrong(&format!("strconv.Atoi: parsing {value:?}: invalid syntax"));
    }
    if BOOLEANS.contains(&option) && parse_bool(value).is_none() {
        return wrong(&format!(
            "strconv.ParseBool: parsing {value:?}: invalid syntax"
        ));
    }
    if ADDRESSES.contains(&option) && value.parse::<std::net::IpAddr>().is_err() {
        return wrong("nil ip");
    }
    if option.starts_with("com.docker.network.bridge.gateway_mode") && value != "nat" {
        return Err(Error::NotSimulated(format!(
            "{option}={value}; the mode nat is"
        )));
    }
    Ok(())
}
