//! An engine behind a cable that can be pulled; it counts what is asked through it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, channel::oneshot};
use lab::{
    Attached, Containers, Error, Exec, Images, Networks, OutputStream, PathStat, Raw, Result, Size,
    Swarm, System,
    engine::Items,
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
use simulated::Simulated;

#[derive(Clone)]
pub struct Cable {
    engine: Simulated,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    pulled: bool,
    asked: BTreeMap<&'static str, usize>,
    /// Dropped when it is pulled: each ends a stream of events.
    events: Vec<oneshot::Sender<()>>,
}

impl Cable {
    pub fn to(engine: Simulated) -> Self {
        let state = Arc::default();
        Self { engine, state }
    }

    pub fn pull(&self) {
        let mut state = self.state();
        state.pulled = true;
        state.events.clear();
    }

    pub fn plug_in(&self) {
        self.state().pulled = false;
    }

    /// How often this was asked since it was last looked at.
    pub fn asked(&self, what: &str) -> usize {
        self.state().asked.get_mut(what).map_or(0, std::mem::take)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, what: &'static str) -> Result<()> {
        let mut state = self.state();
        *state.asked.entry(what).or_default() += 1;
        if state.pulled {
            return Err(Error::Unreachable("The engine does not answer.".to_owned()));
        }
        Ok(())
    }
}

macro_rules! passed_on {
    ($trait:ident { $($name:ident($($given:ident: $type:ty),*) -> $answer:ty;)* }) => {
        #[async_trait]
        impl $trait for Cable {
            $(async fn $name(&self, $($given: $type),*) -> Result<$answer> {
                self.ask(stringify!($name))?;
                self.engine.$name($($given),*).await
            })*
        }
    };
}

passed_on!(Networks {
    list_networks(options: ListNetworksOptions) -> Vec<Network>;
    inspect_network(network: &str, options: InspectNetworkOptions) -> Raw<NetworkInspect>;
    create_network(request: NetworkCreateRequest) -> NetworkCreateResponse;
    connect_network(network: &str, request: NetworkConnectRequest) -> ();
    disconnect_network(network: &str, request: NetworkDisconnectRequest) -> ();
    remove_network(network: &str) -> ();
});

passed_on!(Containers {
    list_containers(options: ListContainersOptions) -> Vec<ContainerSummary>;
    inspect_container(container: &str, size: bool) -> Raw<ContainerInspectResponse>;
    create_container(name: Option<&str>, body: ContainerCreateBody) -> ContainerCreateResponse;
    start_container(container: &str) -> ();
    stop_container(container: &str, options: StopContainerOptions) -> ();
    restart_container(container: &str, options: RestartContainerOptions) -> ();
    kill_container(container: &str, signal: &str) -> ();
    pause_container(container: &str) -> ();
    unpause_container(container: &str) -> ();
    rename_container(container: &str, name: &str) -> ();
    remove_container(container: &str, options: RemoveContainerOptions) -> ();
    wait_container(container: &str, options: WaitContainerOptions) -> Items<ContainerWaitResponse>;
    logs(container: &str, options: LogsOptions) -> OutputStream;
    attach_container(container: &str, options: AttachContainerOptions) -> Attached;
    resize_container(container: &str, size: Size) -> ();
    top(container: &str, options: TopOptions) -> ContainerTopResponse;
    stats(container: &str, options: StatsOptions) -> Items<ContainerStatsResponse>;
    container_path_stat(container: &str, path: &str) -> PathStat;
    download_from_container(container: &str, path: &str) -> (PathStat, Items<Bytes>);
    upload_to_container(container: &str, options: UploadToContainerOptions, archive: Bytes) -> ();
});

passed_on!(Exec {
    create_exec(container: &str, config: ExecConfig) -> String;
    start_exec(exec: &str, terminal: bool) -> Attached;
    start_exec_detached(exec: &str) -> ();
    inspect_exec(exec: &str) -> ExecInspectResponse;
    resize_exec(exec: &str, size: Size) -> ();
});

passed_on!(Images {
    list_images(options: ListImagesOptions) -> Vec<ImageSummary>;
    inspect_image(image: &str) -> Raw<ImageInspect>;
    image_history(image: &str) -> Vec<ImageHistoryResponseItem>;
    tag_image(image: &str, options: TagImageOptions) -> ();
    pull_image(options: CreateImageOptions) -> Items<CreateImageInfo>;
    remove_image(image: &str, options: RemoveImageOptions) -> Vec<ImageDeleteResponseItem>;
    build_image(options: BuildImageOptions, context: Bytes) -> Items<BuildInfo>;
});

passed_on!(Swarm {
    inspect_swarm() -> Raw<models::Swarm>;
    init_swarm(request: SwarmInitRequest) -> String;
    join_swarm(request: SwarmJoinRequest) -> ();
    leave_swarm(options: LeaveSwarmOptions) -> ();
    list_nodes(options: ListNodesOptions) -> Vec<Node>;
    inspect_node(node: &str) -> Raw<Node>;
    update_node(node: &str, options: UpdateNodeOptions, spec: NodeSpec) -> ();
    remove_node(node: &str, options: DeleteNodeOptions) -> ();
    create_service(spec: ServiceSpec) -> ServiceCreateResponse;
    list_services(options: ListServicesOptions) -> Vec<Service>;
    inspect_service(service: &str, options: InspectServiceOptions) -> Raw<Service>;
    update_service(service: &str, options: UpdateServiceOptions, spec: ServiceSpec) -> ServiceUpdateResponse;
    remove_service(service: &str) -> ();
    service_logs(service: &str, options: ServiceLogsOptions) -> OutputStream;
    list_tasks(options: ListTasksOptions) -> Vec<Task>;
    inspect_task(task: &str) -> Raw<Task>;
});

#[async_trait]
impl System for Cable {
    async fn version(&self) -> Result<SystemVersion> {
        self.ask("version")?;
        self.engine.version().await
    }

    async fn info(&self) -> Result<SystemInfo> {
        self.ask("info")?;
        self.engine.info().await
    }

    async fn data_usage(&self, options: DataUsageOptions) -> Result<SystemDataUsageResponse> {
        self.ask("data_usage")?;
        self.engine.data_usage(options).await
    }

    async fn events(&self, options: EventsOptions) -> Result<Items<EventMessage>> {
        self.ask("events")?;
        let (pulled, until) = oneshot::channel();
        self.state().events.push(pulled);
        Ok(self.engine.events(options).await?.take_until(until).boxed())
    }

    async fn ping(&self) -> Result<Bytes> {
        self.ask("ping")?;
        self.engine.ping().await
    }
}
