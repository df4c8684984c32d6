//! HTTP/1.1 over the simulated network: requests as servers read them, answers as they write them.

use bytes::Bytes;
use jiff::Timestamp;

use crate::net::TcpStream;

/// A head longer than this is not read.
const LONGEST_HEAD: usize = 16 << 10;
/// Nor a body longer than this.
const LONGEST_BODY: usize = 1 << 20;

#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    /// As it was asked for: path and query.
    pub target: String,
    pub version: String,
    pub headers: Headers,
    pub body: Bytes,
}

#[derive(Clone, Debug, Default)]
pub struct Response {
    pub status: u16,
    pub reason: String,
    pub headers: Headers,
    pub body: Bytes,
}

#[derive(Clone, Debug, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    fn length(&self) -> usize {
        self.get("Content-Length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0)
    }

    fn text(&self) -> String {
        self.0
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect()
    }
}

pub enum Read<T> {
    Whole(T),
    /// The other end said nothing more.
    End,
    Malformed(String),
}

impl Request {
    pub fn get(host: &str, target: &str, agent: &str) -> Self {
        let headers = [
            ("Host", host),
            ("User-Agent", agent),
            ("Connection", "close"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            method: "GET".to_owned(),
            target: target.to_owned(),
            version: "HTTP/1.1".to_owned(),
            headers: Headers(headers.to_vec()),
            body: Bytes::new(),
        }
    }

    pub fn bytes(&self) -> Bytes {
        let head = format!(
            "{} {} {}\r\n{}\r\n",
            self.method,
            self.target,
            self.version,
            self.headers.text()
        );
        [head.as_bytes(), &self.body].concat().into()
    }

    /// Path and query apart.
    pub fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    pub fn line(&self) -> String {
        format!("{} {} {}", self.method, self.target, self.version)
    }

    pub fn keeps_alive(&self) -> bool {
        let connection = self.headers.get("Connection").unwrap_or_default();
        self.version == "HTTP/1.1" && !connection.eq_ignore_ascii_case("close")
    }
}

impl Response {
    pub fn new(status: u16, reason: &str) -> Self {
        Self {
            status,
            reason: reason.to_owned(),
            ..Self::default()
        }
    }

    /// With a body or, for HEAD, without.
    pub fn bytes(&self, version: &str, with_body: bool) -> Bytes {
        let head = format!(
            "{version} {} {}\r\n{}\r\n",
            self.status,
            self.reason,
            self.headers.text()
        );
        let body: &[u8] = if with_body { &self.body } else { b"" };
        [head.as_bytes(), body].concat().into()
    }
}

/// What comes on a connection, message by message.
pub struct Wire<'a> {
    stream: &'a TcpStream,
    held: Vec<u8>,
    ended: bool,
}

impl<'a> Wire<'a> {
    pub fn new(stream: &'a TcpStream) -> Self {
        Self {
            stream,
            held: Vec::new(),
            ended: false,
        }
    }

    async fn more(&mut self) -> bool {
        match self.stream.read().await {
            Ok(bytes) if !bytes.is_empty() => self.held.extend_from_slice(&bytes),
            _ => self.ended = true,
        }
        !self.ended
    }

    /// Up to the empty line.
    async fn head(&mut self) -> Option<String> {
        loop {
            let whole = self
                .held
                .windows(4)
                .position(|end| end == b"\r\n\r\n")
                .map(|at| at + 4);
            let bare = self
                .held
                .windows(2)
                .position(|end| end == b"\n\n")
                .map(|at| at + 2);
            if let Some(end) = [whole, bare].into_iter().flatten().min() {
                let head: Vec<u8> = self.held.drain(..end).collect();
                return Some(String::from_utf8_lossy(&head).into_owned());
            }
            if self.held.len() > LONGEST_HEAD || !self.more().await {
                return None;
            }
        }
    }

    async fn body(&mut self, headers: &Headers, to_end: bool) -> Bytes {
        if headers
            .get("Transfer-Encoding")
            .is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"))
        {
            return self.chunks().await;
        }
        let length = headers.length().min(LONGEST_BODY);
        let unknown = to_end && headers.get("Content-Length").is_none();
        while (unknown || self.held.len() < length)
            && self.held.len() < LONGEST_BODY
            && self.more().await
        {}
        let count = if unknown {
            self.held.len()
        } else {
            self.held.len().min(length)
        };
        self.held.drain(..count).collect()
    }

    async fn chunks(&mut self) -> Bytes {
        let mut body = Vec::new();
        loop {
            let Some(line) = self.line().await else {
                return body.into();
            };
            let size = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            while self.held.len() < size + 2 && self.more().await {}
            let count = self.held.len().min(size + 2);
            let chunk: Vec<u8> = self.held.drain(..count).collect();
            body.extend_from_slice(chunk.get(..size).unwrap_or(&chunk));
            if size == 0 || body.len() > LONGEST_BODY {
                return body.into();
            }
        }
    }

    async fn line(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.held.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line).into_owned());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    pub async fn request(&mut self) -> Read<Request> {
        let Some(head) = self.head().await else {
            return if self.held.is_empty() {
                Read::End
            } else {
                Read::Malformed(String::from_utf8_lossy(&self.held).into_owned())
            };
        };
        let mut lines = head.lines();
        let first = lines.next().unwrap_or_default();
        let words: Vec<&str> = first.split(' ').collect();
        let [method, target, version] = words.as_slice() else {
            return Read::Malformed(first.to_owned());
        };
        if !version.starts_with("HTTP/")
            || !method.chars().all(|letter| letter.is_ascii_uppercase())
        {
            return Read::Malformed(first.to_owned());
        }
        let headers = headers(lines);
        let body = self.body(&headers, false).await;
        Read::Whole(Request {
            method: (*method).to_owned(),
            target: (*target).to_owned(),
            version: (*version).to_owned(),
            headers,
            body,
        })
    }

    pub async fn response(&mut self, has_body: bool) -> Option<Response> {
        let head = self.head().await?;
        let mut lines = head.lines();
        let mut words = lines.next()?.splitn(3, ' ');
        words.next()?;
        let status = words.next()?.parse().ok()?;
        let reason = words.next().unwrap_or_default().to_owned();
        let headers = headers(lines);
        let body = if has_body {
            self.body(&headers, true).await
        } else {
            Bytes::new()
        };
        Some(Response {
            status,
            reason,
            headers,
            body,
        })
    }
}

fn headers<'a>(lines: impl Iterator<Item = &'a str>) -> Headers {
    let pairs = lines.filter_map(|line| line.split_once(':'));
    Headers(
        pairs
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect(),
    )
}

/// `Tue, 24 Nov 2026 12:56:47 GMT`
pub fn date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// An address as a path in a URL has it: `%20` is a space.
pub fn unescaped(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut text = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| path.get(at + 1..at + 3))
            .flatten();
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            text.push(byte);
            at += 3;
        } else {
            text.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}
