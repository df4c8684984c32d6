//! `/tasks`

use lab::{Error, Result, models::Task, options::ListTasksOptions};

use super::{filtered, model, show};
use crate::{
    Simulated,
    cluster::{Desired, SwarmState, TaskState},
};

impl Simulated {
    pub(super) fn tasks(&self, options: &ListTasksOptions) -> Result<Vec<Task>> {
        let mut machines = self.machines();
        let own = machines.cluster.members.get(&self.host);
        let own = own.map(|member| member.node.clone()).unwrap_or_default();
        let swarm = machines.managed(self.host)?;
        let mut tasks = Vec::new();
        for task in swarm.tasks.values() {
            let fits = |key: &str, value: &str| fits(swarm, task, &own, key, value);
            if filtered(options.filters.as_ref(), fits)? {
                tasks.push(model(show::task(swarm, task))?);
            }
        }
        Ok(tasks)
    }
}

pub fn find<'a>(swarm: &'a SwarmState, asked: &str) -> Result<&'a TaskState> {
    let begins = || {
        swarm
            .tasks
            .values()
            .filter(|task| task.id.starts_with(asked))
    };
    swarm
        .tasks
        .get(asked)
        .or_else(|| crate::world::one(begins()))
        .ok_or_else(|| Error::not_found(format!("task {asked} not found")))
}

/// `web.1`, or `web.<node>` of a service that has one on each.
pub fn name(swarm: &SwarmState, task: &TaskState) -> String {
    let service = swarm.services.get(&task.service);
    let service = service.map_or(task.service.as_str(), |service| service.name());
    match (task.slot, &task.node) {
        (Some(slot), _) => format!("{service}.{slot}"),
        (None, Some(node)) => format!("{service}.{node}"),
        (None, None) => service.to_owned(),
    }
}

fn fits(swarm: &SwarmState, task: &TaskState, own: &str, key: &str, value: &str) -> Option<bool> {
    Some(match key {
        "id" => task.id.starts_with(value),
        "name" => format!("{}.{}", name(swarm, task), task.id).starts_with(value),
        "service" => {
            task.service.starts_with(value)
                || swarm
                    .service(value)
                    .is_ok_and(|service| service.id == task.service)
        }
        "node" => {
            let node = swarm.node(value, own);
            node.is_ok_and(|node| task.node.as_deref() == Some(&node.id))
        }
        "desired-state" => match value {
            "running" => matches!(task.desired, Desired::Running | Desired::Ready),
            other => task.desired.word() == other,
        },
        "label" => false,
        "_up-to-date" | "runtime" => true,
        _ => return None,
    })
}
