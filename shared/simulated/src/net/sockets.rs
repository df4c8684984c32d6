//! All open sockets of the simulated machines: who listens where, who is connected to whom.

use std::{
    collections::{BTreeMap, VecDeque},
    net::{IpAddr, SocketAddr},
};

use serde::{Deserialize, Serialize};

use super::{Errno, Place, tcp::TcpStream, udp::Inbox};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Protocol {
    Tcp,
    Udp,
    Icmp,
}

impl Protocol {
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        match name {
            "tcp" => Some(Self::Tcp),
            "udp" => Some(Self::Udp),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpState {
    Listen,
    Established,
    /// The other end has closed, this one has not yet.
    CloseWait,
}

/// A socket as `netstat` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub protocol: Protocol,
    pub local: SocketAddr,
    /// Port 0 of the unspecified address where there is none.
    pub remote: SocketAddr,
    /// None for datagrams.
    pub state: Option<TcpState>,
}

/// The table. It has a lock of its own, which is taken after the world's, never the other way round.
#[derive(Default)]
pub struct Sockets {
    next: u64,
    next_port: u16,
    pub(super) open: BTreeMap<u64, Open>,
}

pub(super) struct Open {
    pub place: Place,
    pub local: SocketAddr,
    pub kind: Kind,
}

pub(super) enum Kind {
    /// Connections that nobody has accepted yet.
    Listener(VecDeque<TcpStream>),
    Stream {
        remote: SocketAddr,
        read: super::tcp::Pipe,
    },
    Datagrams(Inbox),
}

impl Kind {
    fn protocol(&self) -> Protocol {
        match self {
            Self::Listener(_) | Self::Stream { .. } => Protocol::Tcp,
            Self::Datagrams(_) => Protocol::Udp,
        }
    }
}

/// Ports for those who ask for none: Linux takes them from here.
const EPHEMERAL: std::ops::RangeInclusive<u16> = 32768..=60999;

impl Sockets {
    pub(super) fn insert(&mut self, place: &Place, local: SocketAddr, kind: Kind) -> u64 {
        self.next += 1;
        let open = Open {
            place: place.clone(),
            local,
            kind,
        };
        self.open.insert(self.next, open);
        self.next
    }

    /// Whether a listener (or a socket for datagrams) stands in the way of this address.
    pub fn in_use(&self, place: &Place, at: SocketAddr, protocol: Protocol) -> bool {
        self.open.values().any(|open| {
            open.place == *place
                && open.kind.protocol() == protocol
                && !matches!(open.kind, Kind::Stream { .. })
                && open.local.port() == at.port()
                && meet(open.local.ip(), at.ip())
        })
    }

    /// Makes sure of a port of one's own.
    pub(super) fn claim(
        &mut self,
        place: &Place,
        at: SocketAddr,
        protocol: Protocol,
    ) -> Result<SocketAddr, Errno> {
        if at.port() == 0 {
            return Ok(SocketAddr::new(at.ip(), self.free_port(place, protocol)));
        }
        if self.in_use(place, at, protocol) {
            return Err(Errno::AddressInUse);
        }
        Ok(at)
    }

    pub(super) fn free_port(&mut self, place: &Place, protocol: Protocol) -> u16 {
        loop {
            self.next_port = self.next_port.wrapping_add(2);
            let span = EPHEMERAL.end() - EPHEMERAL.start() + 1;
            let port = EPHEMERAL.start() + (self.next_port.wrapping_mul(7919)) % span;
            let taken = self.open.values().any(|open| {
                open.place == *place
                    && open.local.port() == port
                    && open.kind.protocol() == protocol
            });
            if !taken {
                return port;
            }
        }
    }

    /// Who gets what arrives at this address.
    pub(super) fn receiver(
        &mut self,
        place: &Place,
        at: SocketAddr,
        protocol: Protocol,
    ) -> Option<&mut Open> {
        let fits = |open: &Open| {
            open.place == *place
                && open.kind.protocol() == protocol
                && !matches!(open.kind, Kind::Stream { .. })
                && open.local.port() == at.port()
                && hears(open.local.ip(), at.ip())
        };
        // The one bound to just this address comes before one that hears all.
        let exact = |open: &Open| open.local.ip() == at.ip();
        let found = self
            .open
            .iter()
            .filter(|(_, open)| fits(open))
            .max_by_key(|(_, open)| exact(open))
            .map(|(key, _)| *key);
        self.open.get_mut(&found?)
    }

    pub fn list(&self, place: &Place) -> Vec<Listed> {
        let here = self.open.values().filter(|open| open.place == *place);
        here.map(Open::listed).collect()
    }
}

impl Open {
    fn listed(&self) -> Listed {
        let nobody = SocketAddr::new(super::any_of(self.local.ip()), 0);
        let (remote, state) = match &self.kind {
            Kind::Listener(_) => (nobody, Some(TcpState::Listen)),
            Kind::Datagrams(_) => (nobody, None),
            Kind::Stream { remote, read } if read.is_closed() => {
                (*remote, Some(TcpState::CloseWait))
            }
            Kind::Stream { remote, .. } => (*remote, Some(TcpState::Established)),
        };
        Listed {
            protocol: self.kind.protocol(),
            local: self.local,
            remote,
            state,
        }
    }
}

/// Two that want one port: do their addresses meet?
fn meet(one: IpAddr, other: IpAddr) -> bool {
    one == other || hears(one, other) || hears(other, one)
}

/// Whether a socket bound to `bound` hears what comes to `to`. One on `::` hears IPv4 too, as Linux has it.
fn hears(bound: IpAddr, to: IpAddr) -> bool {
    bound == to || bound.is_unspecified() && (bound.is_ipv6() || to.is_ipv4())
}
