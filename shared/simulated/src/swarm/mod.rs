//! `/swarm`, `/nodes`, `/services`, `/tasks`

mod constraint;
mod logs;
mod member;
mod networks;
mod nodes;
mod orchestrate;
mod services;
mod show;
mod spread;
mod tasks;

use async_trait::async_trait;
use lab::{
    OutputStream, Raw, Result, Swarm,
    models::{
        self, Node, NodeSpec, Service, ServiceCreateResponse, ServiceSpec, ServiceUpdateResponse,
        SwarmInitRequest, SwarmJoinRequest, Task,
    },
    options::{
        DeleteNodeOptions, InspectServiceOptions, LeaveSwarmOptions, ListNodesOptions,
        ListServicesOptions, ListTasksOptions, ServiceLogsOptions, UpdateNodeOptions,
        UpdateServiceOptions,
    },
};

pub use networks::{WAY_OUT, is_for_swarm, show_overlay};

use crate::Simulated;

#[async_trait]
impl Swarm for Simulated {
    async fn inspect_swarm(&self) -> Result<Raw<models::Swarm>> {
        let mut machines = self.machines();
        let swarm = machines.managed(self.host)?;
        Ok(Raw::new(show::swarm(swarm, true).to_string()))
    }

    async fn init_swarm(&self, request: SwarmInitRequest) -> Result<String> {
        let node = self.init(&request)?;
        self.changed();
        Ok(node)
    }

    async fn join_swarm(&self, request: SwarmJoinRequest) -> Result<()> {
        let joined = self.join(&request)?;
        self.changed();
        if joined {
            return Ok(());
        }
        self.inner.clock.sleep(member::PATIENCE).await;
        Err(member::too_late())
    }

    async fn leave_swarm(&self, options: LeaveSwarmOptions) -> Result<()> {
        self.leave(options.force)?;
        self.changed();
        Ok(())
    }

    async fn list_nodes(&self, options: ListNodesOptions) -> Result<Vec<Node>> {
        self.drive();
        self.nodes(&options)
    }

    async fn inspect_node(&self, node: &str) -> Result<Raw<Node>> {
        self.drive();
        Ok(Raw::new(self.node(node)?.to_string()))
    }

    async fn update_node(
        &self,
        node: &str,
        options: UpdateNodeOptions,
        spec: NodeSpec,
    ) -> Result<()> {
        self.change_node(node, &options, &spec)?;
        self.changed();
        Ok(())
    }

    async fn remove_node(&self, node: &str, options: DeleteNodeOptions) -> Result<()> {
        self.forget_node(node, options.force)?;
        self.changed();
        Ok(())
    }

    async fn create_service(&self, spec: ServiceSpec) -> Result<ServiceCreateResponse> {
        let id = self.new_service(spec)?;
        self.changed();
        Ok(ServiceCreateResponse {
            id: Some(id),
            warnings: None,
        })
    }

    async fn list_services(&self, options: ListServicesOptions) -> Result<Vec<Service>> {
        self.drive();
        self.services(&options)
    }

    async fn inspect_service(
        &self,
        service: &str,
        options: InspectServiceOptions,
    ) -> Result<Raw<Service>> {
        self.drive();
        let mut machines = self.machines();
        let swarm = machines.managed(self.host)?;
        let service = show::service(swarm.service(service)?, options.insert_defaults);
        Ok(Raw::new(service.to_string()))
    }

    async fn update_service(
        &self,
        service: &str,
        options: UpdateServiceOptions,
        spec: ServiceSpec,
    ) -> Result<ServiceUpdateResponse> {
        self.change_service(service, &options, spec)?;
        self.changed();
        Ok(ServiceUpdateResponse { warnings: None })
    }

    async fn remove_service(&self, service: &str) -> Result<()> {
        self.forget_service(service)?;
        self.changed();
        Ok(())
    }

    async fn service_logs(
        &self,
        service: &str,
        options: ServiceLogsOptions,
    ) -> Result<OutputStream> {
        self.drive();
        self.logs_of_service(service, &options)
    }

    async fn list_tasks(&self, options: ListTasksOptions) -> Result<Vec<Task>> {
        self.drive();
        self.tasks(&options)
    }

    async fn inspect_task(&self, task: &str) -> Result<Raw<Task>> {
        self.drive();
        let mut machines = self.machines();
        let swarm = machines.managed(self.host)?;
        let task = tasks::find(swarm, task)?;
        Ok(Raw::new(show::task(swarm, task).to_string()))
    }
}

/// Reads JSON that was made here into Docker's model.
fn model<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T> {
    serde_json::from_value(value).map_err(|error| lab::Error::Unreadable(error.to_string()))
}

/// Whether every filter has a value that fits; `fits` says nothing for a key that there is not.
fn filtered(
    filters: Option<&std::collections::HashMap<String, Vec<String>>>,
    fits: impl Fn(&str, &str) -> Option<bool>,
) -> Result<bool> {
    for (key, values) in filters.into_iter().flatten() {
        let mut any = values.is_empty();
        for value in values {
            let Some(fit) = fits(key, value) else {
                let message = format!("invalid filter '{key}'");
                return Err(lab::Error::refused(400, message));
            };
            any |= fit;
        }
        if !any {
            return Ok(false);
        }
    }
    Ok(true)
}
