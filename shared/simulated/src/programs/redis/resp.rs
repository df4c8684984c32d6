//! Redis's protocol: values on the wire.

use std::collections::VecDeque;

use crate::net::TcpStream;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Simple(String),
    Error(String),
    Integer(i64),
    Bulk(Option<Vec<u8>>),
    Array(Vec<Value>),
}

impl Value {
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Bulk(Some(text.as_ref().as_bytes().to_vec()))
    }

    pub fn nothing() -> Self {
        Self::Bulk(None)
    }

    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Simple(text) => format!("+{text}\r\n").into_bytes(),
            Self::Error(text) => format!("-{text}\r\n").into_bytes(),
            Self::Integer(number) => format!(":{number}\r\n").into_bytes(),
            Self::Bulk(None) => b"$-1\r\n".to_vec(),
            Self::Bulk(Some(bytes)) => {
                [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
            }
            Self::Array(values) => {
                let mut bytes = format!("*{}\r\n", values.len()).into_bytes();
                for value in values {
                    bytes.extend(value.bytes());
                }
                bytes
            }
        }
    }
}

/// Reads values from a connection.
#[derive(Default)]
pub struct Reader {
    held: VecDeque<u8>,
}

impl Reader {
    async fn more(&mut self, stream: &TcpStream) -> Option<()> {
        let bytes = stream.read().await.ok()?;
        if bytes.is_empty() {
            return None;
        }
        self.held.extend(bytes);
        Some(())
    }

    async fn line(&mut self, stream: &TcpStream) -> Option<String> {
        loop {
            if let Some(end) = self.held.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.held.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.held.len() > 64 << 10 {
                return None;
            }
            self.more(stream).await?;
        }
    }

    async fn exactly(&mut self, stream: &TcpStream, count: usize) -> Option<Vec<u8>> {
        while self.held.len() < count {
            self.more(stream).await?;
        }
        Some(self.held.drain(..count).collect())
    }

    async fn plain(&mut self, line: &str, stream: &TcpStream) -> Option<Value> {
        let rest = line.get(1..)?;
        Some(match line.as_bytes().first()? {
            b'+' => Value::Simple(rest.to_owned()),
            b'-' => Value::Error(rest.to_owned()),
            b':' => Value::Integer(rest.parse().ok()?),
            b'$' => match rest.parse::<i64>().ok()? {
                ..0 => Value::Bulk(None),
                length => {
                    let length = usize::try_from(length)
                        .ok()
                        .filter(|length| *length <= 1 << 20)?;
                    let mut bytes = self.exactly(stream, length + 2).await?;
                    bytes.truncate(length);
                    Value::Bulk(Some(bytes))
                }
            },
            _ => return None,
        })
    }

    /// An answer: arrays in it are flat but for one level.
    pub async fn value(&mut self, stream: &TcpStream) -> Option<Value> {
        let line = self.line(stream).await?;
        let Some(count) = line.strip_prefix('*') else {
            return self.plain(&line, stream).await;
        };
        let mut values = Vec::new();
        for _ in 0..count.parse::<i64>().ok()?.clamp(0, 100_000) {
            let line = self.line(stream).await?;
            values.push(self.plain(&line, stream).await?);
        }
        Some(Value::Array(values))
    }

    /// A command: an array of texts, or words in a line.
    pub async fn command(&mut self, stream: &TcpStream) -> Option<Vec<Vec<u8>>> {
        loop {
            let line = self.line(stream).await?;
            let Some(count) = line.strip_prefix('*') else {
                let words: Vec<Vec<u8>> = line
                    .split_whitespace()
                    .map(|word| word.as_bytes().to_vec())
                    .collect();
                if words.is_empty() {
                    continue;
                }
                return Some(words);
            };
            let mut words = Vec::new();
            for _ in 0..count.parse::<i64>().ok()?.clamp(0, 10_000) {
                let line = self.line(stream).await?;
                match self.plain(&line, stream).await? {
                    Value::Bulk(Some(word)) => words.push(word),
                    _ => return None,
                }
            }
            if !words.is_empty() {
                return Some(words);
            }
        }
    }
}
