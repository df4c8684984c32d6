//! The agent as it ships, started as a person starts it, on any engine, with a state folder of its own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::{
    http::Request,
    page::{Handshake, Page},
    report::variable,
};

pub struct Running {
    child: Child,
    port: u16,
    code: String,
    /// Open for as long as it prints.
    _output: BufReader<ChildStdout>,
    _state: TempDir,
}

impl Running {
    /// The binary that `CAUSEWAY_BIN` names, over the engine at this address.
    pub fn on_docker(host: &str) -> Result<Self> {
        Self::start("docker", |command| command.env("DOCKER_HOST", host))
    }

    pub fn on_the_simulated() -> Result<Self> {
        Self::start("simulated", |command| command)
    }

    fn start(engine: &str, more: impl Fn(&mut Command) -> &mut Command) -> Result<Self> {
        let state = tempfile::tempdir()?;
        let mut command = Command::new(variable("CAUSEWAY_BIN")?);
        command
            .args(["run", "--no-open", "--port", "0", "--engine", engine])
            .arg("--state")
            .arg(state.path())
            .stdout(Stdio::piped());
        let mut child = more(&mut command).spawn().context("CAUSEWAY_BIN")?;
        let mut output = BufReader::new(child.stdout.take().context("no output")?);
        let address = address(&mut output);
        let mut running = Self {
            child,
            port: 0,
            code: String::new(),
            _output: output,
            _state: state,
        };
        let address = address.context("the agent printed no address")?;
        let (host, code) = address.split_once("/#launch=").context("no launch code")?;
        let (_, port) = host.rsplit_once(':').context("no port")?;
        (running.port, running.code) = (port.parse()?, code.to_owned());
        Ok(running)
    }

    /// The address that opens the page, once.
    pub fn address(&self) -> String {
        format!("{}/#launch={}", self.origin(), self.code)
    }

    /// A page that was let in. It uses the address up.
    pub async fn page(&self) -> Result<Page> {
        let host = format!("127.0.0.1:{}", self.port);
        let body = serde_json::json!({ "code": self.code }).to_string();
        let launch = Request::new(self.port, "POST", "/launch")
            .header("Host", &host)
            .header("Origin", &self.origin());
        let launched: serde_json::Value =
            serde_json::from_str(&launch.json(&body).send().await.body)?;
        let token = launched["token"].as_str().context("no token")?;
        let handshake = Handshake::new(self.port)
            .header("Host", &host)
            .header("Origin", &self.origin());
        let page = handshake.open().await;
        let mut page = page.map_err(|status| anyhow::anyhow!("HTTP {status}"))?;
        page.hello(token).await;
        Ok(page)
    }

    /// Memory that is its own or shared, in MiB, as the kernel counts it now.
    pub fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
        Ok(kib.context("no VmRSS")?.trim().parse::<f64>()? / 1024.0)
    }

    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(output: &mut impl BufRead) -> Option<String> {
    let mut lines = output.lines().map_while(Result::ok);
    lines.find_map(|line| line.strip_prefix("The lesson is at ").map(str::to_owned))
}
