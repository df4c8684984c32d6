//! busybox's `httpd`: files of a folder.

use std::{net::SocketAddr, sync::Arc, task::Poll};

use futures::{FutureExt, future::BoxFuture};

use super::{
    http::{self, Read, Request, Response, Wire},
    usage::Options,
};
use crate::{
    net::{Listener, TcpStream},
    process::Process,
};

pub async fn httpd(process: Process) -> i64 {
    let options = match Options::read(&process, "ifvc:p:u:r:h:e:d:m:M:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let home = options.value("h").unwrap_or(".").to_owned();
    if !process.is_folder(&home) {
        process.complain(&format!(
            "httpd: can't change directory to '{home}': No such file or directory\n"
        ));
        return 1;
    }
    let port = options.value("p").unwrap_or("80");
    let (address, port) = port.rsplit_once(':').unwrap_or(("0.0.0.0", port));
    let (Ok(port), Ok(address)) = (port.parse::<u16>(), address.parse()) else {
        process.complain(&format!("httpd: bad port '{port}'\n"));
        return 1;
    };
    let listener = match process.net().listen(SocketAddr::new(address, port)) {
        Ok(listener) => listener,
        Err(errno) => {
            process.complain(&format!("httpd: bind: {}\n", errno.text()));
            return 1;
        }
    };
    let mut server = process.child(process.arguments.clone());
    server.folder = process.path(&home);
    let verbose = options.has("v");
    if options.has("f") {
        return serve(server, listener, verbose).await;
    }
    process.start_as(server, move |process| {
        serve(process, listener, verbose).boxed()
    });
    0
}

async fn serve(process: Process, listener: Listener, verbose: bool) -> i64 {
    let process = Arc::new(process);
    let mut open: Vec<BoxFuture<'static, ()>> = Vec::new();
    futures::future::poll_fn(|context| {
        while let Poll::Ready(stream) = listener.poll_accept() {
            let process = Arc::clone(&process);
            open.push(async move { answer(&process, &stream, verbose).await }.boxed());
        }
        open.retain_mut(|connection| connection.as_mut().poll(context).is_pending());
        Poll::<i64>::Pending
    })
    .await
}

async fn answer(process: &Process, stream: &TcpStream, verbose: bool) {
    let mut wire = Wire::new(stream);
    let (response, with_body) = match wire.request().await {
        Read::Whole(request) => (respond(process, &request), request.method != "HEAD"),
        Read::End => return,
        Read::Malformed(_) => (
            page(process, 400, "Bad Request", "Unsupported method"),
            true,
        ),
    };
    if verbose {
        process.complain(&format!(
            "[::ffff:{}]:{}: response:{}\n",
            stream.peer().ip(),
            stream.peer().port(),
            response.status
        ));
    }
    let _ = stream.write(response.bytes("HTTP/1.1", with_body)).await;
}

fn respond(process: &Process, request: &Request) -> Response {
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return page(
            process,
            501,
            "Not Implemented",
            "The requested method is not recognized",
        );
    }
    let path = lab::files::resolve("/", &http::unescaped(request.path()));
    let mut file = format!("{}{path}", process.folder.trim_end_matches('/'));
    if process.is_folder(&file) {
        file = format!("{}/index.html", file.trim_end_matches('/'));
    }
    let (Ok(node), Ok(body)) = (process.stat(&file, true), process.read_file(&file)) else {
        return page(process, 404, "Not Found", "The requested URL was not found");
    };
    let mut response = Response::new(200, "OK");
    let kind = match file.rsplit('.').next().unwrap_or_default() {
        "html" | "htm" => Some("text/html"),
        "txt" | "c" | "h" | "cc" => Some("text/plain"),
        "css" => Some("text/css"),
        "jpg" | "jpeg" => Some("image/jpeg"),
        "png" => Some("image/png"),
        _ => None,
    };
    if let Some(kind) = kind {
        response.headers.push("Content-type", kind);
    }
    response
        .headers
        .push("Date", http::date(process.world.now()));
    response.headers.push("Connection", "close");
    response.headers.push("Accept-Ranges", "bytes");
    response
        .headers
        .push("Last-Modified", http::date(node.modified));
    response.headers.push(
        "ETag",
        format!("\"{:x}-{:x}\"", node.modified.as_second(), body.len()),
    );
    response
        .headers
        .push("Content-Length", body.len().to_string());
    response.body = body;
    response
}

fn page(process: &Process, status: u16, reason: &str, text: &str) -> Response {
    let mut response = Response::new(status, reason);
    response
        .headers
        .push("Date", http::date(process.world.now()));
    response.headers.push("Connection", "close");
    response.headers.push("Content-type", "text/html");
    response.body = format!(
        "<HTML><HEAD><TITLE>{status} {reason}</TITLE></HEAD>\n<BODY><H1>{status} {reason}</H1>\n{text}\n</BODY></HTML>\n"
    )
    .into();
    response
}
