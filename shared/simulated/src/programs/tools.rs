//! The small tools that a networking course uses, as busybox has them.

// Every program is an `async fn`, also where it never waits.
#![allow(clippy::unused_async)]

use std::{fmt::Write as _, net::Ipv4Addr, time::Duration};

use super::nginx;
use crate::{
    net::{Connect, own_addresses},
    process::Process,
};

pub async fn sleep(process: Process) -> i64 {
    let argument = process.arguments.get(1).map_or("", String::as_str);
    let duration = match argument {
        "infinity" | "inf" => Some(Duration::from_secs(u64::from(u32::MAX))),
        seconds => seconds
            .trim_end_matches('s')
            .parse()
            .ok()
            .map(Duration::from_secs),
    };
    let Some(duration) = duration else {
        process.complain(&format!("sleep: invalid number '{argument}'\n"));
        return 1;
    };
    process.sleep(duration).await;
    0
}

pub async fn cat(process: Process) -> i64 {
    if process.arguments.len() < 2 {
        return copy_input(&process).await;
    }
    let mut exit = 0;
    for path in &process.arguments[1..] {
        if let Ok(bytes) = process.read_file(path) {
            process.write(1, &bytes);
        } else {
            process.complain(&format!(
                "cat: can't open '{path}': No such file or directory\n"
            ));
            exit = 1;
        }
    }
    exit
}

async fn copy_input(process: &Process) -> i64 {
    loop {
        let bytes = process.read(0).await;
        if bytes.is_empty() {
            return 0;
        }
        process.write(1, &bytes);
    }
}

pub async fn hostname(process: Process) -> i64 {
    let name = process
        .world
        .world()
        .containers
        .get(&process.container)
        .map(|container| container.hostname().to_owned());
    process.print(&format!("{}\n", name.unwrap_or_default()));
    0
}

pub async fn env(process: Process) -> i64 {
    for variable in &process.env {
        process.print(&format!("{variable}\n"));
    }
    0
}

pub async fn nslookup(process: Process) -> i64 {
    let name = process.arguments.get(1).cloned().unwrap_or_default();
    let (server, address) = {
        let world = process.world.world();
        let container = world.containers.get(&process.container);
        let has_names = container.is_some_and(|container| {
            container.networks.keys().any(|name| {
                world
                    .network(name)
                    .is_ok_and(crate::world::Network::has_names)
            })
        });
        (
            if has_names {
                "127.0.0.11"
            } else {
                "192.168.1.1"
            },
            world.resolve(&process.container, &name),
        )
    };
    process.print(&format!("Server:\t\t{server}\nAddress:\t{server}:53\n\n"));
    if let Some(address) = address {
        process.print(&format!(
            "Non-authoritative answer:\nName:\t{name}\nAddress: {address}\n\n"
        ));
        return 0;
    }
    process.print(&format!("** server can't find {name}: NXDOMAIN\n\n"));
    1
}

pub async fn wget(process: Process) -> i64 {
    let quiet = process
        .arguments
        .iter()
        .any(|word| word.starts_with('-') && word.contains('q'));
    let url = process
        .arguments
        .iter()
        .skip(1)
        .find(|word| !word.starts_with('-'))
        .cloned()
        .unwrap_or_default();
    let (host, port, path) = split_url(&url);
    let resolved = host
        .parse()
        .ok()
        .or_else(|| process.world.world().resolve(&process.container, &host));
    let Some(address) = resolved else {
        process.complain(&format!("wget: bad address '{host}'\n"));
        return 1;
    };
    if !quiet {
        process.complain(&format!("Connecting to {host} ({address}:{port})\n"));
    }
    let (outcome, target) = process
        .world
        .world()
        .connects(&process.container, address, port);
    match (outcome, target) {
        (Connect::To, Some(target)) => fetch(&process, &target, &path),
        (Connect::TimedOut, _) => {
            process.sleep(Duration::from_secs(10)).await;
            process.complain(&format!(
                "wget: can't connect to remote host ({address}): Connection timed out\n"
            ));
            1
        }
        _ => {
            process.complain(&format!(
                "wget: can't connect to remote host ({address}): Connection refused\n"
            ));
            1
        }
    }
}

fn fetch(process: &Process, target: &str, path: &str) -> i64 {
    let peer = process
        .world
        .world()
        .containers
        .get(&process.container)
        .and_then(|container| own_addresses(container).next());
    let peer = peer.unwrap_or(Ipv4Addr::LOCALHOST).to_string();
    let (status, body) = nginx::answer(&process.world, target, &peer, path, "Wget");
    if status == 200 {
        process.print(body);
        0
    } else {
        process.complain("wget: server returned error: HTTP/1.1 404 Not Found\n");
        1
    }
}

/// Host, port and path of `http://host:port/path`, all but the host optional.
pub fn split_url(url: &str) -> (String, u16, String) {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let (authority, path) = rest
        .split_once('/')
        .map_or((rest, "/".to_owned()), |(host, path)| {
            (host, format!("/{path}"))
        });
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    (host.to_owned(), port.parse().unwrap_or(80), path)
}

pub async fn ip(process: Process) -> i64 {
    let what = process.arguments.get(1).map_or("", String::as_str);
    if "address".starts_with(what) && what.starts_with('a') {
        process.print(&addresses(&process));
        return 0;
    }
    if "route".starts_with(what) && what.starts_with('r') {
        process.print(&routes(&process));
        return 0;
    }
    process.complain(&format!("causeway: not simulated: ip {what}\n"));
    1
}

fn addresses(process: &Process) -> String {
    let world = process.world.world();
    let mut text = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n".to_owned();
    let endpoints = world
        .containers
        .get(&process.container)
        .into_iter()
        .flat_map(|container| &container.networks);
    for (number, (network, endpoint)) in endpoints.enumerate() {
        let subnet = world
            .network(network)
            .ok()
            .and_then(|network| network.subnet);
        let Some((address, subnet)) = endpoint.address().zip(subnet) else {
            continue;
        };
        let (mac, broadcast, prefix) = (
            endpoint
                .link()
                .map(|link| link.mac.clone())
                .unwrap_or_default(),
            subnet.broadcast(),
            subnet.prefix_len(),
        );
        let (index, peer) = (number + 2, number + 3);
        let _ = writeln!(
            text,
            "{index}: eth{number}@if{peer}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP \n    link/ether {mac} brd ff:ff:ff:ff:ff:ff\n    inet {address}/{prefix} brd {broadcast} scope global eth{number}\n       valid_lft forever preferred_lft forever"
        );
    }
    text
}

fn routes(process: &Process) -> String {
    let world = process.world.world();
    let mut text = String::new();
    let endpoints = world
        .containers
        .get(&process.container)
        .into_iter()
        .flat_map(|container| &container.networks);
    for (number, (network, endpoint)) in endpoints.enumerate() {
        let Some((address, network)) = endpoint.address().zip(world.network(network).ok()) else {
            continue;
        };
        if let (0, Some(gateway), false) = (number, network.gateway, network.internal) {
            let _ = writeln!(text, "default via {gateway} dev eth{number} ");
        }
        if let Some(subnet) = network.subnet {
            let _ = writeln!(text, "{subnet} dev eth{number} scope link  src {address} ");
        }
    }
    text
}
