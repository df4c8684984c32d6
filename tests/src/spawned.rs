//! An agent as a process of its own: one that can be killed, and whose memory can be measured.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::{
    docker::Docker,
    http::Request,
    page::{Handshake, Page},
    program::causeway,
    view::View,
};

pub struct Spawned {
    child: Child,
    /// What it printed until it said how it is stopped.
    pub lines: Vec<String>,
    port: u16,
    token: Option<String>,
    /// Somebody has to read what else it prints.
    _out: BufReader<ChildStdout>,
}

/// `causeway run` on any free port with this state.
pub fn run(state: &Path) -> Command {
    let mut command = causeway();
    command
        .args(["run", "--no-open", "--port", "0", "--state"])
        .arg(state);
    command
}

impl Spawned {
    pub fn on(docker: &Docker, state: &Path) -> Self {
        let mut command = run(state);
        command.args(["--engine", "docker"]);
        Self::start(command.env("DOCKER_HOST", &docker.host))
    }

    pub fn simulated(state: &Path) -> Self {
        Self::start(run(state).args(["--engine", "simulated"]))
    }

    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("an agent");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = Vec::new();
        while !lines
            .last()
            .is_some_and(|last: &String| last.starts_with("Ctrl-C"))
        {
            let mut line = String::new();
            let read = out.read_line(&mut line).expect("what it prints");
            assert!(read > 0, "it ended after {lines:?}");
            lines.push(line.trim_end().to_owned());
        }
        let mut agent = Self {
            port: 0,
            token: None,
            child,
            lines,
            _out: out,
        };
        agent.port = agent.launch().0;
        agent
    }

    /// The port and the launch code that it printed.
    fn launch(&self) -> (u16, String) {
        let line = self.lines.iter().find(|line| line.contains("/#launch="));
        let line = line.expect("an address");
        let (_, rest) = line.split_once("http://127.0.0.1:").expect("an address");
        let (port, code) = rest.split_once("/#launch=").expect("a code");
        (port.parse().expect("a port"), code.to_owned())
    }

    pub async fn token(&mut self) -> String {
        if self.token.is_none() {
            let (port, code) = self.launch();
            self.token = Some(Request::launch(port, &code).send().await.token());
        }
        self.token.clone().expect("a token")
    }

    /// A page that has not said hello yet.
    pub async fn silent_page(&self) -> Page {
        let page = Handshake::of_a_page(self.port).open().await;
        page.expect("an open WebSocket")
    }

    /// What a page that was let in shows.
    pub async fn view(&mut self) -> View {
        let token = self.token().await;
        let mut page = self.silent_page().await;
        let welcome = page.hello(&token).await;
        View::new(page, welcome)
    }

    /// The most memory that it ever had, in KiB.
    pub fn most_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.expect("a number of KiB")
    }

    /// `kill -9`
    pub fn kill(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        self.end();
    }
}
