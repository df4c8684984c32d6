//! Names: `/etc/hosts`, Docker's name server at 127.0.0.11, and the host's, whom nobody answers for.

use std::net::{IpAddr, Ipv4Addr};

use super::Place;
use crate::{
    Simulated,
    machines::ROUTER,
    world::{Container, Endpoint, Network, World},
};

/// What a name server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who was asked: 127.0.0.11, or the host's name server.
    pub server: IpAddr,
    pub status: Status,
    /// IPv4 and IPv6, each in the order of the answer; empty of one kind where the name has only the other.
    pub addresses: Vec<IpAddr>,
    /// The answer to the question for an address's name.
    pub name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    NoError,
    NoSuchName,
    /// At once, where Docker's name server has nobody to ask: on internal networks.
    ServerFailure,
    /// Nobody answers: a program gives up after its own patience (busybox's `nslookup` after 5 s).
    TimedOut,
}

/// The host's name server; nobody answers there, for nothing is outside.
pub const OUTSIDE: IpAddr = IpAddr::V4(ROUTER);
pub const DOCKERS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11));

pub(super) fn resolve(simulated: &Simulated, container: Option<&str>, name: &str) -> Vec<IpAddr> {
    if let Ok(address) = name.parse() {
        return vec![address];
    }
    let known = {
        let world = simulated.world();
        let container = container.and_then(|id| world.containers.get(id));
        let hosts = container.map_or_else(
            || HOSTS_OF_HOST.to_owned(),
            |container| world.text_of(container, "/etc/hosts"),
        );
        in_hosts(&hosts, name)
    };
    if known.is_empty() {
        return ask(simulated, container, name).addresses;
    }
    known
}

/// What `/etc/hosts` says, IPv4 first, as the C library gives it.
fn in_hosts(hosts: &str, name: &str) -> Vec<IpAddr> {
    let lines = hosts.lines().filter_map(|line| {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let address: IpAddr = words.next()?.parse().ok()?;
        words
            .any(|word| word.eq_ignore_ascii_case(name))
            .then_some(address)
    });
    let mut found: Vec<IpAddr> = lines.collect();
    found.sort_by_key(IpAddr::is_ipv6);
    found
}

pub(super) fn ask(simulated: &Simulated, container: Option<&str>, name: &str) -> Answer {
    let mut world = simulated.world();
    let asker = container.and_then(|id| world.who_asks(id));
    let Some(asker) = asker else {
        return nobody(OUTSIDE);
    };
    if !world.has_resolver(asker) {
        return nobody(OUTSIDE);
    }
    let mut addresses = world.known_to_docker(asker, name);
    if addresses.is_empty() {
        return world.forwarded(asker);
    }
    // Several answer in turn.
    world.questions = world.questions.wrapping_add(1);
    let (mut four, mut six): (Vec<IpAddr>, Vec<IpAddr>) =
        addresses.drain(..).partition(IpAddr::is_ipv4);
    for family in [&mut four, &mut six] {
        let count = family.len().max(1);
        family.rotate_left((world.questions as usize + count - 1) % count);
    }
    Answer {
        server: DOCKERS,
        status: Status::NoError,
        addresses: [four, six].concat(),
        name: None,
    }
}

pub(super) fn ask_back(simulated: &Simulated, container: Option<&str>, address: IpAddr) -> Answer {
    let world = simulated.world();
    let Some(asker) = container.and_then(|id| world.who_asks(id)) else {
        return nobody(OUTSIDE);
    };
    if !world.has_resolver(asker) {
        return nobody(OUTSIDE);
    }
    let found = world.attached(asker).into_iter().find_map(|(network, _)| {
        let mut here = world.on_network(network);
        let (_, endpoint) = here.find(|(_, endpoint)| {
            endpoint.address().map(IpAddr::V4) == Some(address)
                || endpoint.address6().map(IpAddr::V6) == Some(address)
        })?;
        let first = endpoint.dns_names.as_ref()?.first()?;
        Some(format!("{first}.{}", network.name))
    });
    match found {
        None => world.forwarded(asker),
        name => Answer {
            server: DOCKERS,
            status: Status::NoError,
            addresses: Vec::new(),
            name,
        },
    }
}

fn nobody(server: IpAddr) -> Answer {
    Answer {
        server,
        status: Status::TimedOut,
        addresses: Vec::new(),
        name: None,
    }
}

impl World {
    /// The container whose files and networks count: its own, or that of the namespace it shares.
    pub fn who_asks(&self, id: &str) -> Option<&Container> {
        match self.place(id) {
            Place::Container(id) => self.containers.get(&id),
            Place::Host => self.containers.get(id),
        }
    }

    /// Whether Docker's name server listens at 127.0.0.11 in its namespace: as soon as it is on a network with names.
    fn has_resolver(&self, container: &Container) -> bool {
        let attached = self.attached(container).into_iter();
        attached.map(|(network, _)| network).any(Network::has_names)
    }

    /// What Docker's name server does with a name that it does not know.
    fn forwarded(&self, container: &Container) -> Answer {
        let outward = self.gateway_endpoint(container).is_some();
        Answer {
            status: if outward {
                Status::TimedOut
            } else {
                Status::ServerFailure
            },
            ..nobody(DOCKERS)
        }
    }

    /// `name`, `name.network`, and every other way to cut it at a dot.
    fn known_to_docker(&self, asker: &Container, name: &str) -> Vec<IpAddr> {
        let name = name.trim_end_matches('.').to_lowercase();
        let cuts = name.match_indices('.').rev();
        let cuts = cuts.map(|(at, _)| (&name[..at], Some(&name[at + 1..])));
        std::iter::once((&name[..], None))
            .chain(cuts)
            .map(|(name, network)| self.on_networks_of(asker, name, network))
            .find(|addresses| !addresses.is_empty())
            .unwrap_or_default()
    }

    /// The first of its networks on which the name is known; the one with the default route is asked first.
    fn on_networks_of(&self, asker: &Container, name: &str, only: Option<&str>) -> Vec<IpAddr> {
        let mut attached = self.attached(asker);
        attached.sort_by_key(|(network, endpoint)| {
            (
                -endpoint.gateway_priority(),
                network.internal,
                network.name.clone(),
            )
        });
        let found = attached
            .into_iter()
            .filter(|(network, _)| network.has_names())
            .filter(|(network, _)| only.is_none_or(|only| network.name.eq_ignore_ascii_case(only)))
            .map(|(network, own)| self.on_one(network, own, name));
        found
            .into_iter()
            .find(|addresses| !addresses.is_empty())
            .unwrap_or_default()
    }

    fn on_one(&self, network: &Network, own: &Endpoint, name: &str) -> Vec<IpAddr> {
        let links = own.asked.links.iter().flatten();
        let linked = links.filter_map(|link| link.split_once(':'));
        let name = linked
            .filter(|(_, alias)| alias.eq_ignore_ascii_case(name))
            .map(|(container, _)| container.to_lowercase())
            .next()
            .unwrap_or_else(|| name.to_owned());
        let mut holders: Vec<&Endpoint> = self
            .on_network(network)
            .map(|(_, endpoint)| endpoint)
            .filter(|endpoint| {
                let mut names = endpoint.dns_names.iter().flatten();
                names.any(|known| known.to_lowercase() == name)
            })
            .collect();
        // Who came first is named first.
        holders.sort_by_key(|endpoint| endpoint.link().map(crate::networks::Link::order));
        let four = holders.iter().filter_map(|endpoint| endpoint.address());
        // Of other machines, and of services.
        let four = four.chain(network.elsewhere(&name).iter().copied());
        let six = holders.iter().filter_map(|endpoint| endpoint.address6());
        four.map(IpAddr::V4).chain(six.map(IpAddr::V6)).collect()
    }

    /// A file that Docker writes, as it is now: somebody inside may have changed it.
    fn text_of(&self, container: &Container, path: &str) -> String {
        let container = self.who_asks(&container.id).unwrap_or(container);
        let changed = container.files.own().nodes().any(|(own, _)| own == path);
        match container.files.read(path) {
            Ok(bytes) if changed => String::from_utf8_lossy(&bytes).into_owned(),
            _ => self.hosts_file(container),
        }
    }
}

/// The host's own `/etc/hosts`, which containers in host mode have too.
pub const HOSTS_OF_HOST: &str = "127.0.0.1\tlocalhost\n";
