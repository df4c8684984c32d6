//! Where the server listens: the loopback addresses, nowhere else.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use axum::{Router, serve::ListenerExt as _};
use futures::future::try_join;
use tokio::net::TcpListener;

pub const DEFAULT_PORT: u16 = 4100;
/// How many ports after the first are tried.
const TRIES: u16 = 20;

/// Listening on `127.0.0.1`, and on `::1` where the machine has it.
#[derive(Debug)]
pub struct Listeners {
    ipv4: TcpListener,
    ipv6: Option<TcpListener>,
    port: u16,
}

/// A port that cannot be listened on: one sentence.
#[derive(Debug, thiserror::Error)]
pub enum PortTaken {
    #[error(
        "port {0} is in use by another program: choose another one with --port, or leave --port out"
    )]
    Asked(u16),
    #[error("the ports from {0} to {1} are all in use: choose one with --port")]
    All(u16, u16),
    #[error(
        "cannot listen on port {port} of this machine ({source}): choose another one with --port"
    )]
    Other { port: u16, source: io::Error },
}

impl Listeners {
    /// On this port and no other; 0 is any free one.
    pub async fn on(port: u16) -> Result<Self, PortTaken> {
        match Self::bind(port).await {
            Ok(listeners) => Ok(listeners),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(PortTaken::Asked(port)),
            Err(source) => Err(PortTaken::Other { port, source }),
        }
    }

    /// On the first free port from the usual one on.
    pub async fn on_a_free_port() -> Result<Self, PortTaken> {
        let last = DEFAULT_PORT + TRIES;
        for port in DEFAULT_PORT..=last {
            match Self::on(port).await {
                Err(PortTaken::Asked(_)) => {}
                other => return other,
            }
        }
        Err(PortTaken::All(DEFAULT_PORT, last))
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until the future is dropped.
    pub async fn serve(self, router: Router) -> io::Result<()> {
        let ipv4 = serve(self.ipv4, router.clone());
        match self.ipv6 {
            Some(ipv6) => try_join(ipv4, serve(ipv6, router)).await.map(drop),
            None => ipv4.await,
        }
    }

    async fn bind(port: u16) -> io::Result<Self> {
        let ipv4 = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
        let port = ipv4.local_addr()?.port();
        let ipv6 = match TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await {
            Ok(listener) => Some(listener),
            // `localhost` may mean this address: another program must not answer there in our name.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(error),
            Err(_) => None,
        };
        Ok(Self { ipv4, ipv6, port })
    }
}

async fn serve(listener: TcpListener, router: Router) -> io::Result<()> {
    // Keys and their echo are small and cannot wait.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_said_in_a_sentence() {
        let taken = Listeners::on(0).await.unwrap();
        let port = taken.port();
        let sentence = Listeners::on(port).await.unwrap_err().to_string();
        let expected =
            "is in use by another program: choose another one with --port, or leave --port out";
        assert_eq!(sentence, format!("port {port} {expected}"));
    }

    #[tokio::test]
    async fn a_free_port_is_found_beside_one_in_use() {
        let first = Listeners::on_a_free_port().await.unwrap();
        let second = Listeners::on_a_free_port().await.unwrap();
        assert!(second.port() > first.port());
    }
}
