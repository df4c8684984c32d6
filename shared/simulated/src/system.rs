//! `/version`, `/info`, `/events`

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use lab::{
    Raw, Result, System,
    engine::Items,
    models::{EventMessage, SystemInfo, SystemVersion},
    options::EventsOptions,
};
use serde_json::json;

use crate::{Simulated, inspect};

#[async_trait]
impl System for Simulated {
    async fn version(&self) -> Result<SystemVersion> {
        inspect::read(json!({
            "Platform": { "Name": "Causeway, simulated" },
            "Version": "28.5.2", "ApiVersion": "1.51", "MinAPIVersion": "1.24", "GitCommit": "simulated", "GoVersion": "none",
            "Os": "linux", "Arch": "amd64", "KernelVersion": "simulated", "BuildTime": "",
        }))
    }

    async fn info(&self) -> Result<Raw<SystemInfo>> {
        let world = self.world();
        let running = world
            .containers
            .values()
            .filter(|container| container.is_running())
            .count();
        let info = json!({
            "ID": "simulated", "Containers": world.containers.len(), "ContainersRunning": running, "Images": 3,
            "Driver": "overlay2", "MemoryLimit": true, "PidsLimit": true, "CpuCfsPeriod": true, "CpuCfsQuota": true,
            "NCPU": 2, "MemTotal": 4_294_967_296_u64, "Name": "causeway", "ServerVersion": "28.5.2",
            "OperatingSystem": "Causeway, simulated", "OSType": "linux", "Architecture": "x86_64",
            "Swarm": { "LocalNodeState": "inactive" }, "Warnings": [],
        });
        Ok(Raw::new(info.to_string()))
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
