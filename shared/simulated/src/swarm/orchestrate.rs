//! What a swarm does by itself: it makes the tasks that services want, gives them to nodes, starts their containers, and
//! replaces those that ended. It goes on until nothing is left to do, and sets a timer for what is due later.

use std::{net::Ipv4Addr, sync::atomic::Ordering, time::Duration};

use jiff::Timestamp;
use lab::{
    Error,
    models::{
        ContainerCreateBody, EndpointIpamConfig, EndpointSettings, HostConfig, NetworkingConfig,
        PortBinding, TaskSpecRestartPolicyConditionEnum as Condition,
    },
    options::RemoveContainerOptions,
};

use super::{networks::targets, spread, tasks};
use crate::{
    Simulated,
    cluster::{Desired, Phase, ServiceState, SwarmState, TaskState},
    world::{State, World},
};

/// Between the end of a task and its replacement, where the service says nothing else.
const DELAY: Duration = Duration::from_secs(5);
/// Old tasks that are kept for each place, beside the newest.
const HISTORY: usize = 4;
/// Each round makes a step for every task: more than these are never needed.
const ROUNDS: usize = 64;

impl Simulated {
    /// Does all that is due in all swarms.
    pub(crate) fn orchestrate(&self) {
        if self.machines().cluster.swarms.is_empty()
            || self.inner.orchestrating.swap(true, Ordering::Relaxed)
        {
            return;
        }
        for _ in 0..ROUNDS {
            let swarms: Vec<String> = self.machines().cluster.swarms.keys().cloned().collect();
            let mut moved = false;
            for swarm in swarms {
                moved |= self.round(&swarm);
            }
            if !moved {
                break;
            }
        }
        let now = self.now();
        self.machines().gossip(now);
        self.inner.orchestrating.store(false, Ordering::Relaxed);
    }

    /// One step for every service and task of a swarm; whether anything changed.
    fn round(&self, swarm: &str) -> bool {
        let now = self.now();
        let (changed, starts, stops) = {
            let mut machines = self.machines();
            let crate::machines::Machines { hosts, cluster } = &mut *machines;
            let Some(state) = cluster.swarms.get_mut(swarm) else {
                return false;
            };
            let mut changed = observe(state, hosts, now);
            changed |= reconcile(state, &mut hosts[0], now);
            let later = state.tasks.values().filter_map(|task| task.not_before);
            if let Some(next) = later.filter(|time| *time > now).min() {
                drop_lock_and_set_timer(self, next);
            }
            (changed, due(state, now), to_stop(state, hosts))
        };
        let moved = changed || !starts.is_empty() || !stops.is_empty();
        for (host, container) in stops {
            let forced = RemoveContainerOptions {
                force: true,
                ..Default::default()
            };
            // It may have gone by itself.
            let _ = self.at(host).remove(&container, &forced);
        }
        for task in starts {
            self.run_task(swarm, &task);
        }
        moved
    }

    /// Makes and starts a task's container on its node.
    fn run_task(&self, swarm: &str, id: &str) {
        let now = self.now();
        let Some((host, name, body)) = self.prepared(swarm, id) else {
            return;
        };
        let machine = self.at(host);
        let made = machine.create(Some(&name), body);
        let started = match &made {
            Ok(made) => machine.start(&made.id).map_err(|error| {
                let phase = Phase::Failed;
                (
                    phase,
                    "starting",
                    format!("starting container failed: {error}"),
                )
            }),
            Err(error) => Err((Phase::Rejected, "preparing", why_not_made(error))),
        };
        let mut machines = self.machines();
        let container = made.ok().map(|made| made.id);
        let pid = container
            .as_ref()
            .and_then(|id| machines.hosts[host].containers.get(id))
            .map_or(0, |container| container.pid);
        let Some(state) = machines.cluster.swarms.get_mut(swarm) else {
            return;
        };
        let index = state.next_index();
        let Some(task) = state.tasks.get_mut(id) else {
            return;
        };
        task.version = index;
        task.container = container;
        task.pid = pid;
        match started {
            Ok(()) => task.comes_to(Phase::Running, "started", None, now),
            Err((phase, message, error)) => task.comes_to(phase, message, Some(error), now),
        }
    }

    /// The machine of a task's node, and the container that it is to be.
    fn prepared(&self, swarm: &str, id: &str) -> Option<(usize, String, ContainerCreateBody)> {
        let mut machines = self.machines();
        let state = machines.cluster.swarms.get_mut(swarm)?;
        let mut task = state.tasks.get(id)?.clone();
        let node = state.nodes.get(task.node.as_ref()?)?.clone();
        task.addresses = addresses(state, &task);
        state.tasks.insert(id.to_owned(), task.clone());
        let service = state.services.get(&task.service)?;
        let name = format!("{}.{}", tasks::name(state, &task), task.id);
        Some((node.host, name.clone(), body(service, &task, &name)))
    }

    /// A machine that has left its swarm: nothing of it stays there.
    pub(super) fn out_of_swarm(&self) {
        let (tasks, networks) = {
            let world = self.world();
            let tasks: Vec<String> = world
                .containers
                .values()
                .filter(|container| super::networks::is_task(container))
                .map(|container| container.id.clone())
                .collect();
            let networks = world.networks.values();
            let networks = networks.filter(|network| network.overlay.is_some());
            let networks: Vec<String> = networks.map(|network| network.id.clone()).collect();
            (tasks, networks)
        };
        let forced = RemoveContainerOptions {
            force: true,
            ..Default::default()
        };
        for container in tasks {
            let _ = self.remove(&container, &forced);
        }
        let mut world = self.world();
        for network in networks {
            world.networks.remove(&network);
        }
        world.mesh.clear();
        world.manages = false;
    }
}

/// The timers have a lock of their own.
fn drop_lock_and_set_timer(simulated: &Simulated, next: Timestamp) {
    let mut running = simulated.running();
    if !running.timers.contains(&next) {
        running.timers.push(next);
    }
}

fn why_not_made(error: &Error) -> String {
    error.to_string()
}

impl TaskState {
    fn comes_to(&mut self, phase: Phase, message: &str, error: Option<String>, now: Timestamp) {
        self.phase = phase;
        message.clone_into(&mut self.message);
        self.error = error;
        self.since = now;
        self.updated = now;
    }
}

/// Tasks whose containers have ended, or are gone with their node.
fn observe(swarm: &mut SwarmState, worlds: &[World], now: Timestamp) -> bool {
    let mut changed = false;
    let index = swarm.index + 1;
    for task in swarm.tasks.values_mut() {
        let node = task.node.as_ref().and_then(|node| swarm.nodes.get(node));
        if task.phase != Phase::Running {
            continue;
        }
        let Some(node) = node else {
            task.comes_to(Phase::Shutdown, "shutdown", None, now);
            changed = true;
            continue;
        };
        if node.left.is_some() {
            continue;
        }
        let container = task.container.as_ref();
        let container = container.and_then(|id| worlds[node.host].containers.get(id));
        let ended = match container {
            Some(container) if container.state == State::Exited => Some(container.exit_code),
            Some(_) => continue,
            None => None,
        };
        task.exit = ended;
        let (phase, message, error) = match ended {
            _ if task.desired == Desired::Shutdown => (Phase::Shutdown, "shutdown", None),
            Some(0) => (Phase::Complete, "finished", None),
            Some(code) => {
                let error = format!("task: non-zero exit ({code})");
                (Phase::Failed, "started", Some(error))
            }
            None => {
                let id = task.container.clone().unwrap_or_default();
                let error = format!("No such container: {id}");
                (Phase::Failed, "started", Some(error))
            }
        };
        task.comes_to(phase, message, error, now);
        task.version = index;
        changed = true;
    }
    if changed {
        swarm.index = index;
    }
    changed
}

/// Makes tasks, and says which are to end.
fn reconcile(swarm: &mut SwarmState, random: &mut World, now: Timestamp) -> bool {
    let mut changed = false;
    let ids: Vec<String> = swarm.services.keys().cloned().collect();
    for id in ids {
        let service = swarm.services[&id].clone();
        for place in places(swarm, &service, now) {
            changed |= fill(swarm, random, &service, &place, now);
        }
        changed |= clear(swarm, &service, now);
        changed |= forget_old(swarm, &service);
        changed |= finish_update(swarm, &service, now);
    }
    // Tasks of a service that is gone go with it, once their containers have.
    let services: Vec<String> = swarm.services.keys().cloned().collect();
    for task in swarm.tasks.values_mut() {
        if !services.contains(&task.service) && task.desired != Desired::Shutdown {
            task.desired = Desired::Shutdown;
            changed = true;
        }
    }
    let gone: Vec<TaskState> = swarm
        .tasks
        .values()
        .filter(|task| !services.contains(&task.service) && task.phase != Phase::Running)
        .cloned()
        .collect();
    for task in gone {
        forget(swarm, &task);
        changed = true;
    }
    changed
}

/// Where a service is to have one task.
#[derive(Clone, PartialEq)]
enum Place {
    Slot(u64),
    Node(String),
}

fn places(swarm: &SwarmState, service: &ServiceState, now: Timestamp) -> Vec<Place> {
    if !service.is_global() {
        return (1..=service.replicas()).map(Place::Slot).collect();
    }
    let constraints = constraints(service);
    let nodes = swarm.nodes.values();
    nodes
        .filter(|node| spread::may_have(&constraints, node, now))
        .map(|node| Place::Node(node.id.clone()))
        .collect()
}

fn constraints(service: &ServiceState) -> Vec<String> {
    let template = service.spec.task_template.as_ref();
    let placement = template.and_then(|template| template.placement.as_ref());
    placement
        .and_then(|placement| placement.constraints.clone())
        .unwrap_or_default()
}

fn is_at(task: &TaskState, service: &ServiceState, place: &Place) -> bool {
    task.service == service.id
        && match place {
            Place::Slot(slot) => task.slot == Some(*slot),
            Place::Node(node) => task.slot.is_none() && task.node.as_ref() == Some(node),
        }
}

/// Sees to it that one task is at this place.
fn fill(
    swarm: &mut SwarmState,
    random: &mut World,
    service: &ServiceState,
    place: &Place,
    now: Timestamp,
) -> bool {
    let mut changed = false;
    let current = swarm
        .tasks
        .values_mut()
        .find(|task| is_at(task, service, place) && task.desired != Desired::Shutdown);
    let mut not_before = None;
    if let Some(task) = current {
        let node = task.node.as_ref();
        let node_is_fit = node.is_none_or(|node| {
            swarm
                .nodes
                .get(node)
                .is_some_and(|node| node.availability != "drain" && !node.is_down(now))
        });
        let template = service.spec.task_template.as_ref();
        let is_current = template.is_none_or(|template| same(template, &task.spec));
        if task.phase.is_over() {
            let policy = restarts(service, task.phase);
            task.desired = Desired::Shutdown;
            changed = true;
            if !policy {
                return true;
            }
            not_before = now.checked_add(delay(service)).ok();
        } else if node_is_fit && is_current {
            return assign(swarm, service, place, now);
        } else {
            task.desired = Desired::Shutdown;
            if task.phase != Phase::Running {
                task.comes_to(Phase::Shutdown, "shutdown", None, now);
            }
            changed = true;
        }
    } else {
        // It ended and is not to be replaced, unless the service has changed since.
        let last = swarm
            .tasks
            .values()
            .filter(|task| is_at(task, service, place))
            .max_by_key(|task| task.version);
        let template = service.spec.task_template.as_ref();
        if let Some(last) = last
            && last.phase.is_over()
            && last.phase != Phase::Shutdown
            && template.is_none_or(|template| same(template, &last.spec))
            && !restarts(service, last.phase)
        {
            return false;
        }
    }
    let Some(spec) = service.spec.task_template.clone() else {
        return changed;
    };
    let index = swarm.next_index();
    let task = TaskState {
        id: random.swarm_id(),
        version: index,
        created: now,
        updated: now,
        service: service.id.clone(),
        slot: match place {
            Place::Slot(slot) => Some(*slot),
            Place::Node(_) => None,
        },
        node: match place {
            Place::Slot(_) => None,
            Place::Node(node) => Some(node.clone()),
        },
        spec,
        phase: Phase::Pending,
        since: now,
        message: "pending task scheduling".to_owned(),
        error: None,
        container: None,
        pid: 0,
        exit: None,
        desired: if not_before.is_some() {
            Desired::Ready
        } else {
            Desired::Running
        },
        not_before,
        addresses: Vec::new(),
    };
    swarm.tasks.insert(task.id.clone(), task);
    assign(swarm, service, place, now);
    true
}

fn same(template: &lab::models::TaskSpec, spec: &lab::models::TaskSpec) -> bool {
    super::show::template(template) == super::show::template(spec)
}

fn restarts(service: &ServiceState, phase: Phase) -> bool {
    let template = service.spec.task_template.as_ref();
    let policy = template.and_then(|template| template.restart_policy.as_ref());
    match policy.and_then(|policy| policy.condition) {
        Some(Condition::NONE) => false,
        Some(Condition::ON_FAILURE) => phase != Phase::Complete,
        _ => true,
    }
}

fn delay(service: &ServiceState) -> Duration {
    let template = service.spec.task_template.as_ref();
    let policy = template.and_then(|template| template.restart_policy.as_ref());
    let nanos = policy.and_then(|policy| policy.delay);
    nanos.map_or(DELAY, |nanos| {
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    })
}

/// Gives a waiting task a node, or says why there is none.
fn assign(swarm: &mut SwarmState, service: &ServiceState, place: &Place, now: Timestamp) -> bool {
    let waiting = swarm.tasks.values().find(|task| {
        is_at(task, service, place)
            && task.phase == Phase::Pending
            && task.desired != Desired::Shutdown
    });
    let Some(task) = waiting.cloned() else {
        return false;
    };
    let placed = match &task.node {
        Some(node) => Ok(node.clone()),
        None => spread::place(swarm, &task, now),
    };
    let Some(waiting) = swarm.tasks.get_mut(&task.id) else {
        return false;
    };
    match placed {
        Ok(node) => {
            waiting.node = Some(node);
            waiting.comes_to(Phase::Ready, "prepared", None, now);
            true
        }
        Err(why) if waiting.error.as_ref() == Some(&why) => false,
        Err(why) => {
            waiting.error = Some(why);
            waiting.updated = now;
            true
        }
    }
}

/// Tasks that are at no place of the service any more.
fn clear(swarm: &mut SwarmState, service: &ServiceState, now: Timestamp) -> bool {
    let places = places(swarm, service, now);
    let extra: Vec<TaskState> = swarm
        .tasks
        .values()
        .filter(|task| {
            task.service == service.id && !places.iter().any(|place| is_at(task, service, place))
        })
        .cloned()
        .collect();
    let mut changed = false;
    for task in extra {
        if task.phase != Phase::Running {
            forget(swarm, &task);
            changed = true;
        } else if let Some(task) = swarm.tasks.get_mut(&task.id)
            && task.desired != Desired::Shutdown
        {
            task.desired = Desired::Shutdown;
            changed = true;
        }
    }
    changed
}

fn forget(swarm: &mut SwarmState, task: &TaskState) {
    swarm.tasks.remove(&task.id);
    for (network, address) in &task.addresses {
        swarm.take_back(network, *address);
    }
}

/// Of each place, only the last few are remembered.
fn forget_old(swarm: &mut SwarmState, service: &ServiceState) -> bool {
    let mut old: Vec<&TaskState> = swarm
        .tasks
        .values()
        .filter(|task| task.service == service.id && task.phase.is_over())
        .collect();
    old.sort_by_key(|task| std::cmp::Reverse(task.version));
    let mut too_old = Vec::new();
    for (at, task) in old.iter().enumerate() {
        let newer = old[..at]
            .iter()
            .filter(|other| {
                (other.slot, &other.node) == (task.slot, &task.node)
                    || (other.slot.is_some() && other.slot == task.slot)
            })
            .count();
        if newer >= HISTORY {
            too_old.push((*task).clone());
        }
    }
    for task in &too_old {
        forget(swarm, task);
    }
    !too_old.is_empty()
}

fn finish_update(swarm: &mut SwarmState, service: &ServiceState, now: Timestamp) -> bool {
    let Some((started, None)) = service.update else {
        return false;
    };
    let mut tasks = swarm
        .tasks
        .values()
        .filter(|task| task.service == service.id && task.desired == Desired::Running);
    if !tasks.all(|task| task.phase == Phase::Running) {
        return false;
    }
    if let Some(service) = swarm.services.get_mut(&service.id) {
        service.update = Some((started, Some(now)));
    }
    true
}

/// Tasks that have a node and may start now.
fn due(swarm: &mut SwarmState, now: Timestamp) -> Vec<String> {
    let mut due = Vec::new();
    for task in swarm.tasks.values_mut() {
        let waits = task.not_before.is_some_and(|time| time > now);
        if task.phase != Phase::Ready || task.desired == Desired::Shutdown || waits {
            continue;
        }
        task.desired = Desired::Running;
        due.push((task.slot, task.version, task.id.clone()));
    }
    due.sort();
    due.into_iter().map(|(.., id)| id).collect()
}

/// Containers of tasks that are to end.
fn to_stop(swarm: &SwarmState, worlds: &[World]) -> Vec<(usize, String)> {
    let ending = swarm
        .tasks
        .values()
        .filter(|task| task.desired == Desired::Shutdown && task.phase == Phase::Running);
    ending
        .filter_map(|task| {
            let node = swarm.nodes.get(task.node.as_ref()?)?;
            let container = task.container.clone()?;
            let there = worlds[node.host].containers.contains_key(&container);
            (there && node.left.is_none()).then_some((node.host, container))
        })
        .collect()
}

/// The task's own address on each network, the ingress network's first.
fn addresses(swarm: &mut SwarmState, task: &TaskState) -> Vec<(String, Ipv4Addr)> {
    let Some(service) = swarm.services.get(&task.service) else {
        return Vec::new();
    };
    let in_mesh = service.published.iter().any(|port| !port.on_host);
    let ingress = swarm.networks.values().find(|network| network.ingress);
    let ingress = ingress
        .filter(|_| in_mesh)
        .map(|network| network.id.clone());
    let wanted: Vec<String> = ingress
        .into_iter()
        .chain(targets(&service.spec).map(str::to_owned))
        .collect();
    wanted
        .into_iter()
        .filter_map(|id| {
            let address = swarm.networks.get_mut(&id)?.give()?;
            Some((id, address))
        })
        .collect()
}

fn body(service: &ServiceState, task: &TaskState, name: &str) -> ContainerCreateBody {
    let spec = task.spec.container_spec.clone().unwrap_or_default();
    let endpoints = task.addresses.iter().map(|(network, address)| {
        let ipam = EndpointIpamConfig {
            ipv4_address: Some(address.to_string()),
            ..Default::default()
        };
        let settings = EndpointSettings {
            ipam_config: Some(ipam),
            ..Default::default()
        };
        (network.clone(), settings)
    });
    let on_host = service.published.iter().filter(|port| port.on_host);
    let bindings = on_host.map(|port| {
        let binding = PortBinding {
            host_ip: None,
            host_port: Some(port.outside.to_string()),
        };
        (
            format!("{}/{}", port.inside, port.protocol),
            Some(vec![binding]),
        )
    });
    let host = HostConfig {
        network_mode: Some("bridge".to_owned()),
        port_bindings: Some(bindings.collect()),
        ..Default::default()
    };
    let mut labels = spec.labels.unwrap_or_default();
    let told = [
        (
            "com.docker.swarm.node.id",
            task.node.clone().unwrap_or_default(),
        ),
        ("com.docker.swarm.service.id", service.id.clone()),
        ("com.docker.swarm.service.name", service.name().to_owned()),
        ("com.docker.swarm.task", String::new()),
        (super::networks::TASK_LABEL, task.id.clone()),
        ("com.docker.swarm.task.name", name.to_owned()),
    ];
    labels.extend(told.map(|(key, value)| (key.to_owned(), value)));
    ContainerCreateBody {
        image: spec.image,
        entrypoint: spec.command,
        cmd: spec.args,
        env: spec.env,
        hostname: spec.hostname,
        user: spec.user,
        working_dir: spec.dir,
        tty: spec.tty,
        labels: Some(labels),
        host_config: Some(host),
        networking_config: Some(NetworkingConfig {
            endpoints_config: Some(endpoints.collect()),
        }),
        ..Default::default()
    }
}
