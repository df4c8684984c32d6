//! On which node a new task comes: where the service has fewest, then where there are fewest at all.

use jiff::Timestamp;

use super::constraint;
use crate::cluster::{Desired, NodeState, SwarmState, TaskState};

/// A node's id, or why there is none.
pub fn place(swarm: &SwarmState, task: &TaskState, now: Timestamp) -> Result<String, String> {
    let mut wrong = Counts::default();
    let mut found: Vec<&NodeState> = Vec::new();
    for node in swarm.nodes.values() {
        if !node.takes_tasks(now) {
            wrong.away += 1;
        } else if !constraints(task).all(|constraint| constraint::holds(constraint, node)) {
            wrong.constraint += 1;
        } else if is_port_taken(swarm, task, node) {
            wrong.port += 1;
        } else {
            found.push(node);
        }
    }
    let count = |node: &NodeState, of: Option<&str>| {
        let tasks = swarm.tasks.values().filter(|other| {
            other.node.as_deref() == Some(&node.id)
                && other.desired != Desired::Shutdown
                && of.is_none_or(|service| other.service == service)
        });
        tasks.count()
    };
    // One that failed there lately is better tried elsewhere.
    let failed = |node: &NodeState| {
        swarm.tasks.values().any(|other| {
            other.service == task.service
                && other.slot == task.slot
                && other.node.as_deref() == Some(&node.id)
                && other.desired == Desired::Shutdown
                && other.error.is_some()
                && swarm
                    .tasks
                    .values()
                    .filter(|third| third.service == task.service && third.slot == task.slot)
                    .all(|third| third.since <= other.since || third.id == task.id)
        })
    };
    let best = found.into_iter().min_by_key(|node| {
        let own = count(node, Some(&task.service));
        (
            own,
            failed(node),
            count(node, None),
            node.host,
            node.created,
        )
    });
    best.map(|node| node.id.clone())
        .ok_or_else(|| format!("no suitable node ({})", wrong.told()))
}

/// Whether a node may have a task of a service that has one on each.
pub fn may_have(task_constraints: &[String], node: &NodeState, now: Timestamp) -> bool {
    node.takes_tasks(now)
        && task_constraints
            .iter()
            .all(|constraint| constraint::holds(constraint, node))
}

fn constraints(task: &TaskState) -> impl Iterator<Item = &String> {
    let placement = task.spec.placement.as_ref();
    placement
        .and_then(|placement| placement.constraints.as_ref())
        .into_iter()
        .flatten()
}

/// A port in host mode is one machine's: another task there may have it.
fn is_port_taken(swarm: &SwarmState, task: &TaskState, node: &NodeState) -> bool {
    let ports = |task: &TaskState| {
        let service = swarm.services.get(&task.service);
        let published = service.map(|service| service.published.clone());
        let on_host = published.into_iter().flatten().filter(|port| port.on_host);
        on_host
            .map(|port| (port.protocol, port.outside))
            .filter(|(_, outside)| *outside != 0)
            .collect::<Vec<_>>()
    };
    let wanted = ports(task);
    !wanted.is_empty()
        && swarm.tasks.values().any(|other| {
            other.id != task.id
                && other.node.as_deref() == Some(&node.id)
                && !other.phase.is_over()
                && ports(other).iter().any(|port| wanted.contains(port))
        })
}

#[derive(Default)]
struct Counts {
    away: usize,
    constraint: usize,
    port: usize,
}

impl Counts {
    fn told(&self) -> String {
        let nodes = |count: usize| if count == 1 { "node" } else { "nodes" };
        let reasons = [
            (self.away, "not available for new tasks", true),
            (
                self.constraint,
                "scheduling constraints not satisfied on",
                false,
            ),
            (self.port, "host-mode port already in use on", false),
        ];
        let told: Vec<String> = reasons
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, why, first)| match first {
                true => format!("{count} {} {why}", nodes(*count)),
                false => format!("{why} {count} {}", nodes(*count)),
            })
            .collect();
        told.join("; ")
    }
}
