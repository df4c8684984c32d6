//! `/swarm`, `/nodes`, `/services`, `/tasks`: the lab has a swarm of its own or none. A swarm that was there already is
//! looked at and never changed, and this machine never joins another one's: its managers could run anything here.

use async_trait::async_trait;

use super::{Guard, Kind, body, labels, locked, ownership::foreign, service};
use crate::{
    Error, OutputStream, Raw, Result, Swarm,
    models::{
        self, Node, NodeSpec, Service, ServiceCreateResponse, ServiceSpec, ServiceUpdateResponse,
        SwarmInitRequest, SwarmJoinRequest, SwarmSpec, Task,
    },
    options::{
        DeleteNodeOptions, InspectServiceOptions, LeaveSwarmOptions, ListNodesOptions,
        ListServicesOptions, ListTasksOptions, ServiceLogsOptions, UpdateNodeOptions,
        UpdateServiceOptions,
    },
};

/// Where a swarm of one machine listens: nobody outside can knock.
const LOOPBACK: &str = "127.0.0.1";

#[async_trait]
impl Swarm for Guard {
    async fn inspect_swarm(&self) -> Result<Raw<models::Swarm>> {
        let answer = self.notice(self.engine.inspect_swarm().await)?;
        Ok(Raw::new(labels::without(answer.json())))
    }

    async fn init_swarm(&self, request: SwarmInitRequest) -> Result<String> {
        if self.member().await?.is_some() {
            // Docker's own words.
            return self.notice(self.engine.init_swarm(request).await);
        }
        let mut request = self.swarm_of_its_own(request)?;
        let reserved = self.reserve(Kind::Swarm).await?;
        let spec = request.spec.get_or_insert_default();
        spec.labels = Some(body::with_label(spec.labels.take(), &reserved.nonce));
        let answer = self.engine.init_swarm(request).await;
        self.settle(&reserved, answer, |node| node)
    }

    async fn join_swarm(&self, request: SwarmJoinRequest) -> Result<()> {
        if !self.limits.other_hosts {
            return Err(Error::NotAllowed(
                "this lab joins no other machine's swarm: that machine's managers could then run anything on yours; the \
                 simulated engine has several machines to try it with (--engine simulated)"
                    .to_owned(),
            ));
        }
        if self.member().await?.is_some() {
            return self.notice(self.engine.join_swarm(request).await);
        }
        let reserved = self.reserve(Kind::Swarm).await?;
        let request = SwarmJoinRequest {
            listen_addr: request.listen_addr,
            advertise_addr: request.advertise_addr,
            data_path_addr: request.data_path_addr,
            remote_addrs: request.remote_addrs,
            join_token: request.join_token,
        };
        let answer = match self.engine.join_swarm(request).await {
            Ok(()) => Ok(self.member().await?.unwrap_or_default()),
            Err(error) => Err(error),
        };
        self.settle(&reserved, answer, |node| node).map(drop)
    }

    async fn leave_swarm(&self, options: LeaveSwarmOptions) -> Result<()> {
        let nonce = self.own_swarm().await?;
        self.notice(self.engine.leave_swarm(options).await)?;
        nonce.map_or(Ok(()), |nonce| self.journal.gone(&nonce))
    }

    async fn list_nodes(&self, options: ListNodesOptions) -> Result<Vec<Node>> {
        self.notice(self.engine.list_nodes(options).await)
    }

    async fn inspect_node(&self, node: &str) -> Result<Raw<Node>> {
        self.notice(self.engine.inspect_node(node).await)
    }

    async fn update_node(
        &self,
        node: &str,
        options: UpdateNodeOptions,
        spec: NodeSpec,
    ) -> Result<()> {
        self.own_swarm().await?;
        self.notice(self.engine.update_node(node, options, spec).await)
    }

    async fn remove_node(&self, node: &str, options: DeleteNodeOptions) -> Result<()> {
        self.own_swarm().await?;
        self.notice(self.engine.remove_node(node, options).await)
    }

    async fn create_service(&self, spec: ServiceSpec) -> Result<ServiceCreateResponse> {
        if self.own_swarm().await?.is_none() {
            // Docker says that there is no swarm.
            return self.notice(self.engine.create_service(spec).await);
        }
        let spec = service::spec(spec, &self.limits, &self.about().await?.keeps)?;
        self.may_reach(&spec).await?;
        let reserved = self.reserve(Kind::Service).await?;
        let spec = service::labelled(spec, &reserved.nonce);
        let answer = self.engine.create_service(spec).await;
        self.settle(&reserved, answer, |made| {
            made.id.as_deref().unwrap_or_default()
        })
    }

    async fn list_services(&self, options: ListServicesOptions) -> Result<Vec<Service>> {
        let mut services = self.notice(self.engine.list_services(options).await)?;
        for service in &mut services {
            labels::remove(service.spec.as_mut().and_then(|spec| spec.labels.as_mut()));
        }
        Ok(services)
    }

    async fn inspect_service(
        &self,
        service: &str,
        options: InspectServiceOptions,
    ) -> Result<Raw<Service>> {
        let answer = self.notice(self.engine.inspect_service(service, options).await)?;
        Ok(Raw::new(service::shown(answer.json())))
    }

    async fn update_service(
        &self,
        service: &str,
        options: UpdateServiceOptions,
        spec: ServiceSpec,
    ) -> Result<ServiceUpdateResponse> {
        let (id, nonce) = self.own_service(service).await?;
        let spec = service::spec(spec, &self.limits, &self.about().await?.keeps)?;
        self.may_reach(&spec).await?;
        let options = UpdateServiceOptions {
            version: options.version,
            rollback: options.rollback,
            ..Default::default()
        };
        let spec = service::labelled(spec, &nonce);
        self.notice(self.engine.update_service(&id, options, spec).await)
    }

    async fn remove_service(&self, service: &str) -> Result<()> {
        self.remove_own_service(service).await
    }

    async fn service_logs(
        &self,
        service: &str,
        options: ServiceLogsOptions,
    ) -> Result<OutputStream> {
        self.notice(self.engine.service_logs(service, options).await)
    }

    async fn list_tasks(&self, options: ListTasksOptions) -> Result<Vec<Task>> {
        self.notice(self.engine.list_tasks(options).await)
    }

    async fn inspect_task(&self, task: &str) -> Result<Raw<Task>> {
        let answer = self.notice(self.engine.inspect_task(task).await)?;
        Ok(Raw::new(labels::without(answer.json())))
    }
}

impl Guard {
    /// The id of this machine's node, if it is in a swarm (or tries to get into one).
    async fn member(&self) -> Result<Option<String>> {
        let info = self.notice(self.engine.info().await)?;
        let Some(swarm) = info.swarm else {
            return Ok(None);
        };
        let state = swarm.local_node_state;
        let is_in = !matches!(
            state,
            None | Some(models::LocalNodeState::EMPTY | models::LocalNodeState::INACTIVE)
        );
        Ok(is_in.then(|| swarm.node_id.unwrap_or_default()))
    }

    /// The nonce of the swarm that the lab made; none where there is no swarm. Somebody else's is refused.
    pub(super) async fn own_swarm(&self) -> Result<Option<String>> {
        let Some(node) = self.member().await? else {
            return Ok(None);
        };
        let engine = self.about().await?.id;
        let entries = self.journal.entries();
        let mut ours = entries
            .iter()
            .filter(|entry| entry.intent.kind == Kind::Swarm && entry.intent.engine == engine);
        let known = ours
            .clone()
            .find(|entry| entry.id.as_deref() == Some(node.as_str()));
        if let Some(entry) = known {
            return Ok(Some(entry.intent.nonce.clone()));
        }
        // Made, but the answer was never seen: its label tells.
        if ours.clone().any(|entry| entry.id.is_none())
            && let Ok(swarm) = self.engine.inspect_swarm().await
        {
            let spec = swarm.parse()?.spec.unwrap_or_default();
            let nonce = labels::nonce(spec.labels.as_ref());
            let entry = ours.find(|entry| Some(entry.intent.nonce.as_str()) == nonce);
            if let Some(entry) = entry {
                self.journal.made(&entry.intent.nonce, &node)?;
                return Ok(Some(entry.intent.nonce.clone()));
            }
        }
        Err(Error::NotAllowed(
            "the swarm that this machine is in is not this lab's: it was made outside Causeway, which changes only what it \
             made itself; use your own terminal for it"
                .to_owned(),
        ))
    }

    /// Where it may listen: on a real machine, on its loopback address only, for who has its token could join it.
    fn swarm_of_its_own(&self, asked: SwarmInitRequest) -> Result<SwarmInitRequest> {
        if asked.force_new_cluster == Some(true) {
            return Err(Error::NotAllowed(
                "\"--force-new-cluster\" is not part of this lab: it brings back a swarm that was there before; leave it out"
                    .to_owned(),
            ));
        }
        let mut request = SwarmInitRequest {
            listen_addr: asked.listen_addr,
            advertise_addr: asked.advertise_addr,
            data_path_addr: asked.data_path_addr,
            data_path_port: asked.data_path_port,
            subnet_size: asked.subnet_size,
            spec: asked.spec.map(|spec| SwarmSpec {
                name: spec.name,
                orchestration: spec.orchestration,
                ..Default::default()
            }),
            ..Default::default()
        };
        if self.limits.other_hosts {
            return Ok(request);
        }
        for (asked, flag) in [
            (&request.listen_addr, "--listen-addr"),
            (&request.advertise_addr, "--advertise-addr"),
            (&request.data_path_addr, "--data-path-addr"),
        ] {
            let asked = asked.as_deref().unwrap_or_default();
            let host = asked.rsplit_once(':').map_or(asked, |(host, _)| host);
            if !matches!(host, "" | "0.0.0.0" | LOOPBACK | "lo") {
                return Err(Error::NotAllowed(format!(
                    "this lab's swarm has this machine only, so it listens at {LOOPBACK}, where no other machine reaches it: \
                     leave {flag} out"
                )));
            }
        }
        request.listen_addr = Some(format!("{LOOPBACK}:2377"));
        request.advertise_addr = Some(LOOPBACK.to_owned());
        request.data_path_addr = Some(LOOPBACK.to_owned());
        Ok(request)
    }

    /// A service that the lab made: its full id, and its nonce.
    pub(super) async fn own_service(&self, asked: &str) -> Result<(String, String)> {
        let answer = self
            .engine
            .inspect_service(asked, InspectServiceOptions::default())
            .await;
        let found = self.notice(answer)?.parse()?;
        let id = found.id.unwrap_or_default();
        let spec = found.spec.unwrap_or_default();
        let nonce = labels::nonce(spec.labels.as_ref());
        match self.nonce_of(Kind::Service, &id, nonce).await? {
            Some(nonce) => Ok((id, nonce)),
            None => Err(foreign("service", spec.name.as_deref().unwrap_or(asked))),
        }
    }

    pub(super) async fn remove_own_service(&self, asked: &str) -> Result<()> {
        let (id, nonce) = self.own_service(asked).await?;
        self.notice(self.engine.remove_service(&id).await)?;
        self.journal.gone(&nonce)
    }

    pub(super) async fn service_name(&self, id: &str) -> String {
        let found = self
            .engine
            .inspect_service(id, InspectServiceOptions::default())
            .await;
        let found = found.and_then(|found| found.parse());
        let spec = found.ok().and_then(|service| service.spec);
        spec.and_then(|spec| spec.name).unwrap_or_default()
    }

    /// Remembers which of these containers are the lab's services'.
    pub(super) fn saw_tasks(&self, containers: &[models::ContainerSummary]) {
        let seen = containers
            .iter()
            .filter(|one| self.is_own_task(one.labels.as_ref()));
        let seen = seen.filter_map(|one| one.id.clone());
        let seen: Vec<String> = seen.collect();
        locked(&self.tasks).extend(seen);
    }

    /// Leaves the lab's swarm, whatever is in it: a reset does this last.
    pub(super) async fn leave_own_swarm(&self) -> Result<()> {
        self.leave_swarm(LeaveSwarmOptions { force: true }).await
    }

    /// A service's networks are the lab's own.
    async fn may_reach(&self, spec: &ServiceSpec) -> Result<()> {
        let template = spec.task_template.as_ref();
        let networks = template.and_then(|template| template.networks.as_ref());
        for network in networks.into_iter().flatten() {
            self.may_join(network.target.as_deref().unwrap_or_default())
                .await?;
        }
        Ok(())
    }

    /// Whether a container with these labels is a task of a service of the lab's.
    pub(super) fn is_own_task(
        &self,
        labels: Option<&std::collections::HashMap<String, String>>,
    ) -> bool {
        let service = labels.and_then(|labels| labels.get(SERVICE_ID));
        let (Some(nonce), Some(service)) = (labels::nonce(labels), service) else {
            return false;
        };
        self.journal.entries().iter().any(|entry| {
            entry.intent.kind == Kind::Service
                && entry.intent.nonce == nonce
                && entry.id.as_ref() == Some(service)
        })
    }
}

/// Docker sets it on each task's container, after the labels that were asked for.
const SERVICE_ID: &str = "com.docker.swarm.service.id";
