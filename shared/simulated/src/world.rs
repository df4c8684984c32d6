//! The simulated world: networks and containers, as data. It can be written down and taken up again.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use ipnet::{Ipv4Net, Ipv6Net};
use jiff::Timestamp;
use lab::{
    Error, Result,
    models::{
        ContainerCreateBody, EventActor, EventMessage, EventMessageScopeEnum, EventMessageTypeEnum,
    },
};
use serde::{Deserialize, Serialize};

pub use crate::networks::{Endpoint, Network};
use crate::{
    cluster::Virtual,
    containers::life::Life,
    fs::Files,
    images::Images,
    net::{Protocol, Published},
    networks::Ipam,
    process::{Io, Table},
};

/// How many events somebody slow can be behind.
const KEPT_EVENTS: usize = 4096;

/// Everything there is on one simulated machine.
#[derive(Serialize, Deserialize)]
pub struct World {
    /// The machine's name.
    pub name: String,
    /// Of its `eth0`.
    pub address: Ipv4Addr,
    pub networks: BTreeMap<String, Network>,
    pub containers: BTreeMap<String, Container>,
    #[serde(default)]
    pub images: Images,
    /// Containers made so far.
    #[serde(default)]
    pub created: u64,
    /// For ids and whatever else looks random.
    pub random: u64,
    /// How many interfaces the host's kernel has counted so far.
    #[serde(default)]
    pub links: u32,
    /// Questions that Docker's name server has answered: several addresses answer in turn.
    #[serde(skip)]
    pub questions: u32,
    /// The port given last of each range.
    #[serde(skip)]
    pub last_ports: BTreeMap<(Protocol, u16, u16), u16>,
    /// Ports that a swarm publishes on all its machines: who answers there, and at which port inside.
    #[serde(default)]
    pub mesh: BTreeMap<u16, (u16, Virtual)>,
    /// This machine manages a swarm, so that all its networks are seen.
    #[serde(default)]
    pub manages: bool,
    #[serde(skip)]
    pub execs: BTreeMap<String, Exec>,
    /// The last ones; listeners remember how many they have seen.
    #[serde(skip)]
    pub events: Vec<EventMessage>,
    #[serde(skip)]
    pub events_forgotten: usize,
}

#[derive(Serialize, Deserialize)]
pub struct Container {
    pub id: String,
    pub name: String,
    /// What was asked for, completed by what its image says.
    pub body: ContainerCreateBody,
    /// Its name may be another image's by now.
    #[serde(default)]
    pub image_id: String,
    pub created: Timestamp,
    pub state: State,
    pub exit_code: i64,
    pub started: Option<Timestamp>,
    pub finished: Option<Timestamp>,
    pub pid: i64,
    /// The how manieth container of this machine it is: the order of those made at one moment.
    #[serde(default)]
    pub number: u64,
    #[serde(default)]
    pub life: Life,
    /// By network name, as `NetworkSettings.Networks` has them.
    pub networks: BTreeMap<String, Endpoint>,
    /// The id of its network namespace, while it has one.
    #[serde(default)]
    pub sandbox: Option<String>,
    /// Variables that tell of the containers it is linked to.
    #[serde(default)]
    pub linked: Vec<String>,
    /// How many interfaces its namespace's kernel has counted so far.
    #[serde(default)]
    pub links: u32,
    /// Its ports on the host, while it runs.
    #[serde(default)]
    pub published: Vec<Published>,
    #[serde(default)]
    pub files: Files,
    #[serde(skip)]
    pub io: Io,
    #[serde(skip)]
    pub processes: Table,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Created,
    Running,
    Paused,
    /// Between two lives: its restart policy starts it again.
    Restarting,
    Exited,
}

pub struct Exec {
    pub container: String,
    pub command: Vec<String>,
    pub tty: bool,
    pub env: Vec<String>,
    pub started: bool,
    /// As the container sees it, once it runs.
    pub pid: u32,
    pub user: String,
    pub folder: String,
    /// What it was asked to be attached to: input, output, errors.
    pub open: [bool; 3],
    pub privileged: bool,
    pub detach_keys: String,
    pub io: Io,
}

impl Exec {
    pub fn new(container: &str, command: Vec<String>) -> Self {
        Self {
            container: container.to_owned(),
            command,
            tty: false,
            env: Vec::new(),
            started: false,
            pid: 0,
            user: String::new(),
            folder: String::new(),
            open: [false, true, true],
            privileged: false,
            detach_keys: String::new(),
            io: Io::default(),
        }
    }
}

impl World {
    pub fn new(seed: u64, now: Timestamp) -> Self {
        let mut world = Self {
            name: String::new(),
            address: Ipv4Addr::UNSPECIFIED,
            networks: BTreeMap::new(),
            containers: BTreeMap::new(),
            images: Images::default(),
            created: 0,
            random: seed,
            links: 4,
            questions: 0,
            last_ports: BTreeMap::new(),
            mesh: BTreeMap::new(),
            manages: false,
            execs: BTreeMap::new(),
            events: Vec::new(),
            events_forgotten: 0,
        };
        let subnet = Ipv4Net::new(Ipv4Addr::new(172, 17, 0, 0), 16).ok();
        for (name, driver, subnet) in [
            ("bridge", "bridge", subnet),
            ("host", "host", None),
            ("none", "null", None),
        ] {
            let options = if name == "bridge" {
                default_bridge_options()
            } else {
                BTreeMap::new()
            };
            let network = Network {
                id: world.id(),
                name: name.to_owned(),
                driver: driver.to_owned(),
                scope: "local".to_owned(),
                ipv4: true,
                ipv6: false,
                subnet,
                gateway: subnet.map(|_| Ipv4Addr::new(172, 17, 0, 1)),
                range: None,
                subnet6: None,
                gateway6: None,
                range6: None,
                ipam: Ipam {
                    driver: "default".to_owned(),
                    ..Ipam::default()
                },
                internal: false,
                attachable: false,
                ingress: false,
                options,
                labels: BTreeMap::new(),
                created: now,
                overlay: None,
            };
            world.networks.insert(network.id.clone(), network);
        }
        world
    }

    /// The next pseudo-random number (splitmix64): a seeded world is the same each time.
    pub fn next(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.random;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    /// Gives saved containers their images' layers back.
    pub fn restore_files(&mut self) {
        for container in self.containers.values_mut() {
            let image = self.images.find(&container.image_id);
            let layers = image.map(crate::images::Image::files);
            container.files.restore(layers.unwrap_or_default());
        }
    }

    /// The /48 of unique local addresses that this machine gives IPv6 subnets from.
    pub fn own_prefix6(&self) -> Ipv6Net {
        let number = self.name.bytes().fold(0x67ac_2d03_u32, |number, byte| {
            number.wrapping_mul(31).wrapping_add(byte.into())
        });
        let [a, b, c, d] = number.to_be_bytes();
        let address = Ipv6Addr::from([0xfd, 0x39, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Ipv6Net::new_assert(address, 48)
    }

    /// 64 hexadecimal digits.
    pub fn id(&mut self) -> String {
        (0..4).map(|_| format!("{:016x}", self.next())).collect()
    }

    pub fn network(&self, name: &str) -> Result<&Network> {
        let by_name = self.networks.values().find(|network| network.name == name);
        by_name
            .or_else(|| {
                one(self
                    .networks
                    .values()
                    .filter(|network| network.id.starts_with(name)))
            })
            .ok_or_else(|| Error::not_found(format!("network {name} not found")))
    }

    pub fn container(&self, name: &str) -> Result<&Container> {
        let wanted = name.trim_start_matches('/');
        let by_name = self
            .containers
            .values()
            .find(|container| container.name == wanted);
        by_name
            .or_else(|| {
                one(self
                    .containers
                    .values()
                    .filter(|container| container.id.starts_with(wanted)))
            })
            .ok_or_else(|| Error::not_found(format!("No such container: {name}")))
    }

    pub fn container_mut(&mut self, name: &str) -> Result<&mut Container> {
        let id = self.container(name)?.id.clone();
        self.containers
            .get_mut(&id)
            .ok_or_else(|| Error::not_found(format!("No such container: {name}")))
    }

    /// Makes an exec known: its id.
    pub fn insert_exec(&mut self, exec: Exec, now: Timestamp) -> String {
        let id = self.id();
        self.exec_event(now, "exec_create", &exec, &id);
        self.execs.insert(id.clone(), exec);
        id
    }

    /// `exec_create`, `exec_start`: with the command, as Docker writes it.
    pub fn exec_event(&mut self, now: Timestamp, action: &str, exec: &Exec, id: &str) {
        let (program, arguments) = exec
            .command
            .split_first()
            .map_or(("", String::new()), |(program, arguments)| {
                (program.as_str(), arguments.join(" "))
            });
        let action = format!("{action}: {program} {arguments}");
        self.container_event_with(now, &action, &exec.container, &[("execID", id)]);
    }

    pub fn event(
        &mut self,
        now: Timestamp,
        kind: EventMessageTypeEnum,
        action: &str,
        id: &str,
        attributes: &[(&str, &str)],
    ) {
        let attributes = attributes
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        if self.events.len() >= 2 * KEPT_EVENTS {
            self.events.drain(..KEPT_EVENTS);
            self.events_forgotten += KEPT_EVENTS;
        }
        self.events.push(EventMessage {
            typ: Some(kind),
            action: Some(action.to_owned()),
            actor: Some(EventActor {
                id: Some(id.to_owned()),
                attributes: Some(attributes.collect()),
            }),
            scope: Some(EventMessageScopeEnum::LOCAL),
            time: Some(now.as_second()),
            time_nano: i64::try_from(now.as_nanosecond()).ok(),
        });
    }

    /// How many there have been.
    pub fn event_count(&self) -> usize {
        self.events_forgotten + self.events.len()
    }

    /// From the how manieth on, as far as they are kept.
    pub fn events_from(&self, first: usize) -> &[EventMessage] {
        let first = first.saturating_sub(self.events_forgotten);
        self.events.get(first..).unwrap_or_default()
    }

    pub fn container_event(&mut self, now: Timestamp, action: &str, id: &str) {
        self.container_event_with(now, action, id, &[]);
    }

    /// With what belongs to this action, beside the container's labels, image and name.
    pub fn container_event_with(
        &mut self,
        now: Timestamp,
        action: &str,
        id: &str,
        more: &[(&str, &str)],
    ) {
        let Some(container) = self.containers.get(id) else {
            return;
        };
        let labels: Vec<(String, String)> = container
            .body
            .labels
            .iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let (image, name) = (container.image().to_owned(), container.name.clone());
        let labels = labels
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()));
        let mut attributes: Vec<(&str, &str)> = labels.collect();
        attributes.extend([("image", image.as_str()), ("name", name.as_str())]);
        attributes.extend(more);
        self.event(
            now,
            EventMessageTypeEnum::CONTAINER,
            action,
            id,
            &attributes,
        );
    }

    pub fn network_event(
        &mut self,
        now: Timestamp,
        action: &str,
        network: &str,
        container: Option<&str>,
    ) {
        let Some(network) = self.networks.get(network) else {
            return;
        };
        let (id, name, driver) = (
            network.id.clone(),
            network.name.clone(),
            network.driver.clone(),
        );
        let mut attributes = vec![("name", name.as_str()), ("type", driver.as_str())];
        attributes.extend(container.map(|container| ("container", container)));
        self.event(now, EventMessageTypeEnum::NETWORK, action, &id, &attributes);
    }
}

impl Container {
    pub fn image(&self) -> &str {
        self.body.image.as_deref().unwrap_or_default()
    }

    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running | State::Paused)
    }

    pub fn network_mode(&self) -> &str {
        let mode = self
            .body
            .host_config
            .as_ref()
            .and_then(|host| host.network_mode.as_deref());
        match mode {
            None | Some("" | "default") => "bridge",
            Some(mode) => mode,
        }
    }

    pub fn hostname(&self) -> &str {
        match self.body.hostname.as_deref() {
            None | Some("") => &self.id[..12],
            Some(name) => name,
        }
    }
}

pub fn one<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn default_bridge_options() -> BTreeMap<String, String> {
    [
        ("com.docker.network.bridge.default_bridge", "true"),
        ("com.docker.network.bridge.enable_icc", "true"),
        ("com.docker.network.bridge.enable_ip_masquerade", "true"),
        ("com.docker.network.bridge.host_binding_ipv4", "0.0.0.0"),
        ("com.docker.network.bridge.name", "docker0"),
        ("com.docker.network.driver.mtu", "1500"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect()
}
