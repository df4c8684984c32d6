//! A worker of nginx: connections, answers, and a line in the log for each request.

use std::{net::SocketAddr, sync::Arc, task::Poll, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};

use super::{
    Listeners, VERSION,
    conf::{Conf, Location, Proxy, Server},
    log,
};
use crate::{
    fs::{FileError, Kind},
    net::{Errno, TcpStream},
    process::Process,
    programs::http::{self, Read, Request, Response, Wire},
};

/// A worker that takes connections, if it is the one that does.
pub async fn worker(process: Process, conf: Arc<Conf>, listeners: Listeners, takes: bool) -> i64 {
    let mut open: Vec<BoxFuture<'static, ()>> = Vec::new();
    let mut count = 0_u64;
    futures::future::poll_fn(|context| {
        for (at, listener) in listeners.iter().filter(|_| takes) {
            while let Poll::Ready(stream) = listener.poll_accept() {
                count += 1;
                let connection = Connection {
                    process: process.clone(),
                    conf: Arc::clone(&conf),
                    port: at.port(),
                    number: count * 2 - 1,
                };
                open.push(async move { connection.serve(stream).await }.boxed());
            }
        }
        open.retain_mut(|connection| connection.as_mut().poll(context).is_pending());
        Poll::<i64>::Pending
    })
    .await
}

struct Connection {
    process: Process,
    conf: Arc<Conf>,
    port: u16,
    /// `*1` in the log.
    number: u64,
}

impl Connection {
    async fn serve(&self, stream: TcpStream) {
        let mut wire = Wire::new(&stream);
        loop {
            let request = match wire.request().await {
                Read::Whole(request) => request,
                Read::End => return,
                Read::Malformed(line) => {
                    let response = page(400, "Bad Request");
                    self.note(&stream, &line, 400, response.body.len(), "-", "-");
                    let _ = stream
                        .write(self.finished(response, false).bytes("HTTP/1.1", true))
                        .await;
                    return;
                }
            };
            let response = self.answer(&request, &stream).await;
            let keeps = request.keeps_alive() && response.status != 400;
            let with_body = request.method != "HEAD";
            let length = if with_body { response.body.len() } else { 0 };
            let header = |name| request.headers.get(name).unwrap_or("-");
            self.note(
                &stream,
                &request.line(),
                response.status,
                length,
                header("Referer"),
                header("User-Agent"),
            );
            let bytes = self.finished(response, keeps).bytes("HTTP/1.1", with_body);
            if stream.write(bytes).await.is_err() || !keeps {
                return;
            }
        }
    }

    fn note(
        &self,
        stream: &TcpStream,
        line: &str,
        status: u16,
        length: usize,
        referer: &str,
        agent: &str,
    ) {
        let time = self.process.world.now().strftime("%d/%b/%Y:%H:%M:%S +0000");
        let peer = stream.peer().ip();
        let text = format!(
            "{peer} - - [{time}] \"{line}\" {status} {length} \"{referer}\" \"{agent}\" \"-\"\n"
        );
        self.process.print(&text);
    }

    fn complain(
        &self,
        stream: &TcpStream,
        server: &Server,
        request: &Request,
        what: &str,
        upstream: Option<&str>,
    ) {
        let upstream = upstream
            .map(|upstream| format!(" upstream: \"{upstream}\","))
            .unwrap_or_default();
        let host = request
            .headers
            .get("Host")
            .map(|host| format!(", host: \"{host}\""))
            .unwrap_or_default();
        let text = format!(
            "*{} {what}, client: {}, server: {}, request: \"{}\"{}{host}",
            self.number,
            stream.peer().ip(),
            server.name(),
            request.line(),
            if upstream.is_empty() {
                String::new()
            } else {
                format!(",{}", upstream.trim_end_matches(','))
            },
        );
        log(&self.process, "error", &text);
    }

    /// What nginx puts before all other headers.
    fn finished(&self, mut response: Response, keeps: bool) -> Response {
        let mut headers = http::Headers::default();
        headers.push("Server", VERSION);
        headers.push("Date", http::date(self.process.world.now()));
        let has_type = response.headers.get("Content-Type").is_some();
        for name in ["Content-Type"].into_iter().filter(|_| has_type) {
            headers.push(name, response.headers.get(name).unwrap_or_default());
        }
        headers.push("Content-Length", response.body.len().to_string());
        if let Some(modified) = response.headers.get("Last-Modified") {
            headers.push("Last-Modified", modified);
        }
        headers.push("Connection", if keeps { "keep-alive" } else { "close" });
        let said = [
            "Content-Type",
            "Content-Length",
            "Last-Modified",
            "Connection",
            "Server",
            "Date",
        ];
        let others = response.headers.0.into_iter();
        headers.0.extend(
            others.filter(|(name, _)| !said.iter().any(|said| said.eq_ignore_ascii_case(name))),
        );
        response.headers = headers;
        response
    }

    async fn answer(&self, request: &Request, stream: &TcpStream) -> Response {
        let host = request.headers.get("Host").unwrap_or_default();
        if request.version == "HTTP/1.1" && host.is_empty() {
            return page(400, "Bad Request");
        }
        let Some(server) = self.conf.server(self.port, host) else {
            return page(404, "Not Found");
        };
        let path = lab::files::resolve("/", &http::unescaped(request.path()));
        let path = if request.path().ends_with('/') && path != "/" {
            format!("{path}/")
        } else {
            path
        };
        let location = server.location(&path);
        if let Some((status, text)) = location.answer.as_ref().or(server.own.answer.as_ref()) {
            return returned(*status, text);
        }
        if let Some(proxy) = &location.proxy {
            return self.pass_on(server, location, proxy, request, stream).await;
        }
        self.file(server, location, request, &path, stream)
    }

    fn file(
        &self,
        server: &Server,
        location: &Location,
        request: &Request,
        path: &str,
        stream: &TcpStream,
    ) -> Response {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return page(405, "Not Allowed");
        }
        let root = location
            .root
            .as_deref()
            .or(server.own.root.as_deref())
            .unwrap_or("/usr/share/nginx/html");
        let file = match &location.alias {
            Some(alias) => format!("{alias}{}", &path[location.path.len()..]),
            None => format!("{root}{path}"),
        };
        let process = &self.process;
        let node = process.stat(&file, true);
        if node.as_ref().is_ok_and(crate::fs::Node::is_folder) && !path.ends_with('/') {
            let mut response = page(301, "Moved Permanently");
            let host = request.headers.get("Host").unwrap_or_default();
            response
                .headers
                .push("Location", format!("http://{host}{path}/"));
            return response;
        }
        let file = if path.ends_with('/') {
            let own = [&location.index, &server.own.index]
                .into_iter()
                .find(|index| !index.is_empty());
            let names = own
                .cloned()
                .unwrap_or_else(|| vec!["index.html".to_owned()]);
            let found = names
                .iter()
                .map(|name| format!("{file}{name}"))
                .find(|file| process.exists(file));
            match found {
                Some(found) => found,
                None if process.is_folder(&file) => {
                    let what = format!("directory index of \"{file}\" is forbidden");
                    self.complain(stream, server, request, &what, None);
                    return page(403, "Forbidden");
                }
                None => {
                    let first = names.first().map_or("", String::as_str);
                    return self.missing(
                        &format!("{file}{first}"),
                        FileError::Missing,
                        server,
                        request,
                        stream,
                    );
                }
            }
        } else {
            file
        };
        match process.stat(&file, true) {
            Ok(node) => match &node.kind {
                Kind::File(content) => {
                    let body = content
                        .bytes()
                        .cloned()
                        .unwrap_or_else(|| process.read_file(&file).unwrap_or_default());
                    file_answer(&file, body, node.modified)
                }
                _ => page(404, "Not Found"),
            },
            Err(error) => self.missing(&file, error, server, request, stream),
        }
    }

    fn missing(
        &self,
        file: &str,
        error: FileError,
        server: &Server,
        request: &Request,
        stream: &TcpStream,
    ) -> Response {
        let number = if error == FileError::NotAFolder {
            20
        } else {
            2
        };
        let what = format!("open() \"{file}\" failed ({number}: {error})");
        self.complain(stream, server, request, &what, None);
        page(404, "Not Found")
    }

    async fn pass_on(
        &self,
        server: &Server,
        location: &Location,
        proxy: &Proxy,
        request: &Request,
        stream: &TcpStream,
    ) -> Response {
        let target = match &proxy.path {
            Some(path) => format!(
                "{path}{}",
                request
                    .target
                    .get(location.path.len()..)
                    .unwrap_or_default()
            ),
            None => request.target.clone(),
        };
        let mut inner = Request {
            version: "HTTP/1.0".to_owned(),
            target: target.clone(),
            ..request.clone()
        };
        inner.headers.0.retain(|(name, _)| {
            !["host", "connection"].contains(&name.to_ascii_lowercase().as_str())
        });
        let set = location.headers.iter().chain(&server.own.headers);
        let mut host = proxy.authority.clone();
        let mut others = Vec::new();
        for (name, value) in set {
            let value = self.filled(value, request, stream, proxy);
            if name.eq_ignore_ascii_case("host") {
                host = value;
            } else {
                others.push((name.clone(), value));
            }
        }
        let mut headers = vec![
            ("Host".to_owned(), host),
            ("Connection".to_owned(), "close".to_owned()),
        ];
        headers.append(&mut others);
        headers.append(&mut inner.headers.0);
        inner.headers.0 = headers;
        let mut last = Errno::ConnectionRefused;
        let mut tried: Option<SocketAddr> = None;
        for address in &proxy.addresses {
            tried = Some(*address);
            match self.ask(*address, &inner).await {
                Ok(Some(mut response)) => {
                    response
                        .headers
                        .0
                        .retain(|(name, _)| !name.eq_ignore_ascii_case("Transfer-Encoding"));
                    return response;
                }
                Ok(None) => {
                    let upstream = format!("http://{address}{target}");
                    let what = "upstream prematurely closed connection while reading response header from upstream";
                    self.complain(stream, server, request, what, Some(&upstream));
                    return page(502, "Bad Gateway");
                }
                Err(errno) => last = errno,
            }
        }
        let upstream = tried.map(|address| format!("http://{address}{target}"));
        let timed_out = last == Errno::TimedOut;
        let what = match last {
            Errno::TimedOut => {
                "upstream timed out (110: Connection timed out) while connecting to upstream"
                    .to_owned()
            }
            Errno::HostUnreachable => {
                "connect() failed (113: No route to host) while connecting to upstream".to_owned()
            }
            errno => format!(
                "connect() failed (111: {}) while connecting to upstream",
                errno.text()
            ),
        };
        self.complain(stream, server, request, &what, upstream.as_deref());
        if timed_out {
            page(504, "Gateway Time-out")
        } else {
            page(502, "Bad Gateway")
        }
    }

    async fn ask(&self, address: SocketAddr, request: &Request) -> Result<Option<Response>, Errno> {
        let upstream = self
            .process
            .net()
            .connect(address, Some(Duration::from_secs(60)))
            .await?;
        upstream.write(request.bytes()).await?;
        Ok(Wire::new(&upstream)
            .response(request.method != "HEAD")
            .await)
    }

    /// The variables that a proxy's headers are made of.
    fn filled(&self, value: &str, request: &Request, stream: &TcpStream, proxy: &Proxy) -> String {
        let host = request.headers.get("Host").unwrap_or_default();
        let peer = stream.peer().ip().to_string();
        let forwarded = match request.headers.get("X-Forwarded-For") {
            Some(before) => format!("{before}, {peer}"),
            None => peer.clone(),
        };
        value
            .replace("$proxy_add_x_forwarded_for", &forwarded)
            .replace("$proxy_host", &proxy.authority)
            .replace("$http_host", host)
            .replace("$host", host.split(':').next().unwrap_or_default())
            .replace("$remote_addr", &peer)
            .replace("$scheme", "http")
            .replace("$server_port", &self.port.to_string())
            .replace("$request_uri", &request.target)
    }
}

fn file_answer(file: &str, body: Bytes, modified: jiff::Timestamp) -> Response {
    let mut response = Response::new(200, "OK");
    response.headers.push("Content-Type", content_type(file));
    response.headers.push("Last-Modified", http::date(modified));
    response.headers.push(
        "ETag",
        format!("\"{:x}-{:x}\"", modified.as_second(), body.len()),
    );
    response.headers.push("Accept-Ranges", "bytes");
    response.body = body;
    response
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit('.').next().unwrap_or_default() {
        "html" | "htm" => "text/html",
        "txt" => "text/plain",
        "css" => "text/css",
        "js" => "application/javascript",
        "json" => "application/json",
        "xml" => "text/xml",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}

fn returned(status: u16, text: &str) -> Response {
    let reason = match status {
        200 => "OK",
        204 => "No Content",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        404 => "Not Found",
        _ => "",
    };
    if matches!(status, 301 | 302) {
        let mut response = page(status, reason);
        response.headers.push("Location", text);
        return response;
    }
    if text.parse::<u16>() == Ok(status) {
        return page(status, reason);
    }
    let mut response = Response::new(status, reason);
    response
        .headers
        .push("Content-Type", "application/octet-stream");
    response.body = Bytes::copy_from_slice(text.as_bytes());
    response
}

/// nginx's own pages.
fn page(status: u16, reason: &str) -> Response {
    let mut response = Response::new(status, reason);
    response.headers.push("Content-Type", "text/html");
    let text = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n<hr><center>{VERSION}</center>\r\n</body>\r\n</html>\r\n"
    );
    response.body = text.into();
    response
}
