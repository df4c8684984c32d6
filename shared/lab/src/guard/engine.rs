//! The guard as an engine: reads pass through, changes go to what the lab made, and what is made is built anew.
//!
//! What was asked for by name is looked up once and then changed by full id, so that no other thing that takes the name
//! in between is touched. Errors say the name that the learner wrote.

use std::collections::HashMap;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;

use super::{
    Guard, Kind, body, labels, locked,
    ownership::{Found, foreign},
};
use crate::{
    Attached, Containers, Error, Exec, Images, Networks, OutputStream, PathStat, Raw, Result, Size,
    System,
    engine::Items,
    models::{
        BuildInfo, ContainerCreateBody, ContainerCreateResponse, ContainerInspectResponse,
        ContainerStatsResponse, ContainerSummary, ContainerTopResponse, ContainerWaitResponse,
        CreateImageInfo, EventMessage, ExecConfig, ExecInspectResponse, ImageDeleteResponseItem,
        ImageInspect, ImageSummary, Network, NetworkConnectRequest, NetworkCreateRequest,
        NetworkCreateResponse, NetworkDisconnectRequest, NetworkInspect, SystemDataUsageResponse,
        SystemInfo, SystemVersion,
    },
    options::{
        AttachContainerOptions, BuildImageOptions, CreateImageOptions, DataUsageOptions,
        EventsOptions, InspectNetworkOptions, ListContainersOptions, ListImagesOptions,
        ListNetworksOptions, LogsOptions, RemoveContainerOptions, RemoveImageOptions,
        RestartContainerOptions, StatsOptions, StopContainerOptions, TopOptions,
        UploadToContainerOptions, WaitContainerOptions,
    },
    topology::is_predefined,
};

#[async_trait]
impl Networks for Guard {
    async fn list_networks(&self, options: ListNetworksOptions) -> Result<Vec<Network>> {
        let before = self.journal.entries();
        let everything = options.filters.as_ref().is_none_or(HashMap::is_empty);
        let mut networks = self.notice(self.engine.list_networks(options).await)?;
        if everything {
            self.saw_networks(&before, &networks).await?;
        }
        for network in &mut networks {
            labels::remove(network.labels.as_mut());
        }
        Ok(networks)
    }

    async fn inspect_network(
        &self,
        network: &str,
        options: InspectNetworkOptions,
    ) -> Result<Raw<NetworkInspect>> {
        let answer = self.notice(self.engine.inspect_network(network, options).await)?;
        Ok(Raw::new(labels::without(answer.json())))
    }

    async fn create_network(&self, request: NetworkCreateRequest) -> Result<NetworkCreateResponse> {
        let mut request = body::network(request, &self.limits)?;
        let reserved = self.reserve(Kind::Network).await?;
        request.labels = Some(body::with_label(request.labels, &reserved.nonce));
        let answer = self.engine.create_network(request).await;
        self.settle(&reserved, answer, |made| &made.id)
    }

    async fn connect_network(&self, network: &str, request: NetworkConnectRequest) -> Result<()> {
        // Docker, too, misses the container first.
        let owned = self.own_container(&request.container).await?;
        let network = self.may_join(network).await?;
        let request = NetworkConnectRequest {
            container: owned.id,
            endpoint_config: request.endpoint_config.map(body::endpoint).transpose()?,
        };
        self.notice(self.engine.connect_network(&network, request).await)
    }

    async fn disconnect_network(
        &self,
        network: &str,
        request: NetworkDisconnectRequest,
    ) -> Result<()> {
        // As Docker does: the container first, unless it is by force.
        let force = request.force == Some(true);
        let found = if force {
            Some(self.find_network(network).await?)
        } else {
            None
        };
        let owned = self.own_container(&request.container).await;
        let owned = owned.map_err(|error| match error {
            error if force && error.is_not_found() => {
                Error::not_found(format!("endpoint {} not found", request.container))
            }
            error => error,
        })?;
        let found = match found {
            Some(found) => found,
            None => self.find_network(network).await?,
        };
        let request = NetworkDisconnectRequest {
            container: owned.id,
            force: request.force,
        };
        self.notice(self.engine.disconnect_network(&found.id, request).await)
    }

    async fn remove_network(&self, network: &str) -> Result<()> {
        self.remove_own_network(network).await
    }
}

impl Guard {
    /// A network that the lab made, with its nonce.
    pub(super) async fn own_network(&self, asked: &str) -> Result<(Found, String)> {
        let mut found = self.find_network(asked).await?;
        match found.ours.take() {
            Some(nonce) => Ok((found, nonce)),
            // Docker's own words for these.
            None if is_predefined(&found.name) => Err(Error::refused(
                403,
                format!(
                    "{} is a pre-defined network and cannot be removed",
                    found.name
                ),
            )),
            None => Err(foreign("network", &found.name)),
        }
    }

    pub(super) async fn remove_own_network(&self, asked: &str) -> Result<()> {
        let (found, nonce) = self.own_network(asked).await?;
        self.notice(self.engine.remove_network(&found.id).await)?;
        self.journal.gone(&nonce)
    }

    pub(super) async fn remove_own_container(
        &self,
        asked: &str,
        options: RemoveContainerOptions,
    ) -> Result<()> {
        let owned = self.own_container(asked).await?;
        let answer = self.engine.remove_container(&owned.id, options).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &owned.id, asked))?;
        // The other tasks of its service stay.
        if owned.is_task {
            return Ok(());
        }
        self.journal.gone(&owned.nonce)
    }

    /// Who else a body names: the networks to join, the containers to share with and to link to.
    async fn may_have(&self, body: &mut ContainerCreateBody) -> Result<()> {
        let endpoints = body
            .networking_config
            .as_mut()
            .and_then(|config| config.endpoints_config.as_mut());
        for (network, settings) in endpoints.into_iter().flatten() {
            self.may_join(network).await?;
            self.may_link(settings.links.as_deref()).await?;
        }
        let Some(host) = body.host_config.as_mut() else {
            return Ok(());
        };
        self.may_link(host.links.as_deref()).await?;
        let mode = host.network_mode.as_deref().unwrap_or_default();
        let Some(other) = mode.strip_prefix("container:") else {
            return self.may_join(mode).await.map(drop);
        };
        if other.is_empty() {
            return Err(Error::refused(
                400,
                "invalid network mode: invalid container format container:<name|id>",
            ));
        }
        host.network_mode = Some(format!("container:{}", self.named_container(other).await?));
        Ok(())
    }

    /// `web` or `web:alias`.
    async fn may_link(&self, links: Option<&[String]>) -> Result<()> {
        for link in links.unwrap_or_default() {
            let container = link
                .split_once(':')
                .map_or(link.as_str(), |(container, _)| container);
            self.named_container(container).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Containers for Guard {
    async fn list_containers(
        &self,
        options: ListContainersOptions,
    ) -> Result<Vec<ContainerSummary>> {
        let before = self.journal.entries();
        let filtered = options
            .filters
            .as_ref()
            .is_some_and(|filters| !filters.is_empty());
        let everything = options.all && options.limit.is_none_or(|limit| limit <= 0) && !filtered;
        let mut containers = self.notice(self.engine.list_containers(options).await)?;
        if everything {
            self.saw_containers(&before, &containers).await?;
        }
        self.saw_tasks(&containers);
        for container in &mut containers {
            labels::remove(container.labels.as_mut());
        }
        Ok(containers)
    }

    async fn inspect_container(
        &self,
        container: &str,
        size: bool,
    ) -> Result<Raw<ContainerInspectResponse>> {
        let answer = self.notice(self.engine.inspect_container(container, size).await)?;
        Ok(Raw::new(labels::without(answer.json())))
    }

    async fn create_container(
        &self,
        name: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<ContainerCreateResponse> {
        let mut body = body::container(body, &self.limits, &self.about().await?.keeps)?;
        self.may_have(&mut body).await?;
        let reserved = self.reserve(Kind::Container).await?;
        body.labels = Some(body::with_label(body.labels, &reserved.nonce));
        let answer = self.engine.create_container(name, body).await;
        self.settle(&reserved, answer, |made| &made.id)
    }

    async fn start_container(&self, container: &str) -> Result<()> {
        let owned = self.own_container(container).await?;
        self.may_start(&owned).await?;
        let answer = self.engine.start_container(&owned.id).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &owned.id, container))
    }

    async fn stop_container(&self, container: &str, options: StopContainerOptions) -> Result<()> {
        let id = self.own_container(container).await?.id;
        let answer = self.engine.stop_container(&id, options).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &id, container))
    }

    async fn restart_container(
        &self,
        container: &str,
        options: RestartContainerOptions,
    ) -> Result<()> {
        let owned = self.own_container(container).await?;
        self.may_start(&owned).await?;
        let answer = self.engine.restart_container(&owned.id, options).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &owned.id, container))
    }

    async fn kill_container(&self, container: &str, signal: &str) -> Result<()> {
        let owned = self.own_container(container).await;
        let id = owned.map_err(|error| not_killed(error, container))?.id;
        let answer = self.engine.kill_container(&id, signal).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &id, container))
    }

    async fn pause_container(&self, container: &str) -> Result<()> {
        let id = self.own_container(container).await?.id;
        let answer = self.engine.pause_container(&id).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &id, container))
    }

    async fn unpause_container(&self, container: &str) -> Result<()> {
        let id = self.own_container(container).await?.id;
        let answer = self.engine.unpause_container(&id).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &id, container))
    }

    async fn rename_container(&self, container: &str, name: &str) -> Result<()> {
        let id = self.own_container(container).await?.id;
        let answer = self.engine.rename_container(&id, name).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &id, container))
    }

    async fn remove_container(
        &self,
        container: &str,
        options: RemoveContainerOptions,
    ) -> Result<()> {
        self.remove_own_container(container, options).await
    }

    async fn wait_container(
        &self,
        container: &str,
        options: WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>> {
        self.engine.wait_container(container, options).await
    }

    async fn logs(&self, container: &str, options: LogsOptions) -> Result<OutputStream> {
        self.engine.logs(container, options).await
    }

    async fn attach_container(
        &self,
        container: &str,
        options: AttachContainerOptions,
    ) -> Result<Attached> {
        if !options.stdin {
            return self.engine.attach_container(container, options).await;
        }
        let id = self.own_container(container).await?.id;
        let answer = self.engine.attach_container(&id, options).await;
        self.notice(answer)
            .map_err(|error| as_asked(error, &id, container))
    }

    async fn resize_container(&self, container: &str, size: Size) -> Result<()> {
        let id = self.own_container(container).await?.id;
        self.engine.resize_container(&id, size).await
    }

    async fn top(&self, container: &str, options: TopOptions) -> Result<ContainerTopResponse> {
        self.engine.top(container, options).await
    }

    async fn stats(
        &self,
        container: &str,
        options: StatsOptions,
    ) -> Result<Items<ContainerStatsResponse>> {
        self.engine.stats(container, options).await
    }

    async fn container_path_stat(&self, _: &str, _: &str) -> Result<PathStat> {
        Err(Error::NotAllowed(
            "this lab cannot copy files yet".to_owned(),
        ))
    }

    async fn download_from_container(&self, _: &str, _: &str) -> Result<(PathStat, Items<Bytes>)> {
        Err(Error::NotAllowed(
            "this lab cannot copy files yet".to_owned(),
        ))
    }

    async fn upload_to_container(
        &self,
        _: &str,
        _: UploadToContainerOptions,
        _: Bytes,
    ) -> Result<()> {
        Err(Error::NotAllowed(
            "this lab cannot copy files yet".to_owned(),
        ))
    }
}

#[async_trait]
impl Exec for Guard {
    async fn create_exec(&self, container: &str, config: ExecConfig) -> Result<String> {
        let config = body::exec(config)?;
        let id = self.own_container(container).await?.id;
        self.room_for_exec().await?;
        let answer = self.engine.create_exec(&id, config).await;
        let exec = self
            .notice(answer)
            .map_err(|error| as_asked(error, &id, container))?;
        locked(&self.execs).insert(exec.clone());
        Ok(exec)
    }

    async fn start_exec(&self, exec: &str, terminal: bool) -> Result<Attached> {
        self.own_exec(exec)?;
        self.notice(self.engine.start_exec(exec, terminal).await)
    }

    async fn start_exec_detached(&self, exec: &str) -> Result<()> {
        self.own_exec(exec)?;
        self.notice(self.engine.start_exec_detached(exec).await)
    }

    async fn inspect_exec(&self, exec: &str) -> Result<ExecInspectResponse> {
        self.engine.inspect_exec(exec).await
    }

    async fn resize_exec(&self, exec: &str, size: Size) -> Result<()> {
        self.own_exec(exec)?;
        self.engine.resize_exec(exec, size).await
    }
}

impl Guard {
    fn own_exec(&self, exec: &str) -> Result<()> {
        if locked(&self.execs).contains(exec) {
            return Ok(());
        }
        Err(foreign("exec", exec))
    }

    async fn room_for_exec(&self) -> Result<()> {
        let most = self.limits.execs;
        if locked(&self.execs).len() < most {
            return Ok(());
        }
        let known: Vec<String> = locked(&self.execs).iter().cloned().collect();
        for exec in known {
            let ended = match self.notice(self.engine.inspect_exec(&exec).await) {
                Ok(answer) => answer.running != Some(true) && answer.exit_code.is_some(),
                Err(error) if error.is_not_found() => true,
                Err(error) => return Err(error),
            };
            if ended {
                locked(&self.execs).remove(&exec);
            }
        }
        if locked(&self.execs).len() < most {
            return Ok(());
        }
        Err(body::too_many(
            "running execs",
            most,
            "end one of them first",
        ))
    }
}

#[async_trait]
impl Images for Guard {
    async fn list_images(&self, options: ListImagesOptions) -> Result<Vec<ImageSummary>> {
        let mut images = self.engine.list_images(options).await?;
        for image in &mut images {
            labels::remove(Some(&mut image.labels));
        }
        Ok(images)
    }

    async fn inspect_image(&self, image: &str) -> Result<Raw<ImageInspect>> {
        Ok(Raw::new(labels::without(
            self.engine.inspect_image(image).await?.json(),
        )))
    }

    async fn image_history(
        &self,
        image: &str,
    ) -> Result<Vec<crate::models::ImageHistoryResponseItem>> {
        self.notice(self.engine.image_history(image).await)
    }

    async fn tag_image(&self, image: &str, options: crate::options::TagImageOptions) -> Result<()> {
        self.tag_own_image(image, options).await
    }

    async fn pull_image(&self, options: CreateImageOptions) -> Result<Items<CreateImageInfo>> {
        self.pull(options).await
    }

    async fn remove_image(
        &self,
        image: &str,
        options: RemoveImageOptions,
    ) -> Result<Vec<ImageDeleteResponseItem>> {
        self.remove_own_image(image, options).await
    }

    async fn build_image(
        &self,
        options: BuildImageOptions,
        context: Bytes,
    ) -> Result<Items<BuildInfo>> {
        self.build(options, context).await
    }
}

#[async_trait]
impl System for Guard {
    async fn version(&self) -> Result<SystemVersion> {
        self.notice(self.engine.version().await)
    }

    async fn info(&self) -> Result<SystemInfo> {
        self.notice(self.engine.info().await)
    }

    async fn data_usage(&self, options: DataUsageOptions) -> Result<SystemDataUsageResponse> {
        self.notice(self.engine.data_usage(options).await)
    }

    async fn events(&self, options: EventsOptions) -> Result<Items<EventMessage>> {
        let events = self.notice(self.engine.events(options).await)?;
        Ok(Box::pin(events.map(|event| {
            event.map(|mut event| {
                labels::remove(
                    event
                        .actor
                        .as_mut()
                        .and_then(|actor| actor.attributes.as_mut()),
                );
                event
            })
        })))
    }

    async fn ping(&self) -> Result<Bytes> {
        self.notice(self.engine.ping().await)
    }
}

/// Docker repeats what it was asked for: it was asked for a full id, the learner for a name.
fn as_asked(error: Error, id: &str, asked: &str) -> Error {
    match error {
        Error::Refused { status, message } => Error::Refused {
            status,
            message: message
                .replace(&format!("{id}:"), &format!("{asked}:"))
                .replace(&format!("\"{id}\""), &format!("\"{asked}\""))
                .replace(&format!("{id} is paused"), &format!("{asked} is paused")),
        },
        error => error,
    }
}

/// Of all the changes only this one says what it was about when there is no such container.
fn not_killed(error: Error, asked: &str) -> Error {
    match error {
        Error::Refused {
            status: 404,
            message,
        } => Error::not_found(format!("cannot kill container: {asked}: {message}")),
        error => error,
    }
}
