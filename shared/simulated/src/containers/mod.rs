//! `/containers`: one file for each thing that is done to them.

mod again;
mod attach;
mod copy;
mod create;
mod filter;
mod health;
mod host_config;
mod inspect;
pub mod life;
mod list;
mod logs;
mod name;
mod pause;
mod remove;
mod signal;
mod size;
mod start;
mod stats;
mod status;
mod stop;
mod top;
mod user;
mod validate;
mod wait;

use async_trait::async_trait;
use bytes::Bytes;
use lab::{
    Attached, Containers, OutputStream, PathStat, Raw, Result, Size,
    engine::Items,
    models::{
        ContainerCreateBody, ContainerCreateResponse, ContainerInspectResponse,
        ContainerStatsResponse, ContainerSummary, ContainerTopResponse, ContainerWaitResponse,
    },
    options::{
        AttachContainerOptions, ListContainersOptions, LogsOptions, RemoveContainerOptions,
        RestartContainerOptions, StatsOptions, StopContainerOptions, TopOptions,
        UploadToContainerOptions, WaitContainerOptions,
    },
};

use crate::Simulated;

pub use pause::must_run;
pub use start::exit_code as start_exit_code;
pub use stats::MACHINE_MEMORY;
pub use top::host_pid;
pub use user::missing as user_missing;

#[async_trait]
impl Containers for Simulated {
    async fn list_containers(
        &self,
        options: ListContainersOptions,
    ) -> Result<Vec<ContainerSummary>> {
        self.list(&options)
    }

    async fn inspect_container(
        &self,
        container: &str,
        size: bool,
    ) -> Result<Raw<ContainerInspectResponse>> {
        self.drive();
        let world = self.world();
        let container = world.container(container)?;
        Ok(Raw::new(
            inspect::container(&world, container, size).to_string(),
        ))
    }

    async fn create_container(
        &self,
        name: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<ContainerCreateResponse> {
        self.create(name, body)
    }

    async fn start_container(&self, container: &str) -> Result<()> {
        self.start(container)
    }

    async fn stop_container(&self, container: &str, options: StopContainerOptions) -> Result<()> {
        self.stop(container, options).await
    }

    async fn restart_container(
        &self,
        container: &str,
        options: RestartContainerOptions,
    ) -> Result<()> {
        self.restart(container, options).await
    }

    async fn kill_container(&self, container: &str, signal: &str) -> Result<()> {
        self.kill(container, signal)
    }

    async fn pause_container(&self, container: &str) -> Result<()> {
        self.pause(container)
    }

    async fn unpause_container(&self, container: &str) -> Result<()> {
        self.unpause(container)
    }

    async fn rename_container(&self, container: &str, name: &str) -> Result<()> {
        self.rename(container, name)
    }

    async fn remove_container(
        &self,
        container: &str,
        options: RemoveContainerOptions,
    ) -> Result<()> {
        self.remove(container, &options)
    }

    async fn wait_container(
        &self,
        container: &str,
        options: WaitContainerOptions,
    ) -> Result<Items<ContainerWaitResponse>> {
        self.wait(container, &options)
    }

    async fn logs(&self, container: &str, options: LogsOptions) -> Result<OutputStream> {
        self.read_logs(container, &options)
    }

    async fn attach_container(
        &self,
        container: &str,
        options: AttachContainerOptions,
    ) -> Result<Attached> {
        self.attach(container, &options)
    }

    async fn resize_container(&self, container: &str, size: Size) -> Result<()> {
        self.resize(container, size)
    }

    async fn top(&self, container: &str, options: TopOptions) -> Result<ContainerTopResponse> {
        self.processes(container, &options)
    }

    async fn stats(
        &self,
        container: &str,
        options: StatsOptions,
    ) -> Result<Items<ContainerStatsResponse>> {
        self.read_stats(container, &options)
    }

    async fn container_path_stat(&self, container: &str, path: &str) -> Result<PathStat> {
        self.path_stat(container, path)
    }

    async fn download_from_container(
        &self,
        container: &str,
        path: &str,
    ) -> Result<(PathStat, Items<Bytes>)> {
        self.download(container, path)
    }

    async fn upload_to_container(
        &self,
        container: &str,
        options: UploadToContainerOptions,
        archive: Bytes,
    ) -> Result<()> {
        self.upload(container, &options, &archive)
    }
}
