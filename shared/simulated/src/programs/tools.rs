//! The small tools that a networking course uses, as busybox has them.

// Every program is an `async fn`, also where it never waits.
#![allow(clippy::unused_async)]

use std::{fmt::Write as _, net::IpAddr, time::Duration};

use ipnet::IpNet;

use crate::{
    net::{Status, TcpStream},
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

/// How long busybox's `nslookup` waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn nslookup(process: Process) -> i64 {
    let name = process.arguments.get(1).cloned().unwrap_or_default();
    let net = process.net();
    let back: Option<IpAddr> = name.parse().ok();
    let answer = back.map_or_else(|| net.ask(&name), |address| net.ask_back(address));
    let head = format!("Server:\t\t{0}\nAddress:\t{0}:53\n\n", answer.server);
    match answer.status {
        Status::NoError => {}
        Status::TimedOut => {
            process.sleep(PATIENCE).await;
            if answer.server.is_loopback() {
                process.print(&head);
            }
            process.print(";; connection timed out; no servers could be reached\n\n");
            return 1;
        }
        Status::ServerFailure | Status::NoSuchName => {
            let why = if answer.status == Status::ServerFailure {
                "SERVFAIL"
            } else {
                "NXDOMAIN"
            };
            let line = format!("** server can't find {name}: {why}\n\n");
            process.print(&format!("{head}{line}{line}"));
            return 1;
        }
    }
    process.print(&head);
    process.print("Non-authoritative answer:\n");
    if let (Some(IpAddr::V4(address)), Some(found)) = (back, answer.name) {
        let [a, b, c, d] = address.octets();
        process.print(&format!("{d}.{c}.{b}.{a}.in-addr.arpa\tname = {found}\n\n"));
        return 0;
    }
    for address in answer.addresses.iter().filter(|address| address.is_ipv4()) {
        process.print(&format!("Name:\t{name}\nAddress: {address}\n"));
    }
    process.print("\nNon-authoritative answer:\n");
    for address in answer.addresses.iter().filter(|address| address.is_ipv6()) {
        process.print(&format!("Name:\t{name}\nAddress: {address}\n"));
    }
    process.print("\n");
    0
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
    let net = process.net();
    let Some(address) = net.resolve(&host).first().copied() else {
        process.complain(&format!("wget: bad address '{host}'\n"));
        return 1;
    };
    if !quiet {
        process.complain(&format!("Connecting to {host} ({address}:{port})\n"));
    }
    match net.connect((address, port).into(), None).await {
        Ok(stream) => fetch(&process, &stream, &host, &path).await,
        Err(errno) => {
            process.complain(&format!(
                "wget: can't connect to remote host ({address}): {}\n",
                errno.text()
            ));
            1
        }
    }
}

async fn fetch(process: &Process, stream: &TcpStream, host: &str, path: &str) -> i64 {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Wget\r\nConnection: close\r\n\r\n"
    );
    let mut answer = Vec::new();
    if stream.write(request).await.is_ok() {
        while let Ok(bytes) = stream.read().await {
            if bytes.is_empty() {
                break;
            }
            answer.extend_from_slice(&bytes);
        }
    }
    let Some(end) = answer.windows(4).position(|end| end == b"\r\n\r\n") else {
        process.complain("wget: error getting response: Connection reset by peer\n");
        return 1;
    };
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.lines().next().unwrap_or_default();
    if !status.contains(" 200 ") {
        process.complain(&format!("wget: server returned error: {status}\n"));
        return 1;
    }
    process.write(1, &answer[end + 4..]);
    0
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
    let mut text = String::new();
    for interface in process.net().interfaces() {
        let at = interface
            .peer
            .map(|peer| format!("@if{peer}"))
            .unwrap_or_default();
        let queue = if interface.mac.is_none() {
            "qlen 1000"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "{}: {}{at}: <{}> mtu {} qdisc noqueue {queue}",
            interface.index,
            interface.name,
            interface.flags.join(","),
            interface.mtu
        );
        let _ = match &interface.mac {
            Some(mac) => writeln!(text, "    link/ether {mac} brd ff:ff:ff:ff:ff:ff"),
            None => writeln!(
                text,
                "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00"
            ),
        };
        let scope = if interface.mac.is_none() {
            "host"
        } else {
            "global"
        };
        for address in &interface.addresses {
            let _ = match address {
                IpNet::V4(net) if scope == "host" => {
                    writeln!(text, "    inet {net} scope host {}", interface.name)
                }
                IpNet::V4(net) => writeln!(
                    text,
                    "    inet {net} brd {} scope global {}",
                    net.broadcast(),
                    interface.name
                ),
                IpNet::V6(net) if scope == "host" => writeln!(text, "    inet6 {net} scope host "),
                IpNet::V6(net) => writeln!(text, "    inet6 {net} scope global flags 02 "),
            };
            text.push_str("       valid_lft forever preferred_lft forever\n");
        }
    }
    text
}

fn routes(process: &Process) -> String {
    let mut text = String::new();
    for route in process
        .net()
        .routes()
        .iter()
        .filter(|route| route.to.addr().is_ipv4())
    {
        let to = if route.to.prefix_len() == 0 {
            "default".to_owned()
        } else {
            route.to.to_string()
        };
        let via = route
            .gateway
            .map(|gateway| format!(" via {gateway}"))
            .unwrap_or_default();
        let source = route
            .source
            .map(|source| format!("scope link  src {source} "));
        let _ = writeln!(
            text,
            "{to}{via} dev {} {}",
            route.device,
            source.unwrap_or_default()
        );
    }
    text
}
