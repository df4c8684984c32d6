//! macvlan and ipvlan: networks on an interface of the host's.

use lab::{Error, Result};

use super::Network;
use crate::world::World;

const MACVLAN_MODES: [&str; 4] = ["bridge", "private", "vepa", "passthru"];
const IPVLAN_MODES: [&str; 3] = ["l2", "l3", "l3s"];

impl Network {
    /// macvlan or ipvlan.
    pub fn is_vlan(&self) -> bool {
        matches!(self.driver.as_str(), "macvlan" | "ipvlan")
    }

    /// The host's interface that it is on. Without one, the driver makes a dummy, and the network leads nowhere.
    pub fn parent(&self) -> Option<&str> {
        super::validate::set(self.options.get("parent").map(String::as_str))
    }

    /// ipvlan in a mode that routes: no ARP, no gateway.
    pub fn is_routed(&self) -> bool {
        self.driver == "ipvlan" && matches!(self.mode(), "l3" | "l3s")
    }

    fn mode(&self) -> &str {
        let (option, usual) = match self.driver.as_str() {
            "macvlan" => ("macvlan_mode", "bridge"),
            _ => ("ipvlan_mode", "l2"),
        };
        let given = self.options.get(option).map(String::as_str);
        super::validate::set(given).unwrap_or(usual)
    }

    /// Whether children of one parent hear each other.
    pub fn is_private(&self) -> bool {
        self.driver == "macvlan" && self.mode() == "private"
    }
}

pub fn check(world: &World, network: &Network) -> Result<()> {
    mode(network)?;
    let Some(parent) = network.parent() else {
        return Ok(());
    };
    if parent == "lo" {
        return refuse(format!(
            "loopback interface is not a valid {} parent link",
            network.driver
        ));
    }
    let same_parent = world
        .networks
        .values()
        .find(|other| other.driver == network.driver && other.parent() == Some(parent));
    if let Some(other) = same_parent
        && network.driver == "ipvlan"
    {
        return refuse(format!(
            "network di-{} is already using parent interface {parent}",
            &other.id[..12]
        ));
    }
    interface(world, parent)
}

fn mode(network: &Network) -> Result<()> {
    let (valid, usual) = match network.driver.as_str() {
        "macvlan" => (&MACVLAN_MODES[..], "bridge"),
        _ => (&IPVLAN_MODES[..], "l2"),
    };
    let (driver, mode) = (&network.driver, network.mode());
    if !valid.contains(&mode) {
        return refuse(format!(
            "requested {driver} mode '{mode}' is not valid, '{usual}' mode is the {driver} driver default"
        ));
    }
    if matches!(mode, "vepa" | "passthru") {
        return Err(Error::NotSimulated(format!("{driver} in mode {mode}")));
    }
    Ok(())
}

/// An interface of the host, or a sub-interface that is made for the network (`eth0.10`).
fn interface(world: &World, parent: &str) -> Result<()> {
    if world.has_interface(parent) {
        return Ok(());
    }
    let Some((master, id)) = parent.split_once('.') else {
        return refuse(format!(
            "invalid subinterface vlan name {parent}, example formatting is eth0.10"
        ));
    };
    let Ok(id) = id.parse::<i64>() else {
        return refuse(format!(
            "unable to parse a valid vlan id from: {id} (ex. eth0.10 for vlan 10)"
        ));
    };
    if !world.has_interface(master) {
        return refuse(format!(
            "-o parent interface was not found on the host: {master}"
        ));
    }
    if !(1..=4094).contains(&id) {
        return refuse(format!("vlan id must be between 1-4094, received: {id}"));
    }
    Ok(())
}

impl World {
    /// Whether the host has an interface of this name.
    pub fn has_interface(&self, name: &str) -> bool {
        name == "eth0"
            || self
                .networks
                .values()
                .any(|network| network.is_bridge() && network.bridge_name() == name)
    }

    /// macvlan and ipvlan cannot use one interface at the same time.
    pub fn parent_is_free(&self, network: &Network) -> Result<()> {
        let Some(parent) = network.parent().filter(|_| network.is_vlan()) else {
            return Ok(());
        };
        let mut others = self.networks.values().filter(|other| {
            other.is_vlan() && other.driver != network.driver && other.parent() == Some(parent)
        });
        if others.any(|other| self.on_network(other).next().is_some()) {
            return refuse(format!(
                "failed to create the {} port: device or resource busy",
                network.driver
            ));
        }
        Ok(())
    }
}

fn refuse(message: String) -> Result<()> {
    Err(Error::refused(500, message))
}
