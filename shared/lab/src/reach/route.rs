//! From an address to a path: along a shared network, through the host, or nowhere.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Hop, Outcome, Reach, Stack, Trace, is_up, not_running, stack, unknown};
use crate::{
    ContainerId, NetworkId,
    topology::{ContainerNode, NetworkNode, Topology},
};

impl Trace<'_> {
    /// To the address at which the other one is best reached.
    pub(super) fn meet(self, id: &ContainerId) -> Reach {
        let topology = self.topology;
        let Some(other) = topology.containers.get(id) else {
            return unknown(self.hops, id);
        };
        if !is_up(other) {
            return not_running(self.hops, other);
        }
        match (stack(topology, self.sender), stack(topology, other)) {
            _ if *id == self.sender.id => self.itself(),
            (Stack::Own(one), Stack::Own(same)) if one.id == same.id => self.same_stack(other),
            (Stack::Host, Stack::Host) => self.same_stack(other),
            (Stack::Loopback, _) => self.only_loopback(),
            (_, Stack::Loopback) => {
                let why = format!(
                    "{} has no network but its own loopback: no way leads there",
                    other.name
                );
                self.ends(Outcome::NoRoute, why)
            }
            (Stack::Own(sender), Stack::Host) => self.into_host(sender, Some(other)),
            (_, Stack::Own(owner)) => {
                if let Some(address) = best_address(&self, owner) {
                    return self.send_for(address, Some(other));
                }
                let why = format!("{} is on no network: it has no address", other.name);
                self.ends(Outcome::NoRoute, why)
            }
        }
    }

    pub(super) fn send(self, address: IpAddr) -> Reach {
        self.send_for(address, None)
    }

    /// `meant`: who is to be reached there, where it shares another one's network.
    fn send_for(self, address: IpAddr, meant: Option<&ContainerNode>) -> Reach {
        if address.is_loopback() {
            return self.itself();
        }
        match stack(self.topology, self.sender) {
            Stack::Loopback => self.only_loopback(),
            Stack::Host => self.out_of_host(address, meant),
            Stack::Own(sender) => self.out_of_container(sender, address, meant),
        }
    }

    fn out_of_container(
        self,
        sender: &ContainerNode,
        address: IpAddr,
        meant: Option<&ContainerNode>,
    ) -> Reach {
        if has(sender, address) {
            return self.itself();
        }
        let networks = attached(self.topology, sender);
        if let Some(network) = networks.iter().find(|network| contains(network, address)) {
            return self.along(network, address, meant);
        }
        // The default route: of the networks that have a way out, a bridge before the others.
        let outward = networks.iter().filter(|network| !network.internal);
        let Some(network) = outward.min_by_key(|network| network.driver != "bridge") else {
            return self.no_way_out(&networks, address);
        };
        if is_hosts(self.topology, address) {
            return self.into_host(sender, None);
        }
        self.through_host(network, address, meant)
    }

    /// On a network of one's own.
    fn along(self, network: &NetworkNode, address: IpAddr, meant: Option<&ContainerNode>) -> Reach {
        let topology = self.topology;
        let trace = self.via([Hop::Network {
            id: network.id.clone(),
        }]);
        if let Some(owner) = owner(topology, &network.id, address) {
            return trace.arrives(meant.unwrap_or(owner), address, &network.name);
        }
        let is_gateway = network
            .subnets
            .iter()
            .any(|subnet| subnet.gateway == Some(address));
        if is_gateway && network.driver == "bridge" {
            let why = format!("{address} is the host itself, on {}", network.name);
            return trace.via([Hop::Host]).ends(Outcome::Ok, why);
        }
        if is_gateway {
            let why = format!(
                "{address} is the way out of {}: what answers there is not the lab's",
                network.name
            );
            return trace.via([Hop::Outside]).ends(Outcome::Leaves, why);
        }
        let why = format!("nobody on {} has the address {address}", network.name);
        trace.ends(Outcome::Nobody { address }, why)
    }

    /// To a network that one is not on.
    fn through_host(
        self,
        network: &NetworkNode,
        address: IpAddr,
        meant: Option<&ContainerNode>,
    ) -> Reach {
        let topology = self.topology;
        let trace = self.via([Hop::Network {
            id: network.id.clone(),
        }]);
        if network.driver != "bridge" {
            let why = format!(
                "{address} is not on {}: the packet goes out to the router there",
                network.name
            );
            return trace.via([Hop::Outside]).ends(Outcome::Leaves, why);
        }
        let trace = trace.via([Hop::Host]);
        let Some(other) = bridge_with(topology, address) else {
            let why = format!("{address} is outside: the host sends it on in its own name");
            return trace.via([Hop::Outside]).ends(Outcome::Leaves, why);
        };
        if other
            .subnets
            .iter()
            .any(|subnet| subnet.gateway == Some(address))
        {
            let why = format!("{address} is the host itself, on {}", other.name);
            return trace.ends(Outcome::Ok, why);
        }
        let whom = meant.or_else(|| owner(topology, &other.id, address));
        let whom = whom.map_or_else(|| address.to_string(), |container| container.name.clone());
        let why = format!(
            "{whom} is on {}, {} on {}: the host drops what comes from one bridge for another",
            other.name, trace.sender.name, network.name
        );
        let outcome = Outcome::Isolated {
            from: network.id.clone(),
            to: other.id.clone(),
        };
        trace.ends(outcome, why)
    }

    fn out_of_host(self, address: IpAddr, meant: Option<&ContainerNode>) -> Reach {
        let topology = self.topology;
        let trace = self.via([Hop::Host]);
        if is_hosts(topology, address) {
            let why = format!(
                "{address} is the host's own, and so is {}'s network",
                trace.sender.name
            );
            return trace.ends(Outcome::Ok, why);
        }
        if let Some(network) = bridge_with(topology, address) {
            return trace.along(network, address, meant);
        }
        let own = topology.networks.values().find(|network| {
            matches!(network.driver.as_str(), "macvlan" | "ipvlan")
                && owner(topology, &network.id, address).is_some()
        });
        if let Some(network) = own {
            let why = format!(
                "{address} is on {}, a {} network: the host cannot talk to its own children there",
                network.name, network.driver
            );
            return trace.ends(Outcome::NoRoute, why);
        }
        let why = format!(
            "{address} is outside: {} sends it as the host itself",
            trace.sender.name
        );
        trace.via([Hop::Outside]).ends(Outcome::Leaves, why)
    }

    /// To the host, or to a container that has the host's network.
    fn into_host(self, sender: &ContainerNode, meant: Option<&ContainerNode>) -> Reach {
        let networks = attached(self.topology, sender);
        let Some(bridge) = networks.iter().find(|network| network.driver == "bridge") else {
            let why = match networks.first() {
                Some(network) => format!(
                    "{} is on {}, a {} network: from there the host itself cannot be reached",
                    sender.name, network.name, network.driver
                ),
                None => format!("{} is on no network", sender.name),
            };
            return self.ends(Outcome::NoRoute, why);
        };
        let mut hops = vec![
            Hop::Network {
                id: bridge.id.clone(),
            },
            Hop::Host,
        ];
        let why = match meant {
            Some(other) => {
                hops.push(Hop::Container {
                    id: other.id.clone(),
                });
                format!(
                    "{} has the host's network, and the host is the gateway of {}",
                    other.name, bridge.name
                )
            }
            None => format!("the host is the gateway of {}", bridge.name),
        };
        self.via(hops).ends(Outcome::Ok, why)
    }

    fn arrives(self, owner: &ContainerNode, address: IpAddr, network: &str) -> Reach {
        let why = match stack(self.topology, self.sender) {
            Stack::Host => format!(
                "the host is on {network} too, where {} is {address}",
                owner.name
            ),
            _ => format!(
                "{} and {} are both on {network}, where {} is {address}",
                self.sender.name, owner.name, owner.name
            ),
        };
        self.via([Hop::Container {
            id: owner.id.clone(),
        }])
        .ends(Outcome::Ok, why)
    }

    fn itself(self) -> Reach {
        let why = format!("{} reaches itself by its loopback", self.sender.name);
        let id = self.sender.id.clone();
        self.via([Hop::Container { id }]).ends(Outcome::Ok, why)
    }

    fn same_stack(self, other: &ContainerNode) -> Reach {
        let why = format!(
            "{} and {} share one network stack: localhost is both",
            self.sender.name, other.name
        );
        let id = other.id.clone();
        self.via([Hop::Container { id }]).ends(Outcome::Ok, why)
    }

    fn only_loopback(self) -> Reach {
        let why = format!("{} has no network but its own loopback", self.sender.name);
        self.ends(Outcome::NoRoute, why)
    }

    fn no_way_out(self, networks: &[&NetworkNode], address: IpAddr) -> Reach {
        let why = match networks.first() {
            Some(network) => format!(
                "{address} is not on {}, and {} is internal: no way leads out of it",
                network.name, network.name
            ),
            None => format!("{} is on no network", self.sender.name),
        };
        self.ends(Outcome::NoRoute, why)
    }
}

/// On a network of the sender's, if they share one; a sender on the host reaches any, its own children last.
fn best_address(trace: &Trace<'_>, owner: &ContainerNode) -> Option<IpAddr> {
    let near = match stack(trace.topology, trace.sender) {
        Stack::Own(sender) => sender.endpoints.keys().cloned().collect(),
        Stack::Host | Stack::Loopback => bridges(trace.topology),
    };
    let mut endpoints: Vec<_> = owner.endpoints.iter().collect();
    endpoints.sort_by_key(|(id, _)| !near.contains(id));
    endpoints
        .into_iter()
        .find_map(|(_, endpoint)| endpoint.address.or(endpoint.address_v6))
}

fn bridges(topology: &Topology) -> Vec<NetworkId> {
    let bridges = topology
        .networks
        .values()
        .filter(|network| network.driver == "bridge");
    bridges.map(|network| network.id.clone()).collect()
}

/// The networks where it has an address.
fn attached<'a>(topology: &'a Topology, container: &ContainerNode) -> Vec<&'a NetworkNode> {
    let endpoints = container.endpoints.iter();
    let with_address =
        endpoints.filter(|(_, endpoint)| endpoint.address.or(endpoint.address_v6).is_some());
    with_address
        .filter_map(|(id, _)| topology.networks.get(id))
        .collect()
}

fn has(container: &ContainerNode, address: IpAddr) -> bool {
    container
        .endpoints
        .values()
        .any(|endpoint| [endpoint.address, endpoint.address_v6].contains(&Some(address)))
}

fn owner<'a>(
    topology: &'a Topology,
    network: &NetworkId,
    address: IpAddr,
) -> Option<&'a ContainerNode> {
    topology.containers.values().find(|container| {
        let endpoint = container.endpoints.get(network);
        is_up(container)
            && endpoint.is_some_and(|it| [it.address, it.address_v6].contains(&Some(address)))
    })
}

fn contains(network: &NetworkNode, address: IpAddr) -> bool {
    let mut subnets = network
        .subnets
        .iter()
        .filter_map(|subnet| subnet.subnet.parse::<IpNet>().ok());
    subnets.any(|subnet| subnet.contains(&address))
}

fn bridge_with(topology: &Topology, address: IpAddr) -> Option<&NetworkNode> {
    topology
        .networks
        .values()
        .find(|network| network.driver == "bridge" && contains(network, address))
}

fn is_hosts(topology: &Topology, address: IpAddr) -> bool {
    topology
        .host
        .interfaces
        .iter()
        .any(|interface| interface.address == address)
}
