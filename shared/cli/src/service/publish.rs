//! `--publish 8080:80`, `--publish mode=host,target=80,published=8080`: a service's ports.

use lab::models::{
    EndpointPortConfig, EndpointPortConfigProtocolEnum as Protocol,
    EndpointPortConfigPublishModeEnum as Mode,
};

pub fn port(value: &str) -> Result<(), String> {
    read(value).map(|_| ())
}

pub fn read(value: &str) -> Result<EndpointPortConfig, String> {
    if value.contains('=') {
        return long(value);
    }
    let (ports, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
    let protocol = read_protocol(protocol)?;
    let (outside, inside) = match ports.rsplit_once(':') {
        Some((outside, _)) if outside.contains(':') => {
            return Err("hostip is not supported".to_owned());
        }
        Some((outside, inside)) => (Some(outside), inside),
        None => (None, ports),
    };
    let number = |text: &str, what: &str| {
        text.parse::<u16>()
            .map(i64::from)
            .map_err(|_| format!("Invalid {what}: {text}"))
    };
    let inside = number(inside, "containerPort")?;
    let outside = outside.filter(|outside| !outside.is_empty());
    let outside = outside
        .map(|outside| number(outside, "hostPort"))
        .transpose()?;
    Ok(EndpointPortConfig {
        name: None,
        protocol: Some(protocol),
        target_port: Some(inside),
        published_port: outside,
        publish_mode: Some(Mode::INGRESS),
    })
}

fn long(value: &str) -> Result<EndpointPortConfig, String> {
    let mut port = EndpointPortConfig {
        protocol: Some(Protocol::TCP),
        publish_mode: Some(Mode::INGRESS),
        ..Default::default()
    };
    for field in value.split(',') {
        let Some((key, value)) = field.split_once('=') else {
            return Err(format!("invalid field: {field}"));
        };
        let number = |what: &str| {
            value.parse::<u16>().map(i64::from).map_err(|_| {
                format!("invalid {what} port ({value}): value must be an integer: invalid syntax")
            })
        };
        match key.to_lowercase().as_str() {
            "protocol" => port.protocol = Some(read_long_protocol(value)?),
            "mode" => {
                port.publish_mode = Some(match value {
                    "host" => Mode::HOST,
                    "ingress" => Mode::INGRESS,
                    _ => {
                        return Err(format!(
                            "invalid publish mode value ({value}): must be either 'ingress' or 'host'"
                        ));
                    }
                });
            }
            "target" => port.target_port = Some(number("target")?),
            "published" => port.published_port = Some(number("published")?),
            _ => return Err(format!("invalid field key: {key}")),
        }
    }
    if port.target_port.is_none() {
        return Err(format!("missing mandatory field '{}'", "target"));
    }
    Ok(port)
}

fn read_protocol(text: &str) -> Result<Protocol, String> {
    match text.to_lowercase().as_str() {
        "tcp" => Ok(Protocol::TCP),
        "udp" => Ok(Protocol::UDP),
        "sctp" => Ok(Protocol::SCTP),
        _ => Err(format!("Invalid proto: {text}")),
    }
}

fn read_long_protocol(text: &str) -> Result<Protocol, String> {
    read_protocol(text).map_err(|_| {
        format!("invalid protocol value '{text}': must be one of 'tcp', 'udp', or 'sctp'")
    })
}

/// `*:8080->80/tcp`, as a list of services or tasks shows it.
pub fn shown<'a>(ports: impl Iterator<Item = &'a EndpointPortConfig>) -> String {
    let shown = ports.map(|port| {
        let protocol = port.protocol.unwrap_or(Protocol::TCP);
        format!(
            "*:{}->{}/{protocol}",
            port.published_port.unwrap_or_default(),
            port.target_port.unwrap_or_default()
        )
    });
    shown.collect::<Vec<_>>().join(",")
}
