//! What older tools show of the network: `ifconfig`, `route`, `arp`, `netstat`.

use std::{
    fmt::Write as _,
    net::{IpAddr, SocketAddr},
};

use ipnet::IpNet;

use super::usage::Options;
use crate::{
    net::{Interface, Protocol, TcpState},
    process::Process,
};

pub fn ifconfig(process: &Process) -> i64 {
    let options = match Options::read(process, "a", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if options.rest.len() > 1 {
        process.complain("ifconfig: SIOCSIFFLAGS: Operation not permitted\n");
        return 1;
    }
    let mut interfaces = process.net().interfaces();
    interfaces.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(wanted) = options.rest.first() {
        interfaces.retain(|interface| interface.name == *wanted);
        if interfaces.is_empty() {
            process.complain(&format!(
                "ifconfig: {wanted}: error fetching interface information: Device not found\n"
            ));
            return 1;
        }
    }
    process.print(&interfaces.iter().map(interface).collect::<String>());
    0
}

fn interface(interface: &Interface) -> String {
    let mut text = match &interface.mac {
        Some(mac) => format!(
            "{:<10}Link encap:Ethernet  HWaddr {}  \n",
            interface.name,
            mac.to_uppercase()
        ),
        None => format!("{:<10}Link encap:Local Loopback  \n", interface.name),
    };
    for address in &interface.addresses {
        let _ = match address {
            IpNet::V4(net) if net.addr().is_loopback() => {
                writeln!(
                    text,
                    "          inet addr:{}  Mask:{}",
                    net.addr(),
                    net.netmask()
                )
            }
            IpNet::V4(net) => {
                writeln!(
                    text,
                    "          inet addr:{}  Bcast:{}  Mask:{}",
                    net.addr(),
                    net.broadcast(),
                    net.netmask()
                )
            }
            IpNet::V6(net) => {
                let scope = if net.addr().is_loopback() {
                    "Host"
                } else {
                    "Global"
                };
                writeln!(text, "          inet6 addr: {net} Scope:{scope}")
            }
        };
    }
    let (flags, queue) = if interface.mac.is_some() {
        ("UP BROADCAST RUNNING MULTICAST", 0)
    } else {
        ("UP LOOPBACK RUNNING", 1000)
    };
    let ((received, received_bytes), (sent, sent_bytes)) = (interface.received, interface.sent);
    let _ = writeln!(
        text,
        "          {flags}  MTU:{}  Metric:1\n          RX packets:{received} errors:0 dropped:0 overruns:0 frame:0\n          TX packets:{sent} errors:0 dropped:0 overruns:0 carrier:0\n          collisions:0 txqueuelen:{queue} \n          RX bytes:{received_bytes} ({})  TX bytes:{sent_bytes} ({})\n",
        interface.mtu,
        human(received_bytes),
        human(sent_bytes)
    );
    text
}

fn human(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KiB", "MiB", "GiB"];
    let mut tenths = bytes * 10;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

pub fn route(process: &Process) -> i64 {
    let options = match Options::read(process, "A:ne", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if !options.rest.is_empty() {
        process.complain("route: SIOCADDRT: Operation not permitted\n");
        return 1;
    }
    let head = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n";
    table(process, head, options.has("n"), "0      0        0");
    0
}

fn table(process: &Process, head: &str, numeric: bool, middle: &str) {
    let mut text = format!("Kernel IP routing table\n{head}");
    for route in process.net().routes() {
        let IpNet::V4(to) = route.to else { continue };
        let is_default = to.prefix_len() == 0;
        let destination = if is_default && !numeric {
            "default".to_owned()
        } else {
            to.network().to_string()
        };
        let gateway = match route.gateway {
            Some(gateway) => gateway.to_string(),
            None if numeric => "0.0.0.0".to_owned(),
            None => "*".to_owned(),
        };
        let flags = if route.gateway.is_some() { "UG" } else { "U" };
        let _ = writeln!(
            text,
            "{destination:<15} {gateway:<15} {:<15} {flags:<5} {middle} {}",
            to.netmask().to_string(),
            route.device
        );
    }
    process.print(&text);
}

pub fn arp(process: &Process) -> i64 {
    let options = match Options::read(process, "vnaDdsH:A:p:t:i:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let net = process.net();
    let neighbours = net.neighbours();
    let mut text = String::new();
    for neighbour in neighbours
        .iter()
        .filter(|neighbour| neighbour.address.is_ipv4())
    {
        let name = if options.has("n") {
            None
        } else {
            net.ask_back(neighbour.address).name
        };
        let name = name.unwrap_or_else(|| "?".to_owned());
        let what = match &neighbour.mac {
            Some(mac) => format!("{mac} [ether]"),
            None => "<incomplete>".to_owned(),
        };
        let _ = writeln!(
            text,
            "{name} ({}) at {what}  on {}",
            neighbour.address, neighbour.device
        );
    }
    process.print(&text);
    0
}

pub fn netstat(process: &Process) -> i64 {
    let options = match Options::read(process, "ralntuwxe", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if options.has("r") {
        let head =
            "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n";
        table(process, head, options.has("n"), "    0 0          0");
        return 0;
    }
    let (all, listening) = (options.has("a"), options.has("l"));
    let kinds = ["t", "u", "w", "x"].iter().any(|kind| options.has(kind));
    let wants = |kind: &str| !kinds || options.has(kind);
    let which = if all {
        "servers and established"
    } else if listening {
        "only servers"
    } else {
        "w/o servers"
    };
    if wants("t") || wants("u") || wants("w") {
        let mut text = format!(
            "Active Internet connections ({which})\nProto Recv-Q Send-Q Local Address           Foreign Address         State       \n"
        );
        for (protocol, kind, name) in [(Protocol::Tcp, "t", "tcp"), (Protocol::Udp, "u", "udp")] {
            let sockets = process.net().sockets();
            for socket in sockets
                .iter()
                .filter(|socket| socket.protocol == protocol && wants(kind))
            {
                let is_server = matches!(socket.state, None | Some(TcpState::Listen));
                if !all && is_server != listening {
                    continue;
                }
                let state = match socket.state {
                    Some(TcpState::Listen) => "LISTEN",
                    Some(TcpState::Established) => "ESTABLISHED",
                    Some(TcpState::CloseWait) => "CLOSE_WAIT",
                    _ => "",
                };
                let (local, remote) = (shown(socket.local), shown(socket.remote));
                let _ = writeln!(
                    text,
                    "{name}        0      0 {local:<23} {remote:<23} {state:<12}"
                );
            }
        }
        process.print(&text);
    }
    if wants("x") {
        process.print(&format!(
            "Active UNIX domain sockets ({which})\nProto RefCnt Flags       Type       State         I-Node Path\n"
        ));
    }
    0
}

fn shown(address: SocketAddr) -> String {
    let port = if address.port() == 0 {
        "*".to_owned()
    } else {
        address.port().to_string()
    };
    match address.ip() {
        IpAddr::V4(four) => format!("{four}:{port}"),
        IpAddr::V6(six) => format!("{six}:{port}"),
    }
}
