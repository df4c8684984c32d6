//! An agent as a process of its own, started as a person starts it: it can be frozen, killed and measured.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use session::wire::Welcome;
use tempfile::TempDir;

use crate::{
    docker::Docker,
    http::Request,
    page::{Handshake, Page},
    program::causeway,
    view::View,
};

pub struct Spawned {
    child: Child,
    /// What it printed so far.
    said: Arc<Mutex<Vec<String>>>,
    token: Option<String>,
    /// Where no test named one.
    state: Option<TempDir>,
}

/// `causeway run` on this port (0: any free one) with this state.
pub fn run(port: u16, state: &Path) -> Command {
    let mut command = causeway();
    command
        .args(["run", "--no-open", "--port", &port.to_string(), "--state"])
        .arg(state);
    command
}

impl Spawned {
    pub fn on(docker: &Docker, state: &Path) -> Self {
        let mut command = run(0, state);
        command.args(["--engine", "docker"]);
        Self::start(command.env("DOCKER_HOST", &docker.host))
    }

    /// On the engine that the docker CLI would find through this `DOCKER_HOST`, or without one.
    pub fn found_through(docker_host: &str) -> Self {
        Self::with_own_state(|command| command.env("DOCKER_HOST", docker_host))
    }

    pub fn simulated() -> Self {
        Self::with_own_state(|command| command.args(["--engine", "simulated"]))
    }

    fn with_own_state(more: impl Fn(&mut Command) -> &mut Command) -> Self {
        let state = tempfile::tempdir().expect("a folder for the state");
        let mut agent = Self::start(more(&mut run(0, state.path())));
        agent.state = Some(state);
        agent
    }

    /// Returns once it has said how it is stopped.
    pub fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("an agent");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines: Vec<String> = Vec::new();
        while !lines.last().is_some_and(|last| last.starts_with("Ctrl-C")) {
            let mut line = String::new();
            let read = out.read_line(&mut line).expect("what it prints");
            assert!(read > 0, "it ended after {lines:?}");
            lines.push(line.trim_end().to_owned());
        }
        let said = Arc::new(Mutex::new(lines));
        listen(out, Arc::clone(&said));
        Self {
            child,
            said,
            token: None,
            state: None,
        }
    }

    /// What it printed so far.
    pub fn lines(&self) -> Vec<String> {
        self.said
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The newest address that it printed. It opens the page once.
    pub fn address(&self) -> String {
        let lines = self.lines();
        let newest = lines.iter().rev().find(|line| line.contains("/#launch="));
        let (_, address) = newest
            .and_then(|line| line.split_once("http://"))
            .expect("an address");
        format!("http://{address}")
    }

    pub fn port(&self) -> u16 {
        self.launch().0
    }

    /// The port and the launch code of the newest address.
    fn launch(&self) -> (u16, String) {
        let address = self.address();
        let rest = address.strip_prefix("http://127.0.0.1:").expect("a port");
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
        let page = Handshake::of_a_page(self.port()).open().await;
        page.expect("an open WebSocket")
    }

    /// A page that was let in.
    pub async fn page(&mut self) -> Page {
        self.welcomed().await.0
    }

    /// What a page that was let in shows.
    pub async fn view(&mut self) -> View {
        let (page, welcome) = self.welcomed().await;
        View::new(page, welcome)
    }

    async fn welcomed(&mut self) -> (Page, Welcome) {
        let token = self.token().await;
        let mut page = self.silent_page().await;
        let welcome = page.hello(&token).await;
        (page, welcome)
    }

    /// The most memory that it ever had, in KiB.
    pub fn most_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory that it has now, in KiB.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        number.expect("a number of KiB")
    }

    /// Stops it, as if its machine were busy or the connection cut; `go_on` ends that.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let mut kill = Command::new("kill");
        kill.args([signal, &self.child.id().to_string()]);
        assert!(kill.status().expect("kill").success());
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

/// Somebody has to read what else it prints.
fn listen(out: BufReader<ChildStdout>, said: Arc<Mutex<Vec<String>>>) {
    thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            said.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    });
}
