//! The simulated machines: each is a world of its own, on one LAN with the others, and what they share stands beside
//! them. All of it is behind one lock, so that a handle can look across machines without waiting for itself.

use std::{
    net::Ipv4Addr,
    ops::{Deref, DerefMut},
    sync::MutexGuard,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{cluster::Cluster, world::World};

/// The LAN that they are on, and its router.
pub const LAN_PREFIX: u8 = 24;
pub const ROUTER: Ipv4Addr = Ipv4Addr::new(192, 168, 65, 1);

/// What each is called and where it is on the LAN. The learner sits at the first one.
const MACHINES: [(&str, Ipv4Addr); 3] = [
    ("causeway", Ipv4Addr::new(192, 168, 65, 3)),
    ("host2", Ipv4Addr::new(192, 168, 65, 4)),
    ("host3", Ipv4Addr::new(192, 168, 65, 5)),
];

/// Everything there is.
#[derive(Serialize, Deserialize)]
pub struct Machines {
    pub hosts: Vec<World>,
    pub cluster: Cluster,
}

impl Machines {
    pub fn new(seed: u64, now: Timestamp) -> Self {
        let hosts = (seed..).zip(MACHINES).map(|(seed, (name, address))| World {
            name: name.to_owned(),
            address,
            ..World::new(seed, now)
        });
        Self {
            hosts: hosts.collect(),
            cluster: Cluster::default(),
        }
    }
}

/// One machine's world, and the others within reach.
pub struct Here<'a> {
    machines: MutexGuard<'a, Machines>,
    host: usize,
}

impl<'a> Here<'a> {
    pub fn new(machines: MutexGuard<'a, Machines>, host: usize) -> Self {
        Self { machines, host }
    }
}

impl Deref for Here<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.machines.hosts[self.host]
    }
}

impl DerefMut for Here<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.machines.hosts[self.host]
    }
}
