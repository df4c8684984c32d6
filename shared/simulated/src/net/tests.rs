//! Two programs that talk, and who is not reached.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use futures::{executor::block_on, future::join};
use jiff::Timestamp;
use lab::{
    Containers as _, Networks as _,
    clock::VirtualClock,
    models::{ContainerCreateBody, HostConfig, NetworkCreateRequest, PortBinding},
};

use super::{Echo, Errno, Net};
use crate::Simulated;

fn world() -> Simulated {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    Simulated::new(clock, 7)
}

fn network(world: &Simulated, name: &str, internal: bool) {
    let request = NetworkCreateRequest {
        name: name.to_owned(),
        internal: Some(internal),
        ..Default::default()
    };
    block_on(world.create_network(request)).unwrap();
}

/// A container that sleeps, and its view of the network.
fn run(world: &Simulated, name: &str, network: &str) -> Net {
    block_on(begin(world, name, network))
}

async fn begin(world: &Simulated, name: &str, network: &str) -> Net {
    let body = ContainerCreateBody {
        image: Some("busybox".to_owned()),
        cmd: Some(["sleep", "1000000"].map(str::to_owned).to_vec()),
        host_config: Some(HostConfig {
            network_mode: Some(network.to_owned()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let id = world.create_container(Some(name), body).await.unwrap().id;
    world.start_container(&id).await.unwrap();
    world.net_of(&id)
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[test]
fn bytes_flow_both_ways_and_end() {
    let world = world();
    network(&world, "app", false);
    let (server, client) = (run(&world, "server", "app"), run(&world, "client", "app"));
    let listener = server.listen(address("0.0.0.0:5000")).unwrap();
    let serve = async {
        let stream = listener.accept().await;
        let question = stream.read().await.unwrap();
        stream
            .write([b"you said ", &question[..]].concat())
            .await
            .unwrap();
        stream.peer()
    };
    let ask = async {
        let stream = client
            .connect(address("172.18.0.2:5000"), None)
            .await
            .unwrap();
        stream.write("hello").await.unwrap();
        let answer = stream.read().await.unwrap();
        assert!(stream.read().await.unwrap().is_empty());
        answer
    };
    let (peer, answer) = block_on(world.attend(join(serve, ask)));
    assert_eq!(answer, "you said hello");
    assert_eq!(peer.ip().to_string(), "172.18.0.3");
    assert_eq!(server.sockets().len(), 1, "only the listener is left");
}

#[test]
fn a_connection_fails_as_the_kernel_has_it() {
    let world = world();
    network(&world, "app", false);
    network(&world, "other", false);
    network(&world, "inside", true);
    let client = run(&world, "client", "app");
    run(&world, "far", "other");
    let inside = run(&world, "shut", "inside");
    let check = |net: &Net, to: &str, expected: Errno, seconds: i64| {
        let before = world.now();
        let got = block_on(world.attend(net.connect(address(to), None)));
        assert_eq!(got.err(), Some(expected), "{to}");
        assert_eq!(
            world.now().as_second() - before.as_second(),
            seconds,
            "{to}"
        );
    };
    check(&client, "172.18.0.2:80", Errno::ConnectionRefused, 0);
    check(&client, "127.0.0.1:80", Errno::ConnectionRefused, 0);
    check(&client, "172.18.0.9:80", Errno::HostUnreachable, 3);
    check(&client, "172.19.0.2:80", Errno::TimedOut, 127);
    check(&inside, "172.18.0.2:80", Errno::NetworkUnreachable, 0);
}

#[test]
fn a_datagram_is_answered_or_refused() {
    let world = world();
    network(&world, "app", false);
    let (server, client) = (run(&world, "server", "app"), run(&world, "client", "app"));
    let (one, other) = (
        server.udp(address("0.0.0.0:53")).unwrap(),
        client.udp(address("0.0.0.0:0")).unwrap(),
    );
    other.send("?", address("172.18.0.2:53")).unwrap();
    let (question, from) = block_on(world.attend(one.receive()));
    one.send(question.unwrap(), from).unwrap();
    let (answer, from) = block_on(world.attend(other.receive()));
    assert_eq!(
        (answer.unwrap().as_ref(), from),
        (&b"?"[..], address("172.18.0.2:53"))
    );
    other.send("?", address("172.18.0.2:54")).unwrap();
    let (answer, _) = block_on(world.attend(other.receive()));
    assert_eq!(answer, Err(Errno::ConnectionRefused));
}

#[test]
fn an_echo_comes_back_or_somebody_says_why_not() {
    let world = world();
    network(&world, "app", false);
    let client = run(&world, "client", "app");
    let echo = |to: &str, ttl| client.echo(to.parse().unwrap(), ttl);
    let from = |text: &str| text.parse().unwrap();
    assert_eq!(
        echo("172.18.0.1", 64),
        Echo::Reply {
            from: from("172.18.0.1"),
            ttl: 64
        }
    );
    assert_eq!(
        echo("10.1.1.1", 1),
        Echo::TimeExceeded {
            from: from("172.18.0.1")
        }
    );
    let unreachable = |text| Echo::Unreachable {
        from: from(text),
        what: super::Unreachable::Host,
    };
    assert_eq!(echo("10.1.1.1", 64), unreachable("192.168.65.3"));
    assert_eq!(echo("172.18.0.7", 64), unreachable("172.18.0.2"));
}

#[test]
fn a_connection_waits_for_one_that_comes() {
    let world = world();
    network(&world, "app", false);
    let client = run(&world, "client", "app");
    let later = world.clone();
    let connect = client.connect(address("172.18.0.3:80"), None);
    let come = async {
        client.sleep(Duration::from_millis(1500)).await;
        let late = begin(&later, "late", "app").await;
        late.listen(address("0.0.0.0:80"))
    };
    let (stream, _listener) = block_on(world.attend(join(connect, come)));
    assert!(stream.is_ok());
}

#[test]
fn a_published_port_answers_on_the_host_and_the_log_says_who_asked() {
    let world = world();
    network(&world, "app", false);
    let body = ContainerCreateBody {
        image: Some("nginx".to_owned()),
        host_config: Some(HostConfig {
            network_mode: Some("app".to_owned()),
            port_bindings: Some(HashMap::from([(
                "80/tcp".to_owned(),
                Some(vec![PortBinding {
                    host_ip: None,
                    host_port: Some("8080".to_owned()),
                }]),
            )])),
            ..Default::default()
        }),
        ..Default::default()
    };
    let id = block_on(async {
        let id = world.create_container(Some("web"), body).await.unwrap().id;
        world.start_container(&id).await.unwrap();
        id
    });
    let client = run(&world, "client", "bridge");
    let get = |net: &Net, to: &str| {
        let asked = async {
            let stream = net.connect(address(to), None).await?;
            stream.write("GET / HTTP/1.0\r\n\r\n").await?;
            let answer = stream.read().await?;
            Ok::<_, Errno>(
                String::from_utf8_lossy(&answer)
                    .lines()
                    .next()
                    .unwrap()
                    .to_owned(),
            )
        };
        block_on(world.attend(asked)).unwrap()
    };
    for (net, to) in [
        (&world.host_net(), "127.0.0.1:8080"),
        (&world.host_net(), "192.168.65.3:8080"),
        (&world.host_net(), "172.18.0.2:80"),
        (&client, "172.17.0.1:8080"),
        (&client, "192.168.65.3:8080"),
    ] {
        assert_eq!(get(net, to), "HTTP/1.1 200 OK", "{to}");
    }
    let log: String = block_on(async {
        use futures::StreamExt as _;
        let options = lab::options::LogsOptions {
            stdout: true,
            tail: "all".to_owned(),
            ..Default::default()
        };
        let chunks = world.logs(&id, options).await.unwrap();
        let chunks: Vec<_> = chunks.collect().await;
        chunks
            .into_iter()
            .map(|chunk| String::from_utf8_lossy(chunk.unwrap().bytes()).into_owned())
            .collect()
    });
    // Its entry point's own lines come first.
    let peers: Vec<&str> = log
        .lines()
        .filter(|line| !line.starts_with("/docker-entrypoint"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(
        peers,
        [
            "172.18.0.1",
            "192.168.65.3",
            "172.18.0.1",
            "172.18.0.1",
            "172.18.0.1"
        ]
    );
}

#[test]
fn docker_proxy_accepts_and_hangs_up_where_nobody_listens_behind_it() {
    let world = world();
    let body = ContainerCreateBody {
        image: Some("busybox".to_owned()),
        cmd: Some(["sleep", "1000000"].map(str::to_owned).to_vec()),
        host_config: Some(HostConfig {
            port_bindings: Some(HashMap::from([(
                "81/tcp".to_owned(),
                Some(vec![PortBinding {
                    host_ip: None,
                    host_port: Some("8086".to_owned()),
                }]),
            )])),
            ..Default::default()
        }),
        ..Default::default()
    };
    block_on(async {
        let id = world
            .create_container(Some("nobody"), body)
            .await
            .unwrap()
            .id;
        world.start_container(&id).await.unwrap();
    });
    let host = world.host_net();
    let read = |to: &str| {
        let asked = async {
            let stream = host.connect(address(to), None).await?;
            stream.read().await.map(|bytes| bytes.len())
        };
        block_on(world.attend(asked))
    };
    assert_eq!(read("127.0.0.1:8086"), Err(Errno::ConnectionReset));
    assert_eq!(read("192.168.65.3:8086"), Err(Errno::ConnectionRefused));
}
