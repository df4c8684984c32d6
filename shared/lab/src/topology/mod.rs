//! What a lab looks like now, and what changed since: plain data, read from an engine's answers.
//!
//! It does not know how it is drawn (the page's layout does) nor who may reach whom (`reach` does).

mod read;

use std::{collections::BTreeMap, net::IpAddr};

use serde::{Deserialize, Serialize};

use crate::{ContainerId, NetworkId, host::HostFacts};

pub(crate) use read::is_predefined;
pub use read::read;

/// Everything on the engine, the lab's and what is not: networks, containers, and who hangs where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    pub host: HostFacts,
    pub networks: BTreeMap<NetworkId, NetworkNode>,
    pub containers: BTreeMap<ContainerId, ContainerNode>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are Docker's own yes-and-no facts, and independent"
)]
pub struct NetworkNode {
    pub id: NetworkId,
    pub name: String,
    /// `bridge`, `host`, `null` (the network called none), `macvlan`, `ipvlan`, `overlay`, …
    pub driver: String,
    /// `local` or `swarm`
    pub scope: String,
    pub subnets: Vec<Subnet>,
    pub internal: bool,
    pub attachable: bool,
    /// The bridge interface on the host, for bridge networks: `docker0`, `br-3f2a9c1e04b7`.
    pub interface: Option<String>,
    /// Answers names at 127.0.0.11: every user-defined network, never the default bridge.
    pub name_server: bool,
    /// RFC 3339, as the engine sent it.
    pub created: String,
    /// The lab's own; what is not is drawn dimmed and never changed.
    pub ours: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// In CIDR form: `172.18.0.0/16`.
    pub subnet: String,
    pub gateway: Option<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerNode {
    pub id: ContainerId,
    /// Without the slash that the API puts before it.
    pub name: String,
    /// As the learner wrote it: `nginx`, `mysql:5.7`.
    pub image: String,
    pub state: ContainerState,
    /// Of the last run, where there was one that ended.
    pub exit_code: Option<i64>,
    /// `bridge` (`default` on old engines), `host`, `none`, `container:<id>`, or a network's name.
    pub network_mode: String,
    pub endpoints: BTreeMap<NetworkId, Endpoint>,
    /// What `-p` published, and what the image exposes (`host` is `None`).
    pub ports: Vec<Port>,
    /// RFC 3339.
    pub created: String,
    pub ours: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContainerState {
    Created,
    Running,
    Paused,
    Restarting,
    Removing,
    Exited,
    Dead,
}

/// One container's attachment to one network. Without addresses while the container is not running.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub address: Option<IpAddr>,
    pub address_v6: Option<IpAddr>,
    pub mac: Option<String>,
    pub gateway: Option<IpAddr>,
    /// Names that this network's name server knows it by: its name, aliases, short id.
    pub names: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Port {
    pub container: u16,
    /// `tcp`, `udp`, `sctp`
    pub protocol: String,
    /// Address and port on the host, if published.
    pub host: Option<(IpAddr, u16)>,
}

/// One difference between two topologies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Host(HostFacts),
    /// New or different.
    Network(NetworkNode),
    NetworkRemoved(NetworkId),
    /// New or different.
    Container(ContainerNode),
    ContainerRemoved(ContainerId),
}

impl Topology {
    /// The changes that make `self` into `next`, in an order in which each can be applied.
    pub fn changes_to(&self, next: &Self) -> Vec<Change> {
        let mut changes = Vec::new();
        if self.host != next.host {
            changes.push(Change::Host(next.host.clone()));
        }
        let gone = |id| Change::ContainerRemoved(ContainerId::clone(id));
        changes.extend(removed(&self.containers, &next.containers).map(gone));
        let gone = |id| Change::NetworkRemoved(NetworkId::clone(id));
        changes.extend(removed(&self.networks, &next.networks).map(gone));
        changes.extend(changed(&self.networks, &next.networks).map(Change::Network));
        changes.extend(changed(&self.containers, &next.containers).map(Change::Container));
        changes
    }

    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Host(host) => self.host = host,
            Change::Network(network) => {
                self.networks.insert(network.id.clone(), network);
            }
            Change::NetworkRemoved(id) => {
                self.networks.remove(&id);
            }
            Change::Container(container) => {
                self.containers.insert(container.id.clone(), container);
            }
            Change::ContainerRemoved(id) => {
                self.containers.remove(&id);
            }
        }
    }
}

fn removed<'a, K: Ord, V>(
    now: &'a BTreeMap<K, V>,
    next: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = &'a K> {
    now.keys().filter(|key| !next.contains_key(key))
}

fn changed<'a, K: Ord, V: PartialEq + Clone>(
    now: &'a BTreeMap<K, V>,
    next: &'a BTreeMap<K, V>,
) -> impl Iterator<Item = V> {
    next.iter()
        .filter(|(key, value)| now.get(key) != Some(value))
        .map(|(_, value)| value.clone())
}
