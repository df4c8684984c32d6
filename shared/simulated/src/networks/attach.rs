//! Endpoints come and go with a container's life: addresses, interfaces, published ports.

use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, Ipv6Addr},
};

use jiff::Timestamp;
use lab::{Error, Result};

use super::{Attached, Link, Network, endpoints, ipam};
use crate::{
    net::Sockets,
    swarm::WAY_OUT,
    world::{Container, World},
};

/// The index of the host's `eth0`.
const PARENT: u32 = 2;

/// What the engine says before its complaint when a start fails on the network.
const SETUP: &str = "failed to set up container networking: ";

impl World {
    /// A container starts: it joins its networks and its ports are published. If anything refuses, nothing is left.
    pub fn join_networks(&mut self, id: &str, sockets: &Sockets, now: Timestamp) -> Result<()> {
        let container = self.container(id)?;
        if let Some(other) = container.network_mode().strip_prefix("container:") {
            let (hostname, domainname) = self.shared_with(container, other)?;
            let body = &mut self.container_mut(id)?.body;
            (body.hostname, body.domainname) = (Some(hostname), domainname);
            return Ok(());
        }
        let sandbox = self.id();
        let container = self.container_mut(id)?;
        container.sandbox = Some(sandbox);
        container.links = 0;
        let linked = endpoints::link_variables(self, self.container(id)?);
        self.container_mut(id)?.linked = linked;
        let mut names: Vec<String> = self.container(id)?.networks.keys().cloned().collect();
        names.sort_by_key(|name| (name == WAY_OUT, name != "ingress"));
        let joined = names
            .iter()
            .try_for_each(|name| self.join(id, name, sockets, now))
            .map_err(|error| prefixed(SETUP, error));
        if joined.is_err() {
            self.leave_networks(id, now);
        }
        joined
    }

    /// The host and domain name of the container whose namespace this one is started in, if it can be.
    fn shared_with(&self, container: &Container, other: &str) -> Result<(String, Option<String>)> {
        let other = self.container(other).map_err(|error| {
            Error::refused(
                500,
                format!("joining network namespace of container: {error}"),
            )
        })?;
        if other.id == container.id {
            return Err(Error::refused(500, "cannot join own network namespace"));
        }
        if !other.is_running() {
            return Err(Error::conflict(format!(
                "cannot join network namespace of a non running container: container {} is {}",
                other.name,
                super::inspect::status_word(other.state)
            )));
        }
        Ok((other.hostname().to_owned(), other.body.domainname.clone()))
    }

    /// A container has ended: its endpoints are gone, what was asked for stays.
    pub fn leave_networks(&mut self, id: &str, now: Timestamp) {
        let Ok(container) = self.container_mut(id) else {
            return;
        };
        container.sandbox = None;
        container.published.clear();
        let mut left = Vec::new();
        for endpoint in container.networks.values_mut() {
            endpoint.asked.mac_address = None;
            endpoint.attached = None;
            left.extend(endpoint.network.clone());
        }
        for network in left {
            self.network_event(now, "disconnect", &network, Some(id));
        }
    }

    /// One network of a running container.
    pub fn join(&mut self, id: &str, name: &str, sockets: &Sockets, now: Timestamp) -> Result<()> {
        let container = self.container(id)?;
        let endpoint = container.networks.get(name).cloned().unwrap_or_default();
        let network = self.network(endpoint.id_or(name))?.clone();
        if let Some(name) = endpoint_of_same_name(self, container, &network) {
            return Err(Error::refused(
                403,
                format!(
                    "endpoint with name {name} already exists in network {}",
                    network.name
                ),
            ));
        }
        endpoints::check(Some(&network), &network.name, &without_mac(&endpoint.asked))?;
        endpoints::may_join(self, container, &network)?;
        let dns_names = network
            .has_names()
            .then(|| endpoints::dns_names(container, endpoint.aliases()));
        self.parent_is_free(&network)?;
        let attached = self.new_endpoint(id, &endpoint, &network)?;
        let container = self.container_mut(id)?;
        let mut endpoint = container.networks.remove(name).unwrap_or(endpoint);
        endpoint.network = Some(network.id.clone());
        endpoint.dns_names = dns_names;
        endpoint.attached = Some(attached);
        container.networks.insert(network.name.clone(), endpoint);
        self.publish(id, sockets)?;
        self.network_event(now, "connect", &network.id, Some(id));
        Ok(())
    }

    fn new_endpoint(
        &mut self,
        id: &str,
        endpoint: &super::Endpoint,
        network: &Network,
    ) -> Result<Attached> {
        let endpoint_id = self.id();
        if network.driver == "host" || network.driver == "null" {
            return Ok(Attached {
                id: endpoint_id,
                interface: None,
                address: None,
                address6: None,
            });
        }
        let address = match network.subnet {
            Some(_) => Some(self.free_address(network, endpoint.fixed())?),
            None => None,
        };
        let address6 = match network.subnet6 {
            Some(_) => Some(self.free_address6(network, endpoint.fixed6())?),
            None => None,
        };
        let chosen = endpoint.mac.clone();
        let mac = chosen.unwrap_or_else(|| mac_from(&endpoint_id));
        Ok(Attached {
            id: endpoint_id,
            interface: Some(self.new_link(id, mac, network)),
            address,
            address6,
        })
    }

    /// The lowest free number, and the next index of the container's kernel.
    fn new_link(&mut self, id: &str, mac: String, network: &Network) -> Link {
        self.links += 1;
        let peer = self.links;
        let Ok(container) = self.container_mut(id) else {
            return Link {
                number: 0,
                index: 2,
                peer,
                mac,
            };
        };
        container.links += 1;
        let index = 1 + container.links;
        let links = container.networks.values();
        let taken: BTreeSet<u32> = links
            .filter_map(|endpoint| Some(endpoint.link()?.number))
            .collect();
        let number = (0..=u32::MAX)
            .find(|number| !taken.contains(number))
            .unwrap_or_default();
        // A child of the host's own interface keeps the number that the host counted it with.
        let (index, peer) = if network.is_vlan() {
            (peer, PARENT)
        } else {
            (index, peer)
        };
        Link {
            number,
            index,
            peer,
            mac,
        }
    }

    fn free_address(&self, network: &Network, fixed: Option<Ipv4Addr>) -> Result<Ipv4Addr> {
        let Some(subnet) = network.subnet else {
            return Err(none_left(network, "IPv4"));
        };
        let taken = self.taken(network);
        match fixed {
            Some(fixed) if taken.contains(&fixed) || ipam::is_reserved(subnet, fixed) => {
                Err(Error::refused(403, "Address already in use"))
            }
            Some(fixed) => Ok(fixed),
            None => ipam::free_address(subnet, network.range, &taken)
                .ok_or_else(|| none_left(network, "IPv4")),
        }
    }

    /// Addresses of a network that are somebody's: the gateway's, reserved ones, the endpoints'.
    fn taken(&self, network: &Network) -> BTreeSet<Ipv4Addr> {
        let reserved = network
            .ipam
            .config
            .iter()
            .flat_map(|config| config.auxiliary_addresses.iter().flatten())
            .filter_map(|(_, address)| address.parse().ok());
        let endpoints = self
            .on_network(network)
            .filter_map(|(_, endpoint)| endpoint.address());
        network
            .gateway
            .into_iter()
            .chain(reserved)
            .chain(endpoints)
            .collect()
    }

    fn free_address6(&self, network: &Network, fixed: Option<Ipv6Addr>) -> Result<Ipv6Addr> {
        let Some(subnet) = network.subnet6 else {
            return Err(none_left(network, "IPv6"));
        };
        let mut taken: BTreeSet<Ipv6Addr> = self
            .on_network(network)
            .filter_map(|(_, endpoint)| endpoint.address6())
            .collect();
        taken.extend(network.gateway6);
        match fixed {
            Some(fixed) if taken.contains(&fixed) => {
                Err(Error::refused(403, "Address already in use"))
            }
            Some(fixed) => Ok(fixed),
            None => ipam::free_address6(subnet, network.range6, &taken)
                .ok_or_else(|| none_left(network, "IPv6")),
        }
    }

    /// The containers that are on a network now, with their endpoints.
    pub fn on_network<'a>(
        &'a self,
        network: &'a Network,
    ) -> impl Iterator<Item = (&'a Container, &'a super::Endpoint)> {
        self.containers.values().filter_map(|container| {
            let endpoint = container.networks.get(&network.name)?;
            let here =
                endpoint.attached.is_some() && endpoint.network.as_ref() == Some(&network.id);
            here.then_some((container, endpoint))
        })
    }
}

fn endpoint_of_same_name(
    world: &World,
    container: &Container,
    network: &Network,
) -> Option<String> {
    let mut here = world.on_network(network);
    here.find(|(other, _)| other.name == container.name)
        .map(|(other, _)| other.name.clone())
}

fn none_left(network: &Network, family: &str) -> Error {
    Error::refused(
        500,
        format!(
            "no available {family} addresses on this network's address pools: {} ({})",
            network.name, network.id
        ),
    )
}

/// While a container runs, its MAC stands where the one asked for was.
fn without_mac(asked: &lab::models::EndpointSettings) -> lab::models::EndpointSettings {
    lab::models::EndpointSettings {
        mac_address: None,
        ..asked.clone()
    }
}

/// New with each start, as the endpoint's id is: Engine 28 leaves MACs to the kernel, which makes them random, of one
/// device only and administered locally.
fn mac_from(id: &str) -> String {
    let octet = |place: usize| {
        let digits = id.get(place * 2..place * 2 + 2).unwrap_or("00");
        u8::from_str_radix(digits, 16).unwrap_or_default()
    };
    let first = octet(0) & 0xfc | 0x02;
    let octets = std::iter::once(first).chain((1..6).map(octet));
    let octets: Vec<String> = octets.map(|octet| format!("{octet:02x}")).collect();
    octets.join(":")
}

pub fn prefixed(prefix: &str, error: Error) -> Error {
    match error {
        Error::Refused { status, message } => Error::refused(status, format!("{prefix}{message}")),
        other => other,
    }
}
