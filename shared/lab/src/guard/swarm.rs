//! `/swarm`, `/nodes`, `/services`, `/tasks`

use crate::{
    Error, OutputStream, Raw, Result, Swarm,
    models::{
        self, Node, Service, ServiceCreateResponse, ServiceSpec, ServiceUpdateResponse,
        SwarmInitRequest, SwarmJoinRequest, Task,
    },
    options::{
        InspectServiceOptions, LeaveSwarmOptions, ListNodesOptions, ListServicesOptions,
        ListTasksOptions, ServiceLogsOptions, UpdateServiceOptions,
    },
};
use async_trait::async_trait;

use super::Guard;

#[async_trait]
impl Swarm for Guard {
    async fn inspect_swarm(&self) -> Result<Raw<models::Swarm>> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn init_swarm(&self, _: SwarmInitRequest) -> Result<String> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn join_swarm(&self, _: SwarmJoinRequest) -> Result<()> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn leave_swarm(&self, _: LeaveSwarmOptions) -> Result<()> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn list_nodes(&self, _: ListNodesOptions) -> Result<Vec<Node>> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn inspect_node(&self, _: &str) -> Result<Raw<Node>> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn create_service(&self, _: ServiceSpec) -> Result<ServiceCreateResponse> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn list_services(&self, _: ListServicesOptions) -> Result<Vec<Service>> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn inspect_service(&self, _: &str, _: InspectServiceOptions) -> Result<Raw<Service>> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn update_service(
        &self,
        _: &str,
        _: UpdateServiceOptions,
        _: ServiceSpec,
    ) -> Result<ServiceUpdateResponse> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn remove_service(&self, _: &str) -> Result<()> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn service_logs(&self, _: &str, _: ServiceLogsOptions) -> Result<OutputStream> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn list_tasks(&self, _: ListTasksOptions) -> Result<Vec<Task>> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }

    async fn inspect_task(&self, _: &str) -> Result<Raw<Task>> {
        Err(Error::NotAllowed(
            "this lab cannot use swarm yet".to_owned(),
        ))
    }
}
