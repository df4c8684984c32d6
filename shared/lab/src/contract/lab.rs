//! What the contract's functions share: a corner of an engine with names of its own, and how answers are compared.

use std::collections::HashMap;

use futures::StreamExt;

use crate::{
    Chunk, Engine, Error, OutputStream, Result,
    models::{
        ContainerCreateBody, ContainerInspectResponse, ContainerStateStatusEnum, EndpointSettings,
        EventMessage, ExecConfig, HostConfig, Ipam, IpamConfig, NetworkCreateRequest,
        NetworkInspect,
    },
    options::{InspectNetworkOptions, ListContainersOptions, LogsOptions, RemoveContainerOptions},
};

/// The engine's refusal, whole: one of the ways in which the versions say it.
pub(super) fn says<T>(answer: Result<T>, expected: u16, words: &[String]) {
    match answer {
        Err(Error::Refused { status, message }) => {
            assert!(
                words.contains(&message),
                "said: {message}\nexpected: {words:?}"
            );
            assert_eq!(status, expected, "{message}");
        }
        Err(error) => panic!("another error: {error:?}\nexpected: {words:?}"),
        Ok(_) => panic!("no error\nexpected: {words:?}"),
    }
}

/// An engine, and the names that are ours to use on it.
pub(super) struct Lab<'a> {
    pub engine: &'a dyn Engine,
    pub prefix: &'a str,
}

impl<'a> Lab<'a> {
    /// Without what an earlier run left behind.
    pub async fn clean(engine: &'a dyn Engine, prefix: &'a str) -> Self {
        let lab = Self { engine, prefix };
        for name in ["web", "site"] {
            let force = RemoveContainerOptions {
                force: true,
                ..Default::default()
            };
            let _ = engine.remove_container(&lab.name(name), force).await;
        }
        let _ = engine.remove_network(&lab.name("net")).await;
        lab
    }

    pub fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    pub async fn network(&self, name: &str, subnet: Option<&str>) -> String {
        let pool = subnet.map(|subnet| IpamConfig {
            subnet: Some(subnet.into()),
            ..Default::default()
        });
        let ipam = pool.map(|pool| Ipam {
            config: Some(vec![pool]),
            ..Default::default()
        });
        let request = NetworkCreateRequest {
            name: self.name(name),
            ipam,
            ..Default::default()
        };
        self.engine
            .create_network(request)
            .await
            .expect("a network")
            .id
    }

    /// A container that does nothing for a while.
    pub async fn sleeper(&self, name: &str, network: &str) -> String {
        let body = busybox(&["sleep", "300"], network);
        self.engine
            .create_container(Some(&self.name(name)), body)
            .await
            .expect("a container")
            .id
    }

    pub async fn inspect_network(&self, network: &str) -> NetworkInspect {
        let answer = self
            .engine
            .inspect_network(network, InspectNetworkOptions::default())
            .await;
        answer
            .expect("a network")
            .parse()
            .expect("in Docker's model")
    }

    pub async fn inspect(&self, container: &str) -> ContainerInspectResponse {
        let answer = self.engine.inspect_container(container, false).await;
        answer
            .expect("a container")
            .parse()
            .expect("in Docker's model")
    }

    pub async fn status(&self, container: &str) -> ContainerStateStatusEnum {
        self.inspect(container)
            .await
            .state
            .and_then(|state| state.status)
            .expect("a status")
    }

    pub async fn endpoint(&self, container: &str, network: &str) -> EndpointSettings {
        let networks = self
            .inspect(container)
            .await
            .network_settings
            .and_then(|settings| settings.networks);
        networks
            .unwrap_or_default()
            .remove(network)
            .expect("an endpoint on it")
    }

    pub async fn is_listed(&self, id: &str, all: bool) -> bool {
        let options = ListContainersOptions {
            all,
            ..Default::default()
        };
        let listed = self.engine.list_containers(options).await.expect("a list");
        listed
            .iter()
            .any(|container| container.id.as_deref() == Some(id))
    }

    /// What it wrote, and its exit code.
    pub async fn run(&self, container: &str, words: &[&str]) -> (String, Option<i64>) {
        let exec = self
            .engine
            .create_exec(container, command(words))
            .await
            .expect("an exec");
        let attached = self.engine.start_exec(&exec, false).await.expect("it runs");
        let [stdout, stderr] = text(attached.output).await;
        let ended = self.engine.inspect_exec(&exec).await.expect("an exec");
        (stdout + &stderr, ended.exit_code)
    }

    pub async fn logged(&self, container: &str, options: LogsOptions) -> [String; 2] {
        text(self.engine.logs(container, options).await.expect("logs")).await
    }

    pub async fn remove(&self, container: &str) {
        let force = RemoveContainerOptions {
            force: true,
            ..Default::default()
        };
        self.engine
            .remove_container(container, force)
            .await
            .expect("it goes");
    }
}

pub(super) fn busybox(words: &[&str], network: &str) -> ContainerCreateBody {
    let endpoints = HashMap::from([(network.to_owned(), EndpointSettings::default())]);
    ContainerCreateBody {
        image: Some("busybox".into()),
        cmd: Some(words.iter().map(|&word| word.into()).collect()),
        host_config: Some(HostConfig {
            network_mode: Some(network.into()),
            ..Default::default()
        }),
        networking_config: Some(crate::models::NetworkingConfig {
            endpoints_config: Some(endpoints),
        }),
        ..Default::default()
    }
}

pub(super) fn command(words: &[&str]) -> ExecConfig {
    ExecConfig {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(words.iter().map(|&word| word.into()).collect()),
        ..Default::default()
    }
}

/// All of stdout, and all of stderr.
pub(super) async fn text(mut output: OutputStream) -> [String; 2] {
    let mut both = [String::new(), String::new()];
    while let Some(chunk) = output.next().await {
        let chunk = chunk.expect("output");
        let stream = usize::from(matches!(chunk, Chunk::Stderr(_)));
        both[stream].push_str(&String::from_utf8_lossy(chunk.bytes()));
    }
    both
}

/// Which of these it is about, and what happened to it. A network's events name the network.
pub(super) fn heard_of(event: &EventMessage, names: &[&str]) -> Option<(String, String)> {
    let actor = event.actor.as_ref()?;
    let name = actor.attributes.as_ref()?.get("name")?;
    names
        .contains(&name.as_str())
        .then(|| (name.clone(), event.action.clone().unwrap_or_default()))
}
