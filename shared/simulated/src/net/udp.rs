//! UDP: datagrams between simulated programs.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use bytes::Bytes;
use futures::future::poll_fn;

use super::{
    Errno, Net, Place, Protocol,
    path::{self, Verdict},
    sockets::Kind,
};
use crate::Simulated;

/// Datagrams that wait to be read at most; more are dropped, as a kernel does.
const MOST: usize = 256;

/// What has arrived, and from whom: a datagram, or an ICMP error about one sent earlier.
#[derive(Clone, Default)]
pub(super) struct Inbox(Arc<Mutex<VecDeque<Mail>>>);

struct Mail {
    from: SocketAddr,
    bytes: Result<Bytes, Errno>,
    /// Where an answer goes, when addresses were translated on the way here.
    answer_to: Option<Origin>,
}

/// The true sender of a datagram, and whom it thinks it wrote to.
#[derive(Clone)]
struct Origin {
    place: Place,
    address: SocketAddr,
    wrote_to: SocketAddr,
}

impl Inbox {
    fn put(&self, mail: Mail) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.push_back(mail);
        }
    }

    fn take(&self) -> Option<Mail> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop_front()
    }
}

/// A bound socket for datagrams. Dropping it closes it.
pub struct UdpSocket {
    world: Simulated,
    place: Place,
    local: SocketAddr,
    inbox: Inbox,
    key: u64,
    /// Whom translated addresses stand for (the kernel's conntrack).
    translated: Mutex<Vec<(SocketAddr, Origin)>>,
}

pub(super) fn bind(net: &Net, at: SocketAddr) -> Result<UdpSocket, Errno> {
    let world = net.world.world();
    if !at.ip().is_unspecified() && !path::is_own(&world, &net.place, at.ip()) {
        return Err(Errno::AddressNotAvailable);
    }
    if net.place == Place::Host && world.is_published(at, Protocol::Udp) {
        return Err(Errno::AddressInUse);
    }
    drop(world);
    let inbox = Inbox::default();
    let mut sockets = net.world.sockets();
    let local = sockets.claim(&net.place, at, Protocol::Udp)?;
    let key = sockets.insert(&net.place, local, Kind::Datagrams(inbox.clone()));
    Ok(UdpSocket {
        world: net.world.clone(),
        place: net.place.clone(),
        local,
        inbox,
        key,
        translated: Mutex::default(),
    })
}

impl UdpSocket {
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Sends one datagram. That nobody heard it is told by the next [`Self::receive`], if at all.
    pub fn send(&self, bytes: impl Into<Bytes>, to: SocketAddr) -> Result<(), Errno> {
        let bytes = bytes.into();
        if let Some(origin) = self.translation(to) {
            self.deliver(&origin, bytes);
            return Ok(());
        }
        let verdict = path::follow(&self.world.world(), &self.place, to, Protocol::Udp);
        match verdict {
            Verdict::Arrives(arrival) => self.arrive(&arrival, to, bytes),
            Verdict::NoRoute => return Err(Errno::NetworkUnreachable),
            Verdict::Unreachable { .. } => self.fail(to, Errno::HostUnreachable),
            Verdict::Silence => {}
        }
        Ok(())
    }

    fn arrive(&self, arrival: &path::Arrival, to: SocketAddr, bytes: Bytes) {
        let source = SocketAddr::new(arrival.source, self.local.port());
        let seen = SocketAddr::new(arrival.seen, self.local.port());
        let translated = seen != source || arrival.to != to;
        let mail = Mail {
            from: seen,
            bytes: Ok(bytes),
            answer_to: translated.then(|| Origin {
                place: self.place.clone(),
                address: source,
                wrote_to: to,
            }),
        };
        match inbox(&self.world, &arrival.place, arrival.to) {
            Some(inbox) => inbox.put(mail),
            // docker-proxy swallows what it cannot pass on.
            None if arrival.proxied => {}
            None => self.fail(to, Errno::ConnectionRefused),
        }
        self.world.stir();
    }

    /// An answer to one whose address was translated goes straight back to where it came from.
    fn deliver(&self, origin: &Origin, bytes: Bytes) {
        if let Some(inbox) = inbox(&self.world, &origin.place, origin.address) {
            inbox.put(Mail {
                from: origin.wrote_to,
                bytes: Ok(bytes),
                answer_to: None,
            });
            self.world.stir();
        }
    }

    fn fail(&self, about: SocketAddr, errno: Errno) {
        self.inbox.put(Mail {
            from: about,
            bytes: Err(errno),
            answer_to: None,
        });
    }

    fn translation(&self, to: SocketAddr) -> Option<Origin> {
        let known = self.translated.lock();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(seen, _)| *seen == to)?;
        Some(found.1.clone())
    }

    /// The next datagram and its sender, or the error that an ICMP message told (`Connection refused`).
    pub async fn receive(&self) -> (Result<Bytes, Errno>, SocketAddr) {
        poll_fn(|_| self.poll_receive()).await
    }

    pub fn poll_receive(&self) -> Poll<(Result<Bytes, Errno>, SocketAddr)> {
        let Some(mail) = self.inbox.take() else {
            return Poll::Pending;
        };
        if let Some(origin) = mail.answer_to {
            let known = self.translated.lock();
            let mut known = known.unwrap_or_else(PoisonError::into_inner);
            known.retain(|(seen, _)| *seen != mail.from);
            known.push((mail.from, origin));
        }
        Poll::Ready((mail.bytes, mail.from))
    }
}

fn inbox(world: &Simulated, place: &Place, at: SocketAddr) -> Option<Inbox> {
    let mut sockets = world.sockets();
    match &sockets.receiver(place, at, Protocol::Udp)?.kind {
        Kind::Datagrams(inbox) => Some(inbox.clone()),
        _ => None,
    }
}

impl Drop for UdpSocket {
    fn drop(&mut self) {
        self.world.sockets().open.remove(&self.key);
    }
}
