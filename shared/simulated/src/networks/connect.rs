//! `docker network connect`, `docker network disconnect`

use jiff::Timestamp;
use lab::{Error, Result, models::EndpointSettings};

use super::{Endpoint, endpoints};
use crate::{net::Sockets, world::World};

impl World {
    pub(super) fn connect(
        &mut self,
        network: &str,
        container: &str,
        asked: EndpointSettings,
        sockets: &Sockets,
        now: Timestamp,
    ) -> Result<()> {
        let found = self.container(container)?;
        let (id, running) = (found.id.clone(), found.is_running());
        if running {
            return self.connect_running(network, &id, asked, sockets, now);
        }
        let Ok(joined) = self.network(network).cloned() else {
            // What is not there is missed at the start.
            let container = self.container_mut(&id)?;
            container
                .networks
                .insert(network.to_owned(), Endpoint::new(asked));
            return Ok(());
        };
        endpoints::check(Some(&joined), &joined.name, &asked)?;
        endpoints::may_join(self, self.container(&id)?, &joined)?;
        let container = self.container_mut(&id)?;
        if container.networks.contains_key(&joined.name) {
            return Ok(());
        }
        let mut endpoint = Endpoint::new(asked);
        if joined.has_names() {
            endpoint.dns_names = Some(endpoints::dns_names(container, endpoint.aliases()));
        }
        container.networks.insert(joined.name, endpoint);
        Ok(())
    }

    fn connect_running(
        &mut self,
        network: &str,
        id: &str,
        asked: EndpointSettings,
        sockets: &Sockets,
        now: Timestamp,
    ) -> Result<()> {
        let container = self.container(id)?;
        if container.network_mode().starts_with("container:") {
            return Err(endpoints::shared());
        }
        let joined = self.network(network)?.clone();
        endpoints::check(Some(&joined), &joined.name, &asked)?;
        endpoints::may_join(self, container, &joined)?;
        if container.networks.contains_key(&joined.name) {
            return Err(Error::refused(
                403,
                format!(
                    "endpoint with name {} already exists in network {}",
                    container.name, joined.name
                ),
            ));
        }
        let container = self.container_mut(id)?;
        container
            .networks
            .insert(joined.name.clone(), Endpoint::new(asked));
        let done = self.join(id, &joined.name, sockets, now);
        if done.is_err() {
            self.container_mut(id)?.networks.remove(&joined.name);
        }
        done
    }

    pub(super) fn disconnect(
        &mut self,
        network: &str,
        container: &str,
        force: bool,
        sockets: &Sockets,
        now: Timestamp,
    ) -> Result<()> {
        let found = self.container(container)?;
        let (id, running) = (found.id.clone(), found.is_running());
        let joined = self.network(network).cloned();
        if !running || (joined.is_err() && force) {
            let name = joined.map_or_else(|_| network.to_owned(), |network| network.name);
            let container = self.container_mut(&id)?;
            return match container.networks.remove(&name) {
                Some(_) => Ok(()),
                None => Err(Error::refused(
                    500,
                    format!("container {id} is not connected to the network {name}"),
                )),
            };
        }
        let joined = joined?;
        if found.network_mode() == "host" && joined.driver == "host" {
            return Err(Error::refused(
                400,
                "cannot disconnect container from host network - container was created in host network mode",
            ));
        }
        let here = self.on_network(&joined).any(|(other, _)| other.id == id);
        if !here {
            return Err(Error::refused(
                500,
                format!("container {id} is not connected to network {}", joined.name),
            ));
        }
        self.container_mut(&id)?.networks.remove(&joined.name);
        self.publish(&id, sockets)?;
        self.network_event(now, "disconnect", &joined.id, Some(&id));
        Ok(())
    }
}
