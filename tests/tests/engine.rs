//! The agent's own way to a real engine: the contract, and what a hostile container does to its streams.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::time::Duration;

use bytes::Bytes;
use causeway::docker::Docker;
use futures::{SinkExt as _, StreamExt as _};
use lab::{
    Chunk, Containers as _, Engine, Exec as _, OutputStream, Size, contract,
    models::{ContainerCreateBody, ExecConfig},
    options::{
        AttachContainerOptions, LogsOptions, RemoveContainerOptions, StatsOptions,
        WaitContainerOptions,
    },
};
use tests::docker::{self, Version};
#[cfg(unix)]
use tests::simulated::Socket;

/// Runs a test on the newest engine and on the oldest one.
async fn on_both(test: impl AsyncFn(&Docker)) {
    docker::on_both(async |docker| {
        test(&connect(docker).await).await;
    })
    .await;
}

async fn connect(docker: &docker::Docker) -> Docker {
    let endpoint = docker.host.parse().unwrap();
    Docker::connect(&endpoint).await.unwrap()
}

/// A container that is removed again.
struct Own<'a> {
    engine: &'a Docker,
    id: String,
}

impl<'a> Own<'a> {
    async fn new(engine: &'a Docker, words: &[&str], terminal: bool) -> Self {
        let body = ContainerCreateBody {
            image: Some("busybox".to_owned()),
            cmd: Some(words.iter().map(|&word| word.to_owned()).collect()),
            tty: Some(terminal),
            open_stdin: Some(true),
            stdin_once: Some(true),
            ..Default::default()
        };
        let id = engine.create_container(None, body).await.unwrap().id;
        Self { engine, id }
    }

    async fn remove(self) {
        let force = RemoveContainerOptions {
            force: true,
            ..Default::default()
        };
        self.engine.remove_container(&self.id, force).await.unwrap();
    }

    /// Runs it to its end.
    async fn run(&self) -> i64 {
        let watch = WaitContainerOptions {
            condition: "next-exit".to_owned(),
        };
        let mut exit = self.engine.wait_container(&self.id, watch).await.unwrap();
        self.engine.start_container(&self.id).await.unwrap();
        exit.next().await.unwrap().unwrap().status_code
    }
}

async fn read(mut output: OutputStream) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(chunk) = output.next().await {
        all.extend_from_slice(chunk.unwrap().bytes());
    }
    all
}

fn all_logs() -> LogsOptions {
    LogsOptions {
        stdout: true,
        stderr: true,
        tail: "all".to_owned(),
        ..Default::default()
    }
}

fn attach() -> AttachContainerOptions {
    AttachContainerOptions {
        stream: true,
        stdin: true,
        stdout: true,
        stderr: true,
        ..Default::default()
    }
}

/// On both engines at once: each takes a quarter of a minute to find out that there is no such network driver.
#[tokio::test]
async fn it_keeps_the_contract() {
    futures::join!(
        docker::on(Version::Newest, keeps_the_contract),
        docker::on(Version::Oldest, keeps_the_contract),
    );
}

async fn keeps_the_contract(docker: &docker::Docker) {
    let engine = connect(docker).await;
    let engine: &dyn Engine = &engine;
    contract::networks(engine, "agent-docker").await;
    contract::containers(engine, "agent-docker").await;
    contract::pausing(engine, "agent-docker").await;
    contract::exec(engine, "agent-docker").await;
    contract::logs(engine, "agent-docker").await;
    contract::events(engine, "agent-docker").await;
    contract::errors(engine, "agent-docker").await;
}

/// Our client, Docker's protocol, our server: bollard finds no difference.
#[cfg(unix)]
#[tokio::test]
async fn the_simulated_engine_keeps_it_through_its_socket() {
    let socket = Socket::new();
    let endpoint = socket.host().parse().unwrap();
    let engine = Docker::connect(&endpoint).await.unwrap();
    let engine: &dyn Engine = &engine;
    contract::networks(engine, "socket").await;
    contract::containers(engine, "socket").await;
    contract::exec(engine, "socket").await;
    contract::logs(engine, "socket").await;
    contract::events(engine, "socket").await;
    contract::errors(engine, "socket").await;
}

#[tokio::test]
async fn a_line_without_an_end_comes_in_small_pieces() {
    const LENGTH: usize = 10 << 20;
    let script = format!("head -c {LENGTH} /dev/zero | tr '\\0' x");
    on_both(async |docker| {
        for terminal in [false, true] {
            let own = Own::new(docker, &["sh", "-c", &script], terminal).await;
            let attached = docker.attach_container(&own.id, attach()).await.unwrap();
            docker.start_container(&own.id).await.unwrap();
            check_pieces(attached.output, LENGTH, terminal).await;
            let logs = docker.logs(&own.id, all_logs()).await.unwrap();
            check_pieces(logs, LENGTH, terminal).await;
            own.remove().await;
        }
    })
    .await;
}

async fn check_pieces(mut output: OutputStream, length: usize, terminal: bool) {
    let mut read = 0;
    while let Some(chunk) = output.next().await {
        let chunk = chunk.unwrap();
        assert_eq!(matches!(chunk, Chunk::Terminal(_)), terminal);
        assert!(chunk.bytes().len() <= 64 << 10, "{}", chunk.bytes().len());
        read += chunk.bytes().len();
    }
    assert_eq!(read, length);
}

/// Bytes that look like a frame of 2 GiB are output like any other.
#[tokio::test]
async fn a_terminal_cannot_pretend_to_be_frames() {
    let hostile = b"\x01\0\0\0\x7f\x7f\x7f\x7f\x02\0\0\0";
    let script = "printf '\\001\\000\\000\\000\\177\\177\\177\\177\\002\\000\\000\\000'";
    on_both(async |docker| {
        let own = Own::new(docker, &["sh", "-c", script], true).await;
        let attached = docker.attach_container(&own.id, attach()).await.unwrap();
        docker.start_container(&own.id).await.unwrap();
        assert_eq!(read(attached.output).await, hostile);
        let logs = docker.logs(&own.id, all_logs()).await.unwrap();
        assert_eq!(read(logs).await, hostile);
        own.remove().await;
    })
    .await;
}

#[tokio::test]
async fn input_goes_in_and_its_end_is_seen() {
    on_both(async |docker| {
        let own = Own::new(docker, &["cat"], false).await;
        let mut attached = docker.attach_container(&own.id, attach()).await.unwrap();
        docker.start_container(&own.id).await.unwrap();
        attached
            .input
            .send(Bytes::from_static(b"one\n"))
            .await
            .unwrap();
        attached
            .input
            .send(Bytes::from_static(b"two\n"))
            .await
            .unwrap();
        attached.input.close().await.unwrap();
        assert_eq!(read(attached.output).await, b"one\ntwo\n");
        own.remove().await;
    })
    .await;
}

#[tokio::test]
async fn a_terminal_has_a_size_and_takes_keys() {
    let config = ExecConfig {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        tty: Some(true),
        cmd: Some(vec!["sh".to_owned()]),
        ..Default::default()
    };
    on_both(async |docker| {
        let own = Own::new(docker, &["sleep", "60"], false).await;
        docker.start_container(&own.id).await.unwrap();
        let exec = docker.create_exec(&own.id, config.clone()).await.unwrap();
        let mut attached = docker.start_exec(&exec, true).await.unwrap();
        let size = Size {
            columns: 123,
            rows: 45,
        };
        docker.resize_exec(&exec, size).await.unwrap();
        let keys = Bytes::from_static(b"stty size; exit 7\n");
        attached.input.send(keys).await.unwrap();
        let output = String::from_utf8(read(attached.output).await).unwrap();
        assert!(output.contains("\r\n45 123\r\n"), "{output:?}");
        let ended = docker.inspect_exec(&exec).await.unwrap();
        assert_eq!(ended.exit_code, Some(7));
        own.remove().await;
    })
    .await;
}

#[tokio::test]
async fn output_is_there_as_soon_as_it_is_written() {
    on_both(async |docker| {
        let own = Own::new(docker, &["sh", "-c", "echo one; sleep 60"], false).await;
        let mut attached = docker.attach_container(&own.id, attach()).await.unwrap();
        docker.start_container(&own.id).await.unwrap();
        let first = tokio::time::timeout(Duration::from_secs(10), attached.output.next()).await;
        let first = first.unwrap().unwrap();
        assert_eq!(first, Ok(Chunk::Stdout(Bytes::from_static(b"one\n"))));
        let follow = LogsOptions {
            follow: true,
            ..all_logs()
        };
        let mut logs = docker.logs(&own.id, follow).await.unwrap();
        assert_eq!(logs.next().await.unwrap(), first);
        own.remove().await;
    })
    .await;
}

#[tokio::test]
async fn numbers_and_exit_codes_come() {
    on_both(async |docker| {
        let own = Own::new(docker, &["sh", "-c", "exit 3"], false).await;
        assert_eq!(own.run().await, 3);
        let once = StatsOptions {
            stream: false,
            one_shot: true,
        };
        let mut stats = docker.stats(&own.id, once).await.unwrap();
        assert!(stats.next().await.unwrap().is_ok());
        assert!(stats.next().await.is_none());
        own.remove().await;
    })
    .await;
}
