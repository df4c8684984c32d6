//! `/swarm`, `/nodes`, `/services`, `/tasks`

use async_trait::async_trait;
use hyper::Method;
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

use super::{Docker, NO_QUERY, flow, name};

#[async_trait]
impl Swarm for Docker {
    async fn inspect_swarm(&self) -> Result<Raw<models::Swarm>> {
        self.raw("/swarm", NO_QUERY).await
    }

    async fn init_swarm(&self, request: SwarmInitRequest) -> Result<String> {
        self.said(self.bollard.init_swarm(request).await)
    }

    async fn join_swarm(&self, request: SwarmJoinRequest) -> Result<()> {
        self.said(self.bollard.join_swarm(request).await)
    }

    async fn leave_swarm(&self, options: LeaveSwarmOptions) -> Result<()> {
        self.said(self.bollard.leave_swarm(Some(options)).await)
    }

    async fn list_nodes(&self, options: ListNodesOptions) -> Result<Vec<Node>> {
        self.said(self.bollard.list_nodes(Some(options)).await)
    }

    async fn inspect_node(&self, node: &str) -> Result<Raw<Node>> {
        let route = format!("/nodes/{}", name::node(node)?);
        self.raw(&route, NO_QUERY).await
    }

    async fn update_node(
        &self,
        node: &str,
        options: UpdateNodeOptions,
        spec: NodeSpec,
    ) -> Result<()> {
        let node = name::node(node)?;
        self.said(self.bollard.update_node(&node, spec, options).await)
    }

    async fn remove_node(&self, node: &str, options: DeleteNodeOptions) -> Result<()> {
        let node = name::node(node)?;
        self.said(self.bollard.delete_node(&node, Some(options)).await)
    }

    async fn create_service(&self, spec: ServiceSpec) -> Result<ServiceCreateResponse> {
        self.said(self.bollard.create_service(spec, None).await)
    }

    async fn list_services(&self, options: ListServicesOptions) -> Result<Vec<Service>> {
        self.said(self.bollard.list_services(Some(options)).await)
    }

    async fn inspect_service(
        &self,
        service: &str,
        options: InspectServiceOptions,
    ) -> Result<Raw<Service>> {
        let route = format!("/services/{}", name::service(service)?);
        self.raw(&route, options).await
    }

    async fn update_service(
        &self,
        service: &str,
        options: UpdateServiceOptions,
        spec: ServiceSpec,
    ) -> Result<ServiceUpdateResponse> {
        let service = name::service(service)?;
        let answer = self.bollard.update_service(&service, spec, options, None);
        self.said(answer.await)
    }

    async fn remove_service(&self, service: &str) -> Result<()> {
        let service = name::service(service)?;
        self.said(self.bollard.delete_service(&service).await)
    }

    async fn service_logs(
        &self,
        service: &str,
        options: ServiceLogsOptions,
    ) -> Result<OutputStream> {
        let route = format!("/services/{}/logs", name::service(service)?);
        let response = self.ask(Method::GET, &route, options, None).await?;
        // A service's tasks with a terminal say so in the answer, from API 1.42 on.
        let terminal = flow::is_framed(&response) == Some(false);
        let bytes = flow::bytes(self.endpoint(), response);
        Ok(flow::output(bytes, terminal))
    }

    async fn list_tasks(&self, options: ListTasksOptions) -> Result<Vec<Task>> {
        self.said(self.bollard.list_tasks(Some(options)).await)
    }

    async fn inspect_task(&self, task: &str) -> Result<Raw<Task>> {
        let route = format!("/tasks/{}", name::task(task)?);
        self.raw(&route, NO_QUERY).await
    }
}
