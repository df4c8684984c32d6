//! `/networks`

use async_trait::async_trait;
use lab::{
    Networks, Raw, Result,
    models::{
        Network, NetworkConnectRequest, NetworkCreateRequest, NetworkCreateResponse,
        NetworkDisconnectRequest, NetworkInspect,
    },
    options::{InspectNetworkOptions, ListNetworksOptions},
};

use super::{Docker, name};

#[async_trait]
impl Networks for Docker {
    async fn list_networks(&self, options: ListNetworksOptions) -> Result<Vec<Network>> {
        self.said(self.bollard.list_networks(Some(options)).await)
    }

    async fn inspect_network(
        &self,
        network: &str,
        options: InspectNetworkOptions,
    ) -> Result<Raw<NetworkInspect>> {
        let route = format!("/networks/{}", name::network(network)?);
        self.raw(&route, options).await
    }

    async fn create_network(&self, request: NetworkCreateRequest) -> Result<NetworkCreateResponse> {
        self.said(self.bollard.create_network(request).await)
    }

    async fn connect_network(&self, network: &str, request: NetworkConnectRequest) -> Result<()> {
        let network = name::network(network)?;
        self.said(self.bollard.connect_network(&network, request).await)
    }

    async fn disconnect_network(
        &self,
        network: &str,
        request: NetworkDisconnectRequest,
    ) -> Result<()> {
        let network = name::network(network)?;
        self.said(self.bollard.disconnect_network(&network, request).await)
    }

    async fn remove_network(&self, network: &str) -> Result<()> {
        let network = name::network(network)?;
        self.said(self.bollard.remove_network(&network).await)
    }
}
