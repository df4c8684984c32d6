//! busybox's `ip`: it shows; it changes nothing here.

use std::{fmt::Write as _, net::IpAddr};

use ipnet::IpNet;

use super::usage;
use crate::{net::Interface, process::Process};

pub fn ip(process: &Process) -> i64 {
    let mut words: Vec<&str> = process.words().iter().map(String::as_str).collect();
    let mut family = None;
    while let Some(option) = words.first().filter(|word| word.starts_with('-')).copied() {
        match option {
            "-4" => family = Some(4),
            "-6" => family = Some(6),
            "-o" | "-oneline" => {
                process.complain("causeway: not simulated: ip -o\n");
                return 1;
            }
            _ => return usage::show(process),
        }
        words.remove(0);
    }
    let Some((what, rest)) = words.split_first() else {
        return usage::show(process);
    };
    let is = |name: &str| name.starts_with(what);
    let (verb, rest) = match rest.split_first() {
        Some((verb, rest))
            if ["show", "list", "lst"]
                .iter()
                .any(|known| known.starts_with(verb)) =>
        {
            ("show", rest)
        }
        Some((verb, rest))
            if [
                "add", "del", "delete", "set", "flush", "change", "append", "replace", "get",
            ]
            .contains(verb) =>
        {
            (*verb, rest)
        }
        _ => ("show", rest),
    };
    if what.is_empty() {
        return usage::show(process);
    }
    match (
        verb,
        is("address"),
        is("route"),
        is("link"),
        is("neighbour") || is("neighbor"),
    ) {
        ("show", true, ..) => addresses(process, rest, family, true),
        ("get", _, true, ..) => route_to(process, rest),
        ("show", _, true, ..) => routes(process, rest, family),
        ("show", _, _, true, _) => addresses(process, rest, family, false),
        ("show", .., true) => neighbours(process),
        (_, false, false, false, false) => usage::show(process),
        // Without the capability, the kernel refuses it.
        _ => {
            let asked = if is("link") {
                "SIOCSIFFLAGS"
            } else {
                "RTNETLINK answers"
            };
            process.complain(&format!("ip: {asked}: Operation not permitted\n"));
            2
        }
    }
}

fn addresses(process: &Process, rest: &[&str], family: Option<u8>, with_addresses: bool) -> i64 {
    let wanted = rest.iter().find(|word| !["dev", "up"].contains(*word));
    let interfaces = process.net().interfaces();
    if let Some(name) = wanted
        && !interfaces.iter().any(|interface| interface.name == **name)
    {
        process.complain(&format!("ip: can't find device '{name}'\n"));
        return 1;
    }
    let mut text = String::new();
    for interface in interfaces
        .iter()
        .filter(|interface| wanted.is_none_or(|name| interface.name == **name))
    {
        let of_family = |address: &&IpNet| {
            family.is_none_or(|family| (family == 4) == matches!(address, IpNet::V4(_)))
        };
        let addresses: Vec<&IpNet> = interface.addresses.iter().filter(of_family).collect();
        if family.is_some() && addresses.is_empty() {
            continue;
        }
        text.push_str(&link(interface, family.is_none() || !with_addresses));
        if with_addresses {
            for address in addresses {
                text.push_str(&address_lines(interface, address));
            }
        }
    }
    process.print(&text);
    0
}

fn link(interface: &Interface, with_hardware: bool) -> String {
    let Interface {
        index, name, mtu, ..
    } = interface;
    let is_loopback = interface.mac.is_none();
    let peer = interface
        .peer
        .map(|peer| format!("@if{peer}"))
        .unwrap_or_default();
    let flags = interface.flags.join(",");
    let queue = if is_loopback { "qlen 1000" } else { "" };
    let mut text = format!("{index}: {name}{peer}: <{flags}> mtu {mtu} qdisc noqueue {queue}\n");
    if with_hardware {
        let (kind, mac, all) = match &interface.mac {
            None => ("loopback", "00:00:00:00:00:00", "00:00:00:00:00:00"),
            Some(mac) => ("ether", mac.as_str(), "ff:ff:ff:ff:ff:ff"),
        };
        let _ = writeln!(text, "    link/{kind} {mac} brd {all}");
    }
    text
}

fn address_lines(interface: &Interface, address: &IpNet) -> String {
    let scope = if address.addr().is_loopback() {
        "host"
    } else {
        "global"
    };
    let line = match address {
        IpNet::V4(net) => {
            let brd = if address.addr().is_loopback() {
                String::new()
            } else {
                format!("brd {} ", net.broadcast())
            };
            format!("    inet {address} {brd}scope {scope} {}\n", interface.name)
        }
        IpNet::V6(net) => {
            let scope = if net.addr().segments()[0] & 0xffc0 == 0xfe80 {
                "link"
            } else {
                scope
            };
            let flags = if scope == "global" { " flags 02" } else { "" };
            format!("    inet6 {address} scope {scope}{flags} \n")
        }
    };
    line + "       valid_lft forever preferred_lft forever\n"
}

fn routes(process: &Process, rest: &[&str], family: Option<u8>) -> i64 {
    let device = rest
        .iter()
        .position(|word| *word == "dev")
        .and_then(|at| rest.get(at + 1));
    let mut text = String::new();
    for route in process.net().routes() {
        let is_four = matches!(route.to, IpNet::V4(_));
        if is_four == (family == Some(6)) || device.is_some_and(|device| route.device != **device) {
            continue;
        }
        let to = if route.to.prefix_len() == 0 {
            "default".to_owned()
        } else {
            route.to.to_string()
        };
        let _ = write!(text, "{to} ");
        if let Some(gateway) = route.gateway {
            let _ = write!(text, "via {gateway} ");
        }
        let _ = write!(text, "dev {} ", route.device);
        if let (Some(source), None) = (route.source, route.gateway) {
            let _ = write!(text, "scope link  src {source} ");
        }
        text.push('\n');
    }
    process.print(&text);
    0
}

fn route_to(process: &Process, rest: &[&str]) -> i64 {
    let Some(to) = rest.first().and_then(|word| word.parse::<IpAddr>().ok()) else {
        return usage::show(process);
    };
    let net = process.net();
    let routes = net.routes();
    let best = routes
        .iter()
        .filter(|route| route.to.contains(&to))
        .max_by_key(|route| route.to.prefix_len());
    let Some(best) = best else {
        process.complain("ip: RTNETLINK answers: Network is unreachable\n");
        return 2;
    };
    let via = best
        .gateway
        .map(|gateway| format!("via {gateway} "))
        .unwrap_or_default();
    let source = net
        .source_for(to)
        .map(|source| format!(" src {source} "))
        .unwrap_or_default();
    process.print(&format!("{to} {via}dev {} {source}\n", best.device));
    0
}

fn neighbours(process: &Process) -> i64 {
    let lines = process
        .net()
        .neighbours()
        .into_iter()
        .map(|neighbour| match neighbour.mac {
            Some(mac) => format!(
                "{} dev {} lladdr {mac} ref 1 used 0/0/0 probes 4 REACHABLE\n",
                neighbour.address, neighbour.device
            ),
            None => format!(
                "{} dev {}  used 0/0/0 probes 6 FAILED\n",
                neighbour.address, neighbour.device
            ),
        });
    process.print(&lines.collect::<String>());
    0
}
