//! `docker stats`: derived from what a container's processes have done, so that it is the same each time.
//!
//! What goes over its interfaces is not counted yet.

use std::{collections::HashMap, time::Duration};

use futures::{StreamExt, stream};
use jiff::Timestamp;
use lab::{
    Result,
    engine::Items,
    models::{
        ContainerBlkioStats, ContainerCpuStats, ContainerCpuUsage, ContainerMemoryStats,
        ContainerPidsStats, ContainerStatsResponse, ContainerThrottlingData,
    },
    options::StatsOptions,
};

use crate::{Simulated, world::Container};

/// In nanoseconds: what it takes to start a process, and to write something.
const START: u64 = 18_000_000;
const WRITE: u64 = 25_000;
/// In bytes, for each process.
const RESIDENT: u64 = 420 << 10;
pub const MACHINE_MEMORY: i64 = 4 << 30;
const CPUS: u32 = 2;

impl Simulated {
    pub(super) fn read_stats(
        &self,
        container: &str,
        options: &StatsOptions,
    ) -> Result<Items<ContainerStatsResponse>> {
        self.drive();
        let id = self.world().container(container)?.id.clone();
        if !options.stream {
            let (world, at_once) = (self.clone(), options.one_shot);
            let one = async move { world.one(id, None, at_once).await };
            return Ok(stream::once(one).filter_map(std::future::ready).boxed());
        }
        let world = self.clone();
        let all = stream::unfold(None, move |before: Option<Reading>| {
            let (world, id) = (world.clone(), id.clone());
            async move {
                let item = world.one(id, before, before.is_none()).await?.ok()?;
                let now = Reading {
                    at: world.now(),
                    used: used(&item),
                };
                Some((Ok(item), Some(now)))
            }
        });
        Ok(all.boxed())
    }

    /// A reading, compared with the one a second before.
    async fn one(
        &self,
        id: String,
        before: Option<Reading>,
        at_once: bool,
    ) -> Option<Result<ContainerStatsResponse>> {
        let before = match before {
            Some(before) => Some(before),
            None if at_once => None,
            None => self.reading(&id),
        };
        if !at_once {
            self.rest(Duration::from_secs(1)).await;
        }
        self.drive();
        let now = self.now();
        let world = self.world();
        let container = world.containers.get(&id)?;
        Some(Ok(stats(container, before, now)))
    }

    fn reading(&self, id: &str) -> Option<Reading> {
        let (at, world) = (self.now(), self.world());
        let container = world.containers.get(id)?;
        Some(Reading {
            at,
            used: processor_time(container),
        })
    }

    async fn rest(&self, duration: Duration) {
        let Ok(until) = self.now().checked_add(duration) else {
            return;
        };
        self.set_timer(until);
        let world = self.clone();
        self.until(|_| (world.now() >= until).then_some(())).await;
    }
}

/// What a container had used at some moment.
#[derive(Clone, Copy)]
struct Reading {
    at: Timestamp,
    used: u64,
}

fn used(stats: &ContainerStatsResponse) -> u64 {
    let usage = stats
        .cpu_stats
        .as_ref()
        .and_then(|cpu| cpu.cpu_usage.clone());
    usage
        .and_then(|usage| usage.total_usage)
        .unwrap_or_default()
}

fn stats(container: &Container, before: Option<Reading>, now: Timestamp) -> ContainerStatsResponse {
    let named = ContainerStatsResponse {
        name: Some(format!("/{}", container.name)),
        id: Some(container.id.clone()),
        num_procs: Some(0),
        ..Default::default()
    };
    if !container.is_running() {
        return ContainerStatsResponse {
            cpu_stats: Some(processor(None)),
            precpu_stats: Some(processor(None)),
            memory_stats: Some(ContainerMemoryStats::default()),
            pids_stats: Some(ContainerPidsStats::default()),
            ..named
        };
    }
    let reading = Reading {
        at: now,
        used: processor_time(container),
    };
    ContainerStatsResponse {
        os_type: Some("linux".to_owned()),
        read: Some(now.to_string()),
        preread: before.map(|before| before.at.to_string()),
        pids_stats: Some(ContainerPidsStats {
            current: u64::try_from(container.processes.len()).ok(),
            limit: limit(container, |host| host.pids_limit),
        }),
        blkio_stats: Some(ContainerBlkioStats {
            io_service_bytes_recursive: Some(Vec::new()),
            ..Default::default()
        }),
        cpu_stats: Some(processor(Some(reading))),
        precpu_stats: Some(processor(before)),
        memory_stats: Some(memory(container)),
        ..named
    }
}

fn processor(reading: Option<Reading>) -> ContainerCpuStats {
    let used = reading.map_or(0, |reading| reading.used);
    let machine = reading.map(|reading| {
        let up = u64::try_from(reading.at.as_nanosecond()).unwrap_or_default();
        up.wrapping_mul(u64::from(CPUS)) & (u64::MAX >> 1)
    });
    ContainerCpuStats {
        cpu_usage: Some(ContainerCpuUsage {
            total_usage: Some(used),
            percpu_usage: None,
            usage_in_kernelmode: Some(used / 3),
            usage_in_usermode: Some(used - used / 3),
        }),
        system_cpu_usage: machine,
        online_cpus: reading.map(|_| CPUS),
        throttling_data: Some(ContainerThrottlingData {
            periods: Some(0),
            throttled_periods: Some(0),
            throttled_time: Some(0),
        }),
    }
}

fn processor_time(container: &Container) -> u64 {
    let started = container.processes.iter().map(|entry| entry.pid).max();
    let written = container.io.lock().chunks.len();
    u64::from(started.unwrap_or_default()) * START
        + u64::try_from(written).unwrap_or_default() * WRITE
}

fn memory(container: &Container) -> ContainerMemoryStats {
    let processes = u64::try_from(container.processes.len()).unwrap_or_default();
    let files = container.files.own().size();
    let used = processes * RESIDENT + files;
    ContainerMemoryStats {
        usage: Some(used),
        stats: Some(HashMap::from([
            ("anon".to_owned(), processes * RESIDENT),
            ("file".to_owned(), files),
            ("inactive_file".to_owned(), 0),
        ])),
        limit: limit(container, |host| host.memory).or(u64::try_from(MACHINE_MEMORY).ok()),
        ..Default::default()
    }
}

fn limit(
    container: &Container,
    of: impl Fn(&lab::models::HostConfig) -> Option<i64>,
) -> Option<u64> {
    let limit = container.body.host_config.as_ref().and_then(of)?;
    u64::try_from(limit).ok().filter(|limit| *limit != 0)
}
