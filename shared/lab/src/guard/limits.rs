//! How much a lab may use. Plain numbers: who keeps them does not know where they came from.

use serde::{Deserialize, Serialize};

/// The most that a lab may use, and what it may do beyond plain containers and bridges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Containers at the same time, running or not.
    pub containers: usize,
    /// Networks at the same time.
    pub networks: usize,
    /// Services at the same time.
    pub services: usize,
    /// Tasks of a service.
    pub replicas: usize,
    /// Images that it built or pulled, those of single build steps among them.
    pub images: usize,
    /// Bytes that a build is sent.
    pub build_context: usize,
    /// Execs that have not ended.
    pub execs: usize,
    /// Ports published on the host at the same time.
    pub published: usize,
    /// Bytes of memory for each container.
    pub memory: i64,
    /// Processes in each container.
    pub pids: i64,
    /// Billionths of a processor for each container, as the API counts them.
    pub nano_cpus: i64,
    /// Bytes of log that the engine keeps for each container.
    pub log_bytes: u64,
    /// Whether `--network host` is granted.
    pub host_network: bool,
    /// Whether macvlan and ipvlan networks on the host's own interfaces are granted.
    pub host_interfaces: bool,
    /// Whether a swarm may have other machines: only where they are the lab's own, too.
    pub other_hosts: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            containers: 32,
            networks: 16,
            services: 8,
            replicas: 8,
            images: 256,
            build_context: 16 << 20,
            execs: 32,
            published: 32,
            memory: 1 << 30,
            pids: 512,
            nano_cpus: 2_000_000_000,
            log_bytes: 10 << 20,
            host_network: false,
            host_interfaces: false,
            other_hosts: false,
        }
    }
}

/// Which limits the engine's machine can keep, from `info`: asked for on others, a create would fail or warn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    pub memory: bool,
    pub pids: bool,
    /// Processors there are, where their use can be limited.
    pub cpus: Option<i64>,
}
