use std::net::{IpAddr, Ipv4Addr};

use proptest::prelude::*;

use super::*;
use crate::{
    host::{HostFacts, HostInterface},
    topology::{Endpoint, NetworkNode, Subnet},
};

/// A lab in a few words: networks by name, then containers as `name: mode` or `name: network, network`.
fn lab(networks: &[(&str, &str)], containers: &[(&str, &[&str])]) -> Topology {
    let mut topology = Topology {
        host: HostFacts {
            name: "laptop".into(),
            interfaces: vec![HostInterface {
                name: "eth0".into(),
                address: "192.168.1.20".parse().unwrap(),
                prefix: 24,
            }],
            name_servers: vec!["10.0.0.2".parse().unwrap()],
        },
        ..Topology::default()
    };
    for (number, (name, driver)) in (1..).zip(networks) {
        let node = network(name, driver, number);
        topology.networks.insert(node.id.clone(), node);
    }
    for (number, (name, places)) in (2..).zip(containers) {
        let node = container(&topology, name, places, number);
        topology.containers.insert(node.id.clone(), node);
    }
    topology
}

fn network(name: &str, driver: &str, number: u8) -> NetworkNode {
    let (driver, internal) = driver
        .strip_suffix(" internal")
        .map_or((driver, false), |driver| (driver, true));
    NetworkNode {
        id: NetworkId::new(name),
        name: name.into(),
        driver: driver.into(),
        scope: "local".into(),
        subnets: vec![Subnet {
            subnet: format!("172.{}.0.0/16", 16 + number),
            gateway: Some(IpAddr::V4(Ipv4Addr::new(172, 16 + number, 0, 1))),
        }],
        internal,
        attachable: false,
        interface: None,
        name_server: name != "bridge",
        created: String::new(),
        ours: true,
    }
}

fn container(topology: &Topology, name: &str, places: &[&str], number: u8) -> ContainerNode {
    let id = ContainerId::new(format!("{number:012x}ffff"));
    let on = places
        .iter()
        .filter_map(|place| topology.networks.get(&NetworkId::new(*place)));
    let endpoints = on.map(|network| {
        let gateway = network.subnets[0].gateway;
        let Some(IpAddr::V4(base)) = gateway else {
            panic!("an IPv4 network")
        };
        let endpoint = Endpoint {
            address: Some(IpAddr::V4(Ipv4Addr::new(172, base.octets()[1], 0, number))),
            gateway,
            names: if network.name_server {
                vec![name.into(), format!("{name}-alias"), id.short().into()]
            } else {
                Vec::new()
            },
            ..Endpoint::default()
        };
        (network.id.clone(), endpoint)
    });
    ContainerNode {
        endpoints: endpoints.collect(),
        name: name.into(),
        image: "busybox".into(),
        state: if places.contains(&"stopped") {
            ContainerState::Exited
        } else {
            ContainerState::Running
        },
        exit_code: None,
        network_mode: (*places.first().unwrap_or(&"none")).into(),
        ports: Vec::new(),
        created: String::new(),
        ours: true,
        id,
    }
}

fn id(topology: &Topology, name: &str) -> ContainerId {
    let container = topology
        .containers
        .values()
        .find(|container| container.name == name);
    container.expect("a container of that name").id.clone()
}

/// `web`, `172.18.0.2`, or `=web` for the container itself. Expected: the path, and why, as in the picture.
fn check(topology: &Topology, from: &str, to: &str, expected: [&str; 2]) {
    let target = match to.strip_prefix('=') {
        Some(name) => Target::Container(id(topology, name)),
        None => Target::Name(to.into()),
    };
    let reach = reach(topology, &id(topology, from), &target);
    assert_eq!(
        [path(topology, &reach), reach.why],
        expected.map(str::to_owned),
        "{from} -> {to}"
    );
}

fn path(topology: &Topology, reach: &Reach) -> String {
    let hops = reach.hops.iter().map(|hop| match hop {
        Hop::Container { id } => topology.containers[id].name.clone(),
        Hop::Asks { server, answer, .. } => {
            let server = match server {
                Some(NameServer::Docker { network }) => format!("127.0.0.11@{network}"),
                Some(NameServer::Host { address }) => {
                    address.map_or_else(|| "?".into(), |it| it.to_string())
                }
                None => "nobody".into(),
            };
            let answer = answer.map_or_else(|| "?".into(), |it| it.to_string());
            format!("({server}: {answer})")
        }
        Hop::Network { id } => format!("={id}="),
        Hop::Host => "host".into(),
        Hop::Outside => "outside".into(),
    });
    let end = match &reach.outcome {
        Outcome::Ok => "ok",
        Outcome::Leaves => "leaves",
        Outcome::NoName { .. } => "no name",
        Outcome::NoRoute => "no route",
        Outcome::Isolated { .. } => "isolated",
        Outcome::Nobody { .. } => "nobody",
        Outcome::NotRunning { .. } => "not running",
        Outcome::Unknown { .. } => "unknown",
    };
    format!("{}: {end}", hops.collect::<Vec<_>>().join(" "))
}

fn two_networks() -> Topology {
    lab(
        &[
            ("bridge", "bridge"),
            ("mynet", "bridge"),
            ("other", "bridge"),
            ("inner", "bridge internal"),
            ("lan", "macvlan"),
        ],
        &[
            ("web", &["mynet"]),
            ("alpine", &["mynet"]),
            ("far", &["other"]),
            ("busybox", &["bridge"]),
            ("nginx", &["bridge"]),
            ("stopped", &["mynet", "stopped"]),
            ("open", &["host"]),
            ("alone", &["none"]),
            ("secret", &["inner"]),
            ("vlan", &["lan"]),
            ("beside", &["container:web"]),
        ],
    )
}

#[test]
fn names_on_a_network_of_ones_own() {
    let lab = two_networks();
    let both = "alpine and web are both on mynet, where web is 172.18.0.2";
    check(
        &lab,
        "alpine",
        "web",
        [
            "alpine (127.0.0.11@mynet: 172.18.0.2) =mynet= web: ok",
            both,
        ],
    );
    check(
        &lab,
        "alpine",
        "WEB-alias",
        [
            "alpine (127.0.0.11@mynet: 172.18.0.2) =mynet= web: ok",
            both,
        ],
    );
    check(
        &lab,
        "alpine",
        "000000000002",
        [
            "alpine (127.0.0.11@mynet: 172.18.0.2) =mynet= web: ok",
            both,
        ],
    );
    check(
        &lab,
        "alpine",
        "172.18.0.2",
        ["alpine =mynet= web: ok", both],
    );
    check(&lab, "alpine", "=web", ["alpine =mynet= web: ok", both]);
}

#[test]
fn names_that_nobody_knows() {
    let lab = two_networks();
    check(
        &lab,
        "alpine",
        "nope",
        [
            "alpine (127.0.0.11@mynet: ?): no name",
            "alpine asked 127.0.0.11, Docker's name server, for \"nope\": no container on mynet has that name",
        ],
    );
    check(
        &lab,
        "alpine",
        "far",
        [
            "alpine (127.0.0.11@mynet: ?): no name",
            "alpine asked 127.0.0.11, Docker's name server, for \"far\": it tells only the names of who shares a network with \
         alpine, and far is on other",
        ],
    );
    check(
        &lab,
        "alpine",
        "stopped",
        [
            "alpine (127.0.0.11@mynet: ?): not running",
            "stopped is not running: it has no address",
        ],
    );
}

#[test]
fn the_default_bridge_has_no_names() {
    let lab = two_networks();
    check(
        &lab,
        "busybox",
        "nginx",
        [
            "busybox (10.0.0.2: ?): no name",
            "busybox asked 10.0.0.2, your host's name server, for \"nginx\": the default bridge has no names",
        ],
    );
    check(
        &lab,
        "busybox",
        "172.17.0.6",
        [
            "busybox =bridge= nginx: ok",
            "busybox and nginx are both on bridge, where nginx is 172.17.0.6",
        ],
    );
}

#[test]
fn bridges_are_isolated() {
    let lab = two_networks();
    let why =
        "far is on other, web on mynet: the host drops what comes from one bridge for another";
    check(&lab, "web", "=far", ["web =mynet= host: isolated", why]);
    check(
        &lab,
        "web",
        "172.19.0.4",
        ["web =mynet= host: isolated", why],
    );
    check(
        &lab,
        "web",
        "172.19.0.1",
        [
            "web =mynet= host: ok",
            "172.19.0.1 is the host itself, on other",
        ],
    );
    check(
        &lab,
        "web",
        "172.18.0.99",
        [
            "web =mynet=: nobody",
            "nobody on mynet has the address 172.18.0.99",
        ],
    );
    check(
        &lab,
        "web",
        "8.8.8.8",
        [
            "web =mynet= host outside: leaves",
            "8.8.8.8 is outside: the host sends it on in its own name",
        ],
    );
}

#[test]
fn internal_networks_have_no_way_out() {
    let lab = two_networks();
    let why = "is not on inner, and inner is internal: no way leads out of it";
    check(
        &lab,
        "secret",
        "8.8.8.8",
        ["secret: no route", &format!("8.8.8.8 {why}")],
    );
    check(
        &lab,
        "secret",
        "192.168.1.20",
        ["secret: no route", &format!("192.168.1.20 {why}")],
    );
    check(
        &lab,
        "open",
        "=secret",
        [
            "open host =inner= secret: ok",
            "the host is on inner too, where secret is 172.20.0.10",
        ],
    );
}

#[test]
fn host_and_none() {
    let lab = two_networks();
    check(
        &lab,
        "open",
        "web",
        [
            "open (10.0.0.2: ?): no name",
            "open asked 10.0.0.2, your host's name server, for \"web\": open has the host's network, where Docker's names are \
         not known",
        ],
    );
    check(
        &lab,
        "open",
        "=web",
        [
            "open host =mynet= web: ok",
            "the host is on mynet too, where web is 172.18.0.2",
        ],
    );
    check(
        &lab,
        "web",
        "=open",
        [
            "web =mynet= host open: ok",
            "open has the host's network, and the host is the gateway of mynet",
        ],
    );
    check(
        &lab,
        "alone",
        "web",
        [
            "alone (nobody: ?): no name",
            "alone has no network but its own loopback: there is nobody to ask for \"web\"",
        ],
    );
    check(
        &lab,
        "alone",
        "=web",
        [
            "alone: no route",
            "alone has no network but its own loopback",
        ],
    );
    check(
        &lab,
        "web",
        "=alone",
        [
            "web: no route",
            "alone has no network but its own loopback: no way leads there",
        ],
    );
    check(
        &lab,
        "alone",
        "localhost",
        ["alone alone: ok", "alone reaches itself by its loopback"],
    );
}

#[test]
fn macvlan_children_do_not_talk_to_their_host() {
    let lab = two_networks();
    check(
        &lab,
        "open",
        "=vlan",
        [
            "open host: no route",
            "172.21.0.11 is on lan, a macvlan network: the host cannot talk to its own children there",
        ],
    );
    check(
        &lab,
        "vlan",
        "=open",
        [
            "vlan: no route",
            "vlan is on lan, a macvlan network: from there the host itself cannot be reached",
        ],
    );
}

#[test]
fn a_shared_stack_is_one_place() {
    let lab = two_networks();
    check(
        &lab,
        "beside",
        "=web",
        [
            "beside web: ok",
            "beside and web share one network stack: localhost is both",
        ],
    );
    check(
        &lab,
        "beside",
        "alpine",
        [
            "beside (127.0.0.11@mynet: 172.18.0.3) =mynet= alpine: ok",
            "beside and alpine are both on mynet, where alpine is 172.18.0.3",
        ],
    );
    check(
        &lab,
        "alpine",
        "=beside",
        [
            "alpine =mynet= beside: ok",
            "alpine and beside are both on mynet, where beside is 172.18.0.2",
        ],
    );
}

#[test]
fn who_does_not_run_sends_nothing() {
    let lab = two_networks();
    check(
        &lab,
        "stopped",
        "web",
        [
            "stopped: not running",
            "stopped is not running: it has no address",
        ],
    );
    check(
        &lab,
        "web",
        "=stopped",
        [
            "web: not running",
            "stopped is not running: it has no address",
        ],
    );
}

const PLACES: &[&str] = &["bridge", "one", "two", "inner", "host", "none"];

/// Labs of bridges, internal networks, host and none modes: what a first course is about.
fn any_lab() -> impl Strategy<Value = Topology> {
    let place = prop::sample::subsequence(PLACES, 1..3);
    prop::collection::vec(place, 2..6).prop_map(|all| {
        let names: Vec<String> = (0..all.len()).map(|number| format!("c{number}")).collect();
        let networks = [
            ("bridge", "bridge"),
            ("one", "bridge"),
            ("two", "bridge"),
            ("inner", "bridge internal"),
        ];
        let containers: Vec<(&str, &[&str])> = names
            .iter()
            .zip(&all)
            .map(|(name, on)| (name.as_str(), on.as_slice()))
            .collect();
        lab(&networks, &containers)
    })
}

proptest! {
    #[test]
    fn who_reaches_can_be_reached(lab in any_lab()) {
        for one in lab.containers.keys() {
            for other in lab.containers.keys() {
                let there = reach(&lab, one, &Target::Container(other.clone())).outcome == Outcome::Ok;
                let back = reach(&lab, other, &Target::Container(one.clone())).outcome == Outcome::Ok;
                prop_assert_eq!(there, back, "{} {}", one, other);
            }
        }
    }

    #[test]
    fn a_path_starts_at_its_sender_and_a_good_one_names_all_its_places(lab in any_lab(), name in "c[0-5]") {
        for one in lab.containers.keys() {
            let reach = reach(&lab, one, &Target::Name(name.clone()));
            prop_assert_eq!(&reach.hops[0], &Hop::Container { id: one.clone() });
            prop_assert!(!reach.why.is_empty() && !reach.why.contains('\n'));
            if reach.outcome == Outcome::Ok {
                let Some(Hop::Container { id }) = reach.hops.last() else { panic!("{reach:?}") };
                prop_assert_eq!(&lab.containers[id].name, &name);
            }
        }
    }

    #[test]
    fn a_shared_named_network_is_enough(lab in any_lab()) {
        for one in lab.containers.values() {
            for other in lab.containers.values() {
                let shared = one.endpoints.keys().any(|id| lab.networks[id].name_server && other.endpoints.contains_key(id));
                let own = |container| matches!(stack(&lab, container), Stack::Own(_));
                if shared && own(one) && own(other) {
                    let reach = reach(&lab, &one.id, &Target::Name(other.name.clone()));
                    prop_assert_eq!(reach.outcome, Outcome::Ok, "{}", reach.why);
                }
            }
        }
    }
}
