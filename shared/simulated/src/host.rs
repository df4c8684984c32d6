//! The simulated machine itself, and connections from it: `curl localhost:8080`.

use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{SinkExt, StreamExt, channel::mpsc};
use lab::{
    Error, Host,
    host::{ConnectError, Connection, HostFacts, HostInterface},
};

use crate::{
    Simulated,
    machines::{LAN_PREFIX, ROUTER},
    net::Connect,
    programs,
};

#[async_trait]
impl Host for Simulated {
    async fn facts(&self) -> HostFacts {
        let world = self.world();
        HostFacts {
            name: world.name.clone(),
            interfaces: vec![HostInterface {
                name: "eth0".to_owned(),
                address: IpAddr::V4(world.address),
                prefix: LAN_PREFIX,
            }],
            name_servers: vec![IpAddr::V4(ROUTER)],
        }
    }

    async fn connect(&self, address: SocketAddr) -> Result<Connection, ConnectError> {
        let (outcome, target) = self
            .world()
            .connects_from_host(address.ip(), address.port());
        match (outcome, target) {
            (Connect::To, Some(target)) => Ok(self.http(target)),
            (Connect::TimedOut, _) => Err(ConnectError::TimedOut),
            _ => Err(ConnectError::Refused),
        }
    }
}

impl Simulated {
    /// A connection to the web server in this container: one request, one answer.
    fn http(&self, container: String) -> Connection {
        let (request, requests) = mpsc::unbounded::<Bytes>();
        let (world, peer) = (self.clone(), "172.17.0.1");
        let read = futures::stream::once(async move {
            let request = request_head(requests).await;
            let answer = answer(&world, &container, peer, &request);
            world.changed();
            Ok(Bytes::from(answer))
        });
        let write = request
            .sink_map_err(|_| Error::Unreachable("the server closed the connection".to_owned()));
        Connection {
            read: read.boxed(),
            write: Box::pin(write),
        }
    }
}

async fn request_head(mut requests: mpsc::UnboundedReceiver<Bytes>) -> String {
    let mut head = Vec::new();
    while let Some(bytes) = requests.next().await {
        head.extend_from_slice(&bytes);
        if head.windows(4).any(|end| end == b"\r\n\r\n") {
            break;
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn answer(world: &Simulated, container: &str, peer: &str, request: &str) -> String {
    let path = request.split_whitespace().nth(1).unwrap_or("/");
    let agent = request
        .lines()
        .find_map(|line| line.strip_prefix("User-Agent: "))
        .unwrap_or("-");
    let (status, body) = programs::nginx_answer(world, container, peer, path, agent);
    let reason = if status == 200 { "OK" } else { "Not Found" };
    format!(
        "HTTP/1.1 {status} {reason}\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}
