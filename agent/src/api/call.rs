//! One request: its path in steps, its query, its body, and the connection itself where it is asked for.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, Method, Uri, header},
};
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use lab::{Engine, Error, Result};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::{
    query::Query,
    version::{Asked, Version},
};

/// Of a body that is read as JSON.
const LONGEST_JSON: usize = 4 << 20;
/// Of an archive: a build's context, or what is copied into a container.
const LONGEST_ARCHIVE: usize = 256 << 20;

pub(super) struct Call {
    pub engine: Arc<dyn Engine>,
    pub version: Version,
    pub method: Method,
    pub query: Query,
    headers: HeaderMap,
    path: String,
    body: Mutex<Body>,
    upgrade: Option<OnUpgrade>,
}

impl Call {
    pub fn new(engine: Arc<dyn Engine>, asked: Asked, request: Request) -> Self {
        let (mut parts, body) = request.into_parts();
        Self {
            engine,
            version: asked.version,
            method: parts.method,
            query: Query::read(parts.uri.query().unwrap_or_default()),
            headers: parts.headers,
            path: decoded(&asked.path),
            body: Mutex::new(body),
            upgrade: parts.extensions.remove::<OnUpgrade>(),
        }
    }

    /// `["containers", "web", "json"]`
    pub fn steps(&self) -> Vec<&str> {
        self.path.trim_matches('/').split('/').collect()
    }

    /// The connection, if the client said that it would use it in both directions.
    pub fn upgrade(&self) -> Option<OnUpgrade> {
        self.upgrade.clone()
    }

    /// What comes after the head, as it comes; for whoever is first to ask.
    pub fn body(&self) -> Body {
        let mut body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *body)
    }

    /// Whether there is a body at all.
    pub fn has_body(&self) -> bool {
        let length = self.headers.get(header::CONTENT_LENGTH);
        self.headers.contains_key(header::TRANSFER_ENCODING)
            || length.is_some_and(|length| length != "0")
    }

    /// The body as JSON, with dockerd's words for what is none.
    pub async fn json<T: DeserializeOwned>(&self) -> Result<T> {
        self.is_json()?;
        let body = self.whole(LONGEST_JSON).await?;
        if body.is_empty() {
            return Err(Error::refused(
                400,
                "invalid JSON: got EOF while reading request body",
            ));
        }
        let mut values = serde_json::Deserializer::from_slice(&body).into_iter::<T>();
        let value = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) if error.is_eof() => {
                return Err(Error::refused(400, "invalid JSON: unexpected EOF"));
            }
            Some(Err(error)) => return Err(Error::refused(400, format!("invalid JSON: {error}"))),
            None => {
                return Err(Error::refused(
                    400,
                    "invalid JSON: got EOF while reading request body",
                ));
            }
        };
        let rest = body.get(values.byte_offset()..).unwrap_or_default();
        if rest.iter().all(u8::is_ascii_whitespace) {
            return Ok(value);
        }
        Err(Error::refused(400, "unexpected content after JSON"))
    }

    /// A tar archive, as a whole.
    pub async fn archive(&self) -> Result<Bytes> {
        self.whole(LONGEST_ARCHIVE).await
    }

    fn is_json(&self) -> Result<()> {
        let Some(kind) = self.headers.get(header::CONTENT_TYPE) else {
            return Ok(());
        };
        let kind = String::from_utf8_lossy(kind.as_bytes()).into_owned();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if essence == "application/json" || !self.has_body() {
            return Ok(());
        }
        Err(Error::refused(
            400,
            format!("unsupported Content-Type header ({essence}): must be 'application/json'"),
        ))
    }

    async fn whole(&self, most: usize) -> Result<Bytes> {
        let body = axum::body::to_bytes(self.body(), most).await;
        body.map_err(|_| {
            let mib = most >> 20;
            Error::refused(
                413,
                format!("the request's body is cut short or longer than {mib} MiB: send less"),
            )
        })
    }
}

/// Where the router of dockerd sends a path that is written in a roundabout way.
pub(super) fn cleaned(uri: &Uri) -> Option<String> {
    let path = decoded(uri.path());
    let mut steps = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    let mut clean = format!("/{}", steps.join("/"));
    if path.ends_with('/') && clean != "/" {
        clean.push('/');
    }
    (clean != path).then(|| percent_encoding::utf8_percent_encode(&clean, UNSAFE).to_string())
}

/// What cannot stand in a header that names a path.
const UNSAFE: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'%')
    .add(b'?')
    .add(b'#')
    .add(b'<')
    .add(b'>');

fn decoded(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<&str>) {
        let cleaned = cleaned(&path.parse().unwrap());
        assert_eq!(cleaned.as_deref(), expected, "{path}");
    }

    #[test]
    fn a_path_leads_nowhere_but_where_it_says() {
        check("/info", None);
        check("/", None);
        check("/images/library/nginx/json", None);
        check("/containers/..%2f..%2finfo/json", Some("/info/json"));
        check("/containers//json", Some("/containers/json"));
        check("/../../etc/passwd", Some("/etc/passwd"));
        check("/a%0d%0ab/../x%0d%0ay", Some("/x%0D%0Ay"));
    }
}
