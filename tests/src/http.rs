//! HTTP requests with any header a test wants to send, also those that a well-behaved client would not.

use std::fmt::Write as _;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Headers as a test wants them, each at most once.
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    pub fn of(headers: &[(&str, &str)]) -> Self {
        let owned = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self(owned.collect())
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(there, _)| there != name);
    }
}

pub struct Request {
    port: u16,
    line: String,
    headers: Headers,
    body: String,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// As they came, with names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn new(port: u16, method: &str, path: &str) -> Self {
        Self {
            port,
            line: format!("{method} {path} HTTP/1.1"),
            headers: Headers::of(&[("Connection", "close")]),
            body: String::new(),
        }
    }

    /// As the page makes it.
    pub fn of_a_page(port: u16, method: &str, path: &str) -> Self {
        Self::new(port, method, path)
            .header("Host", &format!("127.0.0.1:{port}"))
            .header("Origin", &format!("http://127.0.0.1:{port}"))
    }

    /// A page trades its launch code for the token.
    pub fn launch(port: u16, code: &str) -> Self {
        let body = serde_json::json!({ "code": code }).to_string();
        Self::of_a_page(port, "POST", "/launch").json(&body)
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

    #[must_use]
    pub fn json(mut self, body: &str) -> Self {
        body.clone_into(&mut self.body);
        let length = body.len().to_string();
        self.header("Content-Type", "application/json")
            .header("Content-Length", &length)
    }

    pub async fn send(self) -> Answer {
        let mut text = format!("{}\r\n", self.line);
        for (name, value) in &self.headers.0 {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(text, "\r\n{}", self.body);
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))
            .await
            .expect("a server");
        stream
            .write_all(text.as_bytes())
            .await
            .expect("a server that reads");
        let mut answer = Vec::new();
        while !is_whole(&answer) {
            let read = stream.read_buf(&mut answer).await.expect("an answer");
            if read == 0 {
                break;
            }
        }
        Answer::read(&String::from_utf8_lossy(&answer))
    }
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let mut lines = head.lines();
        let status = lines
            .next()
            .and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            status: status.expect("a status"),
            headers: headers
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    /// The token in the answer to a launch.
    pub fn token(&self) -> String {
        let launched: serde_json::Value = serde_json::from_str(&self.body).expect("JSON");
        launched["token"].as_str().expect("a token").to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(there, _)| there == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Whether all is there that the head promises. Some servers (chromedriver is one) say that they will close, and do not.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| {
        let length = line.strip_prefix("content-length:")?;
        length.trim().parse::<usize>().ok()
    });
    length.is_some_and(|length| answer.len() >= end + 4 + length)
}
