//! `/nodes`

use lab::{
    Error, Result,
    models::{Node, NodeSpec, NodeSpecAvailabilityEnum, NodeSpecRoleEnum},
    options::{ListNodesOptions, UpdateNodeOptions},
};
use serde_json::Value;

use super::{filtered, member::elect, model, show};
use crate::{
    Simulated,
    cluster::{NodeState, SwarmState},
    machines::Machines,
};

impl Simulated {
    pub(super) fn nodes(&self, options: &ListNodesOptions) -> Result<Vec<Node>> {
        let now = self.now();
        let mut machines = self.machines();
        let swarm = machines.managed(self.host)?;
        let mut nodes = Vec::new();
        for node in swarm.nodes.values() {
            let fits = |key: &str, value: &str| fits(node, key, value);
            if filtered(options.filters.as_ref(), fits)? {
                nodes.push(model(show::node(node, now))?);
            }
        }
        Ok(nodes)
    }

    pub(super) fn node(&self, asked: &str) -> Result<Value> {
        let now = self.now();
        let mut machines = self.machines();
        let (swarm, own) = managed_by(&mut machines, self.host)?;
        Ok(show::node(swarm.node(asked, &own)?, now))
    }

    pub(super) fn change_node(
        &self,
        asked: &str,
        options: &UpdateNodeOptions,
        spec: &NodeSpec,
    ) -> Result<()> {
        let now = self.now();
        let mut machines = self.machines();
        let (swarm, own) = managed_by(&mut machines, self.host)?;
        let node = swarm.node(asked, &own)?.clone();
        if u64::try_from(options.version) != Ok(node.version) {
            let message = "rpc error: code = Unknown desc = update out of sequence";
            return Err(Error::refused(500, message));
        }
        let manager = match spec.role {
            Some(NodeSpecRoleEnum::MANAGER) => true,
            Some(NodeSpecRoleEnum::WORKER) => false,
            _ => node.manager,
        };
        if node.manager && !manager && swarm.managers().1 == 1 {
            let message = "rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm";
            return Err(Error::refused(400, message));
        }
        let availability = match spec.availability {
            None | Some(NodeSpecAvailabilityEnum::EMPTY) => node.availability.clone(),
            Some(other) => other.to_string(),
        };
        let version = swarm.next_index();
        let changed = NodeState {
            manager,
            leader: node.leader && manager,
            availability,
            labels: spec
                .labels
                .clone()
                .unwrap_or_default()
                .into_iter()
                .collect(),
            updated: now,
            version,
            ..node
        };
        swarm.nodes.insert(changed.id.clone(), changed);
        elect(swarm);
        Ok(())
    }

    pub(super) fn forget_node(&self, asked: &str, force: bool) -> Result<()> {
        let now = self.now();
        let mut machines = self.machines();
        let (swarm, own) = managed_by(&mut machines, self.host)?;
        let node = swarm.node(asked, &own)?.clone();
        let id = &node.id;
        let refused = |why: String| {
            let message = format!("rpc error: code = FailedPrecondition desc = {why}");
            Err(Error::refused(400, message))
        };
        if node.manager {
            return refused(format!(
                "node {id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal"
            ));
        }
        if !force && !node.is_down(now) {
            return refused(format!("node {id} is not down and can't be removed"));
        }
        swarm.next_index();
        swarm.nodes.remove(id);
        Ok(())
    }
}

/// The swarm that a machine manages, and the id of the machine's own node.
fn managed_by(machines: &mut Machines, host: usize) -> Result<(&mut SwarmState, String)> {
    let own = machines.cluster.members.get(&host);
    let own = own.map(|member| member.node.clone()).unwrap_or_default();
    Ok((machines.managed(host)?, own))
}

fn fits(node: &NodeState, key: &str, value: &str) -> Option<bool> {
    Some(match key {
        "id" => node.id.starts_with(value),
        "name" => node.name.starts_with(value),
        "role" => (value == "manager") == node.manager,
        "membership" => value == "accepted",
        "label" => false,
        "node.label" => crate::networks::has_label(&node.labels, value),
        _ => return None,
    })
}
