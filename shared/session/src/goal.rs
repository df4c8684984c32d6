//! A lesson's checks, asked of what is there. "Was reached" is a fact; "holds" is asked anew each time.

use std::{collections::BTreeMap, sync::Arc};

use course::{Check, Lesson};
use futures::{SinkExt, StreamExt, channel::mpsc::Sender};
use lab::{
    Exec,
    guard::Guard,
    models::ExecConfig,
    topology::{ContainerNode, ContainerState, NetworkNode, Topology},
};

use crate::{
    desk::Happening,
    wire::{CheckState, Goal},
};

/// What was tried: from a container (by its id, so that a new one of the same name is asked anew) to a name or address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trial {
    pub container: String,
    pub to: String,
}

/// How each trial ended last.
pub type Trials = BTreeMap<Trial, bool>;

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
pub async fn try_it(guard: Arc<Guard>, trial: Trial, mut to: Sender<Happening>) {
    let reached = ping(&guard, &trial).await.unwrap_or(false);
    let _ = to.send(Happening::Tried(trial, reached)).await;
}

async fn ping(guard: &Guard, trial: &Trial) -> lab::Result<bool> {
    let command = ["ping", "-c", "1", "-W", "1", trial.to.as_str()];
    let config = ExecConfig {
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        cmd: Some(command.map(str::to_owned).to_vec()),
        ..ExecConfig::default()
    };
    let exec = guard.create_exec(&trial.container, config).await?;
    let mut attached = guard.start_exec(&exec, false).await?;
    while let Some(chunk) = attached.output.next().await {
        chunk?;
    }
    Ok(guard.inspect_exec(&exec).await?.exit_code == Some(0))
}

fn state(check: &Check, topology: &Topology, trials: &Trials) -> CheckState {
    let outcome = match check {
        Check::Network { name, driver } => network(topology, name, driver.as_deref()),
        Check::Runs { container, network } => runs(topology, container, network.as_deref()),
        Check::Reaches { from, to } => reaches(topology, trials, from, to),
    };
    CheckState {
        met: outcome.is_ok(),
        seen: outcome.err().unwrap_or_default(),
    }
}

fn network(topology: &Topology, name: &str, driver: Option<&str>) -> Result<(), String> {
    let network = lab_network(topology, name)?;
    match driver {
        Some(driver) if network.driver != driver => {
            Err(format!("{name} has the driver {}", network.driver))
        }
        _ => Ok(()),
    }
}

fn runs(topology: &Topology, name: &str, on: Option<&str>) -> Result<(), String> {
    let container = running(topology, name)?;
    let Some(on) = on else { return Ok(()) };
    let network = topology
        .networks
        .values()
        .find(|network| network.name == on);
    match network {
        Some(network) if container.endpoints.contains_key(&network.id) => Ok(()),
        _ => Err(format!("{name} runs, but is not on {on}")),
    }
}

fn reaches(topology: &Topology, trials: &Trials, from: &str, to: &str) -> Result<(), String> {
    let container = running(topology, from)?;
    let trial = Trial {
        container: container.id.as_str().to_owned(),
        to: to.to_owned(),
    };
    match trials.get(&trial) {
        Some(true) => Ok(()),
        Some(false) => Err(format!("{from} does not reach {to}")),
        None => Err(format!("{from} has not tried yet")),
    }
}

fn lab_network<'a>(topology: &'a Topology, name: &str) -> Result<&'a NetworkNode, String> {
    let mut named = topology
        .networks
        .values()
        .filter(|network| network.name == name)
        .peekable();
    match (named.clone().find(|network| network.ours), named.peek()) {
        (Some(network), _) => Ok(network),
        (None, Some(_)) => Err(not_ours(
            &format!("a network called {name}"),
            &format!("docker network rm {name}, if you no longer need it"),
        )),
        (None, None) => Err(format!("there is no network called {name}")),
    }
}

fn running<'a>(topology: &'a Topology, name: &str) -> Result<&'a ContainerNode, String> {
    match topology
        .containers
        .values()
        .find(|container| container.name == name)
    {
        None => Err(format!("there is no container called {name}")),
        Some(container) if !container.ours => {
            let rename = format!("docker rename {name} my-{name}");
            Err(not_ours(&format!("a container called {name}"), &rename))
        }
        Some(container) if container.state == ContainerState::Running => Ok(container),
        Some(container) => Err(match container.exit_code {
            Some(code) if container.state == ContainerState::Exited => {
                format!("{name} has exited ({code})")
            }
            _ => format!("{name} does not run"),
        }),
    }
}

fn not_ours(what: &str, way_out: &str) -> String {
    format!(
        "{what} is there already, and it is not this lab's: make room for the name in a terminal of your own ({way_out})"
    )
}
