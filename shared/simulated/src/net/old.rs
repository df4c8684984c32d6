//! What the older programs ask, until all of them ask [`super::Net`].

use std::net::{IpAddr, Ipv4Addr};

use crate::world::{Container, World};

/// How a TCP connection went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connect {
    /// To this container.
    To,
    Refused,
    TimedOut,
}

impl World {
    /// What a container gets for a name: `/etc/hosts` first, then the name servers of its networks.
    pub fn resolve(&self, from: &str, name: &str) -> Option<Ipv4Addr> {
        let container = self.containers.get(from)?;
        if name == "localhost" {
            return Some(Ipv4Addr::LOCALHOST);
        }
        if name == container.hostname() {
            return own_addresses(container).next();
        }
        container
            .networks
            .keys()
            .find_map(|network| self.ask(network, name))
    }

    /// What the name server of this network knows.
    fn ask(&self, network: &str, name: &str) -> Option<Ipv4Addr> {
        if !self.network(network).ok()?.has_names() {
            return None;
        }
        self.containers.values().find_map(|container| {
            let endpoint = container.networks.get(network)?;
            let known = container.name == name
                || container.id[..12] == *name
                || endpoint.aliases().iter().any(|alias| alias == name);
            endpoint
                .address()
                .filter(|_| known && container.is_running())
        })
    }

    /// Whether an echo request comes back.
    pub fn echoes(&self, from: &str, to: Ipv4Addr) -> bool {
        let Some(container) = self.containers.get(from) else {
            return false;
        };
        to.is_loopback()
            || own_addresses(container).any(|address| address == to)
            || self.is_gateway(container, to)
            || self.neighbour(container, to).is_some()
    }

    pub fn connects(&self, from: &str, to: Ipv4Addr, port: u16) -> (Connect, Option<String>) {
        let Some(container) = self.containers.get(from) else {
            return (Connect::TimedOut, None);
        };
        let own = to.is_loopback() || own_addresses(container).any(|address| address == to);
        let target = if own {
            Some(container)
        } else {
            self.neighbour(container, to)
        };
        match target {
            Some(target) if target.listening.contains(&port) => {
                (Connect::To, Some(target.id.clone()))
            }
            Some(_) => (Connect::Refused, None),
            None if self.is_gateway(container, to) => (Connect::Refused, None),
            None => (Connect::TimedOut, None),
        }
    }

    /// From the host: loopback where a port is published, and every container of a bridge directly.
    pub fn connects_from_host(&self, to: IpAddr, port: u16) -> (Connect, Option<String>) {
        let IpAddr::V4(to) = to else {
            return (Connect::Refused, None);
        };
        if to.is_loopback() {
            let found = self.publisher((to, port).into(), super::Protocol::Tcp);
            let found = found.map(|(container, published)| (container, published.inside));
            return match found {
                Some((container, inside))
                    if container.is_running() && container.listening.contains(&inside) =>
                {
                    (Connect::To, Some(container.id.clone()))
                }
                _ => (Connect::Refused, None),
            };
        }
        let target = self.containers.values().find(|container| {
            container.is_running() && own_addresses(container).any(|address| address == to)
        });
        match target {
            Some(container) if container.listening.contains(&port) => {
                (Connect::To, Some(container.id.clone()))
            }
            Some(_) => (Connect::Refused, None),
            None => (Connect::TimedOut, None),
        }
    }

    /// A running container with this address on a network that both are on.
    fn neighbour(&self, container: &Container, to: Ipv4Addr) -> Option<&Container> {
        self.containers.values().find(|other| {
            other.is_running()
                && other.networks.iter().any(|(network, endpoint)| {
                    endpoint.address() == Some(to) && container.networks.contains_key(network)
                })
        })
    }

    fn is_gateway(&self, container: &Container, to: Ipv4Addr) -> bool {
        container
            .networks
            .keys()
            .filter_map(|network| self.network(network).ok())
            .any(|network| network.gateway == Some(to) && !network.internal)
    }
}

pub fn own_addresses(container: &Container) -> impl Iterator<Item = Ipv4Addr> {
    container
        .networks
        .values()
        .filter_map(crate::world::Endpoint::address)
}
