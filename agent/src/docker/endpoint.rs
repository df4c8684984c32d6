//! Where an engine answers. It does not know how the address was found, nor whether anybody answers there.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr};

use hyper::Uri;

/// An address that an engine can answer at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Unix(PathBuf),
    /// `host:port`
    Tcp(String),
}

/// An address that cannot be used: one sentence.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadEndpoint {
    #[error(
        "\"{0}\" is not the address of an engine: write unix:///path/to/docker.sock or tcp://host:2375"
    )]
    Unknown(String),
    #[error(
        "the engine at {0} is reached over {1}, which Causeway cannot speak yet: name a unix:// or a plain tcp:// address in DOCKER_HOST"
    )]
    Unsupported(String, &'static str),
}

impl Endpoint {
    /// `on this machine`, `at box:2375`
    pub fn place(&self) -> String {
        let here = match self {
            Self::Unix(_) => true,
            Self::Tcp(authority) => is_loopback(authority),
        };
        if here {
            "on this machine".to_owned()
        } else {
            format!("at {}", self.to_string().trim_start_matches("tcp://"))
        }
    }
}

fn is_loopback(authority: &str) -> bool {
    let host = authority
        .rsplit_once(':')
        .map_or(authority, |(host, _)| host);
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Docker's port where none is named.
const PORT: u16 = 2375;

impl FromStr for Endpoint {
    type Err = BadEndpoint;

    fn from_str(address: &str) -> Result<Self, BadEndpoint> {
        let unknown = || BadEndpoint::Unknown(address.to_owned());
        let unsupported = |over| Err(BadEndpoint::Unsupported(address.to_owned(), over));
        let (scheme, rest) = address.split_once("://").ok_or_else(unknown)?;
        match scheme {
            "unix" if rest.starts_with('/') => Ok(Self::Unix(rest.into())),
            "tcp" | "http" => tcp(rest).map(Self::Tcp).ok_or_else(unknown),
            "ssh" => unsupported("SSH"),
            "https" => unsupported("TLS"),
            "npipe" => unsupported("a Windows named pipe"),
            _ => Err(unknown()),
        }
    }
}

fn tcp(rest: &str) -> Option<String> {
    let rest = rest.trim_end_matches('/');
    let url: Uri = format!("http://{rest}").parse().ok()?;
    let host = url.host().filter(|host| !host.is_empty())?;
    let plain = matches!(url.path(), "" | "/") && !rest.contains(['@', '?']);
    plain.then(|| format!("{host}:{}", url.port_u16().unwrap_or(PORT)))
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(authority) => write!(f, "tcp://{authority}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: &str) {
        let read = match address.parse::<Endpoint>() {
            Ok(endpoint) => endpoint.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn it_says_where_the_engine_is() {
        for (address, expected) in [
            ("unix:///var/run/docker.sock", "on this machine"),
            ("tcp://[::1]:2375", "on this machine"),
            ("tcp://localhost", "on this machine"),
            ("tcp://box:2375", "at box:2375"),
        ] {
            let endpoint: Endpoint = address.parse().unwrap();
            assert_eq!(endpoint.place(), expected, "{address}");
        }
    }

    #[test]
    fn an_address_is_a_socket_or_a_host_and_port() {
        let bad = |address: &str| {
            format!(
                "\"{address}\" is not the address of an engine: write unix:///path/to/docker.sock or tcp://host:2375"
            )
        };
        check("unix:///var/run/docker.sock", "unix:///var/run/docker.sock");
        check("tcp://127.0.0.1:2376", "tcp://127.0.0.1:2376");
        check("tcp://[::1]/", "tcp://[::1]:2375");
        check("http://box", "tcp://box:2375");
        for address in [
            "",
            "docker.sock",
            "unix://docker.sock",
            "tcp://",
            "tcp://me@box",
            "tcp://box/docker",
            "fd://",
        ] {
            check(address, &bad(address));
        }
        check(
            "ssh://me@box",
            "the engine at ssh://me@box is reached over SSH, which Causeway cannot speak yet: name a unix:// or a plain tcp:// address in DOCKER_HOST",
        );
    }
}
