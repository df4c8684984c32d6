//! What the kernel shows of a namespace: interfaces, routes, neighbours.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::Place;
use crate::{
    machines::LAN_PREFIX,
    world::{Endpoint, Network, World},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// 1 is `lo`.
    pub index: u32,
    pub name: String,
    /// The index of the other end of a pair (`eth0@if7`).
    pub peer: Option<u32>,
    pub mtu: u32,
    /// None for `lo`.
    pub mac: Option<String>,
    /// With their prefixes, IPv4 first.
    pub addresses: Vec<IpNet>,
    /// As `ip` shows them, in its order.
    pub flags: Vec<&'static str>,
    /// Packets and bytes received and sent.
    pub received: (u64, u64),
    pub sent: (u64, u64),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// `0.0.0.0/0` is the default route.
    pub to: IpNet,
    pub gateway: Option<IpAddr>,
    pub device: String,
    pub source: Option<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    pub address: IpAddr,
    pub mac: Option<String>,
    pub device: String,
}

/// The other end is in another namespace, which busybox shows as `M-DOWN`.
const UP: [&str; 5] = ["BROADCAST", "MULTICAST", "UP", "LOWER_UP", "M-DOWN"];

pub(super) fn interfaces(world: &World, place: &Place) -> Vec<Interface> {
    let mut all = vec![loopback()];
    match place {
        Place::Host => all.extend(hosts(world)),
        Place::Container(id) => {
            let attached = world
                .containers
                .get(id)
                .map(|container| world.attached(container));
            let attached = attached.into_iter().flatten();
            all.extend(attached.filter_map(|(network, endpoint)| of(network, endpoint)));
        }
    }
    all
}

fn loopback() -> Interface {
    Interface {
        index: 1,
        name: "lo".to_owned(),
        peer: None,
        mtu: 65536,
        mac: None,
        addresses: net(Ipv4Addr::LOCALHOST, 8)
            .into_iter()
            .chain(Ipv6Net::new(Ipv6Addr::LOCALHOST, 128).ok().map(IpNet::V6))
            .collect(),
        flags: vec!["LOOPBACK", "UP", "LOWER_UP"],
        received: (0, 0),
        sent: (0, 0),
    }
}

fn of(network: &Network, endpoint: &Endpoint) -> Option<Interface> {
    let link = endpoint.link()?;
    let four = endpoint.address().zip(network.subnet);
    let four = four.and_then(|(address, subnet)| net(address, subnet.prefix_len()));
    let six = endpoint.address6().zip(network.subnet6);
    let six = six.and_then(|(address, subnet)| Ipv6Net::new(address, subnet.prefix_len()).ok());
    Some(Interface {
        index: link.index,
        name: format!("eth{}", link.number),
        peer: Some(link.peer),
        mtu: network.mtu(),
        mac: Some(link.mac.clone()),
        addresses: four.into_iter().chain(six.map(IpNet::V6)).collect(),
        flags: UP.to_vec(),
        received: (0, 0),
        sent: (0, 0),
    })
}

/// `eth0`, then the bridges.
fn hosts(world: &World) -> Vec<Interface> {
    let link = |index, name: &str, address, prefix, mtu| Interface {
        index,
        name: name.to_owned(),
        peer: None,
        mtu,
        mac: Some("02:42:c0:a8:41:03".to_owned()),
        addresses: net(address, prefix).into_iter().collect(),
        flags: UP[..4].to_vec(),
        received: (0, 0),
        sent: (0, 0),
    };
    let bridges = world.networks.values().filter_map(|network| {
        let (gateway, subnet) = network.gateway.zip(network.subnet)?;
        (network.driver == "bridge").then_some((network, gateway, subnet))
    });
    let bridges = (3..)
        .zip(bridges)
        .map(|(index, (network, gateway, subnet))| {
            link(
                index,
                &network.bridge_name(),
                gateway,
                subnet.prefix_len(),
                network.mtu(),
            )
        });
    let outward = link(2, "eth0", world.address, LAN_PREFIX, 1500);
    std::iter::once(outward).chain(bridges).collect()
}

pub(super) fn routes(world: &World, place: &Place) -> Vec<Route> {
    let mut routes = Vec::new();
    if let Place::Container(id) = place
        && let Some(container) = world.containers.get(id)
        && let Some((network, endpoint)) = world.gateway_endpoint(container)
        && let Some(link) = endpoint.link()
    {
        routes.push(Route {
            to: IpNet::V4(Ipv4Net::default()),
            gateway: network
                .gateway
                .filter(|_| !network.is_routed())
                .map(IpAddr::V4),
            device: format!("eth{}", link.number),
            source: None,
        });
    }
    // As the kernel has them: the default route, then by destination.
    let mut connected = Vec::new();
    for interface in interfaces(world, place).into_iter().skip(1) {
        for address in &interface.addresses {
            connected.push(Route {
                to: address.trunc(),
                gateway: None,
                device: interface.name.clone(),
                source: Some(address.addr()),
            });
        }
    }
    connected.sort_by_key(|route| (route.to.addr(), route.to.prefix_len()));
    routes.extend(connected);
    routes
}

/// Nothing is remembered yet of who has talked to whom.
pub(super) fn neighbours(_: &World, _: &Place) -> Vec<Neighbour> {
    Vec::new()
}

fn net(address: Ipv4Addr, prefix: u8) -> Option<IpNet> {
    Ipv4Net::new(address, prefix).ok().map(IpNet::V4)
}
