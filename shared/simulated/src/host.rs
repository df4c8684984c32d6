//! The simulated machine itself, and connections from it: `curl localhost:8080`.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use lab::{
    Error, Host,
    host::{ConnectError, Connection, HostFacts, HostInterface},
};

use crate::{
    Simulated,
    machines::{LAN_PREFIX, ROUTER},
    net::{Errno, TcpStream},
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
        let net = self.host_net();
        match self.attend(net.connect(address, None)).await {
            Ok(stream) => Ok(self.connection(stream)),
            Err(Errno::ConnectionRefused) => Err(ConnectError::Refused),
            Err(Errno::TimedOut) => Err(ConnectError::TimedOut),
            Err(_) => Err(ConnectError::Unreachable),
        }
    }
}

impl Simulated {
    /// A stream of the simulated network for somebody outside of it.
    fn connection(&self, stream: TcpStream) -> Connection {
        let stream = Arc::new(stream);
        let reading = (self.clone(), Arc::clone(&stream));
        let read = futures::stream::unfold(reading, |(world, stream)| async move {
            let next = match world.attend(stream.read()).await {
                Ok(bytes) if bytes.is_empty() => return None,
                Ok(bytes) => Ok(bytes),
                Err(errno) => Err(Error::Unreachable(errno.text().to_owned())),
            };
            Some((next, (world, stream)))
        });
        let writing = Writing {
            world: self.clone(),
            stream,
        };
        let write = futures::sink::unfold(writing, |writing, bytes: Bytes| async move {
            let sent = writing.world.attend(writing.stream.write(bytes)).await;
            sent.map_err(|errno| Error::Unreachable(errno.text().to_owned()))?;
            Ok(writing)
        });
        Connection {
            read: read.boxed(),
            write: Box::pin(write),
        }
    }
}

/// Closing or dropping the sink says that nothing more comes.
struct Writing {
    world: Simulated,
    stream: Arc<TcpStream>,
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.stream.finish();
        self.world.changed();
    }
}
