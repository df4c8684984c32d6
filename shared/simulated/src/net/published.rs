//! Published ports: which container answers for a port of the host, and which port a new one gets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use lab::{Error, Result};
use serde::{Deserialize, Serialize};

use super::{Place, Protocol, sockets::Sockets};
use crate::world::{Container, World};

/// One published port, at one of the host's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub protocol: Protocol,
    pub inside: u16,
    pub host: SocketAddr,
}

impl Published {
    /// As Docker writes the inside: `80/tcp`.
    pub fn port(&self) -> String {
        format!("{}/{}", self.inside, self.protocol.name())
    }
}

/// What was asked for: a port inside, and which of the host's ports will do.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wanted {
    protocol: Protocol,
    inside: u16,
    at: Option<IpAddr>,
    /// From and to; 0 and 0 is any.
    range: (u16, u16),
}

impl Wanted {
    fn differs_only_in_address(&self, other: &Self) -> bool {
        (self.protocol, self.inside, self.range) == (other.protocol, other.inside, other.range)
    }
}

/// Where ports come from that nobody chose.
const EPHEMERAL: (u16, u16) = (32768, 60999);

impl World {
    /// Whose port of the host's this is.
    pub(super) fn publisher(
        &self,
        at: SocketAddr,
        protocol: Protocol,
    ) -> Option<(&Container, Published)> {
        let running = self
            .containers
            .values()
            .filter(|container| container.is_running());
        running
            .flat_map(|container| {
                let published = container.published.iter();
                published.map(move |published| (container, *published))
            })
            .find(|(_, published)| {
                published.protocol == protocol
                    && published.host.port() == at.port()
                    && hears(published.host.ip(), at.ip())
            })
    }

    /// Whether docker-proxy stands in the way of one who wants to listen there.
    pub(super) fn is_published(&self, at: SocketAddr, protocol: Protocol) -> bool {
        self.containers.values().any(|container| {
            container.published.iter().any(|published| {
                published.protocol == protocol
                    && published.host.port() == at.port()
                    && meet(published.host.ip(), at.ip())
            })
        })
    }

    /// Publishes a container's ports on the endpoint that leads outside, or takes them back where there is none.
    pub fn publish(&mut self, id: &str, sockets: &Sockets) -> Result<()> {
        let container = self.container(id)?;
        let outward = self.gateway_endpoint(container);
        let Some((_, endpoint)) = outward.filter(|(network, _)| network.is_bridge()) else {
            self.container_mut(id)?.published.clear();
            return Ok(());
        };
        if !container.published.is_empty() {
            return Ok(());
        }
        let endpoint_id = endpoint
            .attached
            .as_ref()
            .map(|attached| attached.id.clone());
        let inside = endpoint.address().unwrap_or(Ipv4Addr::UNSPECIFIED);
        let complain = format!(
            "driver failed programming external connectivity on endpoint {} ({}): ",
            container.name,
            endpoint_id.unwrap_or_default()
        );
        let mut published = Vec::new();
        let mut wanted = wanted(container)?.into_iter().peekable();
        let mut same = Vec::new();
        while let Some(one) = wanted.next() {
            same.extend(addresses(one.at));
            // Those that differ only in the host's address get the same port.
            if wanted
                .peek()
                .is_some_and(|next| next.differs_only_in_address(&one))
            {
                continue;
            }
            let port = self
                .port_for(&one, &same, inside, sockets, &published)
                .map_err(|why| Error::refused(500, format!("{complain}{why}")))?;
            published.extend(same.drain(..).map(|address| Published {
                protocol: one.protocol,
                inside: one.inside,
                host: SocketAddr::new(address, port),
            }));
        }
        self.container_mut(id)?.published = published;
        Ok(())
    }

    /// A port that is free at all these addresses.
    fn port_for(
        &mut self,
        wanted: &Wanted,
        at: &[IpAddr],
        inside: Ipv4Addr,
        sockets: &Sockets,
        mine: &[Published],
    ) -> std::result::Result<u16, String> {
        let allocated = |world: &Self, port: u16| {
            let others = world
                .containers
                .values()
                .flat_map(|container| &container.published);
            others.chain(mine).find_map(|other| {
                let clash = other.protocol == wanted.protocol
                    && other.host.port() == port
                    && at.iter().any(|address| meet(*address, other.host.ip()));
                clash.then_some(other.host.ip())
            })
        };
        let cannot = |address: IpAddr, port: u16, why: &str| {
            format!(
                "failed to bind host port for {}:{inside}:{}/{}: {why}",
                SocketAddr::new(address, port),
                wanted.inside,
                wanted.protocol.name()
            )
        };
        let elsewhere = at
            .iter()
            .copied()
            .find(|address| !address.is_unspecified() && !self.is_hosts_own(*address));
        if let Some(address) = elsewhere {
            return Err(cannot(
                address,
                wanted.range.0,
                "cannot assign requested address",
            ));
        }
        let in_use = |port: u16| {
            at.iter().copied().find(|address| {
                sockets.in_use(
                    &Place::Host,
                    SocketAddr::new(*address, port),
                    wanted.protocol,
                )
            })
        };
        let (from, to) = wanted.range;
        if from != 0 && from == to {
            if let Some(address) = allocated(self, from) {
                return Err(format!(
                    "Bind for {address}:{from} failed: port is already allocated"
                ));
            }
            return match in_use(from) {
                None => Ok(from),
                Some(address) => Err(cannot(address, from, "address already in use")),
            };
        }
        let (from, to) = if from == 0 { EPHEMERAL } else { wanted.range };
        let last = self
            .last_ports
            .entry((wanted.protocol, from, to))
            .or_insert(to);
        let start = *last;
        let count = u32::from(to - from) + 1;
        let port = (1..=count)
            .map(|step| {
                let offset = (u32::from(start - from) + step) % count;
                from + u16::try_from(offset).unwrap_or_default()
            })
            .find(|port| allocated(self, *port).is_none() && in_use(*port).is_none());
        match port {
            Some(port) => {
                self.last_ports.insert((wanted.protocol, from, to), port);
                Ok(port)
            }
            None => Err("all ports are allocated".to_owned()),
        }
    }
}

/// Exposed ports and their bindings, sorted as the bridge driver takes them: chosen ports before ranges.
fn wanted(container: &Container) -> Result<Vec<Wanted>> {
    let host = container.body.host_config.as_ref();
    let bindings = host.and_then(|host| host.port_bindings.as_ref());
    let mut ports: Vec<String> = crate::networks::inspect::exposed(container);
    ports.extend(bindings.into_iter().flatten().map(|(port, _)| port.clone()));
    ports.sort();
    ports.dedup();
    let all = host.is_some_and(|host| host.publish_all_ports == Some(true));
    let mut wanted = Vec::new();
    for port in ports {
        let (inside, protocol) = port.split_once('/').unwrap_or((&port, "tcp"));
        let (Ok(inside), Some(protocol)) = (inside.parse(), Protocol::named(protocol)) else {
            continue;
        };
        let bound = bindings.and_then(|bindings| bindings.get(&port));
        let bound: Vec<_> = bound.into_iter().flatten().flatten().collect();
        for binding in &bound {
            wanted.push(Wanted {
                protocol,
                inside,
                at: binding.host_ip.as_deref().and_then(|ip| ip.parse().ok()),
                range: host_ports(binding.host_port.as_deref().unwrap_or_default())?,
            });
        }
        if all && bound.is_empty() {
            wanted.push(Wanted {
                protocol,
                inside,
                at: None,
                range: (0, 0),
            });
        }
    }
    wanted.sort_by_key(|one| {
        let is_range = one.range.0 == 0 || one.range.0 != one.range.1;
        (is_range, one.inside, one.protocol, one.range, one.at)
    });
    Ok(wanted)
}

fn host_ports(text: &str) -> Result<(u16, u16)> {
    if text.is_empty() {
        return Ok((0, 0));
    }
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    match (from.parse(), to.parse()) {
        (Ok(from), Ok(to)) => Ok((from, to)),
        _ => Err(Error::refused(
            500,
            format!("Error parsing HostPort value({text}):invalid port"),
        )),
    }
}

/// No address is all of them, of both families.
fn addresses(asked: Option<IpAddr>) -> Vec<IpAddr> {
    asked.map_or_else(
        || vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()],
        |address| vec![address],
    )
}

fn hears(bound: IpAddr, to: IpAddr) -> bool {
    bound == to || bound.is_unspecified() && bound.is_ipv4() == to.is_ipv4()
}

fn meet(one: IpAddr, other: IpAddr) -> bool {
    hears(one, other) || hears(other, one)
}
