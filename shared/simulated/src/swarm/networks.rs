//! Overlay networks: made on a manager, known on every machine of the swarm, there on a machine once something of it is
//! attached. What each machine knows of the others' containers is handed round by [`Machines::gossip`].

use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr},
};

use ipnet::Ipv4Net;
use jiff::Timestamp;
use lab::{
    Error, Result,
    models::{EndpointIpamConfig, EndpointSettings, IpamConfig, NetworkCreateRequest, ServiceSpec},
};
use serde_json::{Value, json};

use crate::{
    Simulated,
    cluster::{Cluster, Overlay, Phase, Shared, SwarmState, not_a_manager},
    machines::Machines,
    networks::{Endpoint, Ipam, Network, free_address, free_subnet as free_bridge, overlap},
    world::{Container, World},
};

/// The bridge that leads from overlay networks to the outside.
pub const WAY_OUT: &str = "docker_gwbridge";
pub const TASK_LABEL: &str = "com.docker.swarm.task.id";
const VXLAN: &str = "com.docker.network.driver.overlay.vxlanid_list";

impl Machines {
    /// `docker network create -d overlay`
    pub fn new_overlay(
        &mut self,
        host: usize,
        request: NetworkCreateRequest,
        now: Timestamp,
    ) -> Result<String> {
        if !self.is_manager(host) {
            return Err(not_a_manager());
        }
        let config = request
            .ipam
            .as_ref()
            .and_then(|ipam| ipam.config.as_ref()?.first());
        let asked = config.and_then(|config| config.subnet.as_deref());
        let asked: Option<Ipv4Net> = asked.and_then(|subnet| subnet.parse().ok());
        let gateway = config.and_then(|config| config.gateway.as_ref()?.parse().ok());
        let id = self.hosts[host].swarm_id();
        let swarm = self.managed(host)?;
        let taken: Vec<Ipv4Net> = swarm.networks.values().map(|other| other.subnet).collect();
        let subnet = match asked {
            Some(subnet) if taken.iter().any(|other| overlap(other, &subnet)) => {
                // Docker takes it, and the network never works.
                return Err(Error::NotSimulated(
                    "an overlay network whose subnet is another one's".to_owned(),
                ));
            }
            Some(subnet) => subnet,
            None => free_subnet(&taken)?,
        };
        let network = Shared {
            id: id.clone(),
            name: request.name.clone(),
            subnet,
            gateway: gateway.unwrap_or_else(|| first_of(subnet)),
            ingress: request.ingress == Some(true),
            last: 1,
            taken: BTreeSet::new(),
        };
        let vxlan = swarm.next_vxlan;
        swarm.next_vxlan += 1;
        swarm.next_index();
        let known = known(&network, vxlan, request, now);
        let swarm_id = swarm.id.clone();
        swarm.networks.insert(id.clone(), network);
        for host in self.hosts_in(&swarm_id) {
            let world = &mut self.hosts[host];
            world.networks.insert(id.clone(), known.clone());
        }
        Ok(id)
    }

    pub(super) fn make_ingress(&mut self, host: usize, now: Timestamp) -> Result<String> {
        let request = NetworkCreateRequest {
            name: "ingress".to_owned(),
            ingress: Some(true),
            ..Default::default()
        };
        self.new_overlay(host, request, now)
    }

    /// `docker network rm` of a network of the swarm.
    pub fn remove_overlay(&mut self, host: usize, id: &str) -> Result<()> {
        let users = self.users_of(id);
        let swarm = self.managed(host)?;
        let by_service = swarm.services.values().find(|service| {
            let networks = service.addresses.iter();
            networks.map(|(network, _)| network).any(|on| on == id)
                || targets(&service.spec).any(|target| target == id)
        });
        let refused = |why: String| {
            let message = format!(
                "rpc error: code = FailedPrecondition desc = network {id} is in use by {why}"
            );
            Err(Error::refused(400, message))
        };
        if let Some(service) = by_service {
            return refused(format!("service {}", service.id));
        }
        if let Some(user) = users.first() {
            return refused(format!("task {user}"));
        }
        swarm.networks.remove(id);
        swarm.next_index();
        let swarm = swarm.id.clone();
        for host in self.hosts_in(&swarm) {
            self.hosts[host].networks.remove(id);
        }
        Ok(())
    }

    /// What is attached to it: 25 letters for each, as the ids of docker's attachments are.
    fn users_of(&self, network: &str) -> Vec<String> {
        let on_it = |host: &World| -> Vec<String> {
            let network = host.networks.get(network);
            let containers = network
                .into_iter()
                .flat_map(|network| host.on_network(network));
            containers
                .map(|(container, _)| container.id[..25].to_owned())
                .collect()
        };
        self.hosts.iter().flat_map(on_it).collect()
    }

    pub(super) fn hosts_in(&self, swarm: &str) -> Vec<usize> {
        let members = self.cluster.members.iter();
        members
            .filter(|(_, member)| member.swarm.as_deref() == Some(swarm))
            .map(|(host, _)| *host)
            .collect()
    }

    /// A machine that has come into a swarm: it gets to know its networks, and its own way out of them.
    pub(super) fn arrive(&mut self, host: usize, now: Timestamp) {
        let Some((swarm, _)) = self.swarm_of(host) else {
            return;
        };
        let swarm = swarm.id.clone();
        let known: Vec<Network> = self
            .hosts_in(&swarm)
            .into_iter()
            .filter(|other| *other != host)
            .flat_map(|other| self.hosts[other].networks.values())
            .filter(|network| network.overlay.is_some())
            .cloned()
            .collect();
        let world = &mut self.hosts[host];
        for mut network in known {
            if let Some(overlay) = &mut network.overlay {
                **overlay = Overlay {
                    vxlan: overlay.vxlan,
                    ingress: overlay.ingress,
                    ..Overlay::default()
                };
            }
            world.networks.entry(network.id.clone()).or_insert(network);
        }
        make_way_out(world, now);
        let ingress = world.networks.values().find(|network| is_ingress(network));
        if let Some(ingress) = ingress.map(|network| network.id.clone()) {
            self.appear(host, &ingress, now);
        }
    }

    /// The network comes to be on this machine.
    fn appear(&mut self, host: usize, network: &str, now: Timestamp) {
        let Some(swarm) = swarm_with(&mut self.cluster, host) else {
            return;
        };
        let world = &mut self.hosts[host];
        let endpoint = world.id();
        let Some(known) = world.networks.get_mut(network) else {
            return;
        };
        let Some(overlay) = known.overlay.as_mut().filter(|overlay| !overlay.present) else {
            return;
        };
        overlay.present = true;
        let shared = swarm.networks.get_mut(network);
        overlay.balancer = shared.and_then(|shared| Some((endpoint, shared.give()?)));
        known.created = now;
        world.network_event(now, "create", network, None);
    }

    /// Before a container starts: it gets its addresses from the swarm, and a way out.
    fn prepare(&mut self, host: usize, container: &str, now: Timestamp) -> Result<()> {
        let world = &self.hosts[host];
        let Some(found) = world.containers.get(container) else {
            return Ok(());
        };
        let on = found.networks.iter().filter_map(|(name, endpoint)| {
            let network = world.network(endpoint.id_or(name)).ok()?;
            network
                .overlay
                .as_ref()
                .map(|_| (name.clone(), network.id.clone(), endpoint.asked.clone()))
        });
        let on: Vec<(String, String, EndpointSettings)> = on.collect();
        let mut leads_out = false;
        for (name, network, mut asked) in on {
            leads_out |= self.prepare_one(host, container, &network, &mut asked, now)?;
            if let Some(found) = self.hosts[host].containers.get_mut(container)
                && let Some(endpoint) = found.networks.get_mut(&name)
            {
                endpoint.asked = asked;
            }
        }
        if leads_out {
            give_way_out(&mut self.hosts[host], container);
        }
        Ok(())
    }

    /// An address of the swarm for one endpoint; whether the network leads out.
    fn prepare_one(
        &mut self,
        host: usize,
        container: &str,
        network: &str,
        asked: &mut EndpointSettings,
        now: Timestamp,
    ) -> Result<bool> {
        let Self { hosts, cluster } = self;
        let world = &mut hosts[host];
        let is_task = world.containers.get(container).is_some_and(is_task);
        let id = world.container(container).map(|found| found.id.clone())?;
        let Some(known) = world.networks.get_mut(network) else {
            return Ok(false);
        };
        if !known.attachable && !is_task {
            let message = format!(
                "Could not attach to network {}: rpc error: code = PermissionDenied desc = network {} not manually attachable",
                known.name, known.name
            );
            return Err(Error::refused(403, message));
        }
        let leads_out = !known.internal;
        if let Some(swarm) = swarm_with(cluster, host) {
            give_address(known, swarm, &id, asked)?;
        }
        self.appear(host, network, now);
        Ok(leads_out)
    }

    /// The ids of the swarm's networks that a service is on; names become ids.
    pub(super) fn networks_of(
        &mut self,
        host: usize,
        spec: &mut ServiceSpec,
    ) -> Result<Vec<String>> {
        let world = &self.hosts[host];
        let mut on = Vec::new();
        let template = spec.task_template.as_mut();
        let networks = template.and_then(|template| template.networks.as_mut());
        for attachment in networks.into_iter().flatten() {
            let asked = attachment.target.clone().unwrap_or_default();
            let network = world.network(&asked)?;
            attachment.target = Some(network.id.clone());
            if network.overlay.is_some() {
                on.push(network.id.clone());
            }
        }
        Ok(on)
    }

    /// What each machine knows of its networks' other machines, and of the services on them.
    pub(super) fn gossip(&mut self, now: Timestamp) {
        let swarms: Vec<String> = self.cluster.swarms.keys().cloned().collect();
        for swarm in swarms {
            let hosts = self.hosts_in(&swarm);
            for host in &hosts {
                self.hosts[*host].manages = self.is_manager(*host);
                self.withdraw(*host, now);
            }
            let Some(state) = self.cluster.swarms.get(&swarm) else {
                continue;
            };
            for network in state.networks.keys() {
                let peers = peers(&self.hosts, &self.cluster, &hosts, network);
                let everyone = everyone(&self.hosts, &hosts, network);
                let services = services(state, network, &everyone);
                for host in &hosts {
                    let known = self.hosts[*host].networks.get_mut(network);
                    if let Some(overlay) = known.and_then(|known| known.overlay.as_mut()) {
                        learn(overlay, *host, &peers, &everyone, &services);
                    }
                }
            }
            let mesh = mesh(state);
            for host in hosts {
                let known = &mut self.hosts[host].mesh;
                known.retain(|port, _| mesh.contains_key(port));
                for (port, (inside, behind)) in &mesh {
                    let entry = known.entry(*port).or_default();
                    entry.0 = *inside;
                    entry.1.set(behind.clone());
                }
            }
        }
    }

    /// What no running container of a machine uses any more goes back to the swarm.
    fn withdraw(&mut self, host: usize, now: Timestamp) {
        let Some(swarm) = swarm_with(&mut self.cluster, host) else {
            return;
        };
        let world = &mut self.hosts[host];
        let mut gone = Vec::new();
        for network in world.networks.values_mut() {
            let Some(overlay) = network.overlay.as_mut() else {
                continue;
            };
            let id = &network.id;
            let name = &network.name;
            let containers = &mut world.containers;
            overlay.given.retain(|container, address| {
                let found = containers.get_mut(container);
                let endpoint = found.and_then(|found| found.networks.get_mut(name));
                if let Some(endpoint) = endpoint {
                    if endpoint.address() == Some(*address) {
                        return true;
                    }
                    endpoint.asked.ipam_config = None;
                }
                swarm.take_back(id, *address);
                false
            });
            let used = containers.values().any(|one| {
                let endpoint = one.networks.get(name);
                endpoint.is_some_and(|endpoint| endpoint.address().is_some())
            });
            if overlay.present && !overlay.ingress && !used {
                overlay.present = false;
                if let Some((_, address)) = overlay.balancer.take() {
                    swarm.take_back(id, address);
                }
                gone.push(id.clone());
            }
        }
        for network in gone {
            world.network_event(now, "destroy", &network, None);
        }
    }
}

/// One container on a network: where it is, how it is called there, and its address.
struct Attached {
    host: usize,
    id: String,
    names: Vec<String>,
    address: Ipv4Addr,
}

/// A service on a network: its names, its address if it has one, and what is behind it.
struct Reached {
    names: Vec<String>,
    address: Option<Ipv4Addr>,
    behind: Vec<(Ipv4Addr, String)>,
}

fn everyone(worlds: &[World], hosts: &[usize], network: &str) -> Vec<Attached> {
    let mut all = Vec::new();
    for host in hosts {
        let world = &worlds[*host];
        let Some(network) = world.networks.get(network) else {
            continue;
        };
        for (container, endpoint) in world.on_network(network) {
            let Some(address) = endpoint.address() else {
                continue;
            };
            let names = endpoint.dns_names.clone().unwrap_or_default();
            all.push(Attached {
                host: *host,
                id: container.id.clone(),
                names,
                address,
            });
        }
    }
    all
}

fn peers(
    worlds: &[World],
    cluster: &Cluster,
    hosts: &[usize],
    network: &str,
) -> Vec<(String, String)> {
    let present = hosts.iter().filter(|host| {
        let known = worlds[**host].networks.get(network);
        known.is_some_and(|known| known.overlay.as_ref().is_some_and(|one| one.present))
    });
    present
        .filter_map(|host| {
            let member = cluster.members.get(host)?;
            Some((member.peer.clone(), member.address.clone()))
        })
        .collect()
}

fn services(swarm: &SwarmState, network: &str, everyone: &[Attached]) -> Vec<Reached> {
    let on = swarm.services.values().filter(|service| {
        service.addresses.iter().any(|(on, _)| on == network)
            || targets(&service.spec).any(|target| target == network)
    });
    on.map(|service| {
        let behind = swarm
            .tasks
            .values()
            .filter(|task| task.service == service.id && task.phase == Phase::Running);
        let behind = behind.filter_map(|task| {
            let container = task.container.as_ref()?;
            let found = everyone.iter().find(|one| one.id == *container)?;
            Some((found.address, found.id.clone()))
        });
        let template = service.spec.task_template.as_ref();
        let attachments = template.and_then(|template| template.networks.as_ref());
        let aliases = attachments
            .into_iter()
            .flatten()
            .filter(|attachment| attachment.target.as_deref() == Some(network))
            .flat_map(|attachment| attachment.aliases.iter().flatten().cloned());
        let address = service.addresses.iter().find(|(on, _)| on == network);
        Reached {
            names: std::iter::once(service.name().to_owned())
                .chain(aliases)
                .collect(),
            address: address.map(|(_, address)| *address),
            behind: behind.collect(),
        }
    })
    .collect()
}

fn learn(
    overlay: &mut Overlay,
    host: usize,
    peers: &[(String, String)],
    everyone: &[Attached],
    services: &[Reached],
) {
    overlay.peers = if overlay.present {
        peers.to_vec()
    } else {
        Vec::new()
    };
    overlay.remote.clear();
    overlay.names.clear();
    for other in everyone.iter().filter(|other| other.host != host) {
        overlay.remote.insert(other.address, other.id.clone());
        for name in &other.names {
            let answers = overlay.names.entry(name.to_lowercase()).or_default();
            answers.push(other.address);
        }
    }
    let addresses: BTreeSet<Ipv4Addr> = services.iter().filter_map(|one| one.address).collect();
    overlay
        .virtuals
        .retain(|address, _| addresses.contains(address));
    if overlay.ingress {
        return;
    }
    for service in services {
        let all: Vec<Ipv4Addr> = service.behind.iter().map(|(address, _)| *address).collect();
        for name in service.names.iter().map(|name| name.to_lowercase()) {
            let answers = service.address.map_or_else(|| all.clone(), |one| vec![one]);
            overlay.names.insert(name.clone(), answers);
            overlay.names.insert(format!("tasks.{name}"), all.clone());
        }
        if let Some(address) = service.address {
            let entry = overlay.virtuals.entry(address).or_default();
            entry.set(service.behind.clone());
        }
    }
}

type Behind = Vec<(Ipv4Addr, String)>;

fn mesh(swarm: &SwarmState) -> BTreeMap<u16, (u16, Behind)> {
    let ingress = swarm.networks.values().find(|network| network.ingress);
    let Some(ingress) = ingress else {
        return BTreeMap::new();
    };
    let mut mesh = BTreeMap::new();
    for service in swarm.services.values() {
        let tasks = swarm
            .tasks
            .values()
            .filter(|task| task.service == service.id && task.phase == Phase::Running);
        let behind: Behind = tasks
            .filter_map(|task| {
                let address = task.addresses.iter().find(|(on, _)| *on == ingress.id)?.1;
                Some((address, task.container.clone()?))
            })
            .collect();
        for port in service.published.iter().filter(|port| !port.on_host) {
            mesh.insert(port.outside, (port.inside, behind.clone()));
        }
    }
    mesh
}

pub(super) fn targets(spec: &ServiceSpec) -> impl Iterator<Item = &str> {
    let template = spec.task_template.as_ref();
    let networks = template.and_then(|template| template.networks.as_ref());
    networks
        .into_iter()
        .flatten()
        .filter_map(|attachment| attachment.target.as_deref())
}

fn swarm_with(cluster: &mut Cluster, host: usize) -> Option<&mut SwarmState> {
    let swarm = cluster.members.get(&host)?.swarm.as_ref()?;
    cluster.swarms.get_mut(swarm)
}

pub fn is_task(container: &Container) -> bool {
    let labels = container.body.labels.as_ref();
    labels.is_some_and(|labels| labels.contains_key(TASK_LABEL))
}

fn is_ingress(network: &Network) -> bool {
    network
        .overlay
        .as_ref()
        .is_some_and(|overlay| overlay.ingress)
}

fn give_address(
    network: &mut Network,
    swarm: &mut SwarmState,
    container: &str,
    asked: &mut EndpointSettings,
) -> Result<()> {
    let shared = swarm.networks.get_mut(&network.id);
    let (Some(shared), Some(overlay)) = (shared, network.overlay.as_mut()) else {
        return Ok(());
    };
    let chosen = asked
        .ipam_config
        .as_ref()
        .and_then(|config| config.ipv4_address.as_ref()?.parse().ok());
    let address: Ipv4Addr = match chosen {
        // The learner's choice, or the orchestrator's.
        Some(address) => address,
        None => shared.give().ok_or_else(|| {
            Error::refused(
                500,
                "no available IPv4 addresses on this network's address pools",
            )
        })?,
    };
    shared.taken.insert(address);
    overlay.given.insert(container.to_owned(), address);
    asked.ipam_config = Some(EndpointIpamConfig {
        ipv4_address: Some(address.to_string()),
        ..Default::default()
    });
    let [a, b, c, d] = address.octets();
    asked.mac_address = Some(format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}"));
    Ok(())
}

/// The lowest free address of the bridge that leads out; its `.2` is the ingress network's.
fn give_way_out(world: &mut World, container: &str) {
    let Some(bridge) = world
        .networks
        .values()
        .find(|network| network.name == WAY_OUT)
    else {
        return;
    };
    let (Some(subnet), Some(gateway)) = (bridge.subnet, bridge.gateway) else {
        return;
    };
    let second = Ipv4Addr::from(u32::from(subnet.network()) + 2);
    let mut taken = BTreeSet::from([gateway, second]);
    let others = world.on_network(bridge);
    taken.extend(others.filter_map(|(_, endpoint)| endpoint.address()));
    let address = free_address(subnet, None, &taken);
    let endpoint = Endpoint::new(EndpointSettings {
        ipam_config: address.map(|address| EndpointIpamConfig {
            ipv4_address: Some(address.to_string()),
            ..Default::default()
        }),
        ..Default::default()
    });
    if let Ok(container) = world.container_mut(container) {
        container.networks.insert(WAY_OUT.to_owned(), endpoint);
    }
}

fn make_way_out(world: &mut World, now: Timestamp) {
    if world
        .networks
        .values()
        .any(|network| network.name == WAY_OUT)
    {
        return;
    }
    let taken: Vec<Ipv4Net> = world
        .networks
        .values()
        .filter(|network| network.overlay.is_none())
        .filter_map(|network| network.subnet)
        .collect();
    let Some(subnet) = free_bridge(&taken) else {
        return;
    };
    let options = [
        ("com.docker.network.bridge.enable_icc", "false"),
        ("com.docker.network.bridge.enable_ip_masquerade", "true"),
        ("com.docker.network.bridge.name", WAY_OUT),
    ];
    let id = world.id();
    let options = options.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let network = Network {
        driver: "bridge".to_owned(),
        scope: "local".to_owned(),
        options: options.into(),
        ..plain(id, WAY_OUT.to_owned(), subnet, first_of(subnet), now)
    };
    world.networks.insert(network.id.clone(), network);
}

fn known(network: &Shared, vxlan: u32, request: NetworkCreateRequest, now: Timestamp) -> Network {
    let mut options: BTreeMap<String, String> = request.options.into_iter().flatten().collect();
    options.insert(VXLAN.to_owned(), vxlan.to_string());
    Network {
        internal: request.internal.unwrap_or_default(),
        attachable: request.attachable.unwrap_or_default(),
        ingress: network.ingress,
        options,
        labels: request.labels.into_iter().flatten().collect(),
        ..plain(
            network.id.clone(),
            request.name,
            network.subnet,
            network.gateway,
            now,
        )
    }
    .spanning(Overlay {
        vxlan,
        ingress: network.ingress,
        ..Overlay::default()
    })
}

/// An overlay network with nothing special about it.
fn plain(id: String, name: String, subnet: Ipv4Net, gateway: Ipv4Addr, now: Timestamp) -> Network {
    let config = IpamConfig {
        subnet: Some(subnet.to_string()),
        gateway: Some(gateway.to_string()),
        ..Default::default()
    };
    Network {
        id,
        name,
        driver: "overlay".to_owned(),
        scope: "swarm".to_owned(),
        ipv4: true,
        ipv6: false,
        subnet: Some(subnet),
        gateway: Some(gateway),
        range: None,
        subnet6: None,
        gateway6: None,
        range6: None,
        ipam: Ipam {
            driver: "default".to_owned(),
            options: None,
            config: vec![config],
        },
        internal: false,
        attachable: false,
        ingress: false,
        options: BTreeMap::new(),
        labels: BTreeMap::new(),
        created: now,
        overlay: None,
    }
}

impl Network {
    fn spanning(self, overlay: Overlay) -> Self {
        Self {
            overlay: Some(Box::new(overlay)),
            ..self
        }
    }

    /// Who answers at an address of the network that is not a container's of this machine: one of another machine, or
    /// one of those behind a service's address. `moves`: whoever comes next gets the next one.
    pub fn behind(&self, address: IpAddr, moves: bool) -> Option<(Ipv4Addr, String)> {
        let IpAddr::V4(address) = address else {
            return None;
        };
        let overlay = self.overlay.as_ref()?;
        if let Some(container) = overlay.remote.get(&address) {
            return Some((address, container.clone()));
        }
        overlay.virtuals.get(&address)?.next(moves).cloned()
    }

    /// What the network's name server knows beside this machine's containers.
    pub fn elsewhere(&self, name: &str) -> &[Ipv4Addr] {
        let overlay = self.overlay.as_ref();
        overlay
            .and_then(|overlay| overlay.names.get(name))
            .map_or(&[], Vec::as_slice)
    }
}

impl World {
    /// Whether the network is to be seen on this machine: on a worker, only those that something is on.
    pub fn sees(&self, network: &Network) -> bool {
        let overlay = network.overlay.as_ref();
        overlay.is_none_or(|overlay| overlay.present || self.manages)
    }

    pub fn visible_network(&self, asked: &str) -> Result<&Network> {
        let network = self.network(asked)?;
        if self.sees(network) {
            return Ok(network);
        }
        Err(Error::not_found(format!("network {asked} not found")))
    }
}

/// Whether the swarm's managers make this network.
pub fn is_for_swarm(request: &NetworkCreateRequest) -> bool {
    request.driver.as_deref() == Some("overlay")
}

/// What an inspect shows of a network that spans machines.
pub fn show_overlay(network: &Network, shown: &mut Value) {
    let Some(overlay) = &network.overlay else {
        return;
    };
    if !overlay.present {
        shown["Containers"] = Value::Null;
        if network.labels.is_empty() {
            shown["Labels"] = Value::Null;
        }
        return;
    }
    if let (Some((id, address)), Some(subnet)) = (&overlay.balancer, network.subnet) {
        let (key, name) = if overlay.ingress {
            ("ingress-sbox".to_owned(), "ingress-endpoint".to_owned())
        } else {
            (
                format!("lb-{}", network.name),
                format!("{}-endpoint", network.name),
            )
        };
        let [a, b, c, d] = address.octets();
        shown["Containers"][key] = json!({
            "Name": name,
            "EndpointID": id,
            "MacAddress": format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}"),
            "IPv4Address": format!("{address}/{}", subnet.prefix_len()),
            "IPv6Address": "",
        });
    }
    let peers = overlay.peers.iter();
    shown["Peers"] = peers
        .map(|(name, address)| json!({ "Name": name, "IP": address }))
        .collect();
}

impl Simulated {
    pub(crate) fn create_overlay(&self, request: NetworkCreateRequest) -> Result<String> {
        let now = self.now();
        let mut machines = self.machines();
        let world = &machines.hosts[self.host];
        if machines.is_manager(self.host)
            && world.networks.values().any(|one| one.name == request.name)
        {
            let message = format!("network with name {} already exists", request.name);
            return Err(Error::conflict(message));
        }
        machines.new_overlay(self.host, request, now)
    }

    /// Whether it was one of the swarm's.
    pub(crate) fn remove_overlay(&self, asked: &str) -> Result<bool> {
        let mut machines = self.machines();
        let network = machines.hosts[self.host].visible_network(asked)?;
        if network.overlay.is_none() {
            return Ok(false);
        }
        let id = network.id.clone();
        machines.remove_overlay(self.host, &id).map(|()| true)
    }

    pub(crate) fn prepare_start(&self, container: &str) -> Result<()> {
        let now = self.now();
        let mut machines = self.machines();
        if !machines.cluster.members.contains_key(&self.host) {
            return Ok(());
        }
        let Ok(found) = machines.hosts[self.host].container(container) else {
            return Ok(());
        };
        let id = found.id.clone();
        if found.is_running() {
            return Ok(());
        }
        let prepared = machines.prepare(self.host, &id, now);
        prepared.map_err(|error| {
            crate::networks::prefixed("failed to set up container networking: ", error)
        })
    }

    /// Before a running container is connected; whether it then needs a way out.
    pub(crate) fn prepare_connect(
        &self,
        network: &str,
        container: &str,
        asked: &mut EndpointSettings,
    ) -> Result<bool> {
        let now = self.now();
        let mut machines = self.machines();
        let world = &machines.hosts[self.host];
        let (Ok(found), Ok(network)) = (world.container(container), world.network(network)) else {
            return Ok(false);
        };
        let there = found.networks.contains_key(&network.name);
        if network.overlay.is_none() || !found.is_running() || there {
            return Ok(false);
        }
        let (container, network) = (found.id.clone(), network.id.clone());
        machines.prepare_one(self.host, &container, &network, asked, now)
    }

    pub(crate) fn lead_out(&self, container: &str) -> Result<()> {
        let mut world = self.world();
        let found = world.container(container)?;
        if found.networks.contains_key(WAY_OUT) {
            return Ok(());
        }
        let id = found.id.clone();
        give_way_out(&mut world, &id);
        world.join(&id, WAY_OUT, &self.sockets(), self.now())
    }
}

/// The first /24 of 10.0.0.0/8 that is nobody's.
fn free_subnet(taken: &[Ipv4Net]) -> Result<Ipv4Net> {
    (0..=u16::MAX)
        .filter_map(|number| {
            let [high, low] = number.to_be_bytes();
            Ipv4Net::new(Ipv4Addr::new(10, high, low, 0), 24).ok()
        })
        .find(|subnet| !taken.iter().any(|other| overlap(other, subnet)))
        .ok_or_else(|| Error::refused(500, "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network"))
}

fn first_of(subnet: Ipv4Net) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(subnet.network()) + 1)
}
