//! A container's `HostConfig` as the engine's JSON, with what the engine fills in.

use std::collections::{BTreeMap, HashMap};

use lab::models::{HostConfig, PortMap, RestartPolicy};
use serde_json::{Map, Value, json};

const SHARED_MEMORY: i64 = 64 << 20;

const MASKED: [&str; 12] = [
    "/proc/asound",
    "/proc/acpi",
    "/proc/interrupts",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
];

const READ_ONLY: [&str; 5] = [
    "/proc/bus",
    "/proc/fs",
    "/proc/irq",
    "/proc/sys",
    "/proc/sysrq-trigger",
];

pub fn host_config(host: &HostConfig, network_mode: &str) -> Value {
    let mut json = general(host, network_mode);
    json.append(&mut isolation(host));
    json.append(&mut resources(host));
    if let Some(mounts) = host.mounts.as_ref().filter(|mounts| !mounts.is_empty()) {
        json.insert("Mounts".to_owned(), json!(mounts));
    }
    let paths = |given: &Option<Vec<String>>, usual: &[&str]| {
        given
            .as_ref()
            .map_or_else(|| json!(usual), |given| json!(given))
    };
    json.insert("MaskedPaths".to_owned(), paths(&host.masked_paths, &MASKED));
    json.insert(
        "ReadonlyPaths".to_owned(),
        paths(&host.readonly_paths, &READ_ONLY),
    );
    if let Some(init) = host.init {
        json.insert("Init".to_owned(), json!(init));
    }
    Value::Object(json)
}

fn general(host: &HostConfig, network_mode: &str) -> Map<String, Value> {
    let log = host.log_config.clone().unwrap_or_default();
    let mut json = object(json!({
        "Binds": host.binds,
        "ContainerIDFile": text(host.container_id_file.as_ref()),
        "LogConfig": {
            "Type": or(log.typ.as_ref(), "json-file"),
            "Config": sorted(log.config.as_ref()),
        },
        "NetworkMode": network_mode,
        "PortBindings": port_bindings(host.port_bindings.as_ref()),
        "RestartPolicy": restart_policy(host.restart_policy.as_ref()),
        "AutoRemove": host.auto_remove.unwrap_or_default(),
        "VolumeDriver": text(host.volume_driver.as_ref()),
        "VolumesFrom": host.volumes_from,
        "ConsoleSize": host.console_size.clone().unwrap_or_else(|| vec![0, 0]),
    }));
    if let Some(annotations) = &host.annotations {
        json.insert("Annotations".to_owned(), sorted(Some(annotations)));
    }
    json
}

fn isolation(host: &HostConfig) -> Map<String, Value> {
    let mut json = object(json!({
        "CapAdd": host.cap_add,
        "CapDrop": host.cap_drop,
        "CgroupnsMode": "host",
        "Dns": host.dns,
        "DnsOptions": host.dns_options,
        "DnsSearch": host.dns_search,
        "ExtraHosts": host.extra_hosts,
        "GroupAdd": host.group_add,
        "IpcMode": or(host.ipc_mode.as_ref(), "private"),
        "Cgroup": text(host.cgroup.as_ref()),
        "Links": host.links,
        "OomScoreAdj": host.oom_score_adj.unwrap_or_default(),
        "PidMode": text(host.pid_mode.as_ref()),
        "Privileged": host.privileged.unwrap_or_default(),
        "PublishAllPorts": host.publish_all_ports.unwrap_or_default(),
        "ReadonlyRootfs": host.readonly_rootfs.unwrap_or_default(),
        "SecurityOpt": host.security_opt,
    }));
    for (key, options) in [("StorageOpt", &host.storage_opt), ("Tmpfs", &host.tmpfs)] {
        if let Some(options) = options {
            json.insert(key.to_owned(), sorted(Some(options)));
        }
    }
    let shared = host.shm_size.filter(|size| *size != 0);
    json.append(&mut object(json!({
        "UTSMode": text(host.uts_mode.as_ref()),
        "UsernsMode": text(host.userns_mode.as_ref()),
        "ShmSize": shared.unwrap_or(SHARED_MEMORY),
    })));
    if let Some(sysctls) = &host.sysctls {
        json.insert("Sysctls".to_owned(), sorted(Some(sysctls)));
    }
    json.append(&mut object(json!({
        "Runtime": or(host.runtime.as_ref(), "runc"),
        "Isolation": host.isolation.map(|isolation| isolation.to_string()).unwrap_or_default(),
    })));
    json
}

fn resources(host: &HostConfig) -> Map<String, Value> {
    let memory = host.memory.unwrap_or_default();
    let swap = match host.memory_swap.unwrap_or_default() {
        0 => memory * 2,
        swap => swap,
    };
    let pids = host.pids_limit.filter(|pids| *pids > 0);
    let swappiness = host.memory_swappiness.filter(|value| *value >= 0);
    object(json!({
        "CpuShares": host.cpu_shares.unwrap_or_default(),
        "Memory": memory,
        "NanoCpus": host.nano_cpus.unwrap_or_default(),
        "CgroupParent": text(host.cgroup_parent.as_ref()),
        "BlkioWeight": host.blkio_weight.unwrap_or_default(),
        "BlkioWeightDevice": host.blkio_weight_device,
        "BlkioDeviceReadBps": host.blkio_device_read_bps,
        "BlkioDeviceWriteBps": host.blkio_device_write_bps,
        "BlkioDeviceReadIOps": host.blkio_device_read_iops,
        "BlkioDeviceWriteIOps": host.blkio_device_write_iops,
        "CpuPeriod": host.cpu_period.unwrap_or_default(),
        "CpuQuota": host.cpu_quota.unwrap_or_default(),
        "CpuRealtimePeriod": host.cpu_realtime_period.unwrap_or_default(),
        "CpuRealtimeRuntime": host.cpu_realtime_runtime.unwrap_or_default(),
        "CpusetCpus": text(host.cpuset_cpus.as_ref()),
        "CpusetMems": text(host.cpuset_mems.as_ref()),
        "Devices": host.devices,
        "DeviceCgroupRules": host.device_cgroup_rules,
        "DeviceRequests": host.device_requests,
        "MemoryReservation": host.memory_reservation.unwrap_or_default(),
        "MemorySwap": swap,
        "MemorySwappiness": swappiness,
        "OomKillDisable": host.oom_kill_disable.unwrap_or_default(),
        "PidsLimit": pids,
        "Ulimits": host.ulimits,
        "CpuCount": host.cpu_count.unwrap_or_default(),
        "CpuPercent": host.cpu_percent.unwrap_or_default(),
        "IOMaximumIOps": host.io_maximum_iops.unwrap_or_default(),
        "IOMaximumBandwidth": host.io_maximum_bandwidth.unwrap_or_default(),
    }))
}

fn port_bindings(bindings: Option<&PortMap>) -> Value {
    let bindings = bindings.map(|bindings| {
        let bindings = bindings.iter().map(|(port, bindings)| {
            let bindings: Vec<Value> = bindings
                .iter()
                .flatten()
                .map(|binding| {
                    json!({
                        "HostIp": text(binding.host_ip.as_ref()),
                        "HostPort": text(binding.host_port.as_ref()),
                    })
                })
                .collect();
            (port.as_str(), bindings)
        });
        bindings.collect::<BTreeMap<_, _>>()
    });
    json!(bindings)
}

fn restart_policy(policy: Option<&RestartPolicy>) -> Value {
    let name = policy
        .and_then(|policy| policy.name)
        .map(|name| name.to_string())
        .filter(|name| !name.is_empty());
    let retries = policy.and_then(|policy| policy.maximum_retry_count);
    json!({
        "Name": name.unwrap_or_else(|| "no".to_owned()),
        "MaximumRetryCount": retries.unwrap_or_default(),
    })
}

fn sorted(map: Option<&HashMap<String, String>>) -> Value {
    let sorted: BTreeMap<&String, &String> = map.into_iter().flatten().collect();
    json!(sorted)
}

fn or<'a>(value: Option<&'a String>, usual: &'a str) -> &'a str {
    value
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .unwrap_or(usual)
}

fn text(value: Option<&String>) -> &str {
    value.map_or("", String::as_str)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
