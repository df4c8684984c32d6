//! Names: `/etc/hosts`, Docker's name server at 127.0.0.11, and the host's, whom nobody answers for.

use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr},
};

use crate::{
    Simulated,
    world::{Container, World},
};

/// What a name server says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Who was asked: 127.0.0.11, or the host's name server.
    pub server: IpAddr,
    pub status: Status,
    /// In the order of the answer.
    pub addresses: Vec<IpAddr>,
    /// The answer to the question for an address's name.
    pub name: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    NoError,
    NoSuchName,
    ServerFailure,
    /// Nobody answers.
    TimedOut,
}

/// The host's name server; nobody answers there, for nothing is outside.
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 168, 65, 1));
const DOCKERS: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11));

pub(super) fn resolve(simulated: &Simulated, container: Option<&str>, name: &str) -> Vec<IpAddr> {
    if let Ok(address) = name.parse() {
        return vec![address];
    }
    let Some(container) = container else {
        return if name == "localhost" {
            vec![Ipv4Addr::LOCALHOST.into()]
        } else {
            Vec::new()
        };
    };
    let found = simulated.world().resolve(container, name);
    found.map(IpAddr::V4).into_iter().collect()
}

pub(super) fn ask(simulated: &Simulated, container: Option<&str>, name: &str) -> Answer {
    let world = simulated.world();
    let server = server(&world, container);
    let found = container.and_then(|container| world.resolve(container, name));
    Answer {
        server,
        status: if found.is_some() {
            Status::NoError
        } else {
            Status::NoSuchName
        },
        addresses: found.map(IpAddr::V4).into_iter().collect(),
        name: None,
    }
}

pub(super) fn ask_back(simulated: &Simulated, container: Option<&str>, address: IpAddr) -> Answer {
    let world = simulated.world();
    let server = server(&world, container);
    let found = container.and_then(|container| {
        let container = world.containers.get(container)?;
        world
            .attached(container)
            .into_iter()
            .find_map(|(network, _)| {
                let holder = world.holder(network, address)?;
                network
                    .has_names()
                    .then(|| format!("{}.{}", holder.name, network.name))
            })
    });
    Answer {
        server,
        status: if found.is_some() {
            Status::NoError
        } else {
            Status::NoSuchName
        },
        addresses: Vec::new(),
        name: found,
    }
}

fn server(world: &World, container: Option<&str>) -> IpAddr {
    let container = container.and_then(|id| world.containers.get(id));
    let has_names = container.is_some_and(|container| {
        let attached = world.attached(container).into_iter();
        attached
            .map(|(network, _)| network)
            .any(crate::world::Network::has_names)
    });
    if has_names { DOCKERS } else { OUTSIDE }
}

impl World {
    /// `/etc/hosts` as Docker writes it for a container.
    #[allow(
        clippy::unused_self,
        reason = "the addresses of others come to be in it"
    )]
    pub fn hosts_file(&self, container: &Container) -> String {
        let mut hosts = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n".to_owned();
        for address in super::own_addresses(container) {
            let _ = writeln!(hosts, "{address}\t{}", container.hostname());
        }
        hosts
    }

    /// `/etc/resolv.conf` as Docker writes it for a container.
    pub fn resolv_conf(&self, container: &Container) -> String {
        match server(self, Some(&container.id)) {
            server if server == DOCKERS => format!("nameserver {server}\noptions ndots:0\n"),
            server => format!("nameserver {server}\n"),
        }
    }
}
