//! What runs inside a container prints what the lab's busybox prints on a real engine: each file has commands with the
//! output and exit code that they had there.

use std::sync::Arc;

use futures::{StreamExt, executor::block_on};
use jiff::Timestamp;
use lab::{
    Containers, Exec, Networks,
    clock::VirtualClock,
    models::{
        ContainerCreateBody, ExecConfig, HostConfig, NetworkConnectRequest, NetworkCreateRequest,
    },
};
use simulated::Simulated;

/// A machine with the network `appnet`, nginx as `web` on it, and busybox as `bb` on both networks.
async fn lab() -> Simulated {
    let clock = Arc::new(VirtualClock::starting_at(
        Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(480_000),
    ));
    let engine = Simulated::new(clock, 7);
    let network = NetworkCreateRequest {
        name: "appnet".to_owned(),
        ..Default::default()
    };
    engine.create_network(network).await.expect("network");
    run(&engine, "web", "nginx", Some("appnet"), None).await;
    run(&engine, "bb", "busybox", None, Some(&["sleep", "100000"])).await;
    let connect = NetworkConnectRequest {
        container: "bb".to_owned(),
        ..Default::default()
    };
    engine
        .connect_network("appnet", connect)
        .await
        .expect("connect");
    engine
}

async fn run(
    engine: &Simulated,
    name: &str,
    image: &str,
    network: Option<&str>,
    command: Option<&[&str]>,
) {
    let body = ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: command.map(|words| words.iter().map(|word| (*word).to_owned()).collect()),
        host_config: Some(HostConfig {
            network_mode: network.map(str::to_owned),
            ..Default::default()
        }),
        ..Default::default()
    };
    let made = engine.create_container(Some(name), body).await;
    let id = made.expect("container").id;
    engine.start_container(&id).await.expect("start");
}

/// Output and exit code, as the files have them.
async fn output(engine: &Simulated, container: &str, command: &str) -> String {
    let config = ExecConfig {
        cmd: Some(["sh", "-c", command].map(str::to_owned).to_vec()),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..Default::default()
    };
    let exec = engine.create_exec(container, config).await.expect("exec");
    let attached = engine.start_exec(&exec, false).await.expect("start");
    drop(attached.input);
    let mut chunks = attached.output;
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await {
        bytes.extend_from_slice(chunk.expect("output").bytes());
    }
    let exit = engine.inspect_exec(&exec).await.expect("inspect").exit_code;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    format!("{text}{end}={}", exit.unwrap_or(-1))
}

/// Commands, each after a `$ `, and what they print; they run in one container, one after the other.
fn check(recorded: &str) {
    block_on(async {
        let engine = lab().await;
        let mut wrong = Vec::new();
        for block in recorded.split("\n$ ") {
            let block = block.trim_start_matches("$ ").trim_end_matches('\n');
            let (command, expected) = block.split_once('\n').expect("a command and its output");
            let printed = output(&engine, "bb", command).await;
            if printed != expected {
                wrong.push(format!("$ {command}\n{printed}\ninstead of\n{expected}\n"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn sh_is_ash() {
    check(include_str!("inside/sh.txt"));
}

#[test]
fn the_tools_are_busybox_s() {
    check(include_str!("inside/tools.txt"));
}

#[test]
fn the_network_s_tools_are_busybox_s() {
    check(include_str!("inside/net.txt"));
}
