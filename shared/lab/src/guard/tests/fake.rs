//! Just enough of an engine to see what a guard lets through: it keeps what it is sent and can go away in the middle.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;

use crate::{
    Attached, Containers, Error, Exec, Images, Networks, OutputStream, PathStat, Raw, Result, Size,
    Swarm, System,
    engine::Items,
    guard::locked,
    models::{self, *},
    options::*,
};

/// What exists, by full id, as it was asked for.
#[derive(Default)]
pub struct Fake {
    pub networks: Mutex<BTreeMap<String, NetworkCreateRequest>>,
    pub containers: Mutex<BTreeMap<String, (String, ContainerCreateBody)>>,
    /// Every change that reached the engine: `stop 3`.
    pub changes: Mutex<Vec<String>>,
    /// The next create does its work, and its answer is lost.
    pub loses_answer: AtomicBool,
    /// The next create does its work, and never answers.
    pub hangs: AtomicBool,
    made: AtomicUsize,
}

impl Fake {
    /// Something that somebody else made.
    pub fn foreign_container(&self, name: &str, body: ContainerCreateBody) -> String {
        let id = self.id();
        locked(&self.containers).insert(id.clone(), (name.to_owned(), body));
        id
    }

    pub fn foreign_network(&self, name: &str) -> String {
        let id = self.id();
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            ..Default::default()
        };
        locked(&self.networks).insert(id.clone(), request);
        id
    }

    fn id(&self) -> String {
        format!("{:064}", self.made.fetch_add(1, Ordering::Relaxed) + 1)
    }

    #[allow(clippy::unnecessary_wraps, reason = "every change answers with it")]
    fn change(&self, what: impl Into<String>) -> Result<()> {
        locked(&self.changes).push(what.into());
        Ok(())
    }

    async fn answer<T>(&self, answer: T) -> Result<T> {
        if self.loses_answer.swap(false, Ordering::Relaxed) {
            return Err(Error::Unreachable("the engine went away".into()));
        }
        if self.hangs.swap(false, Ordering::Relaxed) {
            futures::future::pending::<()>().await;
        }
        Ok(answer)
    }

    fn container(&self, asked: &str) -> Result<(String, String, ContainerCreateBody)> {
        let containers = locked(&self.containers);
        let found = containers
            .iter()
            .find(|(id, (name, _))| *id == asked || name == asked);
        let (id, (name, body)) =
            found.ok_or_else(|| Error::not_found(format!("No such container: {asked}")))?;
        Ok((id.clone(), name.clone(), body.clone()))
    }

    fn network(&self, asked: &str) -> Result<(String, NetworkCreateRequest)> {
        let networks = locked(&self.networks);
        let found = networks
            .iter()
            .find(|(id, request)| *id == asked || request.name == asked);
        let (id, request) =
            found.ok_or_else(|| Error::not_found(format!("network {asked} not found")))?;
        Ok((id.clone(), request.clone()))
    }
}

#[async_trait]
impl Networks for Fake {
    async fn list_networks(&self, _: ListNetworksOptions) -> Result<Vec<Network>> {
        let networks = locked(&self.networks);
        let listed = networks.iter().map(|(id, request)| Network {
            id: Some(id.clone()),
            name: Some(request.name.clone()),
            labels: Some(request.labels.clone().unwrap_or_default()),
            driver: Some("bridge".into()),
            ..Default::default()
        });
        Ok(listed.collect())
    }

    async fn inspect_network(
        &self,
        network: &str,
        _: InspectNetworkOptions,
    ) -> Result<Raw<NetworkInspect>> {
        let (id, request) = self.network(network)?;
        let labels: HashMap<_, _> = request.labels.unwrap_or_default();
        Ok(Raw::new(
            json!({"Name": request.name, "Id": id, "Labels": labels}).to_string(),
        ))
    }

    async fn create_network(&self, request: NetworkCreateRequest) -> Result<NetworkCreateResponse> {
        let id = self.id();
        locked(&self.networks).insert(id.clone(), request);
        self.answer(NetworkCreateResponse {
            id,
            warning: String::new(),
        })
        .await
    }

    async fn connect_network(&self, network: &str, request: NetworkConnectRequest) -> Result<()> {
        self.change(format!(
            "connect {} {}",
            short(network),
            short(&request.container)
        ))
    }

    async fn disconnect_network(
        &self,
        network: &str,
        request: NetworkDisconnectRequest,
    ) -> Result<()> {
        self.change(format!(
            "disconnect {} {}",
            short(network),
            short(&request.container)
        ))
    }

    async fn remove_network(&self, network: &str) -> Result<()> {
        let (id, _) = self.network(network)?;
        locked(&self.networks).remove(&id);
        self.change(format!("remove network {}", short(network)))
    }
}

#[async_trait]
impl Containers for Fake {
    async fn list_containers(&self, _: ListContainersOptions) -> Result<Vec<ContainerSummary>> {
        let containers = locked(&self.containers);
        let listed = containers
            .iter()
            .map(|(id, (name, body))| ContainerSummary {
                id: Some(id.clone()),
                names: Some(vec![format!("/{name}")]),
                created: id.parse().ok(),
                labels: Some(body.labels.clone().unwrap_or_default()),
                ..Default::default()
            });
        Ok(listed.collect())
    }

    async fn inspect_container(
        &self,
        container: &str,
        _: bool,
    ) -> Result<Raw<ContainerInspectResponse>> {
        let (id, name, body) = self.container(container)?;
        let labels = body.labels.unwrap_or_default();
        let host = body.host_config.unwrap_or_default();
        let json = json!({"Id": id, "Name": format!("/{name}"), "HostConfig": host, "Config": {"Labels": labels}});
        Ok(Raw::new(json.to_string()))
    }

    async fn create_container(
        &self,
        name: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<ContainerCreateResponse> {
        let name = name.unwrap_or("invented");
        if self.container(name).is_ok() {
            return Err(Error::conflict(format!(
                "Conflict. The container name \"/{name}\" is already in use"
            )));
        }
        let id = self.foreign_container(name, body);
        self.answer(ContainerCreateResponse {
            id,
            warnings: Vec::new(),
        })
        .await
    }

    async fn start_container(&self, container: &str) -> Result<()> {
        self.change(format!("start {}", short(container)))
    }

    async fn stop_container(&self, container: &str, _: StopContainerOptions) -> Result<()> {
        self.change(format!("stop {}", short(container)))
    }

    async fn restart_container(&self, container: &str, _: RestartContainerOptions) -> Result<()> {
        self.change(format!("restart {}", short(container)))
    }

    async fn kill_container(&self, container: &str, _: &str) -> Result<()> {
        Err(Error::conflict(format!(
            "cannot kill container: {container}: container {container} is not running"
        )))
    }

    async fn pause_container(&self, container: &str) -> Result<()> {
        self.change(format!("pause {}", short(container)))
    }

    async fn unpause_container(&self, container: &str) -> Result<()> {
        self.change(format!("unpause {}", short(container)))
    }

    async fn rename_container(&self, container: &str, name: &str) -> Result<()> {
        self.change(format!("rename {} {name}", short(container)))
    }

    async fn remove_container(&self, container: &str, _: RemoveContainerOptions) -> Result<()> {
        let (id, ..) = self.container(container)?;
        locked(&self.containers).remove(&id);
        self.change(format!("remove {}", short(container)))
    }

    async fn wait_container(
        &self,
        _: &str,
        _: WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>> {
        Ok(Box::pin(futures::stream::empty()))
    }

    async fn logs(&self, _: &str, _: LogsOptions) -> Result<OutputStream> {
        Ok(Box::pin(futures::stream::empty()))
    }

    async fn attach_container(
        &self,
        container: &str,
        _: AttachContainerOptions,
    ) -> Result<Attached> {
        self.change(format!("attach {}", short(container)))?;
        Ok(silence())
    }

    async fn resize_container(&self, container: &str, _: Size) -> Result<()> {
        self.change(format!("resize {}", short(container)))
    }

    async fn top(&self, _: &str, _: TopOptions) -> Result<ContainerTopResponse> {
        Ok(ContainerTopResponse::default())
    }

    async fn stats(&self, _: &str, _: StatsOptions) -> Result<Items<ContainerStatsResponse>> {
        Ok(Box::pin(futures::stream::empty()))
    }

    async fn container_path_stat(&self, _: &str, _: &str) -> Result<PathStat> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn download_from_container(&self, _: &str, _: &str) -> Result<(PathStat, Items<Bytes>)> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn upload_to_container(
        &self,
        _: &str,
        _: UploadToContainerOptions,
        _: Bytes,
    ) -> Result<()> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }
}

#[async_trait]
impl Exec for Fake {
    async fn create_exec(&self, container: &str, _: ExecConfig) -> Result<String> {
        self.change(format!("exec {}", short(container)))?;
        Ok(format!("exec-{}", self.id()))
    }

    async fn start_exec(&self, _: &str, _: bool) -> Result<Attached> {
        Ok(silence())
    }

    async fn start_exec_detached(&self, _: &str) -> Result<()> {
        Ok(())
    }

    async fn inspect_exec(&self, _: &str) -> Result<ExecInspectResponse> {
        Ok(ExecInspectResponse {
            running: Some(true),
            ..Default::default()
        })
    }

    async fn resize_exec(&self, _: &str, _: Size) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Images for Fake {
    async fn list_images(&self, _: ListImagesOptions) -> Result<Vec<ImageSummary>> {
        Ok(Vec::new())
    }

    async fn inspect_image(&self, _: &str) -> Result<Raw<ImageInspect>> {
        Ok(Raw::new("{}"))
    }

    async fn image_history(&self, _: &str) -> Result<Vec<ImageHistoryResponseItem>> {
        Ok(Vec::new())
    }

    async fn tag_image(&self, _: &str, _: TagImageOptions) -> Result<()> {
        Ok(())
    }

    async fn pull_image(&self, _: CreateImageOptions) -> Result<Items<CreateImageInfo>> {
        Ok(Box::pin(futures::stream::empty()))
    }

    async fn remove_image(
        &self,
        image: &str,
        _: RemoveImageOptions,
    ) -> Result<Vec<ImageDeleteResponseItem>> {
        self.change(format!("remove image {image}"))
            .map(|()| Vec::new())
    }

    async fn build_image(&self, _: BuildImageOptions, _: Bytes) -> Result<Items<BuildInfo>> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }
}

#[async_trait]
impl System for Fake {
    async fn version(&self) -> Result<SystemVersion> {
        Ok(SystemVersion::default())
    }

    async fn info(&self) -> Result<SystemInfo> {
        Ok(SystemInfo {
            id: Some("engine-1".to_owned()),
            memory_limit: Some(true),
            pids_limit: Some(true),
            cpu_cfs_quota: Some(true),
            ncpu: Some(1),
            ..Default::default()
        })
    }

    async fn data_usage(&self, _: DataUsageOptions) -> Result<SystemDataUsageResponse> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn events(&self, _: EventsOptions) -> Result<Items<EventMessage>> {
        Ok(Box::pin(futures::stream::empty()))
    }

    async fn ping(&self) -> Result<Bytes> {
        Ok(Bytes::from_static(b"OK"))
    }
}

fn silence() -> Attached {
    Attached {
        output: Box::pin(futures::stream::empty()),
        input: Box::pin(futures::sink::unfold((), |(), _: Bytes| async { Ok(()) })),
    }
}

/// Ids here are numbers.
fn short(id: &str) -> &str {
    id.trim_start_matches('0')
}

#[async_trait]
impl Swarm for Fake {
    async fn inspect_swarm(&self) -> Result<Raw<models::Swarm>> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn init_swarm(&self, _: SwarmInitRequest) -> Result<String> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn join_swarm(&self, _: SwarmJoinRequest) -> Result<()> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn leave_swarm(&self, _: LeaveSwarmOptions) -> Result<()> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn list_nodes(&self, _: ListNodesOptions) -> Result<Vec<Node>> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn inspect_node(&self, _: &str) -> Result<Raw<Node>> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn update_node(&self, _: &str, _: UpdateNodeOptions, _: NodeSpec) -> Result<()> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn remove_node(&self, _: &str, _: DeleteNodeOptions) -> Result<()> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn create_service(&self, _: ServiceSpec) -> Result<ServiceCreateResponse> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn list_services(&self, _: ListServicesOptions) -> Result<Vec<Service>> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn inspect_service(&self, _: &str, _: InspectServiceOptions) -> Result<Raw<Service>> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn update_service(
        &self,
        _: &str,
        _: UpdateServiceOptions,
        _: ServiceSpec,
    ) -> Result<ServiceUpdateResponse> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn remove_service(&self, _: &str) -> Result<()> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn service_logs(&self, _: &str, _: ServiceLogsOptions) -> Result<OutputStream> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn list_tasks(&self, _: ListTasksOptions) -> Result<Vec<Task>> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }

    async fn inspect_task(&self, _: &str) -> Result<Raw<Task>> {
        Err(Error::NotSimulated("this fake engine".to_owned()))
    }
}
