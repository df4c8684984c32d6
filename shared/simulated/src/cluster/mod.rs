//! What machines of a swarm share: its nodes, services and tasks, and the networks that span them. Data only: what
//! happens to it is in `swarm`.

mod overlay;

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use jiff::Timestamp;
use lab::{
    Error, Result,
    models::{ServiceSpec, TaskSpec},
};
use serde::{Deserialize, Serialize};

pub use overlay::{Overlay, Shared, Virtual};

use crate::machines::Machines;

/// A node that said good-bye is seen to be down after three heartbeats.
pub const NOTICED_AFTER: Duration = Duration::from_secs(15);

const NO_MANAGER: &str = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";
const A_WORKER: &str = "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. Please run this command on a manager node or promote the current node to a manager.";
const NO_QUORUM: &str = "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.";

/// All swarms that the machines are in (usually one), and who is in which.
#[derive(Default, Serialize, Deserialize)]
pub struct Cluster {
    pub swarms: BTreeMap<String, SwarmState>,
    /// By machine.
    pub members: BTreeMap<usize, Member>,
}

/// A machine's place in a swarm.
#[derive(Clone, Serialize, Deserialize)]
pub struct Member {
    /// None while it tries to join one that does not answer.
    pub swarm: Option<String>,
    pub node: String,
    pub address: String,
    /// Under which its networks know it.
    pub peer: String,
    /// Whom it asked to join.
    pub remote: String,
}

/// A swarm, as its managers know it.
#[derive(Serialize, Deserialize)]
pub struct SwarmState {
    pub id: String,
    pub created: Timestamp,
    /// Grows with each change.
    pub index: u64,
    /// Of its certificates; in both tokens.
    pub digest: String,
    pub worker_secret: String,
    pub manager_secret: String,
    pub nodes: BTreeMap<String, NodeState>,
    pub services: BTreeMap<String, ServiceState>,
    pub tasks: BTreeMap<String, TaskState>,
    pub networks: BTreeMap<String, Shared>,
    pub next_vxlan: u32,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct NodeState {
    pub id: String,
    /// Which machine.
    pub host: usize,
    pub name: String,
    pub address: String,
    pub manager: bool,
    pub leader: bool,
    /// `active`, `pause`, `drain`
    pub availability: String,
    pub labels: BTreeMap<String, String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub version: u64,
    /// It has left, or lost its swarm.
    pub left: Option<Timestamp>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct ServiceState {
    pub id: String,
    pub version: u64,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub spec: ServiceSpec,
    pub previous: Option<ServiceSpec>,
    /// When an update of its tasks began, and when it was done.
    pub update: Option<(Timestamp, Option<Timestamp>)>,
    /// Its address on each of its networks, by network id; the ingress network first.
    pub addresses: Vec<(String, Ipv4Addr)>,
    /// Target and published port, where docker chose or was told one.
    pub published: Vec<Published>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub protocol: String,
    pub inside: u16,
    pub outside: u16,
    /// Only on the machines where a task is (`mode=host`).
    pub on_host: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct TaskState {
    pub id: String,
    pub version: u64,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub service: String,
    /// Of a replicated service: from 1.
    pub slot: Option<u64>,
    pub node: Option<String>,
    pub spec: TaskSpec,
    pub phase: Phase,
    pub since: Timestamp,
    pub message: String,
    pub error: Option<String>,
    pub container: Option<String>,
    pub pid: i64,
    pub exit: Option<i64>,
    pub desired: Desired,
    /// A replacement waits this long before it starts.
    pub not_before: Option<Timestamp>,
    /// By network id, in the order of the interfaces.
    pub addresses: Vec<(String, Ipv4Addr)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Phase {
    Pending,
    Ready,
    Running,
    Complete,
    Shutdown,
    Failed,
    Rejected,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Desired {
    Ready,
    Running,
    Shutdown,
}

impl Phase {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Shutdown => "shutdown",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
        }
    }

    pub fn is_over(self) -> bool {
        self > Self::Running
    }
}

impl Desired {
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Shutdown => "shutdown",
        }
    }
}

impl NodeState {
    pub fn is_down(&self, now: Timestamp) -> bool {
        self.left.is_some_and(|left| {
            left.checked_add(NOTICED_AFTER)
                .is_ok_and(|noticed| noticed <= now)
        })
    }

    /// Whether new tasks may be given to it.
    pub fn takes_tasks(&self, now: Timestamp) -> bool {
        self.availability == "active" && !self.is_down(now)
    }
}

impl SwarmState {
    pub fn next_index(&mut self) -> u64 {
        self.index += 1;
        self.index
    }

    pub fn token(&self, manager: bool) -> String {
        let secret = if manager {
            &self.manager_secret
        } else {
            &self.worker_secret
        };
        format!("SWMTKN-1-{}-{secret}", self.digest)
    }

    /// Managers that answer, and all there are.
    pub fn managers(&self) -> (usize, usize) {
        let managers = || self.nodes.values().filter(|node| node.manager);
        let reachable = managers().filter(|node| node.left.is_none()).count();
        (reachable, managers().count())
    }

    pub fn has_quorum(&self) -> bool {
        let (reachable, all) = self.managers();
        reachable * 2 > all
    }

    /// By id, name, or the beginning of an id.
    pub fn service(&self, asked: &str) -> Result<&ServiceState> {
        let by_name = self
            .services
            .values()
            .find(|service| service.spec.name.as_deref() == Some(asked));
        self.services
            .get(asked)
            .or(by_name)
            .or_else(|| {
                crate::world::one(
                    self.services
                        .values()
                        .filter(|service| service.id.starts_with(asked)),
                )
            })
            .ok_or_else(|| Error::not_found(format!("service {asked} not found")))
    }

    /// By id, name, or the beginning of an id; `self` is the caller's own.
    pub fn node(&self, asked: &str, own: &str) -> Result<&NodeState> {
        let asked_id = if asked == "self" { own } else { asked };
        if let Some(node) = self.nodes.get(asked_id) {
            return Ok(node);
        }
        let named: Vec<&NodeState> = self
            .nodes
            .values()
            .filter(|node| node.name == asked)
            .collect();
        match named[..] {
            [node] => return Ok(node),
            [] => {}
            _ => {
                let message = format!("node {asked} is ambiguous ({} matches found)", named.len());
                return Err(Error::refused(500, message));
            }
        }
        let begins = self
            .nodes
            .values()
            .filter(|node| !asked.is_empty() && node.id.starts_with(asked));
        crate::world::one(begins).ok_or_else(|| Error::not_found(format!("node {asked} not found")))
    }
}

impl Machines {
    pub fn swarm_of(&self, host: usize) -> Option<(&SwarmState, &Member)> {
        let member = self.cluster.members.get(&host)?;
        let swarm = self.cluster.swarms.get(member.swarm.as_ref()?)?;
        Some((swarm, member))
    }

    pub fn is_manager(&self, host: usize) -> bool {
        self.swarm_of(host).is_some_and(|(swarm, member)| {
            swarm
                .nodes
                .get(&member.node)
                .is_some_and(|node| node.manager)
        })
    }

    /// The swarm that this machine manages, or what docker says where it manages none.
    pub fn managed(&mut self, host: usize) -> Result<&mut SwarmState> {
        let Some(member) = self.cluster.members.get(&host) else {
            return Err(Error::refused(503, NO_MANAGER));
        };
        let is_manager = self.is_manager(host);
        let swarm = member.swarm.clone();
        let swarm = swarm.and_then(|swarm| self.cluster.swarms.get_mut(&swarm));
        match swarm {
            Some(swarm) if is_manager && swarm.has_quorum() => Ok(swarm),
            Some(_) if is_manager => Err(Error::refused(500, NO_QUORUM)),
            _ => Err(Error::refused(503, A_WORKER)),
        }
    }
}

/// What docker says on a machine that manages no swarm, worker or not, where it does not look further.
pub fn not_a_manager() -> Error {
    Error::refused(403, NO_MANAGER)
}
