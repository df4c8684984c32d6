//! The way of one packet through bridges, the host and its translation of addresses: where it arrives, or why it does
//! not. A function of the world; it sends nothing.
//!
//! The rules are those that Docker Engine 28 gives to iptables, with its userland proxy running (as it does by default).

use std::{
    cmp::Reverse,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use super::{Place, Protocol};
use crate::world::{Container, Endpoint, Network, World};

/// What becomes of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Arrives(Arrival),
    /// Nobody has the address: after 3 s of unanswered ARP, the sender (or the router on the way) says so.
    Unreachable {
        from: IpAddr,
        hops: Vec<IpAddr>,
    },
    /// The sender's routing table has no way there.
    NoRoute,
    /// A rule drops it.
    Silence,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub place: Place,
    /// The address that it has when it arrives.
    pub to: SocketAddr,
    /// The sender's own address.
    pub source: IpAddr,
    /// The sender's address as the receiver sees it.
    pub seen: IpAddr,
    /// docker-proxy took it, and goes on from the host.
    pub proxied: bool,
    /// The routers on the way.
    pub hops: Vec<IpAddr>,
}

impl Arrival {
    fn direct(place: Place, to: SocketAddr, source: IpAddr) -> Self {
        Self {
            place,
            to,
            source,
            seen: source,
            proxied: false,
            hops: Vec::new(),
        }
    }
}

pub fn follow(world: &World, place: &Place, to: SocketAddr, protocol: Protocol) -> Verdict {
    if is_own(world, place, to.ip()) {
        return own(world, place, to, protocol);
    }
    match place {
        Place::Host => from_host(world, to),
        Place::Container(id) => from_container(world, id, to, protocol),
    }
}

/// Whether the address is one of the namespace's own.
pub fn is_own(world: &World, place: &Place, address: IpAddr) -> bool {
    if address.is_loopback() || address.is_unspecified() {
        return true;
    }
    match place {
        Place::Host => world.is_hosts_own(address),
        Place::Container(id) => world
            .containers
            .get(id)
            .is_some_and(|container| container.has_address(address)),
    }
}

pub fn source_for(world: &World, place: &Place, to: IpAddr) -> Option<IpAddr> {
    match follow(world, place, SocketAddr::new(to, 9), Protocol::Icmp) {
        Verdict::Arrives(arrival) => Some(arrival.source),
        Verdict::NoRoute => None,
        Verdict::Unreachable { .. } | Verdict::Silence => match place {
            Place::Host => Some(IpAddr::V4(world.address)),
            Place::Container(id) => {
                let container = world.containers.get(id)?;
                let (_, endpoint) =
                    on_link(world, container, to).or_else(|| world.gateway_endpoint(container))?;
                endpoint.address().map(IpAddr::V4)
            }
        },
    }
}

/// To one of the namespace's own addresses; on the host that may be a published port.
fn own(world: &World, place: &Place, to: SocketAddr, protocol: Protocol) -> Verdict {
    let to = match to.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), to.port()),
        _ => to,
    };
    if *place == Place::Host {
        return Verdict::Arrives(world.to_host(to, to.ip(), protocol, true));
    }
    Verdict::Arrives(Arrival::direct(place.clone(), to, to.ip()))
}

fn from_container(world: &World, id: &str, to: SocketAddr, protocol: Protocol) -> Verdict {
    let Some(container) = world.containers.get(id) else {
        return Verdict::NoRoute;
    };
    if let Some((network, endpoint)) = on_link(world, container, to.ip()) {
        return to_neighbour(world, network, endpoint, to, protocol);
    }
    match world.gateway_endpoint(container) {
        Some((network, endpoint)) => through_host(world, network, endpoint, to, protocol),
        None => Verdict::NoRoute,
    }
}

/// The endpoint whose subnet has this address.
fn on_link<'a>(
    world: &'a World,
    container: &'a Container,
    to: IpAddr,
) -> Option<(&'a Network, &'a Endpoint)> {
    let attached = world.attached(container).into_iter();
    let IpAddr::V4(to) = to else { return None };
    attached
        .filter(|(network, _)| network.subnet.is_some_and(|subnet| subnet.contains(&to)))
        .max_by_key(|(network, _)| network.subnet.map(|subnet| subnet.prefix_len()))
}

fn to_neighbour(
    world: &World,
    network: &Network,
    endpoint: &Endpoint,
    to: SocketAddr,
    protocol: Protocol,
) -> Verdict {
    let Some(source) = endpoint.address().map(IpAddr::V4) else {
        return Verdict::NoRoute;
    };
    if network.is_bridge() && network.gateway.map(IpAddr::V4) == Some(to.ip()) {
        return Verdict::Arrives(world.to_host(to, source, protocol, false));
    }
    if let Some((address, id)) = network.behind(to.ip(), protocol == Protocol::Tcp) {
        let to = SocketAddr::new(address.into(), to.port());
        return Verdict::Arrives(Arrival::direct(Place::Container(id), to, source));
    }
    let found = if network.is_vlan() {
        world.sibling(network, to.ip())
    } else {
        world.holder(network, to.ip())
    };
    match found {
        Some(_) if !network.lets_neighbours_talk() => Verdict::Silence,
        Some(other) => Verdict::Arrives(Arrival::direct(
            Place::Container(other.id.clone()),
            to,
            source,
        )),
        None if network.is_routed() => Verdict::Silence,
        None => Verdict::Unreachable {
            from: source,
            hops: Vec::new(),
        },
    }
}

/// By the default route: the host takes it, or sends it on.
fn through_host(
    world: &World,
    network: &Network,
    endpoint: &Endpoint,
    to: SocketAddr,
    protocol: Protocol,
) -> Verdict {
    let Some(source) = endpoint.address() else {
        return Verdict::NoRoute;
    };
    if network.is_vlan() {
        return beyond_the_host(world, network, source, to);
    }
    let Some(gateway) = network.gateway else {
        return Verdict::NoRoute;
    };
    if world.is_hosts_own(to.ip()) {
        return Verdict::Arrives(world.to_host(to, source.into(), protocol, false));
    }
    if world.bridge_of(to.ip()).is_some() {
        return Verdict::Silence;
    }
    // Nothing else is on the host's LAN, and nobody answers beyond it. The host has translated the sender's address by
    // then, so that it speaks for itself.
    Verdict::Unreachable {
        from: world.address.into(),
        hops: vec![gateway.into()],
    }
}

/// Off an interface of the host's, past the host itself: other children of the interface that are routed to, or the
/// LAN's router, which nobody is.
fn beyond_the_host(world: &World, network: &Network, source: Ipv4Addr, to: SocketAddr) -> Verdict {
    if !network.is_routed() {
        return Verdict::Unreachable {
            from: source.into(),
            hops: Vec::new(),
        };
    }
    match world.sibling(network, to.ip()) {
        Some(other) => Verdict::Arrives(Arrival::direct(
            Place::Container(other.id.clone()),
            to,
            source.into(),
        )),
        None => Verdict::Silence,
    }
}

fn from_host(world: &World, to: SocketAddr) -> Verdict {
    let Some(network) = world.bridge_of(to.ip()) else {
        return Verdict::Unreachable {
            from: world.address.into(),
            hops: Vec::new(),
        };
    };
    let source = IpAddr::V4(network.gateway.unwrap_or(Ipv4Addr::UNSPECIFIED));
    match world.holder(network, to.ip()) {
        Some(other) => Verdict::Arrives(Arrival::direct(
            Place::Container(other.id.clone()),
            to,
            source,
        )),
        None => Verdict::Unreachable {
            from: source,
            hops: Vec::new(),
        },
    }
}

impl World {
    /// Addresses of the host's own interfaces: `lo`, `eth0`, and each bridge's gateway.
    pub fn is_hosts_own(&self, address: IpAddr) -> bool {
        address.is_loopback()
            || address == IpAddr::V4(self.address)
            || self.networks.values().any(|network| {
                network.driver == "bridge" && network.gateway.map(IpAddr::V4) == Some(address)
            })
    }

    /// Arrived at the host: a published port is passed on by docker-proxy; the host's own packets to an address that
    /// is not a loopback one have their address translated instead.
    fn to_host(
        &self,
        to: SocketAddr,
        source: IpAddr,
        protocol: Protocol,
        hosts_own: bool,
    ) -> Arrival {
        let Some((container, mapping)) = self.publisher(to, protocol) else {
            return self
                .through_mesh(to, source, protocol)
                .unwrap_or_else(|| Arrival::direct(Place::Host, to, source));
        };
        let Some((network, endpoint)) = self.gateway_endpoint(container) else {
            return Arrival::direct(Place::Host, to, source);
        };
        let inside = endpoint.address().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let translated = hosts_own && !to.ip().is_loopback();
        let gateway = network.gateway.map_or(source, IpAddr::V4);
        Arrival {
            place: self.place(&container.id),
            to: SocketAddr::new(inside.into(), mapping.inside),
            source,
            seen: if translated { source } else { gateway },
            proxied: !translated,
            hops: Vec::new(),
        }
    }

    /// A port that a swarm publishes on all its machines leads to one of the tasks behind it, wherever that is.
    fn through_mesh(&self, to: SocketAddr, source: IpAddr, protocol: Protocol) -> Option<Arrival> {
        if protocol == Protocol::Icmp {
            return None;
        }
        let (inside, tasks) = self.mesh.get(&to.port())?;
        let (address, container) = tasks.next(protocol == Protocol::Tcp)?;
        let ingress = self.networks.values().find(|network| network.ingress)?;
        let balancer = ingress.overlay.as_ref()?.balancer.as_ref()?;
        Some(Arrival {
            place: Place::Container(container.clone()),
            to: SocketAddr::new((*address).into(), *inside),
            source,
            seen: balancer.1.into(),
            proxied: false,
            hops: Vec::new(),
        })
    }

    /// The bridge whose subnet has this address.
    pub fn bridge_of(&self, address: IpAddr) -> Option<&Network> {
        let IpAddr::V4(address) = address else {
            return None;
        };
        self.networks.values().find(|network| {
            network.driver == "bridge"
                && network
                    .subnet
                    .is_some_and(|subnet| subnet.contains(&address))
        })
    }

    /// The running container that has this address on this network.
    pub fn holder<'a>(&'a self, network: &'a Network, address: IpAddr) -> Option<&'a Container> {
        self.on_network(network)
            .find(|(_, endpoint)| endpoint.address().map(IpAddr::V4) == Some(address))
            .map(|(container, _)| container)
    }

    /// The running container with this address on a network of the same parent interface.
    fn sibling<'a>(&'a self, network: &'a Network, address: IpAddr) -> Option<&'a Container> {
        if network.parent().is_none() || network.is_private() {
            return self
                .holder(network, address)
                .filter(|_| !network.is_private());
        }
        let siblings = self
            .networks
            .values()
            .filter(|other| other.driver == network.driver && other.parent() == network.parent());
        siblings
            .filter(|other| !other.is_private())
            .find_map(|other| self.holder(other, address))
    }

    /// The networks that a container has an interface on, in the order of its interfaces.
    pub fn attached<'a>(&'a self, container: &'a Container) -> Vec<(&'a Network, &'a Endpoint)> {
        let attached = container.networks.values().filter_map(|endpoint| {
            endpoint.link()?;
            Some((self.networks.get(endpoint.network.as_ref()?)?, endpoint))
        });
        let mut attached: Vec<_> = attached.collect();
        attached.sort_by_key(|(_, endpoint)| endpoint.link().map(|link| link.index));
        attached
    }

    /// Whether a container tells which ports it exposes: only bridges that lead outside keep account of them.
    pub fn says_ports(&self, container: &Container) -> bool {
        let attached = self.attached(container).into_iter();
        attached
            .map(|(network, _)| network)
            .any(|network| network.is_bridge() && !network.internal)
    }

    /// The endpoint that a container's default route goes through.
    pub fn gateway_endpoint<'a>(
        &'a self,
        container: &'a Container,
    ) -> Option<(&'a Network, &'a Endpoint)> {
        let outward = self.attached(container).into_iter();
        outward
            .filter(|(network, _)| network.leads_outside() && network.overlay.is_none())
            .min_by_key(|(network, endpoint)| (Reverse(endpoint.gateway_priority()), &network.name))
    }
}

impl Network {
    /// Whether a default route can go through it.
    pub fn leads_outside(&self) -> bool {
        !self.internal && (self.gateway.is_some() || self.is_routed() && self.parent().is_some())
    }
}

impl Container {
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.networks.values().any(|endpoint| {
            endpoint.address().map(IpAddr::V4) == Some(address)
                || endpoint.address6().map(IpAddr::V6) == Some(address)
        })
    }
}
