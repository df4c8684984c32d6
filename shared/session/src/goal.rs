//! A lesson's checks, asked of what is there. "Was reached" is a fact; "holds" is asked anew each time.

use std::{collections::BTreeMap, time::Duration};

use course::{Check, Lesson};
use futures::{
    StreamExt,
    future::{Either, select},
};
use lab::{
    Clock, Exec,
    guard::Guard,
    models::ExecConfig,
    topology::{ContainerNode, ContainerState, NetworkNode, Topology},
};

use crate::wire::{CheckState, Goal};

/// A trial that takes longer has failed.
const LONGEST: Duration = Duration::from_secs(10);
/// Bytes of what a ping says that are looked at.
const SAID: usize = 4096;

/// What was tried: from a container (by its id, so that a new one of the same name is asked anew) to a name or address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trial {
    pub container: String,
    pub to: String,
}

/// What is tried now, and how it ended last.
pub type Trials = BTreeMap<Trial, TrialState>;

#[derive(Default)]
pub struct TrialState {
    pub last: Option<Outcome>,
    /// Being tried, or resting after it.
    pub busy: bool,
    /// Something changed since it began.
    pub again: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Reached,
    /// The name became no address.
    NoName,
    NoAnswer,
    /// There is no `ping` in that image.
    NoPing,
    /// The engine did not run it.
    NotTried,
}

pub fn goal(lesson: &Lesson, topology: &Topology, trials: &Trials) -> Goal {
    let steps = lesson.steps.iter().map(|step| {
        let checks = step.checks.iter();
        checks.map(|check| state(check, topology, trials)).collect()
    });
    Goal {
        lesson: lesson.id.clone(),
        steps: steps.collect(),
    }
}

/// The trials that the lesson's checks ask for and that can be made now.
pub fn wanted(lesson: &Lesson, topology: &Topology) -> Vec<Trial> {
    let checks = lesson.steps.iter().flat_map(|step| &step.checks);
    checks
        .filter_map(|check| match check {
            Check::Reaches { from, to } => {
                let container = running(topology, from).ok()?;
                Some(Trial {
                    container: container.id.as_str().to_owned(),
                    to: to.clone(),
                })
            }
            _ => None,
        })
        .collect()
}

/// Pings once from inside the container; its exit code is the answer.
pub async fn try_it(guard: &Guard, clock: &dyn Clock, trial: &Trial) -> Outcome {
    let ping = Box::pin(ping(guard, trial));
    match select(ping, clock.sleep(LONGEST)).await {
        Either::Left((outcome, _)) => outcome.unwrap_or(Outcome::NotTried),
        Either::Right(_) => Outcome::NoAnswer,
    }
}

async fn ping(guard: &Guard, trial: &Trial) -> lab::Result<Outcome> {
    let command = ["ping", "-c", "1", "-W", "1", trial.to.as_str()];
    let config = ExecConfig {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.map(str::to_owned).to_vec()),
        ..ExecConfig::default()
    };
    let exec = guard.create_exec(&trial.container, config).await?;
    let mut attached = guard.start_exec(&exec, false).await?;
    let mut said = Vec::new();
    while let Some(chunk) = attached.output.next().await {
        let chunk = chunk?;
        // A program that calls itself ping may say anything.
        let room = SAID.saturating_sub(said.len());
        said.extend(chunk.bytes().iter().take(room));
    }
    let exit = guard.inspect_exec(&exec).await?.exit_code;
    Ok(outcome(exit, &String::from_utf8_lossy(&said)))
}

/// Of busybox's ping and of the one of iputils.
fn outcome(exit: Option<i64>, said: &str) -> Outcome {
    const NO_NAME: [&str; 4] = [
        "bad address",
        "not known",
        "name resolution",
        "does not resolve",
    ];
    match exit {
        Some(0) => Outcome::Reached,
        Some(126 | 127) => Outcome::NoPing,
        _ if NO_NAME.iter().any(|words| said.contains(words)) => Outcome::NoName,
        Some(_) => Outcome::NoAnswer,
        None => Outcome::NotTried,
    }
}

/// What is so now, in words: `Ok` if that is what the check asks for.
type Seen = Result<String, String>;

fn state(check: &Check, topology: &Topology, trials: &Trials) -> CheckState {
    let seen = match check {
        Check::Network { name, driver } => network(topology, name, driver.as_deref()),
        Check::Runs { container, network } => runs(topology, container, network.as_deref()),
        Check::Reaches { from, to } => reaches(topology, trials, from, to),
    };
    CheckState {
        met: seen.is_ok(),
        seen: seen.unwrap_or_else(|not_yet| not_yet),
    }
}

fn network(topology: &Topology, name: &str, driver: Option<&str>) -> Seen {
    let network = lab_network(topology, name)?;
    let seen = format!("{name} has the driver {}", network.driver);
    match driver {
        Some(driver) if network.driver != driver => Err(seen),
        _ => Ok(seen),
    }
}

fn runs(topology: &Topology, name: &str, on: Option<&str>) -> Seen {
    let container = running(topology, name)?;
    let Some(on) = on else {
        return Ok(format!("{name} runs"));
    };
    let mut attached = container
        .endpoints
        .keys()
        .filter_map(|network| topology.networks.get(network));
    if attached.any(|network| network.name == on) {
        Ok(format!("{name} runs on {on}"))
    } else {
        Err(format!("{name} runs, but is not on {on}"))
    }
}

fn reaches(topology: &Topology, trials: &Trials, from: &str, to: &str) -> Seen {
    let container = running(topology, from)?;
    let trial = Trial {
        container: container.id.as_str().to_owned(),
        to: to.to_owned(),
    };
    match trials.get(&trial).and_then(|state| state.last) {
        Some(Outcome::Reached) => Ok(format!("{from} reaches {to}")),
        Some(Outcome::NoName) => Err(format!("{from} finds no address for the name {to}")),
        Some(Outcome::NoAnswer) => Err(format!("{from} gets no answer from {to}")),
        Some(Outcome::NoPing) => Err(format!("{from} has no ping to try it with")),
        Some(Outcome::NotTried) => Err(format!("it could not be tried from {from}")),
        None => Err(format!("it is being tried from {from}")),
    }
}

fn lab_network<'a>(topology: &'a Topology, name: &str) -> Result<&'a NetworkNode, String> {
    let networks = topology.networks.values();
    let mut named = networks.filter(|network| network.name == name).peekable();
    if named.peek().is_none() {
        return Err(format!("there is no network called {name}"));
    }
    named.find(|network| network.ours).ok_or_else(|| {
        format!(
            "there is a network called {name} already, and it was made outside this lab: if you no longer need it, \
             remove it in a terminal of your own (docker network rm {name})"
        )
    })
}

fn running<'a>(topology: &'a Topology, name: &str) -> Result<&'a ContainerNode, String> {
    let mut containers = topology.containers.values();
    let Some(container) = containers.find(|container| container.name == name) else {
        return Err(format!("there is no container called {name}"));
    };
    if !container.ours {
        return Err(format!(
            "there is a container called {name} already (of the image {}), and it was made outside this lab: give it \
             another name in a terminal of your own (docker rename {name} my-{name})",
            container.image
        ));
    }
    match (container.state, container.exit_code) {
        (ContainerState::Running, _) => Ok(container),
        (ContainerState::Paused, _) => Err(format!("{name} is paused")),
        (ContainerState::Exited, Some(code)) => Err(format!("{name} has exited ({code})")),
        _ => Err(format!("{name} does not run")),
    }
}
