//! What Docker refuses before it makes a container, in its own words and order; and what it only warns of.

use lab::{
    Error, Result,
    models::{ContainerCreateBody, HealthConfig, HostConfig, PortMap, RestartPolicyNameEnum},
};

use super::signal;

const MIB: i64 = 1 << 20;
const CPUS: i64 = 2;

/// Its warnings.
pub fn validate(body: &ContainerCreateBody) -> Result<Vec<String>> {
    config(body)?;
    let mut warnings = Vec::new();
    if let Some(host) = &body.host_config {
        general(host)?;
        network_mode(body, host)?;
        memory(host)?;
        processors(host)?;
        rest(host, &mut warnings)?;
    }
    Ok(warnings)
}

fn refuse<T>(message: impl Into<String>) -> Result<T> {
    Err(Error::refused(400, message))
}

fn config(body: &ContainerCreateBody) -> Result<()> {
    let folder = body.working_dir.as_deref().unwrap_or_default();
    if !folder.is_empty() && !folder.starts_with('/') {
        return refuse(format!(
            "the working directory '{folder}' is invalid, it needs to be an absolute path"
        ));
    }
    let stop = body.stop_signal.as_deref().unwrap_or_default();
    if !stop.is_empty() {
        signal::parse(stop)?;
    }
    for variable in body.env.iter().flatten() {
        if variable.is_empty() || variable.starts_with('=') {
            return refuse(format!("invalid environment variable: {variable}"));
        }
    }
    body.healthcheck.as_ref().map_or(Ok(()), health)
}

fn health(health: &HealthConfig) -> Result<()> {
    let short = |value: Option<i64>| value.is_some_and(|value| value != 0 && value < 1_000_000);
    let too_short = |name: &str| refuse(format!("{name} in Healthcheck cannot be less than 1ms"));
    if short(health.interval) {
        return too_short("Interval");
    }
    if short(health.timeout) {
        return too_short("Timeout");
    }
    if health.retries.is_some_and(|retries| retries < 0) {
        return refuse("Retries in Healthcheck cannot be negative");
    }
    if short(health.start_period) {
        return too_short("StartPeriod");
    }
    if short(health.start_interval) {
        return too_short("StartInterval");
    }
    Ok(())
}

fn general(host: &HostConfig) -> Result<()> {
    use RestartPolicyNameEnum as Policy;
    let policy = host.restart_policy.clone().unwrap_or_default();
    let name = policy.name.unwrap_or(Policy::EMPTY);
    let restarts = !matches!(name, Policy::EMPTY | Policy::NO);
    if host.auto_remove == Some(true) && restarts {
        return refuse("can't create 'AutoRemove' container with restart policy");
    }
    for extra in host.extra_hosts.iter().flatten() {
        extra_host(extra)?;
    }
    if let Some(bindings) = &host.port_bindings {
        port_bindings(bindings)?;
    }
    let retries = policy.maximum_retry_count.unwrap_or_default();
    if retries != 0 && name != Policy::ON_FAILURE {
        return refuse(
            "invalid restart policy: maximum retry count can only be used with 'on-failure'",
        );
    }
    if retries < 0 {
        return refuse("invalid restart policy: maximum retry count cannot be negative");
    }
    Ok(())
}

/// `name:address`, or `name=address`
fn extra_host(extra: &str) -> Result<()> {
    let parts = extra.split_once('=').or_else(|| extra.split_once(':'));
    let Some((name, address)) = parts.filter(|(name, _)| !name.is_empty()) else {
        return refuse(format!("bad format for add-host: \"{extra}\""));
    };
    let _ = name;
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    if address != "host-gateway" && bare.parse::<std::net::IpAddr>().is_err() {
        return refuse(format!("invalid IP address in add-host: \"{address}\""));
    }
    Ok(())
}

fn port_bindings(bindings: &PortMap) -> Result<()> {
    let invalid = |port: &str| refuse(format!("invalid port specification: \"{port}\""));
    let mut ports: Vec<_> = bindings.iter().collect();
    ports.sort_by_key(|(port, _)| *port);
    for (port, bindings) in ports {
        let number = port.split('/').next().unwrap_or_default();
        if !number.parse::<u16>().is_ok_and(|number| number != 0) {
            return invalid(port);
        }
        for binding in bindings.iter().flatten() {
            let host = binding.host_port.as_deref().unwrap_or_default();
            let (first, last) = host.split_once('-').unwrap_or((host, host));
            let range = first.parse::<u16>().ok().zip(last.parse::<u16>().ok());
            if !host.is_empty() && range.is_none_or(|(first, last)| first > last) {
                return invalid(host);
            }
        }
    }
    Ok(())
}

/// The rest of what a network mode forbids is the networks' to say.
fn network_mode(body: &ContainerCreateBody, host: &HostConfig) -> Result<()> {
    let shares = host
        .network_mode
        .as_deref()
        .unwrap_or_default()
        .starts_with("container:");
    if shares
        && body
            .exposed_ports
            .as_ref()
            .is_some_and(|ports| !ports.is_empty())
    {
        return refuse("conflicting options: port exposing and the container type network mode");
    }
    Ok(())
}

fn memory(host: &HostConfig) -> Result<()> {
    let memory = host.memory.unwrap_or_default();
    let swap = host.memory_swap.unwrap_or_default();
    let reserved = host.memory_reservation.unwrap_or_default();
    if memory != 0 && memory < 6 * MIB {
        return refuse("Minimum memory limit allowed is 6MB");
    }
    if memory > 0 && swap > 0 && swap < memory {
        return refuse("Minimum memoryswap limit should be larger than memory limit, see usage");
    }
    if memory == 0 && swap > 0 {
        return refuse(
            "You should always set the Memory limit when using Memoryswap limit, see usage",
        );
    }
    if let Some(swappiness) = host
        .memory_swappiness
        .filter(|value| !(-1..=100).contains(value))
    {
        return refuse(format!(
            "Invalid value: {swappiness}, valid memory swappiness range is 0-100"
        ));
    }
    if reserved > 0 && reserved < 6 * MIB {
        return refuse("Minimum memory reservation allowed is 6MB");
    }
    if memory > 0 && reserved > 0 && memory < reserved {
        return refuse(
            "Minimum memory limit can not be less than memory reservation limit, see usage",
        );
    }
    Ok(())
}

fn processors(host: &HostConfig) -> Result<()> {
    let nano = host.nano_cpus.unwrap_or_default();
    let period = host.cpu_period.unwrap_or_default();
    let quota = host.cpu_quota.unwrap_or_default();
    if nano != 0 && period > 0 {
        return refuse("Conflicting options: Nano CPUs and CPU Period cannot both be set");
    }
    if nano != 0 && quota > 0 {
        return refuse("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
    }
    if !(0..=CPUS * 1_000_000_000).contains(&nano) {
        return refuse(format!(
            "range of CPUs is from 0.01 to {CPUS}.00, as there are only {CPUS} CPUs available"
        ));
    }
    if let Some(shares) = host.cpu_shares.filter(|shares| *shares < 0) {
        return refuse(format!(
            "invalid CPU shares ({shares}): value must be a positive integer"
        ));
    }
    if period != 0 && !(1000..=1_000_000).contains(&period) {
        return refuse(
            "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
        );
    }
    if quota > 0 && quota < 1000 {
        return refuse("CPU cfs quota can not be less than 1ms (i.e. 1000)");
    }
    processor_set(host.cpuset_cpus.as_deref().unwrap_or_default())
}

/// `0,1`, `0-1`
fn processor_set(set: &str) -> Result<()> {
    let invalid = |part: &str| {
        refuse(format!(
            "Invalid value {set} for cpuset cpus: invalid format: {part}"
        ))
    };
    for part in set.split(',').filter(|_| !set.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) else {
            return invalid(part);
        };
        if first > last {
            return invalid(part);
        }
        if last >= CPUS {
            return refuse(format!(
                "Requested CPUs are not available - requested {set}, available: 0-{}",
                CPUS - 1
            ));
        }
    }
    Ok(())
}

fn rest(host: &HostConfig, warnings: &mut Vec<String>) -> Result<()> {
    if host.oom_kill_disable == Some(true) && host.memory.unwrap_or_default() == 0 {
        warnings.push("OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.".to_owned());
    }
    if host.shm_size.is_some_and(|size| size < 0) {
        return refuse("SHM size can not be less than 0");
    }
    if let Some(score) = host
        .oom_score_adj
        .filter(|score| !(-1000..=1000).contains(score))
    {
        return refuse(format!(
            "Invalid value {score}, range for oom score adj is [-1000, 1000]"
        ));
    }
    let published = host
        .port_bindings
        .as_ref()
        .is_some_and(|ports| !ports.is_empty());
    if host.network_mode.as_deref() == Some("host") && published {
        warnings.push("Published ports are discarded when using host network mode".to_owned());
    }
    if let Some(runtime) = host.runtime.as_deref()
        && !matches!(runtime, "" | "runc" | "io.containerd.runc.v2")
    {
        return refuse(format!("unknown or invalid runtime name: {runtime}"));
    }
    Ok(())
}
