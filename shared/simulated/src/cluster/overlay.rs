//! Networks that span the machines of a swarm: what all of them know, and what one machine knows of one of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    sync::atomic::{AtomicUsize, Ordering},
};

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// A network as the managers know it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Shared {
    pub id: String,
    pub name: String,
    pub subnet: Ipv4Net,
    pub gateway: Ipv4Addr,
    pub ingress: bool,
    /// The number of the address that was given last: they are given one after the other, not the lowest free one.
    pub last: u32,
    pub taken: BTreeSet<Ipv4Addr>,
}

impl Shared {
    /// The next address; freed ones come again only after all others.
    pub fn give(&mut self) -> Option<Ipv4Addr> {
        let size = 1_u32.checked_shl(u32::from(32 - self.subnet.prefix_len()))?;
        let first = u32::from(self.subnet.network());
        for _ in 0..size {
            self.last = (self.last + 1) % size;
            let address = Ipv4Addr::from(first + self.last);
            let usable = self.last != 0 && address != self.subnet.broadcast();
            if usable && address != self.gateway && self.taken.insert(address) {
                return Some(address);
            }
        }
        None
    }
}

/// What one machine knows of a network that spans several.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Overlay {
    pub vxlan: u32,
    pub ingress: bool,
    /// Something of this machine is on it, so that it is really there.
    pub present: bool,
    /// This machine's own end of it, which spreads connections to services: endpoint id and address.
    pub balancer: Option<(String, Ipv4Addr)>,
    /// The machines that it is on: their names for each other, and their addresses.
    pub peers: Vec<(String, String)>,
    /// Containers of other machines: address and full id.
    pub remote: BTreeMap<Ipv4Addr, String>,
    /// Names of other machines' containers, of services and of their tasks.
    pub names: BTreeMap<String, Vec<Ipv4Addr>>,
    /// The addresses of services.
    pub virtuals: BTreeMap<Ipv4Addr, Virtual>,
    /// Addresses that the swarm gave to this machine's containers, by container.
    pub given: BTreeMap<String, Ipv4Addr>,
}

/// An address that stands for several.
#[derive(Default, Serialize, Deserialize)]
pub struct Virtual {
    /// Address and full id of the containers behind it.
    pub behind: Vec<(Ipv4Addr, String)>,
    /// Whose turn it is.
    #[serde(skip)]
    turn: AtomicUsize,
}

impl Clone for Virtual {
    fn clone(&self) -> Self {
        Self {
            behind: self.behind.clone(),
            turn: AtomicUsize::new(self.turn.load(Ordering::Relaxed)),
        }
    }
}

impl Virtual {
    /// The next one behind it; `moves`: the one after it is next.
    pub fn next(&self, moves: bool) -> Option<&(Ipv4Addr, String)> {
        let turn = if moves {
            self.turn.fetch_add(1, Ordering::Relaxed)
        } else {
            self.turn.load(Ordering::Relaxed)
        };
        self.behind.get(turn.checked_rem(self.behind.len())?)
    }

    /// Others may be behind it by now; whose turn it is stays.
    pub fn set(&mut self, behind: Vec<(Ipv4Addr, String)>) {
        self.behind = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_given_one_after_the_other() {
        let subnet: Ipv4Net = "10.0.1.0/29".parse().expect("a subnet");
        let mut shared = Shared {
            id: String::new(),
            name: String::new(),
            subnet,
            gateway: Ipv4Addr::new(10, 0, 1, 1),
            ingress: false,
            last: 1,
            taken: BTreeSet::new(),
        };
        let mut last_octets = |count: usize, freed: &[u8]| -> Vec<u8> {
            for octet in freed {
                shared.taken.remove(&Ipv4Addr::new(10, 0, 1, *octet));
            }
            let given = (0..count).filter_map(|_| shared.give());
            given.map(|address| address.octets()[3]).collect()
        };
        assert_eq!(last_octets(3, &[]), [2, 3, 4]);
        assert_eq!(last_octets(2, &[2]), [5, 6], "a freed one waits");
        assert_eq!(last_octets(1, &[]), [2], "until all others were given");
        assert_eq!(last_octets(1, &[]), Vec::<u8>::new());
    }
}
