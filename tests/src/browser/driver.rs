//! Chromium, driven through a chromedriver of one's own. It knows no page.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use axum::http;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tempfile::TempDir;
use thirtyfour::{
    CapabilitiesHelper as _, ChromeCapabilities, ChromiumLikeCapabilities as _,
    DesiredCapabilities, WebDriver,
    error::{WebDriverError, WebDriverResult},
    session::http::{Body, HttpClient},
};

use super::settings::Settings;

const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--window-size=1440,900",
];

/// In the order in which they end: the session, its chromedriver, the profile's folder.
pub struct Driver {
    pub session: WebDriver,
    _chromedriver: Chromedriver,
    _profile: TempDir,
}

impl Driver {
    /// With a new profile.
    pub async fn start(settings: &Settings) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let chromedriver = Chromedriver::start(settings);
        let address = format!("http://127.0.0.1:{}", chromedriver.port);
        let wanted = wanted(settings, &profile).expect("capabilities");
        let session = WebDriver::builder(address, wanted).client(Http::new());
        Self {
            session: session.await.expect("Chromium"),
            _chromedriver: chromedriver,
            _profile: profile,
        }
    }
}

fn wanted(settings: &Settings, profile: &TempDir) -> WebDriverResult<ChromeCapabilities> {
    let mut wanted = DesiredCapabilities::chrome();
    wanted.set("goog:loggingPrefs", serde_json::json!({ "browser": "ALL" }))?;
    wanted.set_binary(&settings.chromium)?;
    for flag in FLAGS {
        wanted.add_arg(flag)?;
    }
    wanted.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
    Ok(wanted)
}

struct Chromedriver {
    child: Child,
    port: u16,
}

impl Chromedriver {
    fn start(settings: &Settings) -> Self {
        let mut command = Command::new(&settings.chromedriver);
        command
            .args(["--port=0", "--log-level=SEVERE"])
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("a chromedriver that runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            port: port.expect("chromedriver's port"),
        }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // Chromium ends with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// thirtyfour's way out, over the HTTP client that the agent has: its own would bring a second one, and TLS.
struct Http(Client<HttpConnector, Full<Bytes>>);

impl Http {
    fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }
}

#[async_trait::async_trait]
impl HttpClient for Http {
    async fn send(
        &self,
        request: http::Request<Body<'_>>,
    ) -> WebDriverResult<http::Response<Bytes>> {
        let failed =
            |error: &dyn std::fmt::Display| WebDriverError::RequestFailed(error.to_string());
        let request = request.map(|body| match body {
            Body::Empty => Full::default(),
            Body::Json(json) => Full::from(json.to_string()),
        });
        let answer = self.0.request(request).await;
        let (head, body) = answer.map_err(|error| failed(&error))?.into_parts();
        let body = body.collect().await.map_err(|error| failed(&error))?;
        Ok(http::Response::from_parts(head, body.to_bytes()))
    }

    async fn new(&self) -> Arc<dyn HttpClient> {
        Arc::new(Self::new())
    }
}
