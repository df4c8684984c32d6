//! `/version`, `/info`, `/events`

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use lab::{
    Result, System,
    engine::Items,
    models::{
        EventMessage, LocalNodeState, SwarmInfo, SystemInfo, SystemVersion, SystemVersionPlatform,
    },
    options::EventsOptions,
};

use crate::Simulated;

#[async_trait]
impl System for Simulated {
    async fn version(&self) -> Result<SystemVersion> {
        let platform = SystemVersionPlatform {
            name: "Causeway, simulated".to_owned(),
        };
        let word = |word: &str| Some(word.to_owned());
        Ok(SystemVersion {
            platform: Some(platform),
            version: word("28.5.2"),
            api_version: word("1.51"),
            min_api_version: word("1.24"),
            git_commit: word("simulated"),
            go_version: word("none"),
            os: word("linux"),
            arch: word("amd64"),
            kernel_version: word("simulated"),
            build_time: word(""),
            ..Default::default()
        })
    }

    async fn info(&self) -> Result<SystemInfo> {
        let world = self.world();
        let running = world
            .containers
            .values()
            .filter(|container| container.is_running())
            .count();
        let word = |word: &str| Some(word.to_owned());
        Ok(SystemInfo {
            id: word("simulated"),
            containers: i64::try_from(world.containers.len()).ok(),
            containers_running: i64::try_from(running).ok(),
            images: Some(3),
            driver: word("overlay2"),
            memory_limit: Some(true),
            pids_limit: Some(true),
            cpu_cfs_period: Some(true),
            cpu_cfs_quota: Some(true),
            ncpu: Some(2),
            mem_total: Some(4 << 30),
            name: word("causeway"),
            server_version: word("28.5.2"),
            operating_system: word("Causeway, simulated"),
            os_type: word("linux"),
            architecture: word("x86_64"),
            swarm: Some(SwarmInfo {
                local_node_state: Some(LocalNodeState::INACTIVE),
                ..Default::default()
            }),
            warnings: Some(Vec::new()),
            ..Default::default()
        })
    }

    async fn events(&self, _: EventsOptions) -> Result<Items<EventMessage>> {
        let seen = self.world().events.len();
        let world = self.clone();
        let events = futures::stream::unfold(seen, move |seen| {
            let world = world.clone();
            async move {
                let event = world.until(|world| world.events.get(seen).cloned()).await;
                Some((Ok(event), seen + 1))
            }
        });
        Ok(events.boxed())
    }

    async fn ping(&self) -> Result<Bytes> {
        Ok(Bytes::from_static(b"OK"))
    }
}
