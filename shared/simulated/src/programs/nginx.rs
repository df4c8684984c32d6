//! nginx as its image runs it: listens on port 80, writes a line for each request, ends on QUIT, TERM and INT.

use std::{task::Poll, time::Duration};

use futures::{
    FutureExt,
    future::{BoxFuture, poll_fn},
};

use crate::{
    net::{Errno, Listener, TcpStream},
    process::{INT, Process, QUIT, TERM},
};

pub const WELCOME: &str = "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\nhtml { color-scheme: light dark; }\nbody { width: 35em; margin: 0 auto;\nfont-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is successfully installed and\nworking. Further configuration is required.</p>\n\n<p>For online documentation and support please refer to\n<a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available at\n<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using nginx.</em></p>\n</body>\n</html>\n";

const NOT_FOUND: &str = "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";

pub async fn nginx(process: Process) -> i64 {
    process.handle(&[QUIT, TERM, INT]);
    let Some(listener) = bind(&process).await else {
        return 1;
    };
    notice(&process, "start worker processes");
    let mut connections: Vec<BoxFuture<'static, ()>> = Vec::new();
    loop {
        let event = poll_fn(|context| {
            if process.take_signal().is_some() {
                return Poll::Ready(None);
            }
            // Each looks again, whoever was woken: the simulated world wakes nobody by name.
            connections.retain_mut(|connection| connection.as_mut().poll(context).is_pending());
            listener.poll_accept().map(Some)
        });
        match event.await {
            Some(stream) => connections.push(serve(process.clone(), stream).boxed()),
            None => return 0,
        }
    }
}

/// Port 80, tried five times half a second apart, as nginx does.
async fn bind(process: &Process) -> Option<Listener> {
    for _ in 0..5 {
        match process.net().listen(([0, 0, 0, 0], 80).into()) {
            Ok(listener) => return Some(listener),
            Err(Errno::AddressInUse) => {
                let why = "bind() to 0.0.0.0:80 failed (98: Address already in use)";
                emergency(process, why);
                notice(process, "try again to bind() after 500ms");
                process.sleep(Duration::from_millis(500)).await;
            }
            Err(other) => emergency(
                process,
                &format!("bind() to 0.0.0.0:80 failed ({})", other.text()),
            ),
        }
    }
    emergency(process, "still could not bind()");
    None
}

fn notice(process: &Process, text: &str) {
    let time = process.world.now().strftime("%Y/%m/%d %H:%M:%S");
    process.complain(&format!("{time} [notice] 1#1: {text}\n"));
}

fn emergency(process: &Process, text: &str) {
    let time = process.world.now().strftime("%Y/%m/%d %H:%M:%S");
    process.complain(&format!(
        "{time} [emerg] 1#1: {text}\nnginx: [emerg] {text}\n"
    ));
}

/// Request after request, until one of both ends it.
async fn serve(process: Process, stream: TcpStream) {
    let mut read = Vec::new();
    loop {
        while !read.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read().await {
                Ok(bytes) if !bytes.is_empty() => read.extend_from_slice(&bytes),
                _ => return,
            }
        }
        let end = read.windows(4).position(|end| end == b"\r\n\r\n");
        let head: Vec<u8> = read.drain(..end.unwrap_or_default() + 4).collect();
        let head = String::from_utf8_lossy(&head).into_owned();
        let keeps = keeps_open(&head);
        let answer = answer(&process, &stream, &head, keeps);
        if stream.write(answer).await.is_err() || !keeps {
            return;
        }
    }
}

fn keeps_open(head: &str) -> bool {
    match header(head, "connection") {
        Some(says) => !says.eq_ignore_ascii_case("close"),
        None => head
            .lines()
            .next()
            .is_some_and(|line| line.ends_with("HTTP/1.1")),
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The answer to one request, and its line in the log.
fn answer(process: &Process, stream: &TcpStream, head: &str, keeps: bool) -> Vec<u8> {
    let request = head.lines().next().unwrap_or_default();
    let mut words = request.split(' ');
    let (method, path) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or("/"),
    );
    let (status, body) = match page(process, path.split('?').next().unwrap_or(path)) {
        Some(body) => (200, body),
        None => (404, NOT_FOUND.as_bytes().to_vec()),
    };
    let agent = header(head, "user-agent").unwrap_or("-");
    let now = process.world.now();
    process.print(&format!(
        "{} - - [{}] \"{request}\" {status} {} \"-\" \"{agent}\" \"-\"\n",
        stream.peer().ip(),
        now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        body.len()
    ));
    let reason = if status == 200 { "OK" } else { "Not Found" };
    let (connection, more) = (
        if keeps { "keep-alive" } else { "close" },
        if status == 200 {
            format!("ETag: \"0-{:x}\"\r\nAccept-Ranges: bytes\r\n", body.len())
        } else {
            String::new()
        },
    );
    let modified = if status == 200 {
        "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
    } else {
        ""
    };
    let head = format!(
        "HTTP/1.1 {status} {reason}\r\nServer: nginx/1.22.1\r\nDate: {}\r\nContent-Type: text/html\r\nContent-Length: {}\r\n{modified}Connection: {connection}\r\n{more}\r\n",
        now.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        body.len()
    );
    let body = if method == "HEAD" { Vec::new() } else { body };
    [head.into_bytes(), body].concat()
}

/// A file of the site: the container's own, or nginx's welcome.
fn page(process: &Process, path: &str) -> Option<Vec<u8>> {
    let path = if path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    };
    match process.read_file(&format!("/usr/share/nginx/html{path}")) {
        Ok(bytes) => Some(bytes.to_vec()),
        Err(_) if path == "/index.html" => Some(WELCOME.as_bytes().to_vec()),
        Err(_) => None,
    }
}
