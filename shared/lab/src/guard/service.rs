//! A service as it is asked of the engine: built anew from what is named here, like a container.

use super::{Limits, body, labels, limits::Kept};
use crate::{
    Error, Result,
    models::{
        Limit, ResourceObject, ServiceSpec, ServiceSpecMode, ServiceSpecModeReplicated, TaskSpec,
        TaskSpecContainerSpec, TaskSpecContainerSpecDnsConfig, TaskSpecPlacement,
        TaskSpecResources,
    },
};

const SERVICE: &[&str] = &[
    "Name",
    "Labels",
    "TaskTemplate",
    "Mode",
    "UpdateConfig",
    "RollbackConfig",
    "Networks",
    "EndpointSpec",
];
const TASK: &[&str] = &[
    "ContainerSpec",
    "Resources",
    "RestartPolicy",
    "Placement",
    "ForceUpdate",
    "Runtime",
    "Networks",
];
const CONTAINER: &[&str] = &[
    "Image",
    "Labels",
    "Command",
    "Args",
    "Hostname",
    "Env",
    "Dir",
    "User",
    "TTY",
    "OpenStdin",
    "ReadOnly",
    "StopSignal",
    "StopGracePeriod",
    "Hosts",
    "DNSConfig",
    "Init",
    "Isolation",
];

/// The service without its label.
pub(super) fn spec(asked: ServiceSpec, limits: &Limits, kept: &Kept) -> Result<ServiceSpec> {
    body::only(&asked, SERVICE)?;
    let ports = asked
        .endpoint_spec
        .as_ref()
        .and_then(|endpoint| endpoint.ports.as_ref())
        .map_or(0, Vec::len);
    if ports > limits.published {
        return Err(body::too_many(
            "published ports",
            limits.published,
            "publish fewer of them",
        ));
    }
    Ok(ServiceSpec {
        name: asked.name,
        labels: body::own_labels(asked.labels)?,
        task_template: asked
            .task_template
            .map(|template| task(template, limits, kept))
            .transpose()?,
        mode: asked.mode.map(|mode| how_many(mode, limits)).transpose()?,
        update_config: asked.update_config,
        rollback_config: asked.rollback_config,
        networks: asked.networks,
        endpoint_spec: asked.endpoint_spec,
    })
}

fn how_many(asked: ServiceSpecMode, limits: &Limits) -> Result<ServiceSpecMode> {
    let replicas = asked.replicated.and_then(|replicated| replicated.replicas);
    let most = i64::try_from(limits.replicas).unwrap_or(i64::MAX);
    if replicas.is_some_and(|replicas| replicas > most) {
        return Err(Error::NotAllowed(format!(
            "a service of this lab may have at most {most} replicas: ask for fewer"
        )));
    }
    if asked.replicated_job.is_some() || asked.global_job.is_some() {
        return Err(Error::NotAllowed(
            "jobs are not part of this lab: use --mode replicated or --mode global".to_owned(),
        ));
    }
    let replicated = ServiceSpecModeReplicated { replicas };
    Ok(ServiceSpecMode {
        replicated: asked.global.is_none().then_some(replicated),
        global: asked.global,
        ..Default::default()
    })
}

fn task(asked: TaskSpec, limits: &Limits, kept: &Kept) -> Result<TaskSpec> {
    body::only(&asked, TASK)?;
    if !matches!(asked.runtime.as_deref(), None | Some("" | "container")) {
        return Err(body::not_part_of_a_lab("plugins"));
    }
    Ok(TaskSpec {
        container_spec: asked.container_spec.map(container).transpose()?,
        resources: Some(resources(asked.resources, limits, kept)?),
        restart_policy: asked.restart_policy,
        placement: asked.placement.map(|placement| TaskSpecPlacement {
            constraints: placement.constraints,
            max_replicas: placement.max_replicas,
            ..Default::default()
        }),
        force_update: asked.force_update,
        runtime: asked.runtime,
        networks: asked.networks,
        ..Default::default()
    })
}

fn resources(
    asked: Option<TaskSpecResources>,
    limits: &Limits,
    kept: &Kept,
) -> Result<TaskSpecResources> {
    let limit = asked.and_then(|resources| resources.limits);
    let limit = limit.unwrap_or_default();
    let (memory, cpus, pids) = body::resources(
        (limit.memory_bytes, limit.nano_cpus, limit.pids),
        limits,
        kept,
    )?;
    Ok(TaskSpecResources {
        limits: Some(Limit {
            nano_cpus: cpus,
            memory_bytes: memory,
            pids,
        }),
        reservations: Some(ResourceObject::default()),
        ..Default::default()
    })
}

fn container(asked: TaskSpecContainerSpec) -> Result<TaskSpecContainerSpec> {
    body::only(&asked, CONTAINER)?;
    Ok(TaskSpecContainerSpec {
        image: asked.image,
        labels: body::own_labels(asked.labels)?,
        command: asked.command,
        args: asked.args,
        hostname: asked.hostname,
        env: asked.env,
        dir: asked.dir,
        user: asked.user,
        tty: asked.tty,
        open_stdin: asked.open_stdin,
        read_only: asked.read_only,
        stop_signal: asked.stop_signal,
        stop_grace_period: asked.stop_grace_period,
        hosts: asked.hosts,
        dns_config: asked
            .dns_config
            .map(|config| TaskSpecContainerSpecDnsConfig {
                nameservers: config.nameservers,
                search: config.search,
                options: config.options,
            }),
        init: asked.init,
        isolation: asked.isolation,
        ..Default::default()
    })
}

/// With the nonce on the service and on its containers.
pub(super) fn labelled(mut spec: ServiceSpec, nonce: &str) -> ServiceSpec {
    spec.labels = Some(body::with_label(spec.labels, nonce));
    let template = spec.task_template.as_mut();
    if let Some(container) = template.and_then(|template| template.container_spec.as_mut()) {
        container.labels = Some(body::with_label(container.labels.take(), nonce));
    }
    spec
}

/// As docker alone would have shown it: without the label, and without the empty `Labels` of the containers that it
/// would leave.
pub(super) fn shown(json: &str) -> String {
    let json = labels::without(json);
    let Some(at) = json.find("\"ContainerSpec\":") else {
        return json;
    };
    let (before, spec) = json.split_at(at);
    let spec = spec.replace(",\"Labels\":{},", ",");
    format!("{before}{spec}")
}
