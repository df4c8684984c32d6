//! Ports: what `-p` and `--expose` say, and how `docker ps` folds a list of them.

use std::collections::{BTreeMap, HashMap};

use lab::models::{PortBinding, PortSummary};

/// One port of a container and where on the host it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// `80/tcp`
    pub port: String,
    pub host_ip: String,
    /// Empty: the engine chooses one.
    pub host_port: String,
}

/// Reads `8080:80`, `127.0.0.1::80/udp`, `8000-8002:80-82`.
pub fn published(spec: &str) -> Result<Vec<Mapping>, String> {
    if spec.contains('=') {
        return published(&from_fields(spec)?);
    }
    let parts: Vec<&str> = spec.split(':').collect();
    let (ip, host_port, container) = match parts[..] {
        [container] => (String::new(), "", container),
        [host_port, container] => (String::new(), host_port, container),
        [ref ip @ .., host_port, container] => (ip.join(":"), host_port, container),
        [] => (String::new(), "", ""),
    };
    let (port, protocol) = split_protocol(container);
    let ip = ip
        .strip_prefix('[')
        .and_then(|ip| ip.strip_suffix(']'))
        .unwrap_or(&ip)
        .to_owned();
    if !ip.is_empty() && ip.parse::<std::net::IpAddr>().is_err() {
        return Err(format!("invalid IP address: {ip}"));
    }
    if port.is_empty() {
        return Err(format!("no port specified: {spec}<empty>"));
    }
    let (start, end) = range(port).map_err(|_| format!("invalid containerPort: {port}"))?;
    let host = if host_port.is_empty() {
        None
    } else {
        Some(range(host_port).map_err(|_| format!("invalid hostPort: {host_port}"))?)
    };
    if let Some((host_start, host_end)) = host
        && end - start != host_end - host_start
        && end != start
    {
        return Err(format!(
            "invalid ranges specified for container and host Ports: {port} and {host_port}"
        ));
    }
    let protocol = protocol.to_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return Err(format!("invalid proto: {protocol}"));
    }
    let mapping = |offset: u16| Mapping {
        port: format!("{}/{protocol}", start + offset),
        host_ip: ip.clone(),
        host_port: match host {
            None => String::new(),
            // One port of the container, on any of several of the host.
            Some((first, last)) if start == end && first != last => format!("{first}-{last}"),
            Some((first, _)) => (first + offset).to_string(),
        },
    };
    Ok((0..=end - start).map(mapping).collect())
}

/// Reads `--expose`'s `80`, `80/udp`, `80-90`.
pub fn exposed(spec: &str) -> Result<Vec<String>, String> {
    if spec.contains(':') {
        return Err(format!("invalid port format for --expose: {spec}"));
    }
    let (port, protocol) = split_protocol(spec);
    let (start, end) = range(port)
        .map_err(|why| format!("invalid range format for --expose: {spec}, error: {why}"))?;
    Ok((start..=end)
        .map(|port| format!("{port}/{protocol}"))
        .collect())
}

/// As the API takes them.
pub fn bindings(mappings: Vec<Mapping>) -> HashMap<String, Option<Vec<PortBinding>>> {
    let mut bindings: HashMap<String, Option<Vec<PortBinding>>> = HashMap::new();
    for Mapping {
        port,
        host_ip,
        host_port,
    } in mappings
    {
        let binding = PortBinding {
            host_ip: Some(host_ip),
            host_port: Some(host_port),
        };
        bindings
            .entry(port)
            .or_default()
            .get_or_insert_default()
            .push(binding);
    }
    bindings
}

/// `0.0.0.0:8080->80/tcp, 443/tcp`, neighbours folded into ranges, as `docker ps` shows them.
pub fn displayed(ports: &[PortSummary]) -> String {
    let mut ports = ports.to_vec();
    ports.sort_by_key(|port| {
        (
            port.private_port,
            port.ip.clone().unwrap_or_default(),
            port.public_port.unwrap_or_default(),
            protocol(port),
        )
    });
    let mut groups: BTreeMap<(String, String), (u16, u16)> = BTreeMap::new();
    let mut order: Vec<(String, String)> = Vec::new();
    let mut shown = Vec::new();
    let mut moved = Vec::new();
    for port in &ports {
        let private = port.private_port;
        let ip = port.ip.clone().unwrap_or_default();
        let protocol = protocol(port);
        if !ip.is_empty() && port.public_port != Some(private) {
            let public = port.public_port.unwrap_or_default();
            moved.push(format!(
                "{}->{private}/{protocol}",
                host_and_port(&ip, &public.to_string())
            ));
            continue;
        }
        let key = (ip, protocol);
        match groups.get_mut(&key) {
            None => {
                order.push(key.clone());
                groups.insert(key, (private, private));
            }
            Some((_, last)) if last.checked_add(1) == Some(private) => *last = private,
            Some(range) => {
                shown.push(group(&key, *range));
                *range = (private, private);
            }
        }
    }
    shown.extend(
        order
            .iter()
            .filter_map(|key| groups.get(key).map(|range| group(key, *range))),
    );
    shown.extend(moved);
    shown.join(", ")
}

/// `0.0.0.0:80`, `[::]:80`
pub fn host_and_port(ip: &str, port: &str) -> String {
    if ip.contains(':') {
        format!("[{ip}]:{port}")
    } else {
        format!("{ip}:{port}")
    }
}

fn group((ip, protocol): &(String, String), (first, last): (u16, u16)) -> String {
    let ports = if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    };
    if ip.is_empty() {
        format!("{ports}/{protocol}")
    } else {
        format!("{}->{ports}/{protocol}", host_and_port(ip, &ports))
    }
}

fn protocol(port: &PortSummary) -> String {
    port.typ
        .map(|protocol| protocol.to_string())
        .unwrap_or_default()
}

fn split_protocol(port: &str) -> (&str, &str) {
    match port.split_once('/') {
        Some((port, "")) => (port, "tcp"),
        Some((port, protocol)) => (port, protocol),
        None => (port, "tcp"),
    }
}

fn range(ports: &str) -> Result<(u16, u16), String> {
    if ports.is_empty() {
        return Err("empty string specified for ports".to_owned());
    }
    let (start, end) = ports.split_once('-').unwrap_or((ports, ports));
    let (start, end) = (unsigned(start)?, unsigned(end)?);
    if end < start {
        Err(format!("invalid range specified for port: {ports}"))
    } else {
        Ok((start, end))
    }
}

/// `strconv.ParseUint(…, 10, 16)`, its words included.
pub fn unsigned(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let why = if digits {
        "value out of range"
    } else {
        "invalid syntax"
    };
    let number = if digits { text.parse().ok() } else { None };
    number.ok_or_else(|| {
        format!(
            "strconv.ParseUint: parsing {}: {why}",
            crate::go::quote(text)
        )
    })
}

/// `published=8080,target=80,protocol=tcp`
fn from_fields(spec: &str) -> Result<String, String> {
    let (mut published, mut target, mut protocol) = ("", "", "tcp");
    for field in spec.split(',') {
        match field.split_once('=') {
            Some(("published", value)) => published = value,
            Some(("target", value)) => target = value,
            Some(("protocol", value)) => protocol = value,
            Some((name, _)) if !name.is_empty() => {}
            _ => {
                return Err(format!(
                    "invalid publish opts format (should be name=value but got '{field}')"
                ));
            }
        }
    }
    Ok(format!("{published}:{target}/{protocol}"))
}

#[cfg(test)]
mod tests {
    use lab::models::PortSummaryTypeEnum;

    use super::*;

    fn check(spec: &str, expected: &str) {
        let shown = match published(spec) {
            Ok(mappings) => {
                let shown = mappings.iter().map(|mapping| {
                    format!(
                        "{}:{}->{}",
                        mapping.host_ip, mapping.host_port, mapping.port
                    )
                });
                shown.collect::<Vec<_>>().join(" ")
            }
            Err(error) => error,
        };
        assert_eq!(shown, expected, "{spec}");
    }

    #[test]
    fn published_ports() {
        check("80", ":->80/tcp");
        check("8080:80", ":8080->80/tcp");
        check("127.0.0.1::53/udp", "127.0.0.1:->53/udp");
        check("[::1]:8080:80", "::1:8080->80/tcp");
        check("8000-8001:80-81", ":8000->80/tcp :8001->81/tcp");
        check("8000-8005:80", ":8000-8005->80/tcp");
        check("published=8080,target=80", ":8080->80/tcp");
        check("foo", "invalid containerPort: foo");
        check("80:foo", "invalid containerPort: foo");
        check("99999:80", "invalid hostPort: 99999");
        check(
            "1-3:1-2",
            "invalid ranges specified for container and host Ports: 1-2 and 1-3",
        );
        check("x:80:80", "invalid IP address: x");
        check("80:80/foo", "invalid proto: foo");
        check("80:", "no port specified: 80:<empty>");
    }

    #[test]
    fn exposed_ports() {
        assert_eq!(
            exposed("80-82/udp"),
            Ok(vec![
                "80/udp".to_owned(),
                "81/udp".to_owned(),
                "82/udp".to_owned()
            ])
        );
        let wrong = "invalid range format for --expose: foo, error: strconv.ParseUint: parsing \"foo\": invalid syntax";
        assert_eq!(exposed("foo"), Err(wrong.to_owned()));
    }

    #[test]
    fn folded_as_docker_folds_them() {
        let port = |ip: Option<&str>, private_port, public_port| PortSummary {
            ip: ip.map(str::to_owned),
            private_port,
            public_port,
            typ: Some(PortSummaryTypeEnum::TCP),
        };
        let both = |private, public| {
            [
                port(Some("0.0.0.0"), private, Some(public)),
                port(Some("::"), private, Some(public)),
            ]
        };
        let ports = [
            both(80, 8085),
            both(8086, 8086),
            both(8087, 8087),
            both(8088, 8088),
        ]
        .concat();
        let expected = "0.0.0.0:8086-8088->8086-8088/tcp, [::]:8086-8088->8086-8088/tcp, 0.0.0.0:8085->80/tcp, [::]:8085->80/tcp";
        assert_eq!(displayed(&ports), expected);
        assert_eq!(
            displayed(&[port(None, 443, None), port(None, 80, None)]),
            "80/tcp, 443/tcp"
        );
    }
}
