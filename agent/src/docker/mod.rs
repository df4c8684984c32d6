//! The real engine: Docker's API over its own socket, in bollard's models and mostly through bollard.
//!
//! It does not know what a lab is, nor what may be touched: that is the guard's to say.

mod containers;
mod demux;
mod endpoint;
mod exec;
mod failure;
mod flow;
mod images;
mod name;
mod networks;
mod pieces;
mod swarm;
mod system;
mod transport;

use bollard::{BollardRequest, ClientVersion, errors::Error as BollardError};
use bytes::Bytes;
use hyper::{Method, Request, Response, body::Incoming, header};
use lab::{Error, Raw, Result};
use serde::Serialize;

pub use endpoint::{BadEndpoint, Endpoint};
pub(crate) use failure::connecting as unreachable;
use transport::Transport;

/// A Docker engine (or what speaks its API). Clones share its connections.
#[derive(Clone)]
pub struct Docker {
    transport: Transport,
    bollard: bollard::Docker,
}

impl Docker {
    /// An engine that answers. It may go away and come back later: each call finds out anew.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self> {
        let docker = Self::at(endpoint)?;
        docker.transport.minor().await?;
        Ok(docker)
    }

    /// An engine that may or may not be there.
    pub fn at(endpoint: &Endpoint) -> Result<Self> {
        let transport = Transport::new(endpoint.clone())?;
        let bollard = through(&transport)?;
        Ok(Self { transport, bollard })
    }

    pub fn endpoint(&self) -> &Endpoint {
        self.transport.endpoint()
    }

    /// The version of Docker's API that is spoken: `1.51`.
    pub async fn api_version(&self) -> Result<String> {
        Ok(format!("1.{}", self.transport.minor().await?))
    }

    /// bollard's answer in our errors.
    fn said<T>(&self, answer: Result<T, BollardError>) -> Result<T> {
        answer.map_err(|error| failure::bollard(self.endpoint(), error))
    }

    /// An answer as the engine wrote it.
    async fn raw<T>(&self, route: &str, query: impl Serialize) -> Result<Raw<T>> {
        let response = self.ask(Method::GET, route, query, None).await?;
        let body = self.transport.whole(response).await?;
        let json = str::from_utf8(&body).map_err(|error| Error::Unreadable(error.to_string()))?;
        Ok(Raw::new(json.trim_end()))
    }

    /// The head of an answer; its body comes as it comes.
    async fn ask(
        &self,
        method: Method,
        route: &str,
        query: impl Serialize,
        json: Option<String>,
    ) -> Result<Response<Incoming>> {
        let request = self.request(method, route, query, json)?;
        self.transport.ask(request).await
    }

    /// Asks for the connection itself, to be used in both directions.
    async fn hijack(
        &self,
        route: &str,
        query: impl Serialize,
        json: Option<String>,
    ) -> Result<Response<Incoming>> {
        let mut request = self.request(Method::POST, route, query, json)?;
        let upgrade = header::HeaderValue::from_static("Upgrade");
        let tcp = header::HeaderValue::from_static("tcp");
        request.headers_mut().insert(header::CONNECTION, upgrade);
        request.headers_mut().insert(header::UPGRADE, tcp);
        self.transport.ask(request).await
    }

    /// Sends what is not JSON.
    async fn send(
        &self,
        route: &str,
        query: impl Serialize,
        kind: &'static str,
        body: Bytes,
    ) -> Result<Response<Incoming>> {
        let mut request = self.request(Method::POST, route, query, None)?;
        let kind = header::HeaderValue::from_static(kind);
        request.headers_mut().insert(header::CONTENT_TYPE, kind);
        *request.body_mut() = bollard::body_full(body);
        self.transport.ask(request).await
    }

    fn request(
        &self,
        method: Method,
        route: &str,
        query: impl Serialize,
        json: Option<String>,
    ) -> Result<BollardRequest> {
        let query = serde_urlencoded::to_string(query);
        let query = query.map_err(|error| Error::refused(400, error.to_string()))?;
        let url = self.transport.url(&format!("{route}?{query}"));
        let mut request = Request::builder().method(method).uri(url);
        if json.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = bollard::body_full(Bytes::from(json.unwrap_or_default()));
        let request = request.body(body);
        request.map_err(|error| transport::unsendable(&error))
    }
}

/// bollard over our transport. It asks for its time limit in whole seconds; ours are the transport's.
fn through(transport: &Transport) -> Result<bollard::Docker> {
    let client = transport.clone();
    let send = move |request: BollardRequest| {
        let client = client.clone();
        async move {
            let answer = client.send(request).await;
            answer.map_err(|error| BollardError::from(failure::carried(error)))
        }
    };
    // The transport puts the version that was agreed on in its place.
    let any = ClientVersion {
        major_version: 1,
        minor_version: 41,
    };
    let bollard = bollard::Docker::connect_with_custom_transport(
        send,
        Some(transport.url("")),
        u64::MAX,
        &any,
    );
    bollard.map_err(|error| failure::bollard(transport.endpoint(), error))
}

/// For questions without options.
const NO_QUERY: [(&str, &str); 0] = [];
