//! A Docker engine's API, asked past every part of ours: plain HTTP on its socket.

use std::{
    io::{BufRead as _, BufReader, Lines, Read as _, Write as _},
    os::unix::net::UnixStream,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// An engine, by its socket.
#[derive(Clone)]
pub struct Socket(String);

impl Socket {
    /// `unix:///…/docker.sock`
    pub fn of(host: &str) -> Result<Self> {
        let path = host.strip_prefix("unix://");
        Ok(Self(path.context("not a unix:// address")?.to_owned()))
    }

    /// The answer's body, whatever is asked. HTTP/1.0, so that the answer ends with the connection.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut stream = self.send(method, path, body)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP")?;
        let good = head
            .split(' ')
            .nth(1)
            .is_some_and(|code| code.starts_with('2'));
        ensure!(good, "{method} {path}: {answer}");
        Ok(serde_json::from_str(body).unwrap_or_default())
    }

    /// What happens from now on: JSON, one event a line.
    pub fn events(&self) -> Result<Lines<BufReader<UnixStream>>> {
        let mut lines = BufReader::new(self.send("GET", "/events", None)?).lines();
        // The head ends with an empty line.
        while !lines.next().context("no events")??.is_empty() {}
        Ok(lines)
    }

    /// `28.5.2`
    pub fn version(&self) -> Result<String> {
        let version = self.ask("GET", "/version", None)?;
        Ok(version["Version"].as_str().unwrap_or_default().to_owned())
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<UnixStream> {
        let mut stream = UnixStream::connect(&self.0).with_context(|| self.0.clone())?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        Ok(stream)
    }
}
