//! Nodes, services and tasks as JSON: docker's keys in its order.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::tasks;
use crate::cluster::{Desired, NodeState, Phase, Published, ServiceState, SwarmState, TaskState};

/// What a swarm certifies its nodes with. Nothing here is encrypted, so nothing is certified.
const TLS: &str = "";

pub fn swarm(swarm: &SwarmState, tokens: bool) -> Value {
    let mut shown = json!({
        "ID": swarm.id,
        "Version": { "Index": swarm.index },
        "CreatedAt": swarm.created.to_string(),
        "UpdatedAt": swarm.created.to_string(),
        "Spec": {
            "Name": "default",
            "Labels": {},
            "Orchestration": { "TaskHistoryRetentionLimit": 5 },
            "Raft": {
                "SnapshotInterval": 10000,
                "KeepOldSnapshots": 0,
                "LogEntriesForSlowFollowers": 500,
                "ElectionTick": 10,
                "HeartbeatTick": 1,
            },
            "Dispatcher": { "HeartbeatPeriod": 5_000_000_000_i64 },
            "CAConfig": { "NodeCertExpiry": 7_776_000_000_000_000_i64 },
            "TaskDefaults": {},
            "EncryptionConfig": { "AutoLockManagers": false },
        },
        "TLSInfo": tls(),
        "RootRotationInProgress": false,
        "DefaultAddrPool": null,
        "SubnetSize": 24,
        "DataPathPort": 4789,
    });
    if tokens {
        shown["JoinTokens"] = json!({
            "Worker": swarm.token(false),
            "Manager": swarm.token(true),
        });
    }
    shown
}

fn tls() -> Value {
    json!({ "TrustRoot": TLS, "CertIssuerSubject": TLS, "CertIssuerPublicKey": TLS })
}

pub fn node(node: &NodeState, now: Timestamp) -> Value {
    let plugins = [
        ("Log", "awslogs"),
        ("Log", "fluentd"),
        ("Log", "gelf"),
        ("Log", "journald"),
        ("Log", "json-file"),
        ("Log", "local"),
        ("Log", "splunk"),
        ("Log", "syslog"),
        ("Network", "bridge"),
        ("Network", "host"),
        ("Network", "ipvlan"),
        ("Network", "macvlan"),
        ("Network", "null"),
        ("Network", "overlay"),
        ("Volume", "local"),
    ];
    let plugins = plugins.map(|(kind, name)| json!({ "Type": kind, "Name": name }));
    let mut status = if node.is_down(now) {
        json!({ "State": "down", "Message": "heartbeat failure" })
    } else {
        json!({ "State": "ready" })
    };
    status["Addr"] = node.address.as_str().into();
    let mut shown = json!({
        "ID": node.id,
        "Version": { "Index": node.version },
        "CreatedAt": node.created.to_string(),
        "UpdatedAt": node.updated.to_string(),
        "Spec": {
            "Labels": node.labels,
            "Role": if node.manager { "manager" } else { "worker" },
            "Availability": node.availability,
        },
        "Description": {
            "Hostname": node.name,
            "Platform": { "Architecture": "x86_64", "OS": "linux" },
            "Resources": { "NanoCPUs": 2_000_000_000_i64, "MemoryBytes": 4_i64 << 30 },
            "Engine": { "EngineVersion": "28.5.2", "Plugins": plugins.to_vec() },
            "TLSInfo": tls(),
        },
        "Status": status,
    });
    if node.manager {
        let reachability = if node.left.is_some() {
            "unreachable"
        } else {
            "reachable"
        };
        let mut manager = Map::new();
        if node.leader {
            manager.insert("Leader".to_owned(), true.into());
        }
        manager.insert("Reachability".to_owned(), reachability.into());
        manager.insert("Addr".to_owned(), format!("{}:2377", node.address).into());
        shown["ManagerStatus"] = manager.into();
    }
    shown
}

pub fn service(service: &ServiceState, defaults: bool) -> Value {
    let mut shown = json!({
        "ID": service.id,
        "Version": { "Index": service.version },
        "CreatedAt": service.created.to_string(),
        "UpdatedAt": service.updated.to_string(),
        "Spec": spec(&service.spec, defaults),
    });
    if let Some(previous) = &service.previous {
        shown["PreviousSpec"] = spec(previous, false);
    }
    shown["Endpoint"] = endpoint(service);
    if let Some((started, completed)) = service.update {
        let mut status = Map::new();
        let state = if completed.is_some() {
            "completed"
        } else {
            "updating"
        };
        status.insert("State".to_owned(), state.into());
        status.insert("StartedAt".to_owned(), started.to_string().into());
        if let Some(completed) = completed {
            status.insert("CompletedAt".to_owned(), completed.to_string().into());
        }
        let message = if completed.is_some() {
            "update completed"
        } else {
            "update in progress"
        };
        status.insert("Message".to_owned(), message.into());
        shown["UpdateStatus"] = status.into();
    }
    shown
}

fn endpoint(service: &ServiceState) -> Value {
    let ports = service.ports_json();
    let has_ports = ports.as_array().is_some_and(|ports| !ports.is_empty());
    if !has_ports && service.addresses.is_empty() {
        return json!({ "Spec": {} });
    }
    let endpoint = spec(&service.spec, true)["EndpointSpec"].take();
    let mut shown = json!({ "Spec": endpoint });
    if has_ports {
        shown["Ports"] = ports;
    }
    if !service.addresses.is_empty() {
        let addresses = service.addresses.iter().map(
            |(network, address)| json!({ "NetworkID": network, "Addr": format!("{address}/24") }),
        );
        shown["VirtualIPs"] = addresses.collect();
    }
    shown
}

/// Docker's order, which is not the model's.
const SPEC: [&str; 7] = [
    "Name",
    "Labels",
    "TaskTemplate",
    "Mode",
    "UpdateConfig",
    "RollbackConfig",
    "EndpointSpec",
];
const TEMPLATE: [&str; 8] = [
    "ContainerSpec",
    "Resources",
    "RestartPolicy",
    "Placement",
    "Networks",
    "LogDriver",
    "ForceUpdate",
    "Runtime",
];
const CONTAINER: [&str; 26] = [
    "Image",
    "Labels",
    "Command",
    "Args",
    "Hostname",
    "Env",
    "Dir",
    "User",
    "Groups",
    "Privileges",
    "Init",
    "StopSignal",
    "TTY",
    "OpenStdin",
    "ReadOnly",
    "Mounts",
    "StopGracePeriod",
    "Healthcheck",
    "Hosts",
    "DNSConfig",
    "Secrets",
    "Configs",
    "Isolation",
    "Sysctls",
    "CapabilityAdd",
    "CapabilityDrop",
];

/// A template as it is compared: what says nothing is not there.
pub fn template(template: &lab::models::TaskSpec) -> Value {
    let mut shown = serde_json::to_value(template).unwrap_or_default();
    shown["Runtime"] = Value::Null;
    shown["Reservations"] = Value::Null;
    if shown["ForceUpdate"] == 0 {
        shown["ForceUpdate"] = Value::Null;
    }
    without_empty(&mut shown);
    shown
}

fn without_empty(value: &mut Value) {
    if let Some(fields) = value.as_object_mut() {
        fields.values_mut().for_each(without_empty);
        fields.retain(|_, value| {
            !value.is_null() && value.as_object().is_none_or(|one| !one.is_empty())
        });
    }
}

fn spec(spec: &lab::models::ServiceSpec, defaults: bool) -> Value {
    let mut shown = serde_json::to_value(spec).unwrap_or_default();
    let template = &mut shown["TaskTemplate"];
    let container = &mut template["ContainerSpec"];
    if defaults && container["StopGracePeriod"].is_null() {
        container["StopGracePeriod"] = 10_000_000_000_i64.into();
    }
    container_defaults(container);
    order(container, &CONTAINER);
    if defaults && template["RestartPolicy"].is_null() {
        template["RestartPolicy"] =
            json!({ "Condition": "any", "Delay": 5_000_000_000_i64, "MaxAttempts": 0 });
    }
    template_defaults(template);
    template["Runtime"] = "container".into();
    order(template, &TEMPLATE);
    if defaults {
        for config in ["UpdateConfig", "RollbackConfig"] {
            if shown[config].is_null() {
                shown[config] = json!({
                    "Parallelism": 1,
                    "FailureAction": "pause",
                    "Monitor": 5_000_000_000_i64,
                    "MaxFailureRatio": 0,
                    "Order": "stop-first",
                });
            }
        }
    }
    if shown["EndpointSpec"].is_null() || shown["EndpointSpec"]["Mode"].is_null() {
        let ports = shown["EndpointSpec"]["Ports"].take();
        let mut endpoint = json!({ "Mode": "vip" });
        if !ports.is_null() {
            endpoint["Ports"] = ports;
        }
        shown["EndpointSpec"] = endpoint;
    }
    order(&mut shown, &SPEC);
    shown
}

fn container_defaults(container: &mut Value) {
    if container["DNSConfig"].is_null() {
        container["DNSConfig"] = json!({});
    }
    if container["Isolation"].is_null() {
        container["Isolation"] = "default".into();
    }
}

fn template_defaults(template: &mut Value) {
    for (key, default) in [
        ("Resources", json!({ "Limits": {}, "Reservations": {} })),
        ("Placement", json!({})),
        ("ForceUpdate", json!(0)),
    ] {
        if template[key].is_null() {
            template[key] = default;
        }
    }
}

/// These keys in this order, others after them; what is null is not there.
fn order(value: &mut Value, keys: &[&str]) {
    let Some(fields) = value.as_object_mut() else {
        return;
    };
    let mut ordered = Map::new();
    for key in keys {
        if let Some(value) = fields.remove(*key) {
            ordered.insert((*key).to_owned(), value);
        }
    }
    ordered.append(fields);
    ordered.retain(|_, value| !value.is_null());
    *fields = ordered;
}

pub fn status(swarm: &SwarmState, service: &ServiceState, now: Timestamp) -> Value {
    let tasks = || {
        swarm
            .tasks
            .values()
            .filter(|task| task.service == service.id)
    };
    let running = tasks().filter(|task| {
        let node = task.node.as_ref().and_then(|node| swarm.nodes.get(node));
        task.phase == Phase::Running
            && task.desired == Desired::Running
            && node.is_some_and(|node| !node.is_down(now))
    });
    let desired = if service.is_global() {
        tasks()
            .filter(|task| task.desired != Desired::Shutdown)
            .count()
    } else {
        usize::try_from(service.replicas()).unwrap_or_default()
    };
    json!({
        "RunningTasks": running.count(),
        "DesiredTasks": desired,
        "CompletedTasks": 0,
    })
}

pub fn task(swarm: &SwarmState, task: &TaskState) -> Value {
    let mut shown = json!({
        "ID": task.id,
        "Version": { "Index": task.version },
        "CreatedAt": task.created.to_string(),
        "UpdatedAt": task.updated.to_string(),
        "Labels": {},
        "Spec": task_spec(task),
        "ServiceID": task.service,
    });
    if let Some(slot) = task.slot {
        shown["Slot"] = slot.into();
    }
    if let Some(node) = &task.node {
        shown["NodeID"] = node.as_str().into();
    }
    shown["Status"] = task_status(swarm, task);
    shown["DesiredState"] = task.desired.word().into();
    if !task.addresses.is_empty() {
        let attachments = task.addresses.iter().map(|(network, address)| {
            json!({ "Network": { "ID": network }, "Addresses": [format!("{address}/24")] })
        });
        shown["NetworksAttachments"] = attachments.collect();
    }
    shown["Volumes"] = Value::Null;
    shown["Name"] = tasks::name(swarm, task).into();
    shown
        .as_object_mut()
        .map(|fields| fields.shift_remove("Name"));
    shown
}

fn task_spec(task: &TaskState) -> Value {
    let mut shown = serde_json::to_value(&task.spec).unwrap_or_default();
    container_defaults(&mut shown["ContainerSpec"]);
    order(&mut shown["ContainerSpec"], &CONTAINER);
    template_defaults(&mut shown);
    shown["Runtime"] = Value::Null;
    order(&mut shown, &TEMPLATE);
    shown
}

fn task_status(swarm: &SwarmState, task: &TaskState) -> Value {
    let mut status = json!({
        "Timestamp": task.since.to_string(),
        "State": if task.phase == Phase::Ready { "ready" } else { task.phase.word() },
        "Message": task.message,
    });
    if let Some(error) = &task.error {
        status["Err"] = error.as_str().into();
    }
    if let Some(container) = &task.container {
        status["ContainerStatus"] = json!({
            "ContainerID": container,
            "PID": if task.phase == Phase::Running { task.pid } else { 0 },
            "ExitCode": task.exit.unwrap_or_default(),
        });
    }
    let on_host = |port: &&Published| port.on_host;
    let service = swarm.services.get(&task.service);
    let ports = service
        .into_iter()
        .flat_map(|service| service.published.iter().filter(on_host));
    let ports: Vec<Value> = ports
        .map(|port| {
            json!({
                "Protocol": port.protocol,
                "TargetPort": port.inside,
                "PublishedPort": port.outside,
                "PublishMode": "host",
            })
        })
        .collect();
    status["PortStatus"] = if ports.is_empty() || task.phase != Phase::Running {
        json!({})
    } else {
        // Once for IPv4 and once for IPv6.
        let both: Vec<&Value> = ports.iter().flat_map(|port| [port, port]).collect();
        json!({ "Ports": both })
    };
    status
}
