//! The part of Docker's API that a lab needs, in Docker's own models, grouped as the API is.
//!
//! `agent` implements it over a real engine, `simulated` in memory, [`crate::guard::Guard`] around either. Names or ids
//! (or unique prefixes of ids) are taken wherever the API takes them. The contract is written once, in `contract`.

use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;

use crate::{
    Attached, OutputStream, PathStat, Raw, Result, Size,
    models::{
        self, BuildInfo, ContainerCreateBody, ContainerCreateResponse, ContainerInspectResponse,
        ContainerStatsResponse, ContainerSummary, ContainerTopResponse, ContainerWaitResponse,
        CreateImageInfo, EventMessage, ExecConfig, ExecInspectResponse, ImageDeleteResponseItem,
        ImageHistoryResponseItem, ImageInspect, ImageSummary, Network, NetworkConnectRequest,
        NetworkCreateRequest, NetworkCreateResponse, NetworkDisconnectRequest, NetworkInspect,
        Node, NodeSpec, Service, ServiceCreateResponse, ServiceSpec, ServiceUpdateResponse,
        SwarmInitRequest, SwarmJoinRequest, SystemDataUsageResponse, SystemInfo, SystemVersion,
        Task,
    },
    options::{
        AttachContainerOptions, BuildImageOptions, CreateImageOptions, DataUsageOptions,
        DeleteNodeOptions, EventsOptions, InspectNetworkOptions, InspectServiceOptions,
        LeaveSwarmOptions, ListContainersOptions, ListImagesOptions, ListNetworksOptions,
        ListNodesOptions, ListServicesOptions, ListTasksOptions, LogsOptions,
        RemoveContainerOptions, RemoveImageOptions, RestartContainerOptions, ServiceLogsOptions,
        StatsOptions, StopContainerOptions, TagImageOptions, TopOptions, UpdateNodeOptions,
        UpdateServiceOptions, UploadToContainerOptions, WaitContainerOptions,
    },
};

/// Items as the engine sends them; the stream ends when the engine ends it, or after an error.
pub type Items<T> = Pin<Box<dyn Stream<Item = Result<T>> + Send>>;

/// What runs docker commands.
pub trait Engine: Networks + Containers + Exec + Images + Swarm + System {}

impl<T: Networks + Containers + Exec + Images + Swarm + System + ?Sized> Engine for T {}

/// `/networks`
#[async_trait]
pub trait Networks: Send + Sync {
    async fn list_networks(&self, options: ListNetworksOptions) -> Result<Vec<Network>>;
    async fn inspect_network(
        &self,
        network: &str,
        options: InspectNetworkOptions,
    ) -> Result<Raw<NetworkInspect>>;
    async fn create_network(&self, request: NetworkCreateRequest) -> Result<NetworkCreateResponse>;
    async fn connect_network(&self, network: &str, request: NetworkConnectRequest) -> Result<()>;
    async fn disconnect_network(
        &self,
        network: &str,
        request: NetworkDisconnectRequest,
    ) -> Result<()>;
    async fn remove_network(&self, network: &str) -> Result<()>;
}

/// `/containers`
#[async_trait]
pub trait Containers: Send + Sync {
    async fn list_containers(
        &self,
        options: ListContainersOptions,
    ) -> Result<Vec<ContainerSummary>>;
    async fn inspect_container(
        &self,
        container: &str,
        size: bool,
    ) -> Result<Raw<ContainerInspectResponse>>;
    /// `name`: without one, the engine invents one.
    async fn create_container(
        &self,
        name: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<ContainerCreateResponse>;
    async fn start_container(&self, container: &str) -> Result<()>;
    async fn stop_container(&self, container: &str, options: StopContainerOptions) -> Result<()>;
    async fn restart_container(
        &self,
        container: &str,
        options: RestartContainerOptions,
    ) -> Result<()>;
    /// `signal` as docker takes it: `KILL`, `SIGINT`, `15`.
    async fn kill_container(&self, container: &str, signal: &str) -> Result<()>;
    async fn pause_container(&self, container: &str) -> Result<()>;
    async fn unpause_container(&self, container: &str) -> Result<()>;
    async fn rename_container(&self, container: &str, name: &str) -> Result<()>;
    async fn remove_container(
        &self,
        container: &str,
        options: RemoveContainerOptions,
    ) -> Result<()>;
    /// Returns once the engine is watching (so that a `start` after it cannot be missed); the item is the exit.
    async fn wait_container(
        &self,
        container: &str,
        options: WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>>;
    async fn logs(&self, container: &str, options: LogsOptions) -> Result<OutputStream>;
    /// Returns once the engine has answered the upgrade, so that output after it is not missed.
    async fn attach_container(
        &self,
        container: &str,
        options: AttachContainerOptions,
    ) -> Result<Attached>;
    async fn resize_container(&self, container: &str, size: Size) -> Result<()>;
    async fn top(&self, container: &str, options: TopOptions) -> Result<ContainerTopResponse>;
    async fn stats(
        &self,
        container: &str,
        options: StatsOptions,
    ) -> Result<Items<ContainerStatsResponse>>;
    /// What a path inside the container is, also of one that does not run.
    async fn container_path_stat(&self, container: &str, path: &str) -> Result<PathStat>;
    /// A file or folder of the container as a tar archive (`docker cp web:/etc/hosts .`).
    async fn download_from_container(
        &self,
        container: &str,
        path: &str,
    ) -> Result<(PathStat, Items<Bytes>)>;
    /// Unpacks a tar archive into a folder of the container (`docker cp . web:/app`).
    async fn upload_to_container(
        &self,
        container: &str,
        options: UploadToContainerOptions,
        archive: Bytes,
    ) -> Result<()>;
}

/// `/exec`
#[async_trait]
pub trait Exec: Send + Sync {
    /// Gives the exec's id.
    async fn create_exec(&self, container: &str, config: ExecConfig) -> Result<String>;
    async fn start_exec(&self, exec: &str, terminal: bool) -> Result<Attached>;
    /// Starts it and leaves it (`docker exec -d`).
    async fn start_exec_detached(&self, exec: &str) -> Result<()>;
    async fn inspect_exec(&self, exec: &str) -> Result<ExecInspectResponse>;
    async fn resize_exec(&self, exec: &str, size: Size) -> Result<()>;
}

/// `/images`
#[async_trait]
pub trait Images: Send + Sync {
    async fn list_images(&self, options: ListImagesOptions) -> Result<Vec<ImageSummary>>;
    async fn inspect_image(&self, image: &str) -> Result<Raw<ImageInspect>>;
    /// The steps that it was made in, the newest first.
    async fn image_history(&self, image: &str) -> Result<Vec<ImageHistoryResponseItem>>;
    /// Gives it another name.
    async fn tag_image(&self, image: &str, options: TagImageOptions) -> Result<()>;
    /// `docker pull`, as a stream of progress.
    async fn pull_image(&self, options: CreateImageOptions) -> Result<Items<CreateImageInfo>>;
    async fn remove_image(
        &self,
        image: &str,
        options: RemoveImageOptions,
    ) -> Result<Vec<ImageDeleteResponseItem>>;
    /// `docker build` by the classic builder (API `/build`): the context is a tar archive, its progress a stream.
    /// Several names (`options.t`) have commas between them.
    async fn build_image(
        &self,
        options: BuildImageOptions,
        context: Bytes,
    ) -> Result<Items<BuildInfo>>;
}

/// `/swarm`, `/nodes`, `/services`, `/tasks`
#[async_trait]
pub trait Swarm: Send + Sync {
    async fn inspect_swarm(&self) -> Result<Raw<models::Swarm>>;
    /// Gives the node's id.
    async fn init_swarm(&self, request: SwarmInitRequest) -> Result<String>;
    async fn join_swarm(&self, request: SwarmJoinRequest) -> Result<()>;
    async fn leave_swarm(&self, options: LeaveSwarmOptions) -> Result<()>;
    async fn list_nodes(&self, options: ListNodesOptions) -> Result<Vec<Node>>;
    async fn inspect_node(&self, node: &str) -> Result<Raw<Node>>;
    /// `options.version` is the version that was looked at.
    async fn update_node(
        &self,
        node: &str,
        options: UpdateNodeOptions,
        spec: NodeSpec,
    ) -> Result<()>;
    async fn remove_node(&self, node: &str, options: DeleteNodeOptions) -> Result<()>;
    async fn create_service(&self, spec: ServiceSpec) -> Result<ServiceCreateResponse>;
    async fn list_services(&self, options: ListServicesOptions) -> Result<Vec<Service>>;
    async fn inspect_service(
        &self,
        service: &str,
        options: InspectServiceOptions,
    ) -> Result<Raw<Service>>;
    /// `options.version` is the version that was looked at: a change meanwhile is refused.
    async fn update_service(
        &self,
        service: &str,
        options: UpdateServiceOptions,
        spec: ServiceSpec,
    ) -> Result<ServiceUpdateResponse>;
    async fn remove_service(&self, service: &str) -> Result<()>;
    async fn service_logs(
        &self,
        service: &str,
        options: ServiceLogsOptions,
    ) -> Result<OutputStream>;
    async fn list_tasks(&self, options: ListTasksOptions) -> Result<Vec<Task>>;
    async fn inspect_task(&self, task: &str) -> Result<Raw<Task>>;
}

/// `/version`, `/info`, `/system/df`, `/events`
#[async_trait]
pub trait System: Send + Sync {
    async fn version(&self) -> Result<SystemVersion>;
    async fn info(&self) -> Result<SystemInfo>;
    /// What images, containers and build cache take on disk (`docker system df`).
    async fn data_usage(&self, options: DataUsageOptions) -> Result<SystemDataUsageResponse>;
    /// Returns once the engine has accepted the subscription, so that what happens after it is in the stream.
    async fn events(&self, options: EventsOptions) -> Result<Items<EventMessage>>;
    /// Answers when the engine is there.
    async fn ping(&self) -> Result<Bytes>;
}
