//! The machine itself: what it is called, where it is on its network, and connections from it into the lab.
//!
//! On Linux it reads what the kernel and `/etc` say; elsewhere containers live in a virtual machine, and there is less to say.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{TryStreamExt as _, future::BoxFuture};
use lab::{
    Containers as _, Error, Host,
    guard::Guard,
    host::{ConnectError, Connection, HostFacts, HostInterface},
    options::ListContainersOptions,
};
use tokio::net::TcpStream;
use tokio_util::{
    codec::{BytesCodec, FramedWrite},
    io::ReaderStream,
};

/// Whether an address is one of the lab's own containers'.
pub type Belongs = Box<dyn Fn(IpAddr) -> BoxFuture<'static, bool> + Send + Sync>;

/// As long as `curl` is patient in a lesson.
const PATIENCE: Duration = Duration::from_secs(10);

/// The machine that this program runs on.
pub struct RealHost {
    belongs: Belongs,
    /// `/`, except in tests.
    root: PathBuf,
}

impl RealHost {
    pub fn new(belongs: Belongs) -> Self {
        Self {
            belongs,
            root: "/".into(),
        }
    }

    /// For the lab that this guard watches over.
    pub fn of(guard: Arc<Guard>) -> Self {
        Self::new(Box::new(move |address| {
            let guard = Arc::clone(&guard);
            Box::pin(async move { has_address(&guard, address).await })
        }))
    }
}

#[async_trait]
impl Host for RealHost {
    async fn facts(&self) -> HostFacts {
        facts(&self.root)
    }

    async fn connect(&self, address: SocketAddr) -> Result<Connection, ConnectError> {
        if !address.ip().to_canonical().is_loopback() && !(self.belongs)(address.ip()).await {
            return Err(ConnectError::NotAllowed(format!(
                "{} is neither this machine nor one of the lab's containers: a lab connects nowhere else; use your own terminal",
                address.ip()
            )));
        }
        let stream = tokio::time::timeout(PATIENCE, TcpStream::connect(address)).await;
        match stream {
            Ok(Ok(stream)) => Ok(connection(stream)),
            Ok(Err(error)) => Err(refusal(&error)),
            Err(_) => Err(ConnectError::TimedOut),
        }
    }
}

/// Asks the engine: addresses change hands.
async fn has_address(guard: &Guard, address: IpAddr) -> bool {
    let Ok(containers) = guard
        .list_containers(ListContainersOptions::default())
        .await
    else {
        return false;
    };
    let mut ours = containers
        .into_iter()
        .filter(|container| container.id.as_deref().is_some_and(|id| guard.owns(id)));
    let address = address.to_string();
    ours.any(|container| {
        let networks = container
            .network_settings
            .and_then(|settings| settings.networks);
        networks.unwrap_or_default().into_values().any(|endpoint| {
            let addresses = [endpoint.ip_address, endpoint.global_ipv6_address];
            addresses.into_iter().flatten().any(|its| its == address)
        })
    })
}

fn refusal(error: &io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectError::Refused,
        io::ErrorKind::TimedOut => ConnectError::TimedOut,
        _ => ConnectError::Unreachable,
    }
}

fn connection(stream: TcpStream) -> Connection {
    let (read, write) = stream.into_split();
    let cut = |error: io::Error| Error::Unreachable(error.to_string());
    let write = FramedWrite::new(write, BytesCodec::new());
    Connection {
        read: Box::pin(ReaderStream::new(read).map_err(cut)),
        write: Box::pin(futures::SinkExt::<Bytes>::sink_map_err(write, cut)),
    }
}

fn facts(root: &Path) -> HostFacts {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    HostFacts {
        name: read("proc/sys/kernel/hostname").trim().to_owned(),
        interfaces: interfaces(&read("proc/net/route"), &read("proc/net/fib_trie")),
        name_servers: name_servers(&read),
    }
}

/// The interfaces that a default route leads through, the preferred one first.
fn interfaces(routes: &str, trie: &str) -> Vec<HostInterface> {
    let routes: Vec<Route> = routes.lines().filter_map(Route::read).collect();
    let local = local_addresses(trie);
    let mut ways_out: Vec<&Route> = routes.iter().filter(|route| route.is_default()).collect();
    ways_out.sort_by_key(|route| route.metric);
    let mut interfaces: Vec<HostInterface> = Vec::new();
    for way in ways_out {
        let on_link = routes
            .iter()
            .filter(|route| route.interface == way.interface && !route.is_default());
        let found = on_link.flat_map(|route| {
            let within = local.iter().filter(|address| route.covers(**address));
            within.map(|address| HostInterface {
                name: way.interface.clone(),
                address: IpAddr::V4(*address),
                prefix: route.prefix(),
            })
        });
        interfaces.extend(found.take(1));
        interfaces.dedup_by(|one, other| one.name == other.name);
    }
    interfaces
}

/// A line of `/proc/net/route`; its addresses are in the machine's byte order.
struct Route {
    interface: String,
    destination: u32,
    mask: u32,
    metric: u32,
}

impl Route {
    fn read(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let address = |field: usize| {
            let number = u32::from_str_radix(fields.get(field)?, 16).ok()?;
            Some(u32::from_be_bytes(number.to_ne_bytes()))
        };
        Some(Self {
            interface: (*fields.first()?).to_owned(),
            destination: address(1)?,
            mask: address(7)?,
            metric: fields.get(6)?.parse().ok()?,
        })
    }

    fn is_default(&self) -> bool {
        self.destination == 0 && self.mask == 0
    }

    fn covers(&self, address: Ipv4Addr) -> bool {
        u32::from(address) & self.mask == self.destination
    }

    fn prefix(&self) -> u8 {
        u8::try_from(self.mask.count_ones()).unwrap_or(32)
    }
}

/// `/proc/net/fib_trie` names an address, and on the next line what it is: `/32 host LOCAL`.
fn local_addresses(trie: &str) -> Vec<Ipv4Addr> {
    let mut addresses = Vec::new();
    let mut last: Option<Ipv4Addr> = None;
    for line in trie.lines() {
        if let Some(leaf) = line.trim_start().strip_prefix("|-- ") {
            last = leaf.trim().parse().ok();
        } else if line.trim() == "/32 host LOCAL" {
            addresses.extend(last);
        }
    }
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// As Docker reads them: past systemd's own resolver to those behind it, and none that a container cannot reach.
fn name_servers(read: &impl Fn(&str) -> String) -> Vec<IpAddr> {
    let mut servers = resolvers(&read("etc/resolv.conf"));
    if servers == [IpAddr::V4(Ipv4Addr::new(127, 0, 0, 53))] {
        servers = resolvers(&read("run/systemd/resolve/resolv.conf"));
    }
    servers.retain(|server| !server.is_loopback());
    servers
}

fn resolvers(text: &str) -> Vec<IpAddr> {
    let servers = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| *word == "nameserver")?;
        words.next()?.parse().ok()
    });
    servers.collect()
}

#[cfg(test)]
mod tests {
    use futures::{SinkExt as _, StreamExt as _};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    fn host(lab: &'static [&'static str]) -> RealHost {
        RealHost::new(Box::new(move |address| {
            Box::pin(async move { lab.contains(&address.to_string().as_str()) })
        }))
    }

    fn check(files: &[(&str, &str)], expected: &str) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let facts = facts(root.path());
        let interfaces: Vec<String> = facts
            .interfaces
            .iter()
            .map(|on| format!("{} {}/{}", on.name, on.address, on.prefix))
            .collect();
        let servers: Vec<String> = facts.name_servers.iter().map(IpAddr::to_string).collect();
        let read = format!(
            "{}: {}; asks {}",
            facts.name,
            interfaces.join(", "),
            servers.join(", ")
        );
        assert_eq!(read, expected);
    }

    #[cfg(target_endian = "little")]
    const ROUTES: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0
";
    #[cfg(target_endian = "little")]
    const TRIE: &str = "\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.0.0.0
        /24 link UNICAST
     |-- 10.0.0.7
        /32 host LOCAL
     |-- 10.0.0.255
        /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 172.17.0.1
        /32 host LOCAL
     |-- 192.168.1.20
        /32 host LOCAL
Local:
     |-- 10.0.0.7
        /32 host LOCAL
";

    #[cfg(target_endian = "little")]
    #[test]
    fn the_kernel_says_which_way_is_out() {
        check(
            &[
                ("proc/sys/kernel/hostname", "laptop\n"),
                ("proc/net/route", ROUTES),
                ("proc/net/fib_trie", TRIE),
                (
                    "etc/resolv.conf",
                    "# mine\nsearch lan\nnameserver 10.0.0.2\nnameserver ::1\n",
                ),
            ],
            "laptop: eth0 10.0.0.7/24, wlan0 192.168.1.20/24; asks 10.0.0.2",
        );
    }

    #[test]
    fn behind_systemds_resolver_are_the_real_ones() {
        check(
            &[
                ("etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0\n"),
                (
                    "run/systemd/resolve/resolv.conf",
                    "nameserver 192.168.1.1\n",
                ),
            ],
            ": ; asks 192.168.1.1",
        );
        check(&[], ": ; asks ");
    }

    #[tokio::test]
    async fn a_lab_connects_to_itself_and_nowhere_else() {
        let host = host(&["10.9.0.2"]);
        let sentence = host
            .connect("10.9.0.3:80".parse().unwrap())
            .await
            .err()
            .unwrap();
        assert_eq!(
            sentence.to_string(),
            "10.9.0.3 is neither this machine nor one of the lab's containers: a lab connects nowhere else; use your own terminal"
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = String::new();
            stream.read_to_string(&mut asked).await.unwrap();
            stream
                .write_all(asked.to_uppercase().as_bytes())
                .await
                .unwrap();
        });
        let mut connection = host.connect(address).await.unwrap();
        connection
            .write
            .send(Bytes::from_static(b"hello"))
            .await
            .unwrap();
        connection.write.close().await.unwrap();
        let answered: Vec<_> = connection.read.collect().await;
        assert_eq!(answered, [Ok(Bytes::from_static(b"HELLO"))]);
        answer.await.unwrap();
        let refused = host.connect(address).await.err().unwrap();
        assert_eq!(refused, ConnectError::Refused);
    }
}
