//! `curl URL`: one GET (or HEAD) over a connection that the host makes; curl's own words when it fails.
//!
//! Names are not looked up, except localhost: from the host, a lab's names mean nothing, as with real curl.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::{
    SinkExt, StreamExt,
    future::{Either, select},
};
use lab::host::{ConnectError, Connection};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::{self, Cause, Flag, Given},
    grammar::{Count, Grammar},
    programs::{Call, Program},
    shell::Ended,
    streams::{INTERRUPTED, unless_interrupted},
};

static FLAGS: &[Flag] = &[
    Flag::one(
        "connect-timeout",
        "seconds",
        "Give up connecting after this long",
    ),
    Flag::switch("fail", "Show nothing of an error page, and fail").short('f'),
    Flag::switch("head", "Ask for the headers only").short('I'),
    Flag::many("header", "header", "Send this header too").short('H'),
    Flag::switch("show-headers", "Show the answer's headers too").short('i'),
    Flag::switch("include", "").stores("show-headers"),
    Flag::switch("location", "").short('L'),
    Flag::one("max-time", "seconds", "Give up after this long").short('m'),
    Flag::one(
        "output",
        "file",
        "Throw the page away (a lab writes no files)",
    )
    .short('o'),
    Flag::switch("show-error", "Say what went wrong, even with -s").short('S'),
    Flag::switch("silent", "Do not say what went wrong").short('s'),
    Flag::one(
        "write-out",
        "format",
        "Print this at the end: '%{http_code}\\n'",
    )
    .short('w'),
];

/// Headers longer than this are no HTTP.
const HEADERS: usize = 64 * 1024;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

pub struct Curl;

static CURL: Grammar = Grammar {
    names: &["curl"],
    usage: "[OPTION...] URL...",
    about: "Fetches a page over HTTP, from the host and not from a container",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["page's address"],
    program_from: None,
};

#[async_trait]
impl Program for Curl {
    fn grammar(&self) -> &'static Grammar {
        &CURL
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        Ended::with(run(call.words, context, console).await)
    }
}

async fn run(words: &[String], context: &Context, console: &mut Console) -> u8 {
    let given = match flags::parse(FLAGS, words, true) {
        Ok(given) => given,
        Err(error) => {
            let word = words
                .get(error.word)
                .map(String::as_str)
                .unwrap_or_default();
            match error.cause {
                Cause::Help => {
                    console
                        .out("Usage: curl [-i] [-I] [-s] [-m SECONDS] [-w FORMAT] URL\n")
                        .await;
                }
                Cause::Wrong(why) if why.contains("needs an argument") => {
                    console.err_line(&format!("curl: option {word}: requires parameter\ncurl: try 'curl --help' or 'curl --manual' for more information")).await;
                    return 2;
                }
                _ => {
                    console.err_line(&format!("causeway: curl {word}: this curl only fetches pages; it knows -f -H -i -I -m -o -s -S -w.")).await;
                    return 2;
                }
            }
            return 0;
        }
    };
    let url = match &given.arguments[..] {
        [url] => url,
        [] => {
            console.err_line("curl: (2) no URL specified\ncurl: try 'curl --help' or 'curl --manual' for more information").await;
            return 2;
        }
        _ => {
            console
                .err_line("causeway: curl: one URL at a time here.")
                .await;
            return 2;
        }
    };
    match unless_interrupted(fetch(url, &given, context), console).await {
        None => INTERRUPTED,
        Some(Ok(answer)) => answer.show(&given, console).await,
        Some(Err(Failure { code, message })) => {
            if !given.on("silent") || given.on("show-error") {
                console.err_line(&message).await;
            }
            code
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Url {
    host: String,
    port: u16,
    path: String,
}

struct Answer {
    status: u16,
    head: String,
    body: Bytes,
    /// The other end stopped in the middle.
    incomplete: Option<String>,
}

impl Answer {
    async fn show(self, given: &Given, console: &mut Console) -> u8 {
        let failed = given.on("fail") && self.status >= 400;
        if given.on("show-headers") || given.on("head") {
            console.out(&self.head).await;
        }
        if !failed && !given.has("output") {
            console.out(&self.body).await;
        }
        if let Some(format) = given.text("write-out") {
            let text = format.replace("\\n", "\n").replace("\\t", "\t");
            let text = text
                .replace("%{http_code}", &format!("{:03}", self.status))
                .replace("%{size_download}", &self.body.len().to_string());
            console.out(text).await;
        }
        let told = !given.on("silent") || given.on("show-error");
        if failed {
            if told {
                console
                    .err_line(&format!(
                        "curl: (22) The requested URL returned error: {}",
                        self.status
                    ))
                    .await;
            }
            return 22;
        }
        if let Some(why) = self.incomplete {
            if told {
                console.err_line(&why).await;
            }
            return 18;
        }
        0
    }
}

async fn fetch(url: &str, given: &Given, context: &Context) -> Result<Answer, Failure> {
    let url = read_url(url)?;
    let seconds = |name| {
        given
            .text(name)
            .and_then(|text| text.parse::<f64>().ok())
            .filter(|s| s.is_finite() && *s > 0.0)
    };
    let limit = seconds("max-time").map_or(DEFAULT_TIMEOUT, Duration::from_secs_f64);
    let connecting = seconds("connect-timeout")
        .map_or(limit, Duration::from_secs_f64)
        .min(limit);
    let started = context.clock.now();
    let late = || {
        let waited = context.clock.now().duration_since(started).as_millis();
        Failure::new(
            28,
            format!("curl: (28) Operation timed out after {waited} milliseconds"),
        )
    };
    let connection = in_time(connect(&url, context), connecting, context)
        .await
        .unwrap_or_else(|| Err(late()))?;
    in_time(talk(&url, given, connection), limit, context)
        .await
        .unwrap_or_else(|| Err(late()))
}

async fn in_time<T>(
    future: impl Future<Output = T> + Send,
    limit: Duration,
    context: &Context,
) -> Option<T> {
    match select(Box::pin(future), context.clock.sleep(limit)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

async fn connect(url: &Url, context: &Context) -> Result<Connection, Failure> {
    let addresses: Vec<IpAddr> = if url.host == "localhost" {
        vec![[0, 0, 0, 0, 0, 0, 0, 1].into(), [127, 0, 0, 1].into()]
    } else {
        url.host.parse().into_iter().collect()
    };
    if addresses.is_empty() {
        return Err(Failure::new(
            6,
            format!("curl: (6) Could not resolve host: {}", url.host),
        ));
    }
    let started = context.clock.now();
    let mut last = None;
    for address in addresses {
        match context.host.connect((address, url.port).into()).await {
            Ok(connection) => return Ok(connection),
            Err(error) => last = Some(error),
        }
    }
    let waited = context.clock.now().duration_since(started).as_millis();
    let Url { host, port, .. } = url;
    let failed = format!("Failed to connect to {host} port {port} after {waited} ms");
    Err(match last {
        Some(ConnectError::NotAllowed(why)) => Failure::new(7, format!("causeway: {why}")),
        Some(ConnectError::TimedOut) => {
            Failure::new(28, format!("curl: (28) {failed}: Timeout was reached"))
        }
        _ => Failure::new(7, format!("curl: (7) {failed}: Couldn't connect to server")),
    })
}

async fn talk(url: &Url, given: &Given, connection: Connection) -> Result<Answer, Failure> {
    let Connection {
        mut read,
        mut write,
    } = connection;
    let head_only = given.on("head");
    let method = if head_only { "HEAD" } else { "GET" };
    let host = if url.host.contains(':') {
        format!("[{}]", url.host)
    } else {
        url.host.clone()
    };
    let port = if url.port == 80 {
        String::new()
    } else {
        format!(":{}", url.port)
    };
    let mut request = format!(
        "{method} {} HTTP/1.1\r\nHost: {host}{port}\r\nUser-Agent: curl/causeway\r\nAccept: */*\r\nConnection: close\r\n",
        url.path
    );
    for header in given.all("header") {
        request.push_str(&header.replace(['\r', '\n'], " "));
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    let broken = |_| Failure::new(56, "curl: (56) Recv failure: Connection reset by peer");
    write.send(request.into()).await.map_err(broken)?;
    let mut bytes = BytesMut::new();
    let body_at = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match read.next().await {
            Some(piece) => bytes.extend_from_slice(&piece.map_err(broken)?),
            None if bytes.is_empty() => {
                return Err(Failure::new(52, "curl: (52) Empty reply from server"));
            }
            None => {
                return Err(Failure::new(
                    1,
                    "curl: (1) Received HTTP/0.9 when not allowed",
                ));
            }
        }
        if bytes.len() > HEADERS || !b"HTTP/".starts_with(&bytes[..bytes.len().min(5)]) {
            return Err(Failure::new(
                1,
                "curl: (1) Received HTTP/0.9 when not allowed",
            ));
        }
    };
    let rest = bytes.split_off(body_at);
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_default();
    let mut body = Body::of(&head, head_only || matches!(status, 204 | 304), rest);
    while !body.complete() {
        match read.next().await {
            Some(Ok(piece)) => body.bytes.extend_from_slice(&piece),
            Some(Err(_)) | None => break,
        }
    }
    let incomplete = body.missing();
    Ok(Answer {
        status,
        head,
        body: body.decoded(),
        incomplete,
    })
}

/// A body, and how its end is known.
struct Body {
    bytes: BytesMut,
    end: End,
}

enum End {
    Length(usize),
    Chunked,
    Close,
}

impl Body {
    fn of(head: &str, empty: bool, bytes: BytesMut) -> Self {
        let header = |name: &str| {
            let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
            lines
                .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim().to_owned())
        };
        let end = if empty {
            End::Length(0)
        } else if header("transfer-encoding")
            .is_some_and(|encoding| encoding.eq_ignore_ascii_case("chunked"))
        {
            End::Chunked
        } else {
            header("content-length")
                .and_then(|length| length.parse().ok())
                .map_or(End::Close, End::Length)
        };
        Self { bytes, end }
    }

    fn complete(&self) -> bool {
        match self.end {
            End::Length(length) => self.bytes.len() >= length,
            End::Chunked => unchunked(&self.bytes).1,
            End::Close => false,
        }
    }

    fn missing(&self) -> Option<String> {
        match self.end {
            End::Length(length) if self.bytes.len() < length => {
                let left = length - self.bytes.len();
                Some(format!(
                    "curl: (18) end of response with {left} bytes missing"
                ))
            }
            End::Chunked if !self.complete() => {
                Some("curl: (18) transfer closed with outstanding read data remaining".to_owned())
            }
            _ => None,
        }
    }

    fn decoded(self) -> Bytes {
        match self.end {
            End::Length(length) => self.bytes.freeze().slice_ref_to(length),
            End::Chunked => unchunked(&self.bytes).0,
            End::Close => self.bytes.freeze(),
        }
    }
}

trait UpTo {
    fn slice_ref_to(self, length: usize) -> Self;
}

impl UpTo for Bytes {
    fn slice_ref_to(self, length: usize) -> Self {
        let end = length.min(self.len());
        self.slice(..end)
    }
}

/// The chunks put together, and whether the last one has come.
fn unchunked(bytes: &[u8]) -> (Bytes, bool) {
    let mut body = BytesMut::new();
    let mut rest = bytes;
    loop {
        let Some(line) = rest.windows(2).position(|window| window == b"\r\n") else {
            return (body.freeze(), false);
        };
        let size = String::from_utf8_lossy(&rest[..line]).into_owned();
        let size = size.split(';').next().unwrap_or_default().trim().to_owned();
        let Ok(size) = usize::from_str_radix(&size, 16) else {
            return (body.freeze(), false);
        };
        rest = &rest[line + 2..];
        if size == 0 {
            return (body.freeze(), true);
        }
        let end = size.min(rest.len());
        body.extend_from_slice(&rest[..end]);
        if rest.len() < size + 2 {
            return (body.freeze(), false);
        }
        rest = &rest[size + 2..];
    }
}

fn read_url(text: &str) -> Result<Url, Failure> {
    let malformed = |why: &str| Failure::new(3, format!("curl: (3) URL rejected: {why}"));
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    if scheme != "http" {
        let why = if scheme == "https" {
            "causeway: curl: https is not spoken here; a lab's servers speak http.".to_owned()
        } else {
            format!("curl: (1) Protocol \"{scheme}\" not supported")
        };
        return Err(Failure::new(1, why));
    }
    let path_at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(path_at);
    let path = path.split('#').next().unwrap_or_default();
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(malformed("Malformed input to a URL function"));
    }
    let (host, port) = match authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((host, port)) => (host, port.strip_prefix(':').unwrap_or_default()),
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    if host.is_empty() {
        return Err(malformed("No host part in the URL"));
    }
    let port = if port.is_empty() {
        80
    } else {
        port.parse()
            .map_err(|_| malformed("Port number was not a decimal number between 0 and 65535"))?
    };
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    Ok(Url {
        host: host.to_owned(),
        port,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<(&str, u16, &str), &str>) {
        let read = read_url(url).map_err(|failure| failure.message);
        let expected = expected.map(|(host, port, path)| Url {
            host: host.to_owned(),
            port,
            path: path.to_owned(),
        });
        assert_eq!(read, expected.map_err(str::to_owned), "{url}");
    }

    #[test]
    fn urls() {
        check("localhost:8080", Ok(("localhost", 8080, "/")));
        check("http://127.0.0.1/a?b#c", Ok(("127.0.0.1", 80, "/a?b")));
        check("http://[::1]:81", Ok(("::1", 81, "/")));
        check("ftp://a", Err("curl: (1) Protocol \"ftp\" not supported"));
        check(
            "https://a",
            Err("causeway: curl: https is not spoken here; a lab's servers speak http."),
        );
        check(
            "http://",
            Err("curl: (3) URL rejected: No host part in the URL"),
        );
        check(
            "a:x",
            Err("curl: (3) URL rejected: Port number was not a decimal number between 0 and 65535"),
        );
    }

    #[test]
    fn chunks_are_put_together() {
        assert_eq!(
            unchunked(b"3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n"),
            (Bytes::from_static(b"abcde"), true)
        );
        assert_eq!(unchunked(b"5\r\nab"), (Bytes::from_static(b"ab"), false));
        assert_eq!(unchunked(b"zz"), (Bytes::new(), false));
    }
}
