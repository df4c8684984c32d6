//! Which engine runs the lab: what was asked for, what was found, and the guard around it.

use std::sync::Arc;

use lab::{
    Clock, Engine, Host, Hosts, OnlyThisHost, Result, System as _,
    guard::{Guard, Journal, Limits},
};
use session::wire::{EngineKind, EngineState};

use crate::{
    args::{Choice, Lab},
    clock::SystemClock,
    docker::Docker,
    files::KeptFiles,
    find::{self, Found},
    host::RealHost,
    journal::FileJournal,
    server::random_hex,
    state::{StateDir, StateError},
    world::World,
};

/// An engine, guarded, and all that a session needs beside it.
pub struct Chosen {
    pub guard: Arc<Guard>,
    pub host: Arc<dyn Host>,
    /// The machines that the learner can go to.
    pub hosts: Arc<dyn Hosts>,
    pub clock: Arc<dyn Clock>,
    pub about: EngineState,
    /// Which engine, and how it was found: one sentence.
    pub found: String,
    pub files: KeptFiles,
    /// Where the engine is the simulated one.
    pub world: Option<World>,
}

impl Chosen {
    pub async fn find(asked: &Lab, state: &StateDir) -> anyhow::Result<Self> {
        if asked.engine == Choice::Simulated {
            return Ok(Self::simulated(state, None)?);
        }
        match docker(asked.docker_host.as_deref()).await {
            Ok((docker, found)) => Ok(Self::docker(docker, &found, state).await?),
            Err(reason) if asked.engine == Choice::Docker => Err(anyhow::Error::msg(reason)),
            Err(reason) => Ok(Self::simulated(state, Some(reason))?),
        }
    }

    async fn docker(docker: Docker, found: &Found, state: &StateDir) -> Result<Self, StateError> {
        let name = name(&docker).await;
        let guard = guard(Arc::new(docker), Arc::new(FileJournal::open(state)?));
        Ok(Self {
            host: Arc::new(RealHost::of(Arc::clone(&guard))),
            hosts: Arc::new(OnlyThisHost),
            guard,
            clock: Arc::new(SystemClock),
            files: KeptFiles::open(state)?,
            found: format!(
                "{name} answers at {}, found through {}.",
                found.endpoint, found.how
            ),
            about: EngineState {
                kind: EngineKind::Docker,
                name: format!("{name} {}", found.endpoint.place()),
                gone: None,
                why: None,
            },
            world: None,
        })
    }

    /// `no_docker`: why it takes over.
    fn simulated(state: &StateDir, no_docker: Option<String>) -> Result<Self, StateError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let world = World::open(state, &clock)?;
        let journal: Arc<dyn Journal> = Arc::new(FileJournal::open(state)?);
        let hosts = world.engine.guarded(&journal, &Limits::default(), nonce);
        let why = no_docker.map(|reason| {
            let reason = capitalised(reason.trim_end_matches('.'));
            format!("{reason}; until then, the simulated engine runs the lesson.")
        });
        let found = why.clone().unwrap_or_else(|| {
            "The simulated engine runs the lab: nothing on this machine's own Docker is touched."
                .to_owned()
        });
        Ok(Self {
            guard: Arc::clone(&hosts.first.guard),
            host: Arc::clone(&hosts.first.host),
            hosts: Arc::new(hosts),
            clock,
            files: KeptFiles::open(state)?,
            found,
            about: EngineState {
                kind: EngineKind::Simulated,
                name: "Simulated engine".to_owned(),
                gone: None,
                why,
            },
            world: Some(world),
        })
    }
}

/// The engine that was asked for, or that the docker CLI would use, if it answers; else why not.
async fn docker(asked: Option<&str>) -> Result<(Docker, Found), String> {
    let found = find::find(asked).map_err(|error| error.to_string())?;
    let docker = Docker::connect(&found.endpoint).await;
    let docker = docker.map_err(|error| error.to_string())?;
    Ok((docker, found))
}

/// `Docker 28.5`, `Podman 5.4`
async fn name(docker: &Docker) -> String {
    let said = docker.version().await.unwrap_or_default();
    let components = said.components.unwrap_or_default();
    let is_podman = components
        .iter()
        .any(|part| part.name.starts_with("Podman"));
    let product = if is_podman { "Podman" } else { "Docker" };
    let version = said.version.unwrap_or_default();
    let numbers: Vec<&str> = version.split('.').take(2).collect();
    format!("{product} {}", numbers.join("."))
        .trim_end()
        .to_owned()
}

fn guard(engine: Arc<dyn Engine>, journal: Arc<dyn Journal>) -> Arc<Guard> {
    Arc::new(Guard::new(engine, journal, Limits::default(), nonce))
}

/// A lab's nonces must not be guessable: without randomness there is no lab.
fn nonce() -> String {
    random_hex::<16>().expect("the system has randomness")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
