//! An agent in this process, on a free port, over the engine that a test chooses.

use std::sync::Arc;

use causeway::{
    app::{self, Agent},
    args::{Choice, Lab, Run},
    server::Access,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{
    docker::Docker,
    http::{Answer, Request},
    page::{Handshake, Page},
    view::View,
};

pub struct TestAgent {
    port: u16,
    access: Arc<Access>,
    found: String,
    serving: JoinHandle<()>,
    _state: TempDir,
}

impl TestAgent {
    /// Over the simulated engine, with a state folder of its own.
    pub async fn start() -> Self {
        Self::of_its_own(Choice::Simulated, None).await
    }

    /// Over a Docker engine, with a state folder of its own.
    pub async fn on(docker: &Docker) -> Self {
        Self::at(&docker.host).await
    }

    /// Over the Docker engine at this address, with a state folder of its own.
    pub async fn at(host: &str) -> Self {
        Self::of_its_own(Choice::Docker, Some(host.to_owned())).await
    }

    async fn of_its_own(engine: Choice, docker_host: Option<String>) -> Self {
        let state = tempfile::tempdir().expect("a folder for the state");
        let options = Run {
            lab: Lab {
                engine,
                docker_host,
                state: Some(state.path().to_owned()),
            },
            port: Some(0),
            no_open: true,
        };
        let agent = Agent::start(&options).await.expect("an agent that starts");
        let (port, access) = (agent.port(), agent.access());
        let found = agent.found().to_owned();
        let serving =
            tokio::spawn(async move { agent.serve().await.expect("an agent that serves") });
        Self {
            port,
            access,
            found,
            serving,
            _state: state,
        }
    }

    /// Which engine it found, and how.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// `127.0.0.1:PORT`
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `http://127.0.0.1:PORT`
    pub fn origin(&self) -> String {
        format!("http://{}", self.host())
    }

    /// A request as the page would make it; each part can be changed.
    pub fn request(&self, method: &str, path: &str) -> Request {
        Request::of_a_page(self.port, method, path)
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).send().await
    }

    /// A launch code, as the address that opens the page has it.
    pub fn launch_code(&self) -> String {
        let url = app::launch_url(self.port, &self.access).expect("a launch code");
        let (_, code) = url.split_once("/#launch=").expect("a code in the fragment");
        code.to_owned()
    }

    pub async fn launch(&self, code: &str) -> Answer {
        Request::launch(self.port, code).send().await
    }

    /// The token, got as a page gets it.
    pub async fn token(&self) -> String {
        self.launch(&self.launch_code()).await.token()
    }

    /// A WebSocket as the page would open it; each part can be changed.
    pub fn handshake(&self) -> Handshake {
        Handshake::of_a_page(self.port)
    }

    /// A page that has not said hello yet.
    pub async fn silent_page(&self) -> Page {
        self.handshake().open().await.expect("an open WebSocket")
    }

    /// What a page that was let in shows.
    pub async fn view(&self) -> View {
        let mut page = self.silent_page().await;
        let welcome = page.hello(&self.token().await).await;
        View::new(page, welcome)
    }

    /// A page that was let in.
    pub async fn page(&self) -> Page {
        let mut page = self.silent_page().await;
        let token = self.token().await;
        page.hello(&token).await;
        page
    }
}

impl Drop for TestAgent {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
