//! `/networks`

use async_trait::async_trait;
use hyper::Method;
use lab::{
    Error, Networks, Raw, Result,
    models::{
        Network, NetworkConnectRequest, NetworkCreateRequest, NetworkCreateResponse,
        NetworkDisconnectRequest, NetworkInspect,
    },
    options::{InspectNetworkOptions, ListNetworksOptions},
};

use serde::Serialize;

use super::{Docker, NO_QUERY, name};

/// The first version of the API in which no two networks can have the same name.
const REFUSES_DUPLICATES: u32 = 44;

/// What the docker CLI asks of older engines; bollard's models no longer have the word for it.
#[derive(Serialize)]
struct Unique {
    #[serde(flatten)]
    request: NetworkCreateRequest,
    #[serde(rename = "CheckDuplicate")]
    check_duplicate: bool,
}

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
        if self.transport.minor().await? >= REFUSES_DUPLICATES {
            return self.said(self.bollard.create_network(request).await);
        }
        let body = Unique {
            request,
            check_duplicate: true,
        };
        let body = serde_json::to_string(&body).map_err(|error| unreadable(&error))?;
        let create = self.ask(Method::POST, "/networks/create", NO_QUERY, Some(body));
        let made = self.transport.whole(create.await?).await?;
        serde_json::from_slice(&made).map_err(|error| unreadable(&error))
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

fn unreadable(error: &serde_json::Error) -> Error {
    Error::Unreadable(error.to_string())
}
