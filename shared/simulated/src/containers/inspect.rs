//! `docker inspect` of a container: the engine's JSON, its keys in its order.

use serde_json::{Value, json};

use crate::{
    networks::inspect::{network_settings, status_word},
    programs,
    world::{Container, State, World},
};

pub fn container(world: &World, container: &Container) -> Value {
    let command = programs::command(container);
    let (path, arguments) = command
        .split_first()
        .map_or(("", &[][..]), |(path, arguments)| {
            (path.as_str(), arguments)
        });
    let host = container.body.host_config.clone().unwrap_or_default();
    let mut host_config = serde_json::to_value(&host).unwrap_or_default();
    host_config["NetworkMode"] = container.network_mode().into();
    json!({
        "Id": container.id,
        "Created": container.created.to_string(),
        "Path": path,
        "Args": arguments,
        "State": {
            "Status": status_word(container.state),
            "Running": container.is_running(),
            "Paused": container.state == State::Paused,
            "Restarting": false,
            "OOMKilled": false,
            "Dead": false,
            "Pid": if container.is_running() { container.pid } else { 0 },
            "ExitCode": container.exit_code,
            "Error": "",
            "StartedAt": time(container.started),
            "FinishedAt": time(container.finished),
        },
        "Image": container.image_id,
        "Name": format!("/{}", container.name),
        "RestartCount": 0,
        "Driver": "overlay2",
        "Platform": "linux",
        "HostConfig": host_config,
        "Mounts": [],
        "Config": {
            "Hostname": container.hostname(),
            "Domainname": container.body.domainname.clone().unwrap_or_default(),
            "User": container.body.user.clone().unwrap_or_default(),
            "AttachStdin": container.body.attach_stdin.unwrap_or_default(),
            "AttachStdout": container.body.attach_stdout.unwrap_or_default(),
            "AttachStderr": container.body.attach_stderr.unwrap_or_default(),
            "Tty": container.body.tty.unwrap_or_default(),
            "OpenStdin": container.body.open_stdin.unwrap_or_default(),
            "StdinOnce": container.body.stdin_once.unwrap_or_default(),
            "Env": container.body.env,
            "Cmd": container.body.cmd,
            "Image": container.image(),
            "Volumes": null,
            "WorkingDir": container.body.working_dir.clone().unwrap_or_default(),
            "Entrypoint": container.body.entrypoint,
            "OnBuild": null,
            "Labels": container.body.labels.clone().unwrap_or_default(),
        },
        "NetworkSettings": network_settings(world, container),
    })
}

fn time(time: Option<jiff::Timestamp>) -> String {
    time.map_or_else(
        || "0001-01-01T00:00:00Z".to_owned(),
        |time| time.to_string(),
    )
}
