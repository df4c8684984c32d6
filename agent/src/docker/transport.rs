//! One client for everything that is asked of an engine: kept connections, the API's version, one retry, time limits.
//!
//! bollard speaks through it, and so does what bollard does not do well. It does not know what is asked.

use std::{
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bollard::BollardRequest;
use bytes::Bytes;
use futures::Stream;
use http_body_util::{BodyExt as _, Either, Full, Limited, StreamBody};
use hyper::{
    Method, Request, Response, Uri,
    body::{Frame, Incoming},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use lab::{Error, Result, models::SystemVersion};
use tower_service::Service;

use super::{endpoint::Endpoint, failure};

/// The oldest version of Docker's API that we speak: 1.41 is Docker 20.10.
const OLDEST: u32 = 41;
/// The newest: bollard's own.
const NEWEST: u32 = 53;
/// For an answer that should come at once. What makes or stops something takes as long as it takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// For the question whether anybody is there.
const PING: Duration = Duration::from_secs(5);
/// Of an answer that is read as a whole.
const LONGEST_ANSWER: usize = 64 << 20;
/// Of what a connection reads ahead, so that no container's output piles up here.
const READ_AHEAD: usize = 64 << 10;

/// The body of a request, as bollard makes it.
type Body =
    Either<Full<Bytes>, StreamBody<Pin<Box<dyn Stream<Item = io::Result<Frame<Bytes>>> + Send>>>>;

/// The way to one engine. Clones share its connections.
#[derive(Clone)]
pub(super) struct Transport(Arc<Inner>);

struct Inner {
    endpoint: Endpoint,
    client: Connections,
    /// 1.x of the API; 0 before the engine was asked, and after it went away: another one may come back.
    minor: AtomicU32,
}

enum Connections {
    #[cfg(unix)]
    Unix(Client<UnixConnector, Body>),
    Tcp(Client<HttpConnector, Body>),
}

impl Transport {
    pub fn new(endpoint: Endpoint) -> Result<Self> {
        let client = Connections::to(&endpoint)?;
        Ok(Self(Arc::new(Inner {
            endpoint,
            client,
            minor: AtomicU32::new(0),
        })))
    }

    pub fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// The `x` of the API version 1.x that is spoken.
    pub async fn minor(&self) -> Result<u32> {
        match self.0.minor.load(Ordering::Relaxed) {
            0 => {
                let minor = self.negotiate().await?;
                self.0.minor.store(minor, Ordering::Relaxed);
                Ok(minor)
            }
            minor => Ok(minor),
        }
    }

    /// The URL of a route, for requests of our own.
    pub fn url(&self, route: &str) -> String {
        let authority = match &self.0.endpoint {
            Endpoint::Unix(_) => "docker",
            Endpoint::Tcp(authority) => authority,
        };
        format!("http://{authority}{route}")
    }

    /// The answer's head. Anything but a success is an error with the engine's own words.
    pub async fn ask(&self, request: BollardRequest) -> Result<Response<Incoming>> {
        let response = self.send(request).await?;
        let status = response.status();
        if status.is_success() || matches!(status.as_u16(), 101 | 304) {
            return Ok(response);
        }
        let said = self.whole(response).await?;
        Err(failure::refused(status.as_u16(), &said))
    }

    /// The answer's head, whatever it is.
    pub async fn send(&self, mut request: BollardRequest) -> Result<Response<Incoming>> {
        let minor = self.minor().await?;
        *request.uri_mut() = versioned(request.uri(), minor)?;
        self.exchange(request).await
    }

    /// Everything that an answer says.
    pub async fn whole(&self, response: Response<Incoming>) -> Result<Bytes> {
        let body = Limited::new(response.into_body(), LONGEST_ANSWER).collect();
        match in_time(self.endpoint(), PATIENCE, body).await? {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<http_body_util::LengthLimitError>() => {
                Err(Error::Unreadable("it is too long".to_owned()))
            }
            Err(_) => Err(failure::went_away(self.endpoint())),
        }
    }

    /// Answers when the engine is there, and soon when it is not.
    pub async fn ping(&self) -> Result<Response<Incoming>> {
        let request = get(&self.url("/_ping"))?;
        in_time(self.endpoint(), PING, self.exchange(request)).await?
    }

    /// A connection that was kept may have died meanwhile: what changes nothing is asked once more.
    async fn exchange(&self, request: BollardRequest) -> Result<Response<Incoming>> {
        if request.method() != Method::GET {
            return self.once(request).await;
        }
        let again = get(&request.uri().to_string())?;
        let answer = async {
            match self.0.client.request(request).await {
                Err(error) if !error.is_connect() => self.once(again).await,
                Err(error) => Err(self.lost(&error)),
                Ok(response) => Ok(response),
            }
        };
        in_time(self.endpoint(), PATIENCE, answer).await?
    }

    async fn once(&self, request: BollardRequest) -> Result<Response<Incoming>> {
        let answer = self.0.client.request(request).await;
        answer.map_err(|error| self.lost(&error))
    }

    fn lost(&self, error: &hyper_util::client::legacy::Error) -> Error {
        self.0.minor.store(0, Ordering::Relaxed);
        failure::request(self.endpoint(), error)
    }

    async fn negotiate(&self) -> Result<u32> {
        let pong = self.ping().await?;
        let version = match pong.headers().get("api-version") {
            Some(version) => String::from_utf8_lossy(version.as_bytes()).into_owned(),
            None => self.asked_version().await?,
        };
        let parts = version.split_once('.');
        let numbers =
            parts.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
        match numbers {
            Some((1, minor)) if minor < OLDEST => Err(failure::too_old(self.endpoint(), &version)),
            Some((1, minor)) => Ok(NEWEST.min(minor)),
            Some((2_u32.., _)) => Ok(NEWEST),
            _ => Err(failure::not_docker(self.endpoint())),
        }
    }

    /// For engines that do not say it with every answer.
    async fn asked_version(&self) -> Result<String> {
        let request = get(&self.url("/version"))?;
        let answer = self.exchange(request).await?;
        let body = self.whole(answer).await?;
        let version = serde_json::from_slice::<SystemVersion>(&body).ok();
        let version = version.and_then(|version| version.api_version);
        version.ok_or_else(|| failure::not_docker(self.endpoint()))
    }
}

/// A question that changes nothing.
fn get(url: &str) -> Result<BollardRequest> {
    let request = Request::get(url).body(bollard::body_full(Bytes::new()));
    request.map_err(|error| unsendable(&error))
}

/// For requests whose parts do not make one.
pub(super) fn unsendable(error: &impl std::fmt::Display) -> Error {
    Error::refused(400, format!("it cannot be asked of the engine: {error}"))
}

/// The same URL under the version that was agreed on, whatever version it had.
fn versioned(url: &Uri, minor: u32) -> Result<Uri> {
    let route = url.path_and_query().map_or("/", |route| route.as_str());
    let bare = route.strip_prefix("/v1.").map(|rest| {
        let digits = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
        if digits.starts_with('/') {
            digits
        } else {
            route
        }
    });
    let route = format!("/v1.{minor}{}", bare.unwrap_or(route));
    let mut parts = url.clone().into_parts();
    let route = route.parse();
    parts.path_and_query = Some(route.map_err(|error| unsendable(&error))?);
    Uri::from_parts(parts).map_err(|error| unsendable(&error))
}

async fn in_time<T>(
    endpoint: &Endpoint,
    patience: Duration,
    answer: impl Future<Output = T>,
) -> Result<T> {
    let answer = tokio::time::timeout(patience, answer).await;
    answer.map_err(|_| failure::silent(endpoint, patience.as_secs()))
}

impl Connections {
    #[cfg_attr(
        unix,
        allow(clippy::unnecessary_wraps, reason = "other systems lack unix sockets")
    )]
    fn to(endpoint: &Endpoint) -> Result<Self> {
        let mut client = Client::builder(TokioExecutor::new());
        client
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(PATIENCE)
            .pool_max_idle_per_host(4)
            .http1_max_buf_size(READ_AHEAD);
        match endpoint {
            #[cfg(unix)]
            Endpoint::Unix(path) => Ok(Self::Unix(
                client.build(UnixConnector(path.as_path().into())),
            )),
            #[cfg(not(unix))]
            Endpoint::Unix(_) => Err(Error::Unreachable(format!(
                "{endpoint} is a unix socket, which this system does not have: name a tcp:// address in DOCKER_HOST"
            ))),
            Endpoint::Tcp(_) => {
                let mut connector = HttpConnector::new();
                connector.set_nodelay(true);
                connector.set_connect_timeout(Some(PING));
                connector.set_keepalive(Some(PATIENCE));
                Ok(Self::Tcp(client.build(connector)))
            }
        }
    }

    fn request(&self, request: BollardRequest) -> hyper_util::client::legacy::ResponseFuture {
        match self {
            #[cfg(unix)]
            Self::Unix(client) => client.request(request),
            Self::Tcp(client) => client.request(request),
        }
    }
}

/// Connects to the one socket, whatever the URL.
#[cfg(unix)]
#[derive(Clone)]
struct UnixConnector(Arc<std::path::Path>);

#[cfg(unix)]
impl Service<Uri> for UnixConnector {
    type Response = TokioIo<tokio::net::UnixStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let path = Arc::clone(&self.0);
        Box::pin(async move { Ok(TokioIo::new(tokio::net::UnixStream::connect(&path).await?)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_gets_the_version_that_was_agreed_on() {
        let check = |url: &str, expected: &str| {
            let uri = versioned(&url.parse().unwrap(), 51).unwrap();
            assert_eq!(uri.to_string(), expected);
        };
        check("http://docker/info", "http://docker/v1.51/info");
        check(
            "http://docker/v1.41/networks?a=b%20c",
            "http://docker/v1.51/networks?a=b%20c",
        );
        check("http://docker/v1.x/info", "http://docker/v1.51/v1.x/info");
    }
}
