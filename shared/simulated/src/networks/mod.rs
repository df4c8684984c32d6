//! `/networks`

mod attach;
mod connect;
mod create;
mod drivers;
mod endpoints;
mod filter;
pub mod inspect;
mod ipam;
mod model;
mod validate;
mod vlan;

use async_trait::async_trait;
use lab::{
    Error, Networks, Raw, Result,
    models::{
        Network as NetworkModel, NetworkConnectRequest, NetworkCreateRequest,
        NetworkCreateResponse, NetworkDisconnectRequest, NetworkInspect,
    },
    options::{InspectNetworkOptions, ListNetworksOptions},
};

use crate::{Simulated, swarm};

pub use attach::prefixed;
pub use endpoints::{asked, check_links, check_mode, renamed};
pub use filter::has_label;
pub use ipam::{free_address, free_subnet, overlap};
pub use model::{Attached, Endpoint, Ipam, Link, Network};

#[async_trait]
impl Networks for Simulated {
    async fn list_networks(&self, options: ListNetworksOptions) -> Result<Vec<NetworkModel>> {
        self.drive();
        let world = self.world();
        let networks = filter::list(&world, &options)?;
        let networks = networks.into_iter().filter(|network| world.sees(network));
        Ok(networks.map(inspect::network).collect())
    }

    async fn inspect_network(
        &self,
        network: &str,
        _: InspectNetworkOptions,
    ) -> Result<Raw<NetworkInspect>> {
        self.drive();
        let world = self.world();
        let network = world.visible_network(network)?;
        Ok(Raw::new(
            inspect::network_inspect(&world, network).to_string(),
        ))
    }

    async fn create_network(&self, request: NetworkCreateRequest) -> Result<NetworkCreateResponse> {
        if swarm::is_for_swarm(&request) {
            let id = self.create_overlay(request)?;
            self.changed();
            return Ok(NetworkCreateResponse {
                id,
                warning: String::new(),
            });
        }
        let id = {
            let mut world = self.world();
            let network = create::new_network(&mut world, request, self.now())?;
            let id = network.id.clone();
            world.networks.insert(id.clone(), network);
            world.network_event(self.now(), "create", &id, None);
            id
        };
        self.changed();
        Ok(NetworkCreateResponse {
            id,
            warning: String::new(),
        })
    }

    async fn connect_network(&self, network: &str, request: NetworkConnectRequest) -> Result<()> {
        let mut asked = request.endpoint_config.unwrap_or_default();
        let on_overlay = self.prepare_connect(network, &request.container, &mut asked)?;
        self.world().connect(
            network,
            &request.container,
            asked,
            &self.sockets(),
            self.now(),
        )?;
        if on_overlay {
            self.lead_out(&request.container)?;
        }
        self.changed();
        Ok(())
    }

    async fn disconnect_network(
        &self,
        network: &str,
        request: NetworkDisconnectRequest,
    ) -> Result<()> {
        let force = request.force.unwrap_or_default();
        self.world().disconnect(
            network,
            &request.container,
            force,
            &self.sockets(),
            self.now(),
        )?;
        self.changed();
        Ok(())
    }

    async fn remove_network(&self, network: &str) -> Result<()> {
        if self.remove_overlay(network)? {
            self.changed();
            return Ok(());
        }
        {
            let mut world = self.world();
            let network = world.network(network)?.clone();
            if network.is_predefined() {
                let message = format!(
                    "{} is a pre-defined network and cannot be removed",
                    network.name
                );
                return Err(Error::refused(403, message));
            }
            let active: Vec<String> = world
                .on_network(&network)
                .filter_map(|(container, endpoint)| {
                    let id = &endpoint.attached.as_ref()?.id;
                    Some(format!("name:{:?} id:{:?}", container.name, &id[..12]))
                })
                .collect();
            if !active.is_empty() {
                let message = format!(
                    "error while removing network: network {} has active endpoints ({})",
                    network.name,
                    active.join(", ")
                );
                return Err(Error::refused(403, message));
            }
            world.network_event(self.now(), "destroy", &network.id, None);
            world.networks.remove(&network.id);
        }
        self.changed();
        Ok(())
    }
}
