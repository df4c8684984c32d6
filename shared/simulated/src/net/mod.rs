//! The simulated network as programs use it: names, TCP, UDP, ICMP, and what the kernel shows of it.
//!
//! A program asks its [`Net`] (`process.net()`); the host has one too (`simulated.host_net()`). Nothing here takes time
//! that no real network would take: a connection is made at once where somebody listens, and waits where nobody answers.
//! Everything that waits is a future that looks again whenever the world moves: inside programs it is simply awaited
//! (beside `process.wait` in a `select` where signals matter), outside of them through [`Simulated::attend`].

mod files;
mod icmp;
mod interfaces;
mod names;
mod path;
mod published;
mod sockets;
mod tcp;
#[cfg(test)]
mod tests;
mod udp;

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use futures::future::poll_fn;

pub use icmp::{Echo, Unreachable};
pub use interfaces::{Interface, Neighbour, Route};
pub use names::{Answer, Status};
pub use published::Published;
pub use sockets::{Listed, Protocol, Sockets, TcpState};
pub use tcp::{Listener, TcpStream};
pub use udp::UdpSocket;

use crate::{Simulated, process::Process, world::World};

/// A network namespace: the host's own, or that of a container. Containers can share one (`--network container:web`),
/// and those in host mode use the host's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Host,
    /// By the id of the container that it was made for.
    Container(String),
}

/// Why the kernel did not do what a program asked of it; [`Self::text`] is what `strerror` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    /// Nobody listens there.
    ConnectionRefused,
    /// The other end went away in the middle.
    ConnectionReset,
    /// Written to one that the other end has closed.
    BrokenPipe,
    TimedOut,
    /// The neighbour did not answer, or a router said so.
    HostUnreachable,
    /// There is no route to it at all.
    NetworkUnreachable,
    AddressInUse,
    /// No interface has this address.
    AddressNotAvailable,
    /// Datagrams to a broadcast address without asking for it, or a port that is not the program's to take.
    PermissionDenied,
}

impl Errno {
    pub fn text(self) -> &'static str {
        match self {
            Self::ConnectionRefused => "Connection refused",
            Self::ConnectionReset => "Connection reset by peer",
            Self::BrokenPipe => "Broken pipe",
            // musl and glibc differ: glibc says "Connection timed out", musl "Operation timed out".
            Self::TimedOut => "Connection timed out",
            Self::HostUnreachable => "No route to host",
            Self::NetworkUnreachable => "Network is unreachable",
            Self::AddressInUse => "Address already in use",
            Self::AddressNotAvailable => "Cannot assign requested address",
            Self::PermissionDenied => "Permission denied",
        }
    }
}

/// What one namespace can do on the network.
#[derive(Clone)]
pub struct Net {
    world: Simulated,
    place: Place,
    /// For names: the container whose `/etc/hosts` and `/etc/resolv.conf` are read. None on the host.
    container: Option<String>,
}

impl Process {
    /// The network as this program sees it.
    pub fn net(&self) -> Net {
        self.world.net_of(&self.container)
    }
}

impl Simulated {
    pub fn net_of(&self, container: &str) -> Net {
        let place = self.world().place(container);
        Net {
            world: self.clone(),
            place,
            container: Some(container.to_owned()),
        }
    }

    /// The network as a program of the host sees it.
    pub fn host_net(&self) -> Net {
        Net {
            world: self.clone(),
            place: Place::Host,
            container: None,
        }
    }
}

impl Net {
    /// TCP to an address: at once where somebody listens, else as the kernel has it: refused at once, no route to host
    /// after 3 s where no neighbour has the address, timed out after 127 s (or `patience`, if that is less) of silence.
    pub async fn connect(
        &self,
        to: SocketAddr,
        patience: Option<Duration>,
    ) -> Result<TcpStream, Errno> {
        tcp::connect(self, to, patience).await
    }

    /// Listens on a port; `0.0.0.0` and `::` are all addresses of the namespace. Port 0 takes a free one.
    pub fn listen(&self, at: SocketAddr) -> Result<Listener, Errno> {
        tcp::listen(self, at)
    }

    /// A socket for datagrams; port 0 takes a free one.
    pub fn udp(&self, at: SocketAddr) -> Result<UdpSocket, Errno> {
        udp::bind(self, at)
    }

    /// One ICMP echo request with this TTL (64 is the usual one), and what becomes of it. It does not wait: what would
    /// take time says how long ([`Echo::Unreachable`]); silence is for the program to wait through.
    pub fn echo(&self, to: IpAddr, ttl: u8) -> Echo {
        icmp::echo(&self.world.world(), &self.place, to, ttl)
    }

    /// What one UDP probe of `traceroute` with this TTL brings back.
    pub fn probe(&self, to: IpAddr, ttl: u8) -> Echo {
        icmp::probe(&self.world.world(), &self.place, to, ttl)
    }

    /// What the C library's `getaddrinfo` finds: a literal address, `/etc/hosts`, then the name server. The addresses
    /// are in the order of the answer; a program that wants one takes the first.
    pub fn resolve(&self, name: &str) -> Vec<IpAddr> {
        names::resolve(&self.world, self.container.as_deref(), name)
    }

    /// One question to the namespace's name server: A records of a name (search domains are the caller's).
    pub fn ask(&self, name: &str) -> Answer {
        names::ask(&self.world, self.container.as_deref(), name)
    }

    /// The name of an address (PTR), as `nslookup 172.18.0.2` asks for it.
    pub fn ask_back(&self, address: IpAddr) -> Answer {
        names::ask_back(&self.world, self.container.as_deref(), address)
    }

    /// `lo`, `eth0` … in the kernel's order.
    pub fn interfaces(&self) -> Vec<Interface> {
        interfaces::interfaces(&self.world.world(), &self.place)
    }

    /// The routing table in the kernel's order.
    pub fn routes(&self) -> Vec<Route> {
        interfaces::routes(&self.world.world(), &self.place)
    }

    /// The ARP cache: with whom this namespace has talked lately.
    pub fn neighbours(&self) -> Vec<Neighbour> {
        interfaces::neighbours(&self.world.world(), &self.place)
    }

    /// All sockets of the namespace, as `netstat -an` lists them.
    pub fn sockets(&self) -> Vec<Listed> {
        self.world.sockets().list(&self.place)
    }

    /// This namespace's address on the way to another: what it would send from.
    pub fn source_for(&self, to: IpAddr) -> Option<IpAddr> {
        path::source_for(&self.world.world(), &self.place, to)
    }

    /// Waits, unless the program ends before.
    pub async fn sleep(&self, duration: Duration) {
        let until = self.world.now().checked_add(duration);
        let until = until.unwrap_or(jiff::Timestamp::MAX);
        self.world.set_timer(until);
        poll_fn(|_| {
            if self.world.now() >= until {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    }
}

impl World {
    /// The namespace that a container's programs are in.
    pub fn place(&self, container: &str) -> Place {
        let Some(found) = self.containers.get(container) else {
            return Place::Container(container.to_owned());
        };
        match found.network_mode() {
            "host" => Place::Host,
            mode => match mode.strip_prefix("container:") {
                Some(other)
                    if self
                        .container(other)
                        .is_ok_and(|other| other.id != found.id) =>
                {
                    let other = self.container(other).map(|other| other.id.clone());
                    other.map_or(Place::Host, |other| self.place(&other))
                }
                _ => Place::Container(container.to_owned()),
            },
        }
    }
}

/// The address of all addresses, of the same family.
fn any_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(std::net::Ipv6Addr::UNSPECIFIED),
    }
}
