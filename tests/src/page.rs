//! A page's end of the WebSocket, on a real socket, in the wire's own messages.

use std::{collections::BTreeMap, net::Ipv4Addr, time::Duration};

use futures::{SinkExt as _, StreamExt as _};
use lab::Size;
use session::wire::{
    ClientMessage, Frame, PROTOCOL, Resume, ServerMessage, TerminalId, Update, WINDOW, Welcome,
    decode_server, encode_client,
};
use tokio::{
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        self, Message,
        handshake::client::{Request, generate_key},
    },
};

use crate::http::Headers;

/// Nothing in these tests takes longer, but a page that is waited for in vain has to fail.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a WebSocket is asked for.
pub struct Handshake {
    port: u16,
    headers: Headers,
}

impl Handshake {
    pub fn new(port: u16) -> Self {
        let headers = Headers::of(&[
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
        ]);
        Self { port, headers }
    }

    /// As the page asks for it.
    pub fn of_a_page(port: u16) -> Self {
        Self::new(port)
            .header("Host", &format!("127.0.0.1:{port}"))
            .header("Origin", &format!("http://127.0.0.1:{port}"))
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.set(name, value);
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    /// The page, or the HTTP status that was answered.
    pub async fn open(self) -> Result<Page, u16> {
        let mut request = Request::builder()
            .uri(format!("ws://127.0.0.1:{}/session", self.port))
            .header("Sec-WebSocket-Key", generate_key());
        for (name, value) in self.headers.0 {
            request = request.header(name, value);
        }
        let stream = connect(self.port).await.expect("a server");
        match client_async(request.body(()).expect("a request"), stream).await {
            Ok((socket, _)) => Ok(Page {
                socket,
                offsets: BTreeMap::new(),
                told: BTreeMap::new(),
            }),
            Err(tungstenite::Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("neither a WebSocket nor an answer: {other}"),
        }
    }
}

/// With a small buffer, so that a page that does not read is known to the server as such soon.
async fn connect(port: u16) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(64 << 10)?;
    socket.connect((Ipv4Addr::LOCALHOST, port).into()).await
}

pub struct Page {
    socket: WebSocketStream<TcpStream>,
    /// Bytes received so far.
    pub offsets: BTreeMap<TerminalId, u64>,
    /// Up to where output was said to be drawn.
    told: BTreeMap<TerminalId, u64>,
}

impl Page {
    pub async fn hello(&mut self, token: &str) -> Welcome {
        self.say_hello(token, None).await;
        match self.next().await {
            Some(ServerMessage::Welcome(welcome)) => *welcome,
            other => panic!("no welcome, but {other:?}"),
        }
    }

    /// After a cut: what was missed comes next.
    pub async fn resume(&mut self, token: &str, resume: Resume) {
        self.say_hello(token, Some(resume)).await;
    }

    async fn say_hello(&mut self, token: &str, resume: Option<Resume>) {
        self.send(ClientMessage::Hello {
            protocol: PROTOCOL,
            token: Some(token.to_owned()),
            resume,
            progress: None,
        })
        .await;
    }

    pub async fn send(&mut self, message: ClientMessage) {
        let message = match encode_client(&message) {
            Frame::Text(text) => Message::text(text),
            Frame::Binary(bytes) => Message::binary(bytes),
        };
        self.send_raw(message).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        // What is refused half-way may not be taken whole.
        let _ = self.socket.send(message).await;
    }

    /// Runs a line; gives what its terminal showed until it ended, and its exit code.
    pub async fn run(&mut self, terminal: u32, line: &str) -> (String, u8) {
        self.send(ClientMessage::Run {
            terminal: TerminalId(terminal),
            line: line.to_owned(),
            size: Size::default(),
        })
        .await;
        self.until_ended(terminal).await
    }

    /// What a terminal shows from now on until what runs there ends, and its exit code.
    pub async fn until_ended(&mut self, terminal: u32) -> (String, u8) {
        let mut shown = Vec::new();
        loop {
            match self.next().await.expect("an open connection") {
                ServerMessage::Output {
                    terminal: id,
                    bytes,
                    ..
                } if id.0 == terminal => shown.extend_from_slice(&bytes),
                ServerMessage::Update {
                    update: Update::Ended { terminal: id, exit },
                    ..
                } if id.0 == terminal => {
                    return (String::from_utf8_lossy(&shown).into_owned(), exit);
                }
                _ => {}
            }
        }
    }

    /// The next output of a terminal: its place, and itself.
    pub async fn output(&mut self, terminal: u32) -> (u64, String) {
        loop {
            if let ServerMessage::Output {
                terminal: id,
                offset,
                bytes,
            } = self.next().await.expect("an open connection")
                && id.0 == terminal
            {
                return (offset, String::from_utf8_lossy(&bytes).into_owned());
            }
        }
    }

    /// The next message; `None` when the connection was closed.
    pub async fn next(&mut self) -> Option<ServerMessage> {
        let frame = match self.frame().await? {
            Message::Text(text) => Frame::Text(text.as_str().to_owned()),
            Message::Binary(bytes) => Frame::Binary(bytes),
            _ => return None,
        };
        let message = decode_server(frame).expect("a message");
        if let ServerMessage::Output {
            terminal,
            offset,
            bytes,
        } = &message
        {
            let (terminal, end) = (*terminal, offset + bytes.len() as u64);
            self.offsets.insert(terminal, end);
            // What was skipped counts, as it does on the page: it is not waited for.
            let told = self.told.entry(terminal).or_default();
            if end >= *told + WINDOW / 4 {
                *told = end;
                let drawn = ClientMessage::Drawn {
                    terminal,
                    offset: end,
                };
                self.send(drawn).await;
            }
        }
        Some(message)
    }

    /// Why this page is sent away: the sentence, and the code that the connection is closed with.
    pub async fn refusal(&mut self) -> (String, u16) {
        let sentence = loop {
            match self.next().await {
                Some(ServerMessage::Refused { sentence }) => break sentence,
                Some(_) => {}
                None => panic!("closed without a word"),
            }
        };
        match self.frame().await {
            Some(Message::Close(Some(close))) => (sentence, close.code.into()),
            other => panic!("not closed, but {other:?}"),
        }
    }

    async fn frame(&mut self) -> Option<Message> {
        loop {
            let next = timeout(PATIENCE, self.socket.next())
                .await
                .expect("a message in time");
            match next? {
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                Ok(message) => return Some(message),
                Err(_) => return None,
            }
        }
    }
}
