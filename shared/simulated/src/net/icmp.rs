//! ICMP: echo requests and what routers say.

use std::net::{IpAddr, SocketAddr};

use super::{
    Place, Protocol,
    path::{self, Verdict},
};
use crate::world::World;

/// What becomes of one echo request or probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Echo {
    /// It came back, with the TTL that the answer has on arrival.
    Reply { from: IpAddr, ttl: u8 },
    /// Its TTL ended at this router.
    TimeExceeded { from: IpAddr },
    /// Somebody said that it cannot be delivered; for a host that nobody has, 3 s later.
    Unreachable { from: IpAddr, what: Unreachable },
    /// The kernel refuses to send it: `sendto: Network is unreachable`.
    NetworkUnreachable,
    /// Nothing ever comes back.
    Silence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    Host,
    Port,
}

pub(super) fn echo(world: &World, place: &Place, to: IpAddr, ttl: u8) -> Echo {
    send(world, place, to, ttl, Protocol::Icmp)
}

/// A datagram to a port where nobody listens: the end of the way answers "port unreachable".
pub(super) fn probe(world: &World, place: &Place, to: IpAddr, ttl: u8) -> Echo {
    match send(world, place, to, ttl, Protocol::Udp) {
        Echo::Reply { from, .. } => Echo::Unreachable {
            from,
            what: Unreachable::Port,
        },
        other => other,
    }
}

fn send(world: &World, place: &Place, to: IpAddr, ttl: u8, protocol: Protocol) -> Echo {
    let expired = |hops: &[IpAddr]| {
        let last = usize::from(ttl).checked_sub(1)?;
        hops.get(last)
            .map(|from| Echo::TimeExceeded { from: *from })
    };
    // Port 33434 is where traceroute begins.
    match path::follow(world, place, SocketAddr::new(to, 33434), protocol) {
        Verdict::Arrives(arrival) => expired(&arrival.hops).unwrap_or_else(|| {
            let passed = u8::try_from(arrival.hops.len()).unwrap_or(u8::MAX);
            Echo::Reply {
                from: to,
                ttl: 64_u8.saturating_sub(passed),
            }
        }),
        Verdict::Unreachable { from, hops } => expired(&hops).unwrap_or(Echo::Unreachable {
            from,
            what: Unreachable::Host,
        }),
        Verdict::NoRoute => Echo::NetworkUnreachable,
        Verdict::Silence => Echo::Silence,
    }
}
