//! `docker inspect` of a container: the engine's JSON, its keys in its order.

use std::collections::BTreeMap;

use lab::models::ContainerCreateBody;
use serde_json::{Map, Value, json};

use super::{host_config::host_config, life::Health};
use crate::{
    images::made_id,
    networks::inspect::{network_settings, status_word},
    programs,
    world::{Container, State, World},
};

/// Where Docker keeps its things on a machine of the usual kind.
const ROOT: &str = "/var/lib/docker";

pub fn container(world: &World, container: &Container, size: bool) -> Value {
    let command = programs::command(container);
    let (path, arguments) = command
        .split_first()
        .map_or(("", &[][..]), |(path, arguments)| {
            (path.as_str(), arguments)
        });
    let folder = format!("{ROOT}/containers/{}", container.id);
    // They are made at the first start, also where it fails.
    let tried = container.started.is_some() || container.life.closings > 0;
    let file = |name: &str| {
        if tried {
            format!("{folder}/{name}")
        } else {
            String::new()
        }
    };
    let mut json = json!({
        "Id": container.id,
        "Created": container.created.to_string(),
        "Path": path,
        "Args": arguments,
        "State": state(container),
        "Image": container.image_id,
        "ResolvConfPath": file("resolv.conf"),
        "HostnamePath": file("hostname"),
        "HostsPath": file("hosts"),
        "LogPath": file(&format!("{}-json.log", container.id)),
        "Name": format!("/{}", container.name),
        "RestartCount": container.life.restart_count,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": execs(world, container),
        "HostConfig": host_config(
            &container.body.host_config.clone().unwrap_or_default(),
            container.network_mode(),
        ),
        "GraphDriver": graph_driver(world, container),
    });
    if size {
        json["SizeRw"] = json!(super::size::changed(container));
        json["SizeRootFs"] = json!(super::size::root(world, container));
    }
    json["Mounts"] = json!([]);
    json["Config"] = config(container);
    json["NetworkSettings"] = network_settings(world, container);
    json
}

fn state(container: &Container) -> Value {
    let restarting = container.state == State::Restarting;
    let mut json = json!({
        "Status": status_word(container.state),
        "Running": container.is_running() || restarting,
        "Paused": container.state == State::Paused,
        "Restarting": restarting,
        "OOMKilled": container.life.oom_killed,
        "Dead": false,
        "Pid": if container.is_running() { container.pid } else { 0 },
        "ExitCode": container.exit_code,
        "Error": container.life.error,
        "StartedAt": time(container.started),
        "FinishedAt": time(container.finished),
    });
    if let Some(health) = &container.life.health {
        json["Health"] = health_json(health);
    }
    json
}

fn health_json(health: &Health) -> Value {
    let log = health.log.iter().map(|probe| {
        json!({
            "Start": probe.start.to_string(),
            "End": probe.end.to_string(),
            "ExitCode": probe.exit_code,
            "Output": probe.output,
        })
    });
    json!({
        "Status": health.status.word(),
        "FailingStreak": health.failing_streak,
        "Log": log.collect::<Vec<_>>(),
    })
}

/// Those that have not ended.
fn execs(world: &World, container: &Container) -> Option<Vec<String>> {
    let execs: Vec<String> = world
        .execs
        .iter()
        .filter(|(_, exec)| exec.container == container.id && exec.io.lock().exit.is_none())
        .map(|(id, _)| id.clone())
        .collect();
    (!execs.is_empty()).then_some(execs)
}

/// The folders of its own layer and of its image's, named as if at random.
fn graph_driver(world: &World, container: &Container) -> Value {
    let hash = |words: &str| made_id(words).trim_start_matches("sha256:").to_owned();
    let folder = format!("{ROOT}/overlay2/{}", hash(&container.id));
    let mut lower = format!("{folder}-init/diff");
    let image = world.images.find(&container.image_id);
    let layers = image
        .map(|image| image.layers.as_slice())
        .unwrap_or_default();
    for layer in layers.iter().rev() {
        lower.extend([":", ROOT, "/overlay2/", &hash(&layer.id), "/diff"]);
    }
    json!({
        "Data": {
            "ID": container.id,
            "LowerDir": lower,
            "MergedDir": format!("{folder}/merged"),
            "UpperDir": format!("{folder}/diff"),
            "WorkDir": format!("{folder}/work"),
        },
        "Name": "overlay2",
    })
}

fn config(container: &Container) -> Value {
    let body = &container.body;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut config = json!({
        "Hostname": container.hostname(),
        "Domainname": text(&body.domainname),
        "User": text(&body.user),
        "AttachStdin": body.attach_stdin.unwrap_or_default(),
        "AttachStdout": body.attach_stdout.unwrap_or_default(),
        "AttachStderr": body.attach_stderr.unwrap_or_default(),
    });
    if let Some(ports) = body
        .exposed_ports
        .as_deref()
        .filter(|ports| !ports.is_empty())
    {
        config["ExposedPorts"] = set(ports);
    }
    config["Tty"] = json!(body.tty.unwrap_or_default());
    config["OpenStdin"] = json!(body.open_stdin.unwrap_or_default());
    config["StdinOnce"] = json!(body.stdin_once.unwrap_or_default());
    config["Env"] = json!(body.env.clone().unwrap_or_default());
    config["Cmd"] = json!(body.cmd);
    if let Some(health) = health_config(body) {
        config["Healthcheck"] = health;
    }
    config["Image"] = json!(container.image());
    let volumes = body
        .volumes
        .as_deref()
        .filter(|volumes| !volumes.is_empty());
    config["Volumes"] = volumes.map_or(Value::Null, set);
    config["WorkingDir"] = json!(text(&body.working_dir));
    config["Entrypoint"] = json!(body.entrypoint);
    config["OnBuild"] = json!(body.on_build);
    let labels: BTreeMap<&String, &String> = body.labels.iter().flatten().collect();
    config["Labels"] = json!(labels);
    if let Some(signal) = body
        .stop_signal
        .as_ref()
        .filter(|signal| !signal.is_empty())
    {
        config["StopSignal"] = json!(signal);
    }
    if let Some(timeout) = body.stop_timeout {
        config["StopTimeout"] = json!(timeout);
    }
    if let Some(shell) = body.shell.as_ref().filter(|shell| !shell.is_empty()) {
        config["Shell"] = json!(shell);
    }
    config
}

fn health_config(body: &ContainerCreateBody) -> Option<Value> {
    let health = body.healthcheck.as_ref()?;
    let mut json = Map::new();
    if let Some(test) = health.test.as_ref().filter(|test| !test.is_empty()) {
        json.insert("Test".to_owned(), json!(test));
    }
    for (key, value) in [
        ("Interval", health.interval),
        ("Timeout", health.timeout),
        ("StartPeriod", health.start_period),
        ("StartInterval", health.start_interval),
        ("Retries", health.retries),
    ] {
        if let Some(value) = value.filter(|value| *value != 0) {
            json.insert(key.to_owned(), json!(value));
        }
    }
    Some(Value::Object(json))
}

fn set(names: &[String]) -> Value {
    let set: BTreeMap<&String, Value> = names.iter().map(|name| (name, json!({}))).collect();
    json!(set)
}

fn time(time: Option<jiff::Timestamp>) -> String {
    time.map_or_else(
        || "0001-01-01T00:00:00Z".to_owned(),
        |time| time.to_string(),
    )
}
