//! Chromium, driven through a chromedriver of one's own. It knows no page.

use std::{
    io::{BufRead as _, BufReader},
    ops::Deref,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use axum::http;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tempfile::TempDir;
use thirtyfour::{
    CapabilitiesHelper as _, ChromiumLikeCapabilities as _, DesiredCapabilities, WebDriver,
    error::{WebDriverError, WebDriverResult},
    session::http::{Body, HttpClient},
};

use crate::report::variable;

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

/// A browser window. In the order in which they end: the session, its chromedriver, the profile's folder.
pub struct Driver {
    session: WebDriver,
    chromedriver: Chromedriver,
    _profile: TempDir,
}

impl Driver {
    /// With the programs that `CAUSEWAY_CHROMEDRIVER` and `CAUSEWAY_CHROMIUM` name, and a new profile.
    pub async fn start() -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let chromedriver = Chromedriver::start()?;
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set("goog:loggingPrefs", serde_json::json!({ "browser": "ALL" }))?;
        wanted.set_binary(&variable("CAUSEWAY_CHROMIUM")?)?;
        for flag in FLAGS {
            wanted.add_arg(flag)?;
        }
        wanted.add_arg(&format!("--user-data-dir={}", profile.path().display()))?;
        let address = format!("http://127.0.0.1:{}", chromedriver.port);
        let session = WebDriver::builder(address, wanted).client(Http::new());
        Ok(Self {
            session: session.await.context("Chromium")?,
            chromedriver,
            _profile: profile,
        })
    }

    /// The most memory that one of the browser's page processes ever had, in MiB.
    pub fn most_memory(&self) -> Result<f64> {
        let mut most = 0;
        for process in std::fs::read_dir("/proc")?.filter_map(Result::ok) {
            let about = |name| std::fs::read_to_string(process.path().join(name));
            let (Ok(line), Ok(status)) = (about("cmdline"), about("status")) else {
                continue;
            };
            if line.contains("--type=renderer") && self.is_ours(&status) {
                most = most.max(status_number(&status, "VmHWM:"));
            }
        }
        Ok(f64::from(most) / 1024.0)
    }

    /// Whether a process comes from our chromedriver.
    fn is_ours(&self, status: &str) -> bool {
        let mut parent = status_number(status, "PPid:");
        while parent > 1 {
            if parent == self.chromedriver.child.id() {
                return true;
            }
            let status = std::fs::read_to_string(format!("/proc/{parent}/status"));
            parent = status.map_or(0, |status| status_number(&status, "PPid:"));
        }
        false
    }

    /// `150.0.7871.100`
    pub fn version(&self) -> String {
        let version = self.session.capabilities().get("browserVersion").cloned();
        version
            .and_then(|version| version.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

impl Deref for Driver {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.session
    }
}

struct Chromedriver {
    child: Child,
    port: u16,
}

impl Chromedriver {
    fn start() -> Result<Self> {
        let mut command = Command::new(variable("CAUSEWAY_CHROMEDRIVER")?);
        command
            .args(["--port=0", "--log-level=SEVERE"])
            .stdout(Stdio::piped());
        let mut child = command.spawn().context("CAUSEWAY_CHROMEDRIVER")?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let mut started = Self { child, port: 0 };
        let said = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        // What it says later must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        started.port = said.context("chromedriver said no port")?;
        Ok(started)
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
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

fn status_number(status: &str, name: &str) -> u32 {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}
