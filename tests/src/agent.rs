//! An agent over the simulated engine, in this process, on a free port, with a state folder of its own.

use std::sync::Arc;

use causeway::{
    app::{self, Agent},
    args::{Choice, Lab, Run},
    server::Access,
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{
    http::{Answer, Request},
    page::{Handshake, Page},
};

pub struct TestAgent {
    port: u16,
    access: Arc<Access>,
    serving: JoinHandle<()>,
    _state: TempDir,
}

impl TestAgent {
    pub async fn start() -> Self {
        let state = tempfile::tempdir().expect("a folder for the state");
        let options = Run {
            lab: Lab {
                engine: Choice::Simulated,
                state: Some(state.path().to_owned()),
            },
            port: Some(0),
            no_open: true,
        };
        let agent = Agent::start(&options).await.expect("an agent that starts");
        let (port, access) = (agent.port(), agent.access());
        let serving =
            tokio::spawn(async move { agent.serve().await.expect("an agent that serves") });
        Self {
            port,
            access,
            serving,
            _state: state,
        }
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
        Request::new(self.port, method, path)
            .header("Host", &self.host())
            .header("Origin", &self.origin())
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
        let body = serde_json::json!({ "code": code }).to_string();
        self.request("POST", "/launch").json(&body).send().await
    }

    /// The token, got as a page gets it.
    pub async fn token(&self) -> String {
        let answer = self.launch(&self.launch_code()).await;
        let launched: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        launched["token"].as_str().expect("a token").to_owned()
    }

    /// A WebSocket as the page would open it; each part can be changed.
    pub fn handshake(&self) -> Handshake {
        Handshake::new(self.port)
            .header("Host", &self.host())
            .header("Origin", &self.origin())
    }

    /// A page that has not said hello yet.
    pub async fn silent_page(&self) -> Page {
        self.handshake().open().await.expect("an open WebSocket")
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
