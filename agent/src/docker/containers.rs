//! `/containers`

use async_trait::async_trait;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use hyper::{Method, Response, body::Incoming};
use lab::{
    Attached, Containers, Error, OutputStream, PathStat, Raw, Result, Size,
    engine::Items,
    models::{
        ContainerCreateBody, ContainerCreateResponse, ContainerInspectResponse,
        ContainerStatsResponse, ContainerSummary, ContainerTopResponse, ContainerWaitResponse,
    },
    options::{
        AttachContainerOptions, CreateContainerOptions, InspectContainerOptions,
        KillContainerOptions, ListContainersOptions, LogsOptions, RemoveContainerOptions,
        RenameContainerOptions, ResizeContainerTTYOptions, RestartContainerOptions, StatsOptions,
        StopContainerOptions, TopOptions, UploadToContainerOptions, WaitContainerOptions,
    },
};

use super::{Docker, flow, name};

/// The first version of the API that says with each output how it is framed.
const SAYS_FRAMES: u32 = 42;

#[async_trait]
impl Containers for Docker {
    async fn list_containers(
        &self,
        options: ListContainersOptions,
    ) -> Result<Vec<ContainerSummary>> {
        self.said(self.bollard.list_containers(Some(options)).await)
    }

    async fn inspect_container(
        &self,
        container: &str,
        size: bool,
    ) -> Result<Raw<ContainerInspectResponse>> {
        let route = format!("/containers/{}/json", name::container(container)?);
        self.raw(&route, InspectContainerOptions { size }).await
    }

    async fn create_container(
        &self,
        name: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<ContainerCreateResponse> {
        let options = CreateContainerOptions {
            name: name.map(str::to_owned),
            ..Default::default()
        };
        self.said(self.bollard.create_container(Some(options), body).await)
    }

    async fn start_container(&self, container: &str) -> Result<()> {
        let container = name::container(container)?;
        self.said(self.bollard.start_container(&container, None).await)
    }

    async fn stop_container(&self, container: &str, options: StopContainerOptions) -> Result<()> {
        let container = name::container(container)?;
        self.said(self.bollard.stop_container(&container, Some(options)).await)
    }

    async fn restart_container(
        &self,
        container: &str,
        options: RestartContainerOptions,
    ) -> Result<()> {
        let container = name::container(container)?;
        let answer = self.bollard.restart_container(&container, Some(options));
        self.said(answer.await)
    }

    async fn kill_container(&self, container: &str, signal: &str) -> Result<()> {
        let container = name::container(container)?;
        let options = KillContainerOptions {
            signal: signal.to_owned(),
        };
        self.said(self.bollard.kill_container(&container, Some(options)).await)
    }

    async fn pause_container(&self, container: &str) -> Result<()> {
        let container = name::container(container)?;
        self.said(self.bollard.pause_container(&container).await)
    }

    async fn unpause_container(&self, container: &str) -> Result<()> {
        let container = name::container(container)?;
        self.said(self.bollard.unpause_container(&container).await)
    }

    async fn rename_container(&self, container: &str, name: &str) -> Result<()> {
        let container = name::container(container)?;
        let options = RenameContainerOptions {
            name: name.to_owned(),
        };
        self.said(self.bollard.rename_container(&container, options).await)
    }

    async fn remove_container(
        &self,
        container: &str,
        options: RemoveContainerOptions,
    ) -> Result<()> {
        let container = name::container(container)?;
        let answer = self.bollard.remove_container(&container, Some(options));
        self.said(answer.await)
    }

    async fn wait_container(
        &self,
        container: &str,
        options: WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>> {
        let route = format!("/containers/{}/wait", name::container(container)?);
        let response = self.ask(Method::POST, &route, options, None).await?;
        Ok(flow::items(self.endpoint(), response))
    }

    async fn logs(&self, container: &str, options: LogsOptions) -> Result<OutputStream> {
        let route = format!("/containers/{}/logs", name::container(container)?);
        let known = self.terminal_unless_said(container).await?;
        let response = self.ask(Method::GET, &route, options, None).await?;
        let terminal = is_terminal(known, &response);
        Ok(flow::output(
            flow::bytes(self.endpoint(), response),
            terminal,
        ))
    }

    async fn attach_container(
        &self,
        container: &str,
        options: AttachContainerOptions,
    ) -> Result<Attached> {
        let route = format!("/containers/{}/attach", name::container(container)?);
        let known = self.terminal_unless_said(container).await?;
        let response = self.hijack(&route, options, None).await?;
        let terminal = is_terminal(known, &response);
        flow::attached(self.endpoint(), response, terminal).await
    }

    async fn resize_container(&self, container: &str, size: Size) -> Result<()> {
        let container = name::container(container)?;
        let options = ResizeContainerTTYOptions {
            h: size.rows.into(),
            w: size.columns.into(),
        };
        let answer = self.bollard.resize_container_tty(&container, options);
        self.said(answer.await)
    }

    async fn top(&self, container: &str, options: TopOptions) -> Result<ContainerTopResponse> {
        let container = name::container(container)?;
        self.said(self.bollard.top_processes(&container, Some(options)).await)
    }

    async fn stats(
        &self,
        container: &str,
        options: StatsOptions,
    ) -> Result<Items<ContainerStatsResponse>> {
        let route = format!("/containers/{}/stats", name::container(container)?);
        let response = self.ask(Method::GET, &route, options, None).await?;
        Ok(flow::items(self.endpoint(), response))
    }

    async fn container_path_stat(&self, container: &str, path: &str) -> Result<PathStat> {
        let response = self.archive(Method::HEAD, container, path).await?;
        path_stat(&response)
    }

    async fn download_from_container(
        &self,
        container: &str,
        path: &str,
    ) -> Result<(PathStat, Items<Bytes>)> {
        let response = self.archive(Method::GET, container, path).await?;
        let stat = path_stat(&response)?;
        Ok((stat, Box::pin(flow::bytes(self.endpoint(), response))))
    }

    async fn upload_to_container(
        &self,
        container: &str,
        options: UploadToContainerOptions,
        archive: Bytes,
    ) -> Result<()> {
        let container = name::container(container)?;
        let body = bollard::body_full(archive);
        let answer = self
            .bollard
            .upload_to_container(&container, Some(options), body);
        self.said(answer.await)
    }
}

impl Docker {
    async fn archive(
        &self,
        method: Method,
        container: &str,
        path: &str,
    ) -> Result<Response<Incoming>> {
        let route = format!("/containers/{}/archive", name::container(container)?);
        self.ask(method, &route, [("path", path)], None).await
    }

    /// Whether a container has a terminal, where the engine is too old to say so with its output.
    async fn terminal_unless_said(&self, container: &str) -> Result<Option<bool>> {
        if self.transport.minor().await? >= SAYS_FRAMES {
            return Ok(None);
        }
        let inspect = self.inspect_container(container, false).await?.parse()?;
        Ok(Some(
            inspect.config.and_then(|config| config.tty) == Some(true),
        ))
    }
}

fn is_terminal(known: Option<bool>, response: &Response<Incoming>) -> bool {
    known.unwrap_or_else(|| flow::is_framed(response) == Some(false))
}

/// JSON in base64, in a header of the answer.
fn path_stat(response: &Response<Incoming>) -> Result<PathStat> {
    let header = response.headers().get("X-Docker-Container-Path-Stat");
    let header =
        header.ok_or_else(|| Error::Unreadable("it does not say what the path is".to_owned()))?;
    let unreadable = |error: &dyn std::fmt::Display| Error::Unreadable(error.to_string());
    let json = BASE64_STANDARD
        .decode(header.as_bytes())
        .map_err(|error| unreadable(&error))?;
    serde_json::from_slice(&json).map_err(|error| unreadable(&error))
}
