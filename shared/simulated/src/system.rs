//! `/version`, `/info`, `/system/df`, `/events`

use async_trait::async_trait;
use bytes::Bytes;
use lab::{
    Error, Result, System,
    engine::Items,
    models::{
        EventMessage, SystemDataUsageResponse, SystemInfo, SystemVersion, SystemVersionPlatform,
    },
    options::{DataUsageOptions, EventsOptions},
};

use crate::{Simulated, containers::MACHINE_MEMORY, world::State};

#[async_trait]
impl System for Simulated {
    async fn version(&self) -> Result<SystemVersion> {
        let platform = SystemVersionPlatform {
            name: "Causeway, simulated".to_owned(),
        };
        let said = |text: &str| Some(text.to_owned());
        Ok(SystemVersion {
            platform: Some(platform),
            version: said("28.5.2"),
            api_version: said("1.51"),
            min_api_version: said("1.24"),
            git_commit: said("simulated"),
            go_version: said("none"),
            os: said("linux"),
            arch: said("amd64"),
            kernel_version: said("simulated"),
            build_time: said(""),
            ..Default::default()
        })
    }

    async fn info(&self) -> Result<SystemInfo> {
        self.drive();
        let swarm = self.swarm_info();
        let world = self.world();
        let count = |is: fn(State) -> bool| {
            let containers = world.containers.values();
            i64::try_from(containers.filter(|container| is(container.state)).count()).ok()
        };
        let said = |text: &str| Some(text.to_owned());
        Ok(SystemInfo {
            id: Some(engine_id(&world.name)),
            containers: i64::try_from(world.containers.len()).ok(),
            // One between two of its lives counts as running.
            containers_running: count(|state| matches!(state, State::Running | State::Restarting)),
            containers_paused: count(|state| state == State::Paused),
            containers_stopped: count(|state| matches!(state, State::Created | State::Exited)),
            images: i64::try_from(world.images.all().count()).ok(),
            driver: said("overlay2"),
            memory_limit: Some(true),
            pids_limit: Some(true),
            cpu_cfs_period: Some(true),
            cpu_cfs_quota: Some(true),
            ncpu: Some(2),
            mem_total: Some(MACHINE_MEMORY),
            name: Some(world.name.clone()),
            server_version: said("28.5.2"),
            operating_system: said("Causeway, simulated"),
            os_type: said("linux"),
            architecture: said("x86_64"),
            swarm: Some(swarm),
            warnings: Some(Vec::new()),
            ..Default::default()
        })
    }

    async fn data_usage(&self, _: DataUsageOptions) -> Result<SystemDataUsageResponse> {
        Err(Error::NotSimulated("disk usage".to_owned()))
    }

    async fn events(&self, options: EventsOptions) -> Result<Items<EventMessage>> {
        self.subscribe(options)
    }

    async fn ping(&self) -> Result<Bytes> {
        Ok(Bytes::from_static(b"OK"))
    }
}

/// The first machine's engine is simply `simulated`.
fn engine_id(host: &str) -> String {
    match host {
        "causeway" => "simulated".to_owned(),
        other => format!("simulated-{other}"),
    }
}
