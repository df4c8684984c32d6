//! Published ports: which container answers for a port of the host.

use std::net::{IpAddr, SocketAddr};

use super::{Place, Protocol, old::published};
use crate::world::{Container, World};

/// One published port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mapping {
    pub protocol: Protocol,
    pub inside: u16,
    pub host: SocketAddr,
}

impl World {
    /// Whose port of the host's this is.
    pub(super) fn publisher(
        &self,
        at: SocketAddr,
        protocol: Protocol,
    ) -> Option<(&Container, Mapping)> {
        let running = self.containers.values().filter(|container| {
            container.is_running() && matches!(self.place(&container.id), Place::Container(_))
        });
        running
            .flat_map(|container| mappings(container).map(move |mapping| (container, mapping)))
            .find(|(_, mapping)| {
                mapping.protocol == protocol
                    && mapping.host.port() == at.port()
                    && (mapping.host.ip() == at.ip() || mapping.host.ip().is_unspecified())
            })
    }

    /// Whether docker-proxy stands in the way of one who wants to listen there.
    pub(super) fn is_published(&self, at: SocketAddr, protocol: Protocol) -> bool {
        self.publisher(at, protocol).is_some()
    }
}

fn mappings(container: &Container) -> impl Iterator<Item = Mapping> {
    published(container).map(|(inside, outside)| Mapping {
        protocol: Protocol::Tcp,
        inside,
        host: SocketAddr::new(IpAddr::from([0, 0, 0, 0]), outside),
    })
}
