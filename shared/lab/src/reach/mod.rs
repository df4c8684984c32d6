//! Can one container reach another, by this name or address? The packet's path, and one sentence why.
//!
//! A pure function of the topology: `reach` never asks an engine, and does not know what listens on a port.

mod names;
mod route;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    ContainerId, NetworkId,
    topology::{ContainerNode, ContainerState, Topology},
};

/// Whom a packet is meant for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// As a program is told: `web`; an address is taken as one.
    Name(String),
    /// At the address where it is best reached.
    Container(ContainerId),
    Address(IpAddr),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Where the packet comes by, from the container that sends it to where it arrives or dies.
    pub hops: Vec<Hop>,
    pub outcome: Outcome,
    /// One sentence for people.
    pub why: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "hop", rename_all = "snake_case")]
pub enum Hop {
    /// It sends the packet, or the packet arrives at it.
    Container { id: ContainerId },
    /// Before the packet: a question for the name's address. Without a server there is nobody to ask.
    Asks {
        name: String,
        server: Option<NameServer>,
        answer: Option<IpAddr>,
    },
    /// Along a network's rail.
    Network { id: NetworkId },
    /// Through the host, or to it.
    Host,
    /// Out of the host's interface.
    Outside,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "server", rename_all = "snake_case")]
pub enum NameServer {
    /// Docker's own, at 127.0.0.11 in each container of a user-defined network.
    Docker { network: NetworkId },
    /// The host's, of which a container has a copy; the address where it is known.
    Host { address: Option<IpAddr> },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It arrives, and the answer comes back.
    Ok,
    /// Out of the host; what answers there is not the lab's to know.
    Leaves,
    /// Nobody knows the name.
    NoName {
        asked: String,
    },
    /// No way leads there from here.
    NoRoute,
    /// A way leads there, but the host drops what comes from one bridge for another.
    Isolated {
        from: NetworkId,
        to: NetworkId,
    },
    /// The way leads there, but nobody has that address.
    Nobody {
        address: IpAddr,
    },
    NotRunning {
        container: ContainerId,
    },
    /// Not in this topology.
    Unknown {
        container: ContainerId,
    },
}

/// The path of a packet that `from` sends to `to`.
pub fn reach(topology: &Topology, from: &ContainerId, to: &Target) -> Reach {
    let hops = vec![Hop::Container { id: from.clone() }];
    let Some(sender) = topology.containers.get(from) else {
        return unknown(hops, from);
    };
    if !is_up(sender) {
        return not_running(hops, sender);
    }
    let trace = Trace {
        topology,
        sender,
        hops,
    };
    match to {
        Target::Address(address) => trace.send(*address),
        Target::Container(id) => trace.meet(id),
        Target::Name(name) => trace.by_name(name),
    }
}

/// A packet on its way.
struct Trace<'a> {
    topology: &'a Topology,
    sender: &'a ContainerNode,
    hops: Vec<Hop>,
}

impl Trace<'_> {
    fn via(mut self, hops: impl IntoIterator<Item = Hop>) -> Self {
        self.hops.extend(hops);
        self
    }

    fn ends(self, outcome: Outcome, why: String) -> Reach {
        Reach {
            hops: self.hops,
            outcome,
            why,
        }
    }
}

/// What a container sees of the network: interfaces of its own (or another container's), the host's, or only loopback.
enum Stack<'a> {
    Own(&'a ContainerNode),
    Host,
    Loopback,
}

fn stack<'a>(topology: &'a Topology, container: &'a ContainerNode) -> Stack<'a> {
    let mut container = container;
    // A chain of `container:` modes is short, and never a ring on a real engine.
    for _ in 0..8 {
        let Some(shared) = container.network_mode.strip_prefix("container:") else {
            break;
        };
        match named(topology, shared) {
            Some(other) => container = other,
            None => return Stack::Loopback,
        }
    }
    match container.network_mode.as_str() {
        "host" => Stack::Host,
        "none" => Stack::Loopback,
        mode if mode.starts_with("container:") => Stack::Loopback,
        _ => Stack::Own(container),
    }
}

fn named<'a>(topology: &'a Topology, name_or_id: &str) -> Option<&'a ContainerNode> {
    let by_id = topology.containers.get(&ContainerId::new(name_or_id));
    by_id.or_else(|| {
        topology
            .containers
            .values()
            .find(|container| container.name == name_or_id)
    })
}

fn is_up(container: &ContainerNode) -> bool {
    container.state == ContainerState::Running
}

fn not_running(hops: Vec<Hop>, container: &ContainerNode) -> Reach {
    let state = match container.state {
        ContainerState::Paused => "is paused: it neither sends nor answers",
        _ => "is not running: it has no address",
    };
    Reach {
        hops,
        outcome: Outcome::NotRunning {
            container: container.id.clone(),
        },
        why: format!("{} {state}", container.name),
    }
}

fn unknown(hops: Vec<Hop>, id: &ContainerId) -> Reach {
    Reach {
        hops,
        outcome: Outcome::Unknown {
            container: id.clone(),
        },
        why: format!("the container {} is not there any more", id.short()),
    }
}
