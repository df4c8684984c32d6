//! `/networks`

use std::{collections::BTreeSet, net::Ipv4Addr};

use async_trait::async_trait;
use ipnet::Ipv4Net;
use lab::{
    Error, Networks, Raw, Result,
    models::{
        EndpointSettings, Network as NetworkModel, NetworkConnectRequest, NetworkCreateRequest,
        NetworkCreateResponse, NetworkDisconnectRequest, NetworkInspect,
    },
    options::{InspectNetworkOptions, ListNetworksOptions},
};

use crate::{
    Simulated, inspect, ipam,
    world::{Endpoint, Network, World},
};

#[async_trait]
impl Networks for Simulated {
    async fn list_networks(&self, options: ListNetworksOptions) -> Result<Vec<NetworkModel>> {
        let world = self.world();
        let mut networks: Vec<&Network> = world
            .networks
            .values()
            .filter(|network| matches(network, &options))
            .collect();
        networks.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(networks.into_iter().map(inspect::network).collect())
    }

    async fn inspect_network(
        &self,
        network: &str,
        _: InspectNetworkOptions,
    ) -> Result<Raw<NetworkInspect>> {
        self.drive();
        let world = self.world();
        let network = world.network(network)?;
        Ok(Raw::new(
            inspect::network_inspect(&world, network).to_string(),
        ))
    }

    async fn create_network(&self, request: NetworkCreateRequest) -> Result<NetworkCreateResponse> {
        let id = {
            let mut world = self.world();
            let network = new_network(&mut world, request, self.now())?;
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
        {
            let mut world = self.world();
            let network = world.network(network)?.clone();
            let container = world.container(&request.container)?;
            let (id, running, name) = (
                container.id.clone(),
                container.is_running(),
                container.name.clone(),
            );
            if container.endpoints.contains_key(&network.id) {
                let message = format!(
                    "endpoint with name {name} already exists in network {}",
                    network.name
                );
                return Err(Error::refused(403, message));
            }
            let endpoint = endpoint(request.endpoint_config.as_ref());
            world
                .container_mut(&id)?
                .endpoints
                .insert(network.id.clone(), endpoint);
            if running {
                world.attach(&id, &network.id)?;
            }
            world.network_event(self.now(), "connect", &network.id, Some(&id));
        }
        self.changed();
        Ok(())
    }

    async fn disconnect_network(
        &self,
        network: &str,
        request: NetworkDisconnectRequest,
    ) -> Result<()> {
        {
            let mut world = self.world();
            let network = world.network(network)?.clone();
            let container = world.container_mut(&request.container)?;
            let id = container.id.clone();
            if container.endpoints.remove(&network.id).is_none() {
                let message = format!(
                    "container {id} is not connected to network {}",
                    network.name
                );
                return Err(Error::refused(500, message));
            }
            world.network_event(self.now(), "disconnect", &network.id, Some(&id));
        }
        self.changed();
        Ok(())
    }

    async fn remove_network(&self, network: &str) -> Result<()> {
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
                .containers
                .values()
                .filter(|container| {
                    container.is_running() && container.endpoints.contains_key(&network.id)
                })
                .map(|container| format!("name:{:?} id:{:?}", container.name, &container.id[..12]))
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

/// What a request says of an endpoint.
pub fn endpoint(settings: Option<&EndpointSettings>) -> Endpoint {
    let fixed = settings.and_then(|settings| {
        settings
            .ipam_config
            .as_ref()?
            .ipv4_address
            .as_ref()?
            .parse()
            .ok()
    });
    Endpoint {
        aliases: settings
            .and_then(|settings| settings.aliases.clone())
            .unwrap_or_default(),
        fixed,
        ..Endpoint::default()
    }
}

fn matches(network: &Network, options: &ListNetworksOptions) -> bool {
    options.filters.iter().flatten().all(|(key, values)| {
        let matches = |value: &String| match key.as_str() {
            "name" => network.name.contains(value.as_str()),
            "id" => network.id.starts_with(value.as_str()),
            "driver" => network.driver == *value,
            "scope" => value == "local",
            "type" => (value == "custom") != network.is_predefined(),
            "label" => has_label(&network.labels, value),
            _ => true,
        };
        values.iter().any(matches)
    })
}

pub fn has_label(labels: &std::collections::BTreeMap<String, String>, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((key, value)) => labels.get(key).is_some_and(|is| is == value),
        None => labels.contains_key(wanted),
    }
}

fn new_network(
    world: &mut World,
    request: NetworkCreateRequest,
    now: jiff::Timestamp,
) -> Result<Network> {
    /// Of the engine; not of this one yet.
    const OTHERS: [&str; 5] = ["host", "ipvlan", "macvlan", "null", "overlay"];
    if world
        .networks
        .values()
        .any(|network| network.name == request.name)
    {
        return Err(Error::conflict(format!(
            "network with name {} already exists",
            request.name
        )));
    }
    let driver = request
        .driver
        .filter(|driver| !driver.is_empty())
        .unwrap_or_else(|| "bridge".to_owned());
    if driver != "bridge" && !OTHERS.contains(&driver.as_str()) {
        return Err(Error::not_found(format!("plugin {driver:?} not found")));
    }
    if driver != "bridge" {
        return Err(Error::NotSimulated(format!(
            "networks of the driver {driver}; bridge networks are"
        )));
    }
    let config = request
        .ipam
        .and_then(|ipam| ipam.config)
        .and_then(|config| config.into_iter().next());
    let asked = config.as_ref().and_then(|config| config.subnet.clone());
    let taken: Vec<Ipv4Net> = world
        .networks
        .values()
        .filter_map(|network| network.subnet)
        .collect();
    let subnet = match asked {
        None => ipam::free_subnet(&taken).ok_or_else(|| {
            Error::refused(
                400,
                "all predefined address pools have been fully subnetted",
            )
        })?,
        Some(asked) => {
            let subnet: Ipv4Net = asked.parse().map_err(|_| {
                Error::refused(
                    400,
                    format!("invalid subnet {asked}: invalid CIDR block notation"),
                )
            })?;
            if taken.iter().any(|other| ipam::overlap(other, &subnet)) {
                return Err(Error::refused(
                    403,
                    "invalid pool request: Pool overlaps with other one on this address space",
                ));
            }
            subnet
        }
    };
    let gateway: Option<Ipv4Addr> = config.and_then(|config| config.gateway?.parse().ok());
    Ok(Network {
        id: world.id(),
        name: request.name,
        driver,
        subnet: Some(subnet),
        gateway: gateway.or_else(|| ipam::free_address(subnet, &BTreeSet::new())),
        internal: request.internal.unwrap_or_default(),
        attachable: request.attachable.unwrap_or_default(),
        options: request.options.into_iter().flatten().collect(),
        labels: request.labels.into_iter().flatten().collect(),
        created: now,
    })
}
