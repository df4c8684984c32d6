//! An agent that is none: it serves the built page and speaks the wire, and what it sends is up to the test.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result};
use axum::{
    Json, Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    http::{StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
    routing::get,
    serve::ListenerExt as _,
};
use course::Progress;
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use lab::topology::Topology;
use session::wire::{
    ClientMessage, EngineKind, EngineState, Frame, PROTOCOL, ServerMessage, Snapshot, TerminalId,
    TerminalState, Welcome, decode_client, encode_server,
};
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

pub struct FakeAgent {
    port: u16,
    pages: UnboundedReceiver<WebSocket>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Shared {
    /// Looked through in this order.
    folders: Arc<Vec<PathBuf>>,
    pages: UnboundedSender<WebSocket>,
}

impl FakeAgent {
    /// Serves the files of these folders.
    pub async fn start(folders: &[&Path]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (sender, pages) = unbounded_channel();
        let shared = Shared {
            folders: Arc::new(folders.iter().map(|folder| (*folder).to_owned()).collect()),
            pages: sender,
        };
        let router = Router::new()
            .route("/agent", get(agent))
            .route("/session", get(session))
            .fallback(file)
            .with_state(shared);
        // As the agent's own sockets are.
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        let serving = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            port,
            pages,
            serving,
        })
    }

    pub fn address(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The next page that says hello. A program called `running` runs in its first terminal.
    pub async fn page(&mut self, running: &str) -> Result<(ToPage, FromPage)> {
        let socket = self.pages.recv().await.context("no page came")?;
        let (to, from) = socket.split();
        let (mut to, mut from) = (ToPage(to), FromPage(from));
        let hello = from.next().await?;
        anyhow::ensure!(matches!(hello, ClientMessage::Hello { .. }), "{hello:?}");
        to.send(&welcome(running)).await?;
        Ok((to, from))
    }
}

impl Drop for FakeAgent {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What is sent to a page.
pub struct ToPage(SplitSink<WebSocket, Message>);

impl ToPage {
    pub async fn send(&mut self, message: &ServerMessage) -> Result<()> {
        let frame = match encode_server(message) {
            Frame::Text(text) => Message::Text(text.into()),
            Frame::Binary(bytes) => Message::Binary(bytes),
        };
        Ok(self.0.send(frame).await?)
    }
}

/// What a page says.
pub struct FromPage(SplitStream<WebSocket>);

impl FromPage {
    pub async fn next(&mut self) -> Result<ClientMessage> {
        loop {
            let frame = match self.0.next().await.context("the page went")?? {
                Message::Text(text) => Frame::Text(text.as_str().to_owned()),
                Message::Binary(bytes) => Frame::Binary(bytes),
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Close(_) => anyhow::bail!("the page went"),
            };
            return Ok(decode_client(frame)?);
        }
    }
}

fn welcome(running: &str) -> ServerMessage {
    let terminal = TerminalState {
        id: TerminalId(1),
        start: 0,
        end: 0,
        running: Some(running.to_owned()),
        last_exit: None,
    };
    let snapshot = Snapshot {
        engine: EngineState {
            kind: EngineKind::Simulated,
            name: "No engine".to_owned(),
            gone: None,
            why: None,
        },
        course: course::our_course(),
        progress: Progress::default(),
        topology: Topology::default(),
        terminals: vec![terminal],
        goal: None,
    };
    ServerMessage::Welcome(Box::new(Welcome {
        protocol: PROTOCOL,
        epoch: "fake".to_owned(),
        seq: 0,
        snapshot,
    }))
}

async fn agent() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "agent": "causeway", "version": "0" }))
}

async fn session(State(shared): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.on_upgrade(async move |socket| {
        // A test that has ended asks for no more pages.
        let _ = shared.pages.send(socket);
    })
}

async fn file(State(shared): State<Shared>, uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let found = shared
        .folders
        .iter()
        .find_map(|folder| std::fs::read(folder.join(path)).ok());
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    };
    match found {
        Some(bytes) => ([(CONTENT_TYPE, kind)], bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
