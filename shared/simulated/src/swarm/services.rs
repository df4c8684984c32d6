//! `/services`: made, listed, changed and removed. What becomes of their tasks is in `orchestrate`.

use lab::{
    Error, Result,
    models::{
        EndpointPortConfig, EndpointPortConfigPublishModeEnum, EndpointSpecModeEnum, Service,
        ServiceSpec,
    },
    options::{ListServicesOptions, UpdateServiceOptions},
};
use serde_json::json;

use super::{constraint, filtered, model, show};
use crate::{
    Simulated,
    cluster::{Published, ServiceState, SwarmState},
    networks::has_label,
};

/// Ports that docker chooses begin here.
const FIRST_PORT: u16 = 30_000;

impl Simulated {
    pub(super) fn new_service(&self, mut spec: ServiceSpec) -> Result<String> {
        let now = self.now();
        let mut machines = self.machines();
        machines.managed(self.host)?;
        let id = machines.hosts[self.host].swarm_id();
        let networks = machines.networks_of(self.host, &mut spec)?;
        let swarm = machines.managed(self.host)?;
        check(swarm, &spec, None)?;
        let index = swarm.next_index();
        let published = publish(swarm, &spec);
        let mut service = ServiceState {
            id: id.clone(),
            version: index,
            created: now,
            updated: now,
            spec,
            previous: None,
            update: None,
            addresses: Vec::new(),
            published,
        };
        set_addresses(swarm, &mut service, &networks);
        swarm.services.insert(id.clone(), service);
        Ok(id)
    }

    pub(super) fn services(&self, options: &ListServicesOptions) -> Result<Vec<Service>> {
        let now = self.now();
        let mut machines = self.machines();
        let swarm = machines.managed(self.host)?;
        let mut services = Vec::new();
        for service in swarm.services.values() {
            let fits = |key: &str, value: &str| fits(service, key, value);
            if !filtered(options.filters.as_ref(), fits)? {
                continue;
            }
            let mut shown = show::service(service, false);
            if options.status == Some(true) {
                shown["ServiceStatus"] = show::status(swarm, service, now);
            }
            services.push(model(shown)?);
        }
        Ok(services)
    }

    pub(super) fn change_service(
        &self,
        asked: &str,
        options: &UpdateServiceOptions,
        mut spec: ServiceSpec,
    ) -> Result<()> {
        let now = self.now();
        let mut machines = self.machines();
        let mut service = machines.managed(self.host)?.service(asked)?.clone();
        if u64::try_from(options.version) != Ok(service.version) {
            let message = "rpc error: code = Unknown desc = update out of sequence";
            return Err(Error::refused(500, message));
        }
        let networks = machines.networks_of(self.host, &mut spec)?;
        let swarm = machines.managed(self.host)?;
        check(swarm, &spec, Some(&service.id))?;
        service.version = swarm.next_index();
        service.updated = now;
        let template = |spec: &ServiceSpec| spec.task_template.as_ref().map(show::template);
        let tasks_change = template(&spec) != template(&service.spec)
            || spec.endpoint_spec != service.spec.endpoint_spec;
        service.previous = Some(std::mem::replace(&mut service.spec, spec));
        service.update = tasks_change.then_some((now, None));
        service.published = publish(swarm, &service.spec);
        set_addresses(swarm, &mut service, &networks);
        swarm.services.insert(service.id.clone(), service);
        Ok(())
    }

    pub(super) fn forget_service(&self, asked: &str) -> Result<()> {
        let mut machines = self.machines();
        let swarm = machines.managed(self.host)?;
        let id = swarm.service(asked)?.id.clone();
        swarm.next_index();
        if let Some(service) = swarm.services.remove(&id) {
            for (network, address) in service.addresses {
                swarm.take_back(&network, address);
            }
        }
        Ok(())
    }
}

impl SwarmState {
    pub(super) fn take_back(&mut self, network: &str, address: std::net::Ipv4Addr) {
        if let Some(network) = self.networks.get_mut(network) {
            network.taken.remove(&address);
        }
    }
}

fn fits(service: &ServiceState, key: &str, value: &str) -> Option<bool> {
    let spec = &service.spec;
    Some(match key {
        "id" => service.id.starts_with(value),
        "name" => spec
            .name
            .as_deref()
            .is_some_and(|name| name.starts_with(value)),
        "label" => {
            let labels = spec.labels.iter().flatten();
            let labels = labels.map(|(key, value)| (key.clone(), value.clone()));
            has_label(&labels.collect(), value)
        }
        "mode" => value == mode(spec),
        "runtime" => value == "container",
        _ => return None,
    })
}

fn mode(spec: &ServiceSpec) -> &'static str {
    match &spec.mode {
        Some(mode) if mode.global.is_some() => "global",
        _ => "replicated",
    }
}

fn invalid(why: &str) -> Error {
    let message = format!("rpc error: code = InvalidArgument desc = {why}");
    Error::refused(400, message)
}

/// What the managers refuse.
fn check(swarm: &SwarmState, spec: &ServiceSpec, own: Option<&str>) -> Result<()> {
    let name = spec.name.as_deref().unwrap_or_default();
    let template = spec.task_template.as_ref();
    let container = template.and_then(|template| template.container_spec.as_ref());
    let image = container.and_then(|container| container.image.as_deref());
    let image = image.unwrap_or_default();
    if image.is_empty() {
        return Err(invalid("ContainerSpec: image reference must be provided"));
    }
    if image
        .chars()
        .any(|letter| letter.is_ascii_uppercase() || letter.is_whitespace())
    {
        return Err(invalid(&format!(
            "ContainerSpec: {image:?} is not a valid repository/tag"
        )));
    }
    if !is_name(name) {
        return Err(invalid("name must be valid as a DNS name component"));
    }
    let constraints = template
        .and_then(|template| template.placement.as_ref())
        .and_then(|placement| placement.constraints.as_ref());
    for one in constraints.into_iter().flatten() {
        constraint::check(one)?;
    }
    let in_mesh: Vec<u16> = ports(spec)
        .filter(|port| !is_on_host(port))
        .filter_map(|port| u16::try_from(port.published_port.unwrap_or_default()).ok())
        .collect();
    if is_round_robin(spec) && !in_mesh.is_empty() {
        return Err(invalid(
            "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
        ));
    }
    for other in swarm.services.values() {
        if own == Some(&other.id) {
            continue;
        }
        let others = other.published.iter().filter(|port| !port.on_host);
        for port in others {
            if port.outside != 0 && in_mesh.contains(&port.outside) {
                return Err(invalid(&format!(
                    "port '{}' is already in use by service '{}' ({}) as an ingress port",
                    port.outside,
                    other.spec.name.as_deref().unwrap_or_default(),
                    other.id
                )));
            }
        }
        if other.spec.name.as_deref() == Some(name) {
            let message = format!(
                "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service {name} already exists"
            );
            return Err(Error::conflict(message));
        }
    }
    Ok(())
}

/// As one part of a name in DNS, with dots and underscores allowed inside.
fn is_name(name: &str) -> bool {
    let is_inner = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let is_end = |letter: char| letter.is_ascii_alphanumeric();
    !name.is_empty()
        && name.len() <= 63
        && name.starts_with(is_end)
        && name.ends_with(is_end)
        && name.chars().all(is_inner)
}

fn ports(spec: &ServiceSpec) -> impl Iterator<Item = &EndpointPortConfig> {
    let endpoint = spec.endpoint_spec.as_ref();
    endpoint
        .and_then(|endpoint| endpoint.ports.as_ref())
        .into_iter()
        .flatten()
}

fn is_on_host(port: &EndpointPortConfig) -> bool {
    port.publish_mode == Some(EndpointPortConfigPublishModeEnum::HOST)
}

fn is_round_robin(spec: &ServiceSpec) -> bool {
    let endpoint = spec.endpoint_spec.as_ref();
    endpoint.is_some_and(|endpoint| endpoint.mode == Some(EndpointSpecModeEnum::DNSRR))
}

/// The ports, with those that docker chooses.
fn publish(swarm: &SwarmState, spec: &ServiceSpec) -> Vec<Published> {
    let mut published: Vec<Published> = Vec::new();
    for port in ports(spec) {
        let number = |port: Option<i64>| u16::try_from(port.unwrap_or_default()).unwrap_or(0);
        let on_host = is_on_host(port);
        let mut outside = number(port.published_port);
        if outside == 0 && !on_host {
            let taken = |candidate: &u16| {
                let others = swarm.services.values().flat_map(|other| &other.published);
                others
                    .chain(&published)
                    .any(|other| !other.on_host && other.outside == *candidate)
            };
            outside = (FIRST_PORT..=u16::MAX)
                .find(|port| !taken(port))
                .unwrap_or(0);
        }
        published.push(Published {
            protocol: port
                .protocol
                .map_or_else(|| "tcp".to_owned(), |protocol| protocol.to_string()),
            inside: number(port.target_port),
            outside,
            on_host,
        });
    }
    published
}

/// A virtual address on each network, the ingress network's first; those that it has already stay.
fn set_addresses(swarm: &mut SwarmState, service: &mut ServiceState, networks: &[String]) {
    let in_mesh = service.published.iter().any(|port| !port.on_host);
    let ingress = swarm.networks.values().find(|network| network.ingress);
    let ingress = ingress
        .filter(|_| in_mesh)
        .map(|network| network.id.clone());
    let all = ingress.into_iter().chain(networks.iter().cloned());
    let has_addresses = !is_round_robin(&service.spec);
    let wanted: Vec<String> = all.filter(|_| has_addresses).collect();
    let had = std::mem::take(&mut service.addresses);
    for (network, address) in &had {
        if !wanted.contains(network) {
            swarm.take_back(network, *address);
        }
    }
    for network in wanted {
        let old = had.iter().find(|(had, _)| *had == network);
        let address = old.map(|(_, address)| *address);
        let address = address.or_else(|| swarm.networks.get_mut(&network)?.give());
        service
            .addresses
            .extend(address.map(|address| (network, address)));
    }
}

impl ServiceState {
    /// How many tasks a replicated service is to have.
    pub fn replicas(&self) -> u64 {
        let mode = self.spec.mode.as_ref();
        let replicated = mode.and_then(|mode| mode.replicated.as_ref());
        let replicas = replicated.and_then(|replicated| replicated.replicas);
        replicas.map_or(1, |replicas| u64::try_from(replicas).unwrap_or(0))
    }

    pub fn is_global(&self) -> bool {
        mode(&self.spec) == "global"
    }

    pub fn name(&self) -> &str {
        self.spec.name.as_deref().unwrap_or_default()
    }

    pub(super) fn ports_json(&self) -> serde_json::Value {
        let ports = self.published.iter().map(|port| {
            let mut shown = json!({
                "Protocol": port.protocol,
                "TargetPort": port.inside,
            });
            if port.outside != 0 {
                shown["PublishedPort"] = port.outside.into();
            }
            let mode = if port.on_host { "host" } else { "ingress" };
            shown["PublishMode"] = mode.into();
            shown
        });
        ports.collect()
    }
}
