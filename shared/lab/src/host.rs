//! The machine that the engine runs on, as far as a lab may see and use it.

use std::{
    net::{IpAddr, SocketAddr},
    pin::Pin,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{Sink, Stream};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The host: what it is called, and connections from it to the lab (`curl localhost:8080`).
#[async_trait]
pub trait Host: Send + Sync {
    async fn facts(&self) -> HostFacts;

    /// Opens a TCP connection from the host. Which addresses are allowed is the implementation's to say:
    /// loopback and the lab's own containers, nothing further out.
    async fn connect(&self, address: SocketAddr) -> Result<Connection, ConnectError>;
}

/// What the host is, for the picture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFacts {
    pub name: String,
    /// Interfaces that lead outside, the first being the default route's: `eth0 192.168.1.20`.
    pub interfaces: Vec<HostInterface>,
    /// From the host's `resolv.conf`: whom a container on the default bridge asks for names.
    pub name_servers: Vec<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostInterface {
    pub name: String,
    pub address: IpAddr,
    /// Bits of the network part: 24 for a /24.
    pub prefix: u8,
}

/// A TCP connection's two directions; closing the sink shuts down writing.
pub struct Connection {
    pub read: Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>,
    pub write: Pin<Box<dyn Sink<Bytes, Error = Error> + Send>>,
}

/// Why a connection was not made.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConnectError {
    /// Nobody listens there (the peer sent RST).
    #[error("Connection refused")]
    Refused,
    /// No answer in time.
    #[error("Connection timed out")]
    TimedOut,
    #[error("No route to host")]
    Unreachable,
    /// Outside what a lab may reach; the sentence says so.
    #[error("{0}")]
    NotAllowed(String),
}
