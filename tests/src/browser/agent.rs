//! The `causeway` program as it ships, started as a person starts it.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use tempfile::TempDir;

use super::settings::Settings;

pub struct Agent {
    child: Child,
    program: PathBuf,
    docker_host: String,
    said: Arc<Mutex<Vec<String>>>,
    state: TempDir,
}

impl Agent {
    /// With the engine that the docker CLI would find through this `DOCKER_HOST`.
    pub async fn start(settings: &Settings, docker_host: &str) -> Self {
        let state = tempfile::tempdir().expect("a folder for the state");
        let program = settings.causeway.clone();
        let (child, said) = spawn(&program, docker_host, &state, "0");
        let agent = Self {
            child,
            program,
            docker_host: docker_host.to_owned(),
            said,
            state,
        };
        agent.address().await;
        agent
    }

    /// The newest address that it printed.
    pub async fn address(&self) -> String {
        for _ in 0..600 {
            let said = self.said.lock().expect("its lines").clone();
            let newest = said.iter().rev().find(|line| line.contains("/#launch="));
            if let Some(newest) = newest {
                let (_, address) = newest.split_once("http").expect("an address");
                return format!("http{address}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the agent printed no address");
    }

    pub async fn port(&self) -> String {
        let address = self.address().await;
        let (host, _) = address.split_once("/#").expect("a fragment");
        let (_, port) = host.rsplit_once(':').expect("a port");
        port.to_owned()
    }

    /// The same again, after it was killed, on this port and with the same state.
    pub async fn start_again(&mut self, port: &str) {
        let (child, said) = spawn(&self.program, &self.docker_host, &self.state, port);
        (self.child, self.said) = (child, said);
        self.address().await;
    }

    /// `kill -9`
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(
    program: &PathBuf,
    docker_host: &str,
    state: &TempDir,
    port: &str,
) -> (Child, Arc<Mutex<Vec<String>>>) {
    let mut command = Command::new(program);
    command
        .args(["--no-open", "--port", port, "--state"])
        .arg(state.path())
        .env("DOCKER_HOST", docker_host)
        .stdout(Stdio::piped());
    let mut child = command.spawn().expect("an agent that runs");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let said = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&said);
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            kept.lock().expect("its lines").push(line);
        }
    });
    (child, said)
}
