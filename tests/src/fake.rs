//! An agent that is none: it serves the built page and speaks the wire, and what it sends is up to the test.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
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
use bytes::Bytes;
use course::Progress;
use futures::{
    SinkExt as _, StreamExt as _,
    stream::{SplitSink, SplitStream},
};
use lab::{Size, topology::Topology};
use session::wire::{
    ClientMessage, EngineKind, EngineState, Frame, PROTOCOL, ServerMessage, Snapshot, TerminalId,
    TerminalState, WINDOW, Welcome, decode_client, encode_server,
};
use tokio::{
    net::TcpListener,
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        watch,
    },
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

    /// Pages that came and were not asked for: one whose connection ended comes back by itself.
    pub fn forget_pages(&mut self) {
        while self.pages.try_recv().is_ok() {}
    }

    /// The next page that says hello. A program called `running` runs in its first terminal.
    pub async fn page(&mut self, running: &str) -> Result<Paced> {
        let socket = self.pages.recv().await.context("no page came")?;
        let (mut to, mut from) = socket.split();
        let hello = next(&mut from).await?;
        anyhow::ensure!(matches!(hello, ClientMessage::Hello { .. }), "{hello:?}");
        to.send(frame(&welcome(running))).await?;
        Ok(Paced::new(to, from))
    }
}

impl Drop for FakeAgent {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A page whose first terminal is fed as a session feeds it: never more than a window ahead of what is drawn.
pub struct Paced {
    to: SplitSink<WebSocket, Message>,
    /// Bytes sent.
    pub offset: u64,
    drawn: watch::Receiver<u64>,
    size: watch::Receiver<Option<Size>>,
    inputs: UnboundedReceiver<f64>,
    hearing: JoinHandle<()>,
}

impl Paced {
    fn new(to: SplitSink<WebSocket, Message>, from: SplitStream<WebSocket>) -> Self {
        let (drawn, size) = (watch::channel(0), watch::channel(None));
        let (typed, inputs) = unbounded_channel();
        let hearing = hear(from, drawn.0, size.0, typed);
        Self {
            to,
            offset: 0,
            drawn: drawn.1,
            size: size.1,
            inputs,
            hearing: tokio::spawn(hearing),
        }
    }

    /// Terminal output, once there is room for it.
    pub async fn send(&mut self, bytes: Bytes) -> Result<()> {
        self.room().await?;
        self.send_at_once(bytes).await
    }

    /// Until less than a window is under way.
    pub async fn room(&mut self) -> Result<()> {
        let sent = self.offset;
        let room = self.drawn.wait_for(|drawn| sent < drawn + WINDOW);
        room.await.context("the page went")?;
        Ok(())
    }

    /// Until there is input (when it came, in milliseconds of UNIX time) or room.
    pub async fn input_or_room(&mut self) -> Result<Option<f64>> {
        let sent = self.offset;
        tokio::select! {
            biased;
            input = self.inputs.recv() => Ok(Some(input.context("the page went")?)),
            room = self.drawn.wait_for(|drawn| sent < drawn + WINDOW) => {
                room.context("the page went")?;
                Ok(None)
            }
        }
    }

    pub async fn send_at_once(&mut self, bytes: Bytes) -> Result<()> {
        let offset = self.offset;
        self.offset += bytes.len() as u64;
        let terminal = TerminalId(1);
        let output = ServerMessage::Output {
            terminal,
            offset,
            bytes,
        };
        Ok(self.to.send(frame(&output)).await?)
    }

    /// As the page says it once it is laid out.
    pub async fn size(&mut self) -> Result<Size> {
        let size = self.size.wait_for(Option::is_some).await;
        size.context("the page went")?.context("no size")
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

async fn hear(
    mut from: SplitStream<WebSocket>,
    drawn: watch::Sender<u64>,
    size: watch::Sender<Option<Size>>,
    typed: UnboundedSender<f64>,
) {
    while let Ok(message) = next(&mut from).await {
        match message {
            ClientMessage::Drawn { offset, .. } => drop(drawn.send_replace(offset)),
            ClientMessage::Resize { size: now, .. } => drop(size.send_replace(Some(now))),
            // A bench that has ended asks for none.
            ClientMessage::Input { .. } => drop(typed.send(unix_ms())),
            _ => {}
        }
    }
}

async fn next(from: &mut SplitStream<WebSocket>) -> Result<ClientMessage> {
    loop {
        let frame = match from.next().await.context("the page went")?? {
            Message::Text(text) => Frame::Text(text.as_str().to_owned()),
            Message::Binary(bytes) => Frame::Binary(bytes),
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => anyhow::bail!("the page went"),
        };
        return Ok(decode_client(frame)?);
    }
}

fn frame(message: &ServerMessage) -> Message {
    match encode_server(message) {
        Frame::Text(text) => Message::Text(text.into()),
        Frame::Binary(bytes) => Message::Binary(bytes),
    }
}

/// Milliseconds of this machine's wall clock, which the browser's `performance.timeOrigin` counts from, too.
pub fn unix_ms() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64() * 1000.0)
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
        files: Vec::new(),
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
