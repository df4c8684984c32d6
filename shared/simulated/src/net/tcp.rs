//! TCP: connections between simulated programs, with their bytes.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use futures::future::poll_fn;

use super::{
    Errno, Net, Place, Protocol,
    path::{self, Verdict},
    sockets::Kind,
};
use crate::Simulated;

/// What one direction holds at most, as a kernel's buffers do: then writing waits for reading.
const WINDOW: usize = 256 * 1024;

/// One direction of a connection.
#[derive(Clone, Default)]
pub(super) struct Pipe(Arc<Mutex<PipeState>>);

#[derive(Default)]
struct PipeState {
    bytes: VecDeque<Bytes>,
    held: usize,
    /// The writer has said that it is done.
    finished: bool,
    /// The reader is gone: what is written meets a reset.
    abandoned: bool,
    /// The writer went away without a word.
    reset: bool,
}

impl Pipe {
    fn lock(&self) -> MutexGuard<'_, PipeState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().finished
    }
}

/// One end of a connection. Dropping it closes it.
pub struct TcpStream {
    world: Simulated,
    local: SocketAddr,
    peer: SocketAddr,
    read: Pipe,
    write: Pipe,
    key: u64,
}

impl TcpStream {
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Who is at the other end, as this end sees it (after address translation).
    pub fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// What has come; empty at the end.
    pub async fn read(&self) -> Result<Bytes, Errno> {
        poll_fn(|_| self.poll_read()).await
    }

    /// The same without waiting.
    pub fn poll_read(&self) -> Poll<Result<Bytes, Errno>> {
        let mut pipe = self.read.lock();
        if let Some(bytes) = pipe.bytes.pop_front() {
            pipe.held -= bytes.len();
            drop(pipe);
            self.world.stir();
            return Poll::Ready(Ok(bytes));
        }
        match (pipe.reset, pipe.finished) {
            (true, _) => Poll::Ready(Err(Errno::ConnectionReset)),
            (_, true) => Poll::Ready(Ok(Bytes::new())),
            _ => Poll::Pending,
        }
    }

    /// Sends all of it; waits while the other end does not read.
    pub async fn write(&self, bytes: impl Into<Bytes>) -> Result<(), Errno> {
        let mut left: Bytes = bytes.into();
        poll_fn(|_| {
            loop {
                if left.is_empty() {
                    return Poll::Ready(Ok(()));
                }
                let mut pipe = self.write.lock();
                if pipe.abandoned {
                    return Poll::Ready(Err(Errno::ConnectionReset));
                }
                if pipe.finished {
                    return Poll::Ready(Err(Errno::BrokenPipe));
                }
                let room = WINDOW.saturating_sub(pipe.held).min(left.len());
                if room == 0 {
                    return Poll::Pending;
                }
                pipe.held += room;
                pipe.bytes.push_back(left.split_to(room));
                drop(pipe);
                self.world.stir();
            }
        })
        .await
    }

    /// Says that nothing more will be written (`shutdown`): the other end reads to the end.
    pub fn finish(&self) {
        self.write.lock().finished = true;
        self.world.stir();
    }

    /// Goes away at once: the other end meets a reset.
    pub fn reset(self) {
        self.write.lock().reset = true;
    }
}

impl Drop for TcpStream {
    fn drop(&mut self) {
        {
            let mut write = self.write.lock();
            write.finished = true;
        }
        {
            let mut read = self.read.lock();
            read.abandoned = true;
            // What nobody will read any more is answered with a reset.
            let unread = !read.bytes.is_empty();
            read.bytes.clear();
            read.held = 0;
            drop(read);
            if unread {
                self.write.lock().reset = true;
            }
        }
        self.world.sockets().open.remove(&self.key);
        self.world.stir();
    }
}

/// A listening socket. Dropping it closes it, and those connections that it has not accepted.
pub struct Listener {
    world: Simulated,
    local: SocketAddr,
    key: u64,
}

impl Listener {
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// The next connection.
    pub async fn accept(&self) -> TcpStream {
        poll_fn(|_| self.poll_accept()).await
    }

    pub fn poll_accept(&self) -> Poll<TcpStream> {
        match self.world.sockets().open.get_mut(&self.key) {
            Some(open) => match &mut open.kind {
                Kind::Listener(waiting) => waiting.pop_front().map_or(Poll::Pending, Poll::Ready),
                _ => Poll::Pending,
            },
            None => Poll::Pending,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Those in the queue go with it, outside the table's lock: each takes itself out of the table.
        let gone = self.world.sockets().open.remove(&self.key);
        drop(gone);
        self.world.stir();
    }
}

pub(super) fn listen(net: &Net, at: SocketAddr) -> Result<Listener, Errno> {
    let world = net.world.world();
    if !at.ip().is_unspecified() && !path::is_own(&world, &net.place, at.ip()) {
        return Err(Errno::AddressNotAvailable);
    }
    if net.place == Place::Host && world.is_published(at, Protocol::Tcp) {
        return Err(Errno::AddressInUse);
    }
    drop(world);
    let mut sockets = net.world.sockets();
    let local = sockets.claim(&net.place, at, Protocol::Tcp)?;
    let key = sockets.insert(&net.place, local, Kind::Listener(VecDeque::new()));
    drop(sockets);
    net.world.stir();
    Ok(Listener {
        world: net.world.clone(),
        local,
        key,
    })
}

/// When the kernel sends a SYN again, in seconds from the first (`tcp_syn_retries` is 6), and when it gives up.
const AGAIN: [u64; 7] = [1, 3, 7, 15, 31, 63, 127];
/// When it asks for the neighbour's MAC again, and when it gives that up.
const ARP: [u64; 3] = [1, 2, 3];

pub(super) async fn connect(
    net: &Net,
    to: SocketAddr,
    patience: Option<Duration>,
) -> Result<TcpStream, Errno> {
    let begun = net.world.now();
    let passed = || Duration::try_from(net.world.now().duration_since(begun)).unwrap_or_default();
    loop {
        let (schedule, errno) = match attempt(&net.world, &net.place, to) {
            Attempt::Done(done) => return *done,
            Attempt::NoNeighbour => (&ARP[..], Errno::HostUnreachable),
            Attempt::Silence => (&AGAIN[..], Errno::TimedOut),
        };
        let mut left = schedule.iter().map(|again| Duration::from_secs(*again));
        let Some(again) = left.find(|again| *again > passed()) else {
            return Err(errno);
        };
        let until = patience.map_or(again, |patience| patience.min(again));
        net.sleep(until.saturating_sub(passed())).await;
        if patience.is_some_and(|patience| passed() >= patience) {
            return Err(Errno::TimedOut);
        }
        if Some(&again.as_secs()) == schedule.last() {
            return Err(errno);
        }
    }
}

enum Attempt {
    Done(Box<Result<TcpStream, Errno>>),
    NoNeighbour,
    Silence,
}

/// One SYN, and what comes of it.
fn attempt(simulated: &Simulated, place: &Place, to: SocketAddr) -> Attempt {
    let done = |result| Attempt::Done(Box::new(result));
    let verdict = path::follow(&simulated.world(), place, to, Protocol::Tcp);
    match verdict {
        Verdict::Arrives(arrival) => done(arrive(simulated, place, to, &arrival)),
        Verdict::NoRoute => done(Err(Errno::NetworkUnreachable)),
        Verdict::Unreachable { .. } => Attempt::NoNeighbour,
        Verdict::Silence => Attempt::Silence,
    }
}

fn arrive(
    simulated: &Simulated,
    place: &Place,
    to: SocketAddr,
    arrival: &path::Arrival,
) -> Result<TcpStream, Errno> {
    let mut sockets = simulated.sockets();
    let port = sockets.free_port(place, Protocol::Tcp);
    let local = SocketAddr::new(arrival.source, port);
    let (there, back) = (Pipe::default(), Pipe::default());
    let listens = sockets
        .receiver(&arrival.place, arrival.to, Protocol::Tcp)
        .is_some();
    if !listens && !arrival.proxied {
        return Err(Errno::ConnectionRefused);
    }
    let stream = Kind::Stream {
        remote: to,
        read: back.clone(),
    };
    let key = sockets.insert(place, local, stream);
    let ours = TcpStream {
        world: simulated.clone(),
        local,
        peer: to,
        read: back.clone(),
        write: there.clone(),
        key,
    };
    if !listens {
        // docker-proxy has accepted before it knows that it cannot go on, and then hangs up on what was sent.
        back.lock().reset = true;
        there.lock().abandoned = true;
        return Ok(ours);
    }
    let remote = SocketAddr::new(arrival.seen, port);
    let stream = Kind::Stream {
        remote,
        read: there.clone(),
    };
    let key = sockets.insert(&arrival.place, arrival.to, stream);
    let theirs = TcpStream {
        world: simulated.clone(),
        local: arrival.to,
        peer: remote,
        read: there,
        write: back,
        key,
    };
    if let Some(open) = sockets.receiver(&arrival.place, arrival.to, Protocol::Tcp)
        && let Kind::Listener(waiting) = &mut open.kind
    {
        waiting.push_back(theirs);
    }
    drop(sockets);
    simulated.stir();
    Ok(ours)
}
