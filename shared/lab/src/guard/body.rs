//! What is sent to the engine to make something: built anew, field by field, from what a lab may ask for.
//!
//! A field that is not named here never reaches the engine; one that asks for more is refused in one sentence.
//! It asks no engine: who the networks and containers named in a body belong to is `ownership`'s to say.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use super::{LABEL, Limits, limits::Kept};
use crate::{
    Error, Result,
    models::{
        ContainerCreateBody, EndpointSettings, ExecConfig, HealthConfig, HostConfig,
        HostConfigLogConfig, Ipam, IpamConfig, NetworkCreateRequest, NetworkingConfig, PortMap,
    },
    options::BuildImageOptions,
};

/// Of a container's own part: what may be said, in the API's names.
const CONTAINER: &[&str] = &[
    "Hostname",
    "Domainname",
    "User",
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "ExposedPorts",
    "Tty",
    "OpenStdin",
    "StdinOnce",
    "Env",
    "Cmd",
    "Image",
    "WorkingDir",
    "Entrypoint",
    "Labels",
    "Healthcheck",
    "StopSignal",
    "StopTimeout",
    "HostConfig",
    "NetworkingConfig",
];

/// Of the host's part.
const HOST: &[&str] = &[
    "NetworkMode",
    "PortBindings",
    "PublishAllPorts",
    "AutoRemove",
    "RestartPolicy",
    "Dns",
    "DnsOptions",
    "DnsSearch",
    "ExtraHosts",
    "Links",
    "Memory",
    "NanoCpus",
    "PidsLimit",
    "ReadonlyRootfs",
    "Init",
    "ConsoleSize",
];

/// Of an attachment to a network.
const ENDPOINT: &[&str] = &["IPAMConfig", "Links", "MacAddress", "Aliases", "GwPriority"];

/// Of a network. `ConfigOnly`, `ConfigFrom` and `Ingress` are a cluster's business.
const NETWORK: &[&str] = &[
    "Name",
    "Driver",
    "Scope",
    "Internal",
    "Attachable",
    "IPAM",
    "EnableIPv4",
    "EnableIPv6",
    "Options",
    "Labels",
];

/// Options of a network that change nothing on the host beyond the network itself.
const NETWORK_OPTIONS: &[&str] = &[
    "com.docker.network.bridge.enable_icc",
    "com.docker.network.bridge.enable_ip_masquerade",
    "com.docker.network.bridge.host_binding_ipv4",
    "com.docker.network.driver.mtu",
    "encrypted",
];

/// Options that put a network on one of the host's own interfaces.
const INTERFACE_OPTIONS: &[&str] = &["parent", "macvlan_mode", "ipvlan_mode", "ipvlan_flag"];

/// Of an exec.
const EXEC: &[&str] = &[
    "AttachStdin",
    "AttachStdout",
    "AttachStderr",
    "ConsoleSize",
    "DetachKeys",
    "Tty",
    "Env",
    "Cmd",
    "User",
    "WorkingDir",
];

/// The docker flags behind the API's names, where a person knows them by the flag.
const FLAGS: &[(&str, &str)] = &[
    ("Privileged", "--privileged"),
    ("Binds", "-v"),
    ("Mounts", "--mount"),
    ("Volumes", "-v"),
    ("VolumesFrom", "--volumes-from"),
    ("Tmpfs", "--tmpfs"),
    ("Devices", "--device"),
    ("DeviceRequests", "--gpus"),
    ("CapAdd", "--cap-add"),
    ("CapDrop", "--cap-drop"),
    ("SecurityOpt", "--security-opt"),
    ("Sysctls", "--sysctl"),
    ("Runtime", "--runtime"),
    ("PidMode", "--pid"),
    ("IpcMode", "--ipc"),
    ("UTSMode", "--uts"),
    ("UsernsMode", "--userns"),
    ("CgroupnsMode", "--cgroupns"),
    ("CgroupParent", "--cgroup-parent"),
    ("GroupAdd", "--group-add"),
    ("Ulimits", "--ulimit"),
    ("LogConfig", "--log-driver"),
    ("DriverOpts", "driver-opt"),
];

/// The container as it is asked of the engine, all but the label.
pub(super) fn container(
    asked: ContainerCreateBody,
    limits: &Limits,
    kept: &Kept,
) -> Result<ContainerCreateBody> {
    only(&asked, CONTAINER)?;
    let labels = own_labels(asked.labels)?;
    let exposed = asked.exposed_ports.as_deref().unwrap_or_default();
    let host = host_config(asked.host_config.unwrap_or_default(), exposed, limits, kept)?;
    Ok(ContainerCreateBody {
        hostname: asked.hostname,
        domainname: asked.domainname,
        user: asked.user,
        attach_stdin: asked.attach_stdin,
        attach_stdout: asked.attach_stdout,
        attach_stderr: asked.attach_stderr,
        exposed_ports: asked.exposed_ports,
        tty: asked.tty,
        open_stdin: asked.open_stdin,
        stdin_once: asked.stdin_once,
        env: asked.env,
        cmd: asked.cmd,
        image: asked.image,
        working_dir: asked.working_dir,
        entrypoint: asked.entrypoint,
        labels,
        healthcheck: asked.healthcheck.map(healthcheck).transpose()?,
        stop_signal: asked.stop_signal,
        stop_timeout: asked.stop_timeout,
        host_config: Some(host),
        networking_config: asked.networking_config.map(networking).transpose()?,
        ..Default::default()
    })
}

fn host_config(
    asked: HostConfig,
    exposed: &[String],
    limits: &Limits,
    kept: &Kept,
) -> Result<HostConfig> {
    only(&asked, HOST)?;
    let sockets = published(
        asked.port_bindings.as_ref(),
        asked.publish_all_ports,
        exposed,
    );
    if sockets > limits.published {
        return Err(too_many(
            "published ports",
            limits.published,
            "publish fewer of them",
        ));
    }
    let (memory, nano_cpus, pids_limit) = resources(
        (asked.memory, asked.nano_cpus, asked.pids_limit),
        limits,
        kept,
    )?;
    Ok(HostConfig {
        network_mode: asked.network_mode,
        port_bindings: asked.port_bindings,
        publish_all_ports: asked.publish_all_ports,
        auto_remove: asked.auto_remove,
        restart_policy: asked.restart_policy,
        dns: asked.dns,
        dns_options: asked.dns_options,
        dns_search: asked.dns_search,
        extra_hosts: asked.extra_hosts,
        links: asked.links,
        memory,
        nano_cpus,
        pids_limit,
        readonly_rootfs: asked.readonly_rootfs,
        init: asked.init,
        console_size: asked.console_size,
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some(HashMap::from([(
                "max-size".to_owned(),
                limits.log_bytes.to_string(),
            )])),
        }),
        ..Default::default()
    })
}

/// Memory, billionths of processors, and processes.
pub(super) type Resources = (Option<i64>, Option<i64>, Option<i64>);

/// What was asked within the limits, and the limits where nothing was, as far as the machine can keep them.
pub(super) fn resources(
    (memory, cpus, pids): Resources,
    limits: &Limits,
    kept: &Kept,
) -> Result<Resources> {
    let unasked = kept
        .cpus
        .map(|cpus| limits.nano_cpus.min(cpus.saturating_mul(1_000_000_000)));
    Ok((
        at_most(
            memory,
            limits.memory,
            kept.memory.then_some(limits.memory),
            memory_limit,
        )?,
        at_most(cpus, limits.nano_cpus, unasked, cpus_limit)?,
        at_most(
            pids,
            limits.pids,
            kept.pids.then_some(limits.pids),
            pids_limit,
        )?,
    ))
}

/// Asked more often than once a second, a check is work for the engine above all.
const SHORTEST_CHECK: i64 = 1_000_000_000;

fn healthcheck(asked: HealthConfig) -> Result<HealthConfig> {
    let pauses = [asked.interval, asked.start_interval];
    if pauses
        .iter()
        .flatten()
        .any(|pause| (1..SHORTEST_CHECK).contains(pause))
    {
        return Err(Error::NotAllowed(
            "a container of this lab may be asked for its health once a second at most: ask for more with --health-interval"
                .to_owned(),
        ));
    }
    Ok(HealthConfig {
        test: asked.test,
        interval: asked.interval,
        timeout: asked.timeout,
        retries: asked.retries,
        start_period: asked.start_period,
        start_interval: asked.start_interval,
    })
}

/// What was asked if it is within the limit, else the limit's own sentence; unasked, what is set without asking.
fn at_most(
    asked: Option<i64>,
    limit: i64,
    unasked: Option<i64>,
    sentence: fn(i64) -> String,
) -> Result<Option<i64>> {
    match asked {
        None | Some(0) => Ok(unasked),
        Some(asked) if (1..=limit).contains(&asked) => Ok(Some(asked)),
        Some(_) => Err(Error::NotAllowed(sentence(limit))),
    }
}

fn memory_limit(limit: i64) -> String {
    format!(
        "a container of this lab may use at most {} MiB of memory: ask for less with --memory",
        limit >> 20
    )
}

fn cpus_limit(limit: i64) -> String {
    let (whole, part) = (limit / 1_000_000_000, limit % 1_000_000_000 / 10_000_000);
    format!(
        "a container of this lab may use at most {whole}.{part:02} processors: ask for less with --cpus"
    )
}

fn pids_limit(limit: i64) -> String {
    format!(
        "a container of this lab may have at most {limit} processes: ask for fewer with --pids-limit"
    )
}

/// How many ports of the host a container takes once it runs.
pub(super) fn published(
    bindings: Option<&PortMap>,
    all: Option<bool>,
    exposed: &[String],
) -> usize {
    let none = HashMap::new();
    let bindings = bindings.unwrap_or(&none);
    let asked: usize = bindings
        .values()
        .map(|ports| ports.as_ref().map_or(0, |ports| ports.len().max(1)))
        .sum();
    let also = exposed
        .iter()
        .filter(|port| all == Some(true) && !bindings.contains_key(*port));
    asked + also.count()
}

pub(super) fn too_many(what: &str, limit: usize, remedy: &str) -> Error {
    Error::NotAllowed(format!(
        "this lab may have at most {limit} {what} at the same time: {remedy}"
    ))
}

fn networking(asked: NetworkingConfig) -> Result<NetworkingConfig> {
    let endpoints = asked.endpoints_config.unwrap_or_default().into_iter();
    let endpoints = endpoints.map(|(network, settings)| Ok((network, endpoint(settings)?)));
    Ok(NetworkingConfig {
        endpoints_config: Some(endpoints.collect::<Result<_>>()?),
    })
}

pub(super) fn endpoint(asked: EndpointSettings) -> Result<EndpointSettings> {
    only(&asked, ENDPOINT)?;
    Ok(EndpointSettings {
        ipam_config: asked.ipam_config,
        links: asked.links,
        mac_address: asked.mac_address,
        aliases: asked.aliases,
        gw_priority: asked.gw_priority,
        // Empty, or it would not have come so far.
        driver_opts: asked.driver_opts,
        ..Default::default()
    })
}

/// The network as it is asked of the engine, all but the label.
pub(super) fn network(
    asked: NetworkCreateRequest,
    limits: &Limits,
) -> Result<NetworkCreateRequest> {
    only(&asked, NETWORK)?;
    let driver = asked.driver.as_deref().unwrap_or_default();
    if matches!(driver, "macvlan" | "ipvlan") && !limits.host_interfaces {
        return Err(Error::NotAllowed(format!(
            "this lesson does not grant the network driver \"{driver}\": it would put containers on your machine's own \
             network; use -d bridge"
        )));
    }
    for option in asked.options.iter().flat_map(HashMap::keys) {
        let option = option.as_str();
        let granted = limits.host_interfaces && INTERFACE_OPTIONS.contains(&option);
        if !granted && !NETWORK_OPTIONS.contains(&option) {
            return Err(Error::NotAllowed(format!(
                "the network option \"{option}\" is not part of this lab: it can change your machine beyond the network \
                 itself; leave it out"
            )));
        }
    }
    Ok(NetworkCreateRequest {
        name: asked.name,
        driver: asked.driver,
        scope: asked.scope,
        internal: asked.internal,
        attachable: asked.attachable,
        ipam: asked.ipam.map(ipam).transpose()?,
        enable_ipv4: asked.enable_ipv4,
        enable_ipv6: asked.enable_ipv6,
        options: asked.options,
        labels: own_labels(asked.labels)?,
        ..Default::default()
    })
}

fn ipam(asked: Ipam) -> Result<Ipam> {
    if !matches!(asked.driver.as_deref(), None | Some("" | "default")) {
        return Err(not_part_of_a_lab("--ipam-driver"));
    }
    if asked
        .options
        .as_ref()
        .is_some_and(|options| !options.is_empty())
    {
        return Err(not_part_of_a_lab("--ipam-opt"));
    }
    let pools = asked
        .config
        .map(|pools| pools.into_iter().map(pool).collect());
    Ok(Ipam {
        driver: asked.driver,
        config: pools,
        options: asked.options,
    })
}

fn pool(asked: IpamConfig) -> IpamConfig {
    IpamConfig {
        subnet: asked.subnet,
        ip_range: asked.ip_range,
        gateway: asked.gateway,
        auxiliary_addresses: asked.auxiliary_addresses,
    }
}

pub(super) fn exec(asked: ExecConfig) -> Result<ExecConfig> {
    only(&asked, EXEC)?;
    Ok(ExecConfig {
        attach_stdin: asked.attach_stdin,
        attach_stdout: asked.attach_stdout,
        attach_stderr: asked.attach_stderr,
        console_size: asked.console_size,
        detach_keys: asked.detach_keys,
        tty: asked.tty,
        env: asked.env,
        cmd: asked.cmd,
        user: asked.user,
        working_dir: asked.working_dir,
        ..Default::default()
    })
}

/// The learner's labels; ours is not theirs to set.
pub(super) fn own_labels(
    asked: Option<HashMap<String, String>>,
) -> Result<Option<HashMap<String, String>>> {
    if asked
        .as_ref()
        .is_some_and(|labels| labels.contains_key(LABEL))
    {
        return Err(Error::NotAllowed(format!(
            "the label \"{LABEL}\" is how Causeway marks what it made: choose another name for yours"
        )));
    }
    Ok(asked)
}

pub(super) fn with_label(
    labels: Option<HashMap<String, String>>,
    nonce: &str,
) -> HashMap<String, String> {
    let mut labels = labels.unwrap_or_default();
    labels.insert(LABEL.to_owned(), nonce.to_owned());
    labels
}

/// Refuses a body that says anything but what is named.
pub(super) fn only<T: Serialize>(asked: &T, named: &[&str]) -> Result<()> {
    let asked =
        serde_json::to_value(asked).map_err(|error| Error::Unreadable(error.to_string()))?;
    let Value::Object(fields) = asked else {
        return Ok(());
    };
    let more = fields
        .iter()
        .find(|(name, value)| !named.contains(&name.as_str()) && says_something(name, value));
    match more {
        Some((name, _)) => Err(not_part_of_a_lab(flag(name))),
        None => Ok(()),
    }
}

/// Docker's own CLI sends many fields that say "as usual".
fn says_something(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => {
            number.as_i64() != Some(0)
                && !(name == "MemorySwappiness" && number.as_i64() == Some(-1))
        }
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) if name == "LogConfig" => fields
            .iter()
            .any(|(name, value)| says_something(name, value)),
        Value::Object(fields) => !fields.is_empty(),
    }
}

fn flag(name: &str) -> &str {
    FLAGS
        .iter()
        .find(|(field, _)| *field == name)
        .map_or(name, |(_, flag)| flag)
}

pub(super) fn not_part_of_a_lab(what: &str) -> Error {
    Error::NotAllowed(format!(
        "\"{what}\" is not part of this lab: it reaches beyond the container into your machine; leave it out, or run it \
         in your own terminal"
    ))
}

/// The build as it is asked of the engine: its steps run in containers on the default bridge at most, with a container's
/// limits.
pub(super) fn build(
    asked: BuildImageOptions,
    limits: &Limits,
    kept: &Kept,
) -> Result<BuildImageOptions> {
    if asked.remote.is_some_and(|remote| !remote.is_empty()) {
        return Err(Error::NotAllowed(
            "a lab builds from its own files only: write the Dockerfile here".to_owned(),
        ));
    }
    let network = asked.networkmode.unwrap_or_default();
    if !matches!(network.as_str(), "" | "default" | "bridge" | "none") {
        return Err(Error::NotAllowed(format!(
            "a lab's builds do not join the network \"{network}\": their steps run on the default bridge; leave --network out"
        )));
    }
    let memory = i32::try_from(limits.memory).unwrap_or(i32::MAX);
    let cpus = kept
        .cpus
        .map(|cpus| limits.nano_cpus.min(cpus.saturating_mul(1_000_000_000)));
    // Of each tenth of a second.
    let quota = cpus.and_then(|nano| i32::try_from(nano / 10_000).ok());
    Ok(BuildImageOptions {
        dockerfile: asked.dockerfile,
        t: asked.t,
        q: asked.q,
        nocache: asked.nocache,
        pull: asked.pull,
        rm: true,
        forcerm: true,
        memory: kept.memory.then_some(memory),
        memswap: kept.memory.then_some(memory),
        cpuperiod: quota.map(|_| 100_000),
        cpuquota: quota,
        buildargs: asked.buildargs,
        labels: own_labels(asked.labels)?,
        networkmode: Some(network).filter(|network| !network.is_empty()),
        target: asked.target,
        ..Default::default()
    })
}
