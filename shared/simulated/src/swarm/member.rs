//! `docker swarm init`, `join`, `leave`: how a machine comes into a swarm and out of it.

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use lab::{
    Error, Result,
    models::{LocalNodeState, PeerNode, SwarmInfo, SwarmInitRequest, SwarmJoinRequest},
};

use crate::{
    Simulated,
    cluster::{Member, NodeState, SwarmState},
    machines::Machines,
    world::World,
};

/// How long a join is waited for.
pub const PATIENCE: Duration = Duration::from_secs(20);
const MANAGERS_PORT: &str = "2377";

pub fn too_late() -> Error {
    Error::refused(
        500,
        "Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the \"docker info\" command to see the current swarm status of your node.",
    )
}

impl Simulated {
    pub(super) fn init(&self, request: &SwarmInitRequest) -> Result<String> {
        let now = self.now();
        let mut machines = self.machines();
        free_to_join(&machines, self.host)?;
        let world = &mut machines.hosts[self.host];
        listens_at(world, request.listen_addr.as_deref())?;
        let address = advertised(world, request.advertise_addr.as_deref())?;
        let port = request.data_path_port.unwrap_or_default();
        if port != 0 && !(1024..=49151).contains(&port) {
            return Err(Error::refused(
                400,
                format!("Datapath port number is not in valid range (1024-49151) : {port}"),
            ));
        }
        let mut swarm = SwarmState {
            id: world.swarm_id(),
            created: now,
            index: 10,
            digest: world.letters(50),
            worker_secret: world.letters(25),
            manager_secret: world.letters(25),
            nodes: BTreeMap::new(),
            services: BTreeMap::new(),
            tasks: BTreeMap::new(),
            networks: BTreeMap::new(),
            next_vxlan: 4096,
        };
        let node = node(world, self.host, &address, true, now);
        let id = node.id.clone();
        let member = member(world, &swarm, &node, String::new());
        swarm.nodes.insert(
            id.clone(),
            NodeState {
                leader: true,
                ..node
            },
        );
        let swarm_id = swarm.id.clone();
        machines.cluster.swarms.insert(swarm_id, swarm);
        machines.cluster.members.insert(self.host, member);
        machines.make_ingress(self.host, now)?;
        machines.arrive(self.host, now);
        Ok(id)
    }

    /// Gives whether anybody answered.
    pub(super) fn join(&self, request: &SwarmJoinRequest) -> Result<bool> {
        let now = self.now();
        let mut machines = self.machines();
        free_to_join(&machines, self.host)?;
        let world = &machines.hosts[self.host];
        listens_at(world, request.listen_addr.as_deref())?;
        let address = advertised(world, request.advertise_addr.as_deref())?;
        let token = Token::read(request.join_token.as_deref().unwrap_or_default())?;
        let remote = request.remote_addrs.iter().flatten().next();
        let remote = with_port(remote.map(String::as_str).unwrap_or_default());
        let Some(there) = manager_at(&machines, &remote) else {
            let world = &mut machines.hosts[self.host];
            let member = Member {
                swarm: None,
                node: String::new(),
                address,
                peer: world.id()[..12].to_owned(),
                remote,
            };
            machines.cluster.members.insert(self.host, member);
            return Ok(false);
        };
        let Machines { hosts, cluster } = &mut *machines;
        let world = &mut hosts[self.host];
        let Some(swarm) = cluster.swarms.get_mut(&there) else {
            return Err(too_late());
        };
        let manager = token.role_in(swarm)?;
        let node = node(world, self.host, &address, manager, now);
        let member = member(world, swarm, &node, remote);
        swarm.next_index();
        swarm.nodes.insert(node.id.clone(), node);
        cluster.members.insert(self.host, member);
        machines.arrive(self.host, now);
        Ok(true)
    }

    pub(super) fn leave(&self, force: bool) -> Result<()> {
        let now = self.now();
        let mut machines = self.machines();
        let Some(member) = machines.cluster.members.get(&self.host).cloned() else {
            return Err(Error::refused(503, "This node is not part of a swarm"));
        };
        let is_manager = machines.is_manager(self.host);
        let swarm = member.swarm.as_ref();
        if let Some(swarm) = swarm.and_then(|swarm| machines.cluster.swarms.get_mut(swarm)) {
            if is_manager && !force {
                return Err(Error::refused(503, why_not_leave(swarm)));
            }
            if let Some(node) = swarm.nodes.get_mut(&member.node) {
                node.left = Some(now);
                node.leader = false;
            }
            if swarm.managers().0 == 0 {
                let id = swarm.id.clone();
                machines.cluster.swarms.remove(&id);
            } else {
                elect(swarm);
            }
        }
        machines.cluster.members.remove(&self.host);
        drop(machines);
        self.set_timer(now + crate::cluster::NOTICED_AFTER);
        self.out_of_swarm();
        Ok(())
    }
}

impl Simulated {
    /// What `docker info` says of it.
    pub(crate) fn swarm_info(&self) -> SwarmInfo {
        let machines = self.machines();
        let Some(member) = machines.cluster.members.get(&self.host) else {
            return SwarmInfo {
                node_id: Some(String::new()),
                node_addr: Some(String::new()),
                local_node_state: Some(LocalNodeState::INACTIVE),
                control_available: Some(false),
                error: Some(String::new()),
                ..Default::default()
            };
        };
        let swarm = machines.swarm_of(self.host).map(|(swarm, _)| swarm);
        let is_manager = machines.is_manager(self.host);
        let known = swarm.filter(|_| is_manager);
        let count = |count: usize| i64::try_from(count).ok();
        let remote = |node: &NodeState| PeerNode {
            node_id: Some(node.id.clone()),
            addr: Some(format!("{}:{MANAGERS_PORT}", node.address)),
        };
        let managers = match swarm {
            Some(swarm) => swarm
                .nodes
                .values()
                .filter(|node| node.manager && node.left.is_none())
                .map(remote)
                .collect(),
            None => vec![PeerNode {
                node_id: Some(String::new()),
                addr: Some(member.remote.clone()),
            }],
        };
        SwarmInfo {
            node_id: Some(member.node.clone()),
            node_addr: Some(member.address.clone()),
            local_node_state: Some(match swarm {
                Some(_) => LocalNodeState::ACTIVE,
                None => LocalNodeState::PENDING,
            }),
            control_available: Some(is_manager),
            error: Some(String::new()),
            remote_managers: Some(managers),
            nodes: known.and_then(|swarm| count(swarm.nodes.len())),
            managers: known.and_then(|swarm| count(swarm.managers().1)),
            cluster: known.and_then(|swarm| super::model(super::show::swarm(swarm, false)).ok()),
        }
    }
}

fn free_to_join(machines: &Machines, host: usize) -> Result<()> {
    if machines.cluster.members.contains_key(&host) {
        return Err(Error::refused(
            503,
            "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.",
        ));
    }
    Ok(())
}

/// `192.168.65.3`, from an address, an interface's name, or nothing.
fn advertised(world: &World, asked: Option<&str>) -> Result<String> {
    let asked = asked.unwrap_or_default();
    let host = asked.split(':').next().unwrap_or_default();
    match host {
        "" | "eth0" => Ok(world.address.to_string()),
        address
            if address
                .parse::<Ipv4Addr>()
                .is_ok_and(|ip| !ip.is_unspecified()) =>
        {
            Ok(address.to_owned())
        }
        _ => Err(Error::refused(
            400,
            "advertise address must be a non-zero IP address or network interface (with optional port number)",
        )),
    }
}

fn listens_at(world: &World, asked: Option<&str>) -> Result<()> {
    let host = asked
        .unwrap_or_default()
        .split(':')
        .next()
        .unwrap_or_default();
    let is_address = host
        .parse::<Ipv4Addr>()
        .is_ok_and(|ip| ip.is_unspecified() || ip == world.address || ip.is_loopback());
    if is_address || matches!(host, "" | "eth0" | "lo") {
        return Ok(());
    }
    Err(Error::refused(
        400,
        "listen address must be an IP address or network interface (with optional port number)",
    ))
}

fn with_port(remote: &str) -> String {
    if remote.contains(':') {
        remote.to_owned()
    } else {
        format!("{remote}:{MANAGERS_PORT}")
    }
}

/// The swarm that a machine with this address manages.
fn manager_at(machines: &Machines, remote: &str) -> Option<String> {
    let (address, port) = remote.rsplit_once(':')?;
    let host = machines
        .hosts
        .iter()
        .position(|host| host.address.to_string() == address || host.name == address)?;
    let (swarm, _) = machines.swarm_of(host)?;
    (port == MANAGERS_PORT && machines.is_manager(host)).then(|| swarm.id.clone())
}

fn node(
    world: &mut World,
    host: usize,
    address: &str,
    manager: bool,
    now: jiff::Timestamp,
) -> NodeState {
    NodeState {
        id: world.swarm_id(),
        host,
        name: world.name.clone(),
        address: address.to_owned(),
        manager,
        leader: false,
        availability: "active".to_owned(),
        labels: BTreeMap::new(),
        created: now,
        updated: now,
        version: 9,
        left: None,
    }
}

fn member(world: &mut World, swarm: &SwarmState, node: &NodeState, remote: String) -> Member {
    Member {
        swarm: Some(swarm.id.clone()),
        node: node.id.clone(),
        address: node.address.clone(),
        peer: world.id()[..12].to_owned(),
        remote,
    }
}

/// Somebody has to lead.
pub(super) fn elect(swarm: &mut SwarmState) {
    let managers = || {
        swarm
            .nodes
            .values()
            .filter(|node| node.manager && node.left.is_none())
    };
    if managers().any(|node| node.leader) {
        return;
    }
    let first = managers().min_by_key(|node| (node.created, node.host));
    if let Some(id) = first.map(|node| node.id.clone())
        && let Some(node) = swarm.nodes.get_mut(&id)
    {
        node.leader = true;
    }
}

fn why_not_leave(swarm: &SwarmState) -> String {
    let (reachable, all) = swarm.managers();
    let mut why =
        "You are attempting to leave the swarm on a node that is participating as a manager. "
            .to_owned();
    if reachable == 1 && all == 1 {
        why.push_str("Removing the last manager erases all current state of the swarm. Use `--force` to ignore this message. ");
        return why;
    }
    if (reachable - 1) * 2 <= all {
        let left = reachable - 1;
        let loss = format!(
            "Removing this node leaves {left} managers out of {all}. Without a Raft quorum your swarm will be inaccessible. "
        );
        why.push_str(&loss);
    }
    why.push_str("The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`. Use `--force` to suppress this message.");
    why
}

/// `SWMTKN-1-<digest>-<secret>`
struct Token {
    digest: String,
    secret: String,
}

impl Token {
    fn read(token: &str) -> Result<Self> {
        let parts: Vec<&str> = token.split('-').collect();
        match parts[..] {
            [""] => Ok(Self {
                digest: String::new(),
                secret: String::new(),
            }),
            ["SWMTKN", "1", digest, secret] if digest.len() == 50 && secret.len() == 25 => {
                Ok(Self {
                    digest: digest.to_owned(),
                    secret: secret.to_owned(),
                })
            }
            _ => Err(Error::refused(400, "invalid join token")),
        }
    }

    /// Whether it makes a manager.
    fn role_in(&self, swarm: &SwarmState) -> Result<bool> {
        if self.digest == swarm.digest || self.digest.is_empty() {
            if self.secret == swarm.manager_secret {
                return Ok(true);
            }
            if self.secret == swarm.worker_secret {
                return Ok(false);
            }
        }
        Err(Error::refused(
            400,
            "rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster",
        ))
    }
}

impl World {
    /// 25 letters and digits, as the ids of all that belongs to a swarm.
    pub fn swarm_id(&mut self) -> String {
        self.letters(25)
    }

    pub(super) fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let letter = |number: u64| char::from(LETTERS[usize::try_from(number % 36).unwrap_or(0)]);
        (0..count).map(|_| letter(self.next() >> 8)).collect()
    }
}
