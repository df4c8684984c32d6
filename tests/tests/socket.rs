//! The simulated engine on its socket: Docker's own CLI finds no difference, and nothing that is sent to it harms it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::{
    fs,
    io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _},
    os::unix::{
        fs::{FileTypeExt as _, PermissionsExt as _},
        net::{UnixListener, UnixStream},
    },
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use causeway::api::Listener;
use tests::{program, simulated::Socket};

/// What was sent is answered, or the connection ended, by then.
const PATIENCE: Duration = Duration::from_secs(20);

fn connect(path: &Path) -> UnixStream {
    let stream = UnixStream::connect(path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// Sends this, and reads until the server ends the connection.
fn send(socket: &Socket, bytes: &[u8]) -> String {
    let mut stream = connect(&socket.path());
    // The server may end it before it has read all.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("{error}"),
        _ => String::from_utf8_lossy(&answer).into_owned(),
    }
}

/// `404 {"message":"page not found"}`
fn ask(socket: &Socket, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let answer = send(
        socket,
        format!(
            "{method} {path} HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .as_bytes(),
    );
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    format!("{status} {}", body.trim_end())
        .trim_end()
        .to_owned()
}

fn still_answers(socket: &Socket) {
    assert_eq!(ask(socket, "GET", "/_ping", ""), "200 OK");
}

/// Each answer is dockerd's own.
#[test]
fn what_is_wrong_is_said_in_dockerds_words() {
    let socket = Socket::new();
    let check = |method: &str, path: &str, body: &str, expected: &str| {
        assert_eq!(
            ask(&socket, method, path, body),
            expected,
            "{method} {path}"
        );
    };
    check("GET", "/nope", "", r#"404 {"message":"page not found"}"#);
    check("GET", "/", "", r#"404 {"message":"page not found"}"#);
    check("GET", "/vx/info", "", r#"404 {"message":"page not found"}"#);
    check("DELETE", "/info", "", r#"404 {"message":"page not found"}"#);
    check(
        "GET",
        "/v1.99/info",
        "",
        r#"400 {"message":"client version 1.99 is too new. Maximum supported API version is 1.51"}"#,
    );
    check(
        "GET",
        "/v1.51/containers/json?filters=x",
        "",
        r#"400 {"message":"invalid filter"}"#,
    );
    check(
        "POST",
        "/v1.51/containers/create",
        "{",
        r#"400 {"message":"invalid JSON: unexpected EOF"}"#,
    );
    check(
        "POST",
        "/v1.51/containers/create",
        "",
        r#"400 {"message":"invalid JSON: got EOF while reading request body"}"#,
    );
    check(
        "POST",
        "/v1.51/containers/create",
        "{}",
        r#"400 {"message":"config cannot be empty in order to create a container"}"#,
    );
    check(
        "POST",
        "/networks/create",
        r#"{"Name":"a"} {}"#,
        r#"400 {"message":"unexpected content after JSON"}"#,
    );
    check(
        "GET",
        "/containers/x/y/json",
        "",
        r#"404 {"message":"No such container: x/y"}"#,
    );
    check("GET", "/containers/..%2f..%2finfo/json", "", "301");
    check("GET", "/containers/%2e%2e%2fetc%2fpasswd/json", "", "301");
    check(
        "GET",
        "/volumes",
        "",
        r#"200 {"Volumes":[],"Warnings":null}"#,
    );
    check(
        "GET",
        "/images/search",
        "",
        r#"501 {"message":"not simulated: searching a registry"}"#,
    );
}

#[test]
fn a_ping_says_what_a_client_has_to_know() {
    let socket = Socket::new();
    let answer = send(
        &socket,
        b"HEAD /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n",
    );
    let mut head: Vec<&str> = answer
        .trim_end()
        .lines()
        .filter(|line| !line.starts_with("Date: "))
        .collect();
    head.sort_unstable();
    let expected = [
        "Api-Version: 1.51",
        "Builder-Version: 1",
        "Cache-Control: no-cache, no-store, must-revalidate",
        "Connection: close",
        "Content-Length: 0",
        "Content-Type: text/plain; charset=utf-8",
        "Docker-Experimental: false",
        "HTTP/1.1 200 OK",
        "Ostype: linux",
        "Pragma: no-cache",
        "Server: Docker/28.5.2 (linux)",
        "Swarm: inactive",
    ];
    assert_eq!(head, expected);
}

#[test]
fn nothing_that_is_sent_to_it_harms_it() {
    let socket = Socket::new();
    let endless = [b"GET /".as_slice(), &b"x".repeat(1 << 20)].concat();
    let too_long = format!(
        "POST /networks/create HTTP/1.1\r\nHost: d\r\nContent-Length: 9000000\r\n\r\n{}",
        " ".repeat(9_000_000)
    );
    let bad = "HTTP/1.1 400 Bad Request";
    for (sent, expected) in [
        (b"\0\x01\x02 nothing of HTTP\r\n\r\n".as_slice(), bad),
        (&endless, "HTTP/1.1 4"),
        (too_long.as_bytes(), "HTTP/1.1 413 Payload Too Large"),
        (
            b"POST /networks/create HTTP/1.1\r\nHost: d\r\nContent-Length: -1\r\n\r\n",
            bad,
        ),
    ] {
        let answer = send(&socket, sent);
        assert!(answer.starts_with(expected), "{answer}");
        still_answers(&socket);
    }
}

/// Connections that are opened and then forgotten cost nothing but their place.
#[test]
fn half_open_connections_hold_up_nobody() {
    let socket = Socket::new();
    let body = r#"{"Image":"busybox","Cmd":["cat"],"OpenStdin":true,"Tty":true}"#;
    let made = ask(&socket, "POST", "/containers/create?name=half", body);
    assert!(made.starts_with("201 "), "{made}");
    assert_eq!(ask(&socket, "POST", "/containers/half/start", ""), "204");
    let halves = [
        "GET /info HTTP/1.1\r\nHost: d\r\n",
        "POST /networks/create HTTP/1.1\r\nHost: d\r\nContent-Length: 100\r\n\r\n{",
        "GET /events HTTP/1.1\r\nHost: d\r\n\r\n",
        "POST /containers/half/wait HTTP/1.1\r\nHost: d\r\n\r\n",
        "POST /containers/half/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n",
        "POST /containers/half/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\n\r\n",
    ];
    let mut open = Vec::new();
    for half in halves.iter().cycle().take(60) {
        let mut stream = connect(&socket.path());
        stream.write_all(half.as_bytes()).unwrap();
        open.push(stream);
    }
    still_answers(&socket);
    // Gone without a word; after that there are places for as many again, and more.
    for _ in 0..6 {
        open.drain(..);
        for half in halves.iter().cycle().take(60) {
            let mut stream = connect(&socket.path());
            stream.write_all(half.as_bytes()).unwrap();
            open.push(stream);
        }
        still_answers(&socket);
    }
    let removed = ask(&socket, "DELETE", "/containers/half?force=1", "");
    assert_eq!(removed, "204");
}

/// The connection itself, the new way and the old one.
#[test]
fn what_a_container_writes_comes_in_frames() {
    let socket = Socket::new();
    let body = r#"{"Image":"busybox","Cmd":["echo","hi"]}"#;
    for (name, upgrade, head) in [
        (
            "new",
            "Connection: Upgrade\r\nUpgrade: tcp\r\n",
            "HTTP/1.1 101 UPGRADED\r\n",
        ),
        ("old", "", "HTTP/1.0 200 OK\r\n"),
    ] {
        ask(
            &socket,
            "POST",
            &format!("/containers/create?name={name}"),
            body,
        );
        let mut stream = connect(&socket.path());
        write!(
            stream,
            "POST /containers/{name}/attach?stream=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: d\r\n{upgrade}\r\n"
        )
        .unwrap();
        let mut lines = BufReader::new(stream);
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        assert_eq!(first, head);
        ask(&socket, "POST", &format!("/containers/{name}/start"), "");
        let mut rest = Vec::new();
        lines.read_to_end(&mut rest).unwrap();
        let rest = String::from_utf8(rest).unwrap();
        let (_, output) = rest.split_once("\r\n\r\n").unwrap();
        assert_eq!(output, "\u{1}\0\0\0\0\0\0\u{3}hi\n", "{name}");
    }
}

#[test]
fn only_its_owner_may_use_it_and_it_goes_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own/engine.sock");
    let refused = |path: &Path| {
        let error = in_a_runtime(|| Listener::on(path).unwrap_err().to_string());
        error.replace(&path.display().to_string(), "PATH")
    };
    in_a_runtime(|| {
        let listener = Listener::on(&path).unwrap();
        let there = fs::symlink_metadata(&path).unwrap();
        assert!(there.file_type().is_socket());
        assert_eq!(there.permissions().mode() & 0o777, 0o600);
        let around = fs::metadata(path.parent().unwrap()).unwrap();
        assert_eq!(around.permissions().mode() & 0o777, 0o700);
        let second = Listener::on(&path).unwrap_err().to_string();
        assert!(second.starts_with("another program listens on"), "{second}");
        drop(listener);
    });
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");

    fs::write(&path, "a letter").unwrap();
    assert_eq!(
        refused(&path),
        "PATH is there already and is no socket: name another path with --socket"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), "a letter");
    fs::remove_file(&path).unwrap();

    let others = UnixListener::bind(&path).unwrap();
    assert_eq!(
        refused(&path),
        "another program listens on PATH: stop it first, or name another path with --socket"
    );
    // Left behind by one that was killed.
    drop(others);
    in_a_runtime(|| drop(Listener::on(&path).unwrap()));
}

fn in_a_runtime<T>(what: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async { what() })
}

/// Line by line: what is typed, and all that the docker CLI prints. Times and ids are ours to choose, so that the same
/// world says the same; where none is chosen, `ID` stands for one.
#[test]
fn the_docker_cli_finds_no_difference() {
    let socket = Socket::new();
    let Some(docker) = docker_cli(&socket) else {
        return;
    };
    let check = |line: &str, expected: &str| {
        let said = with_ids_hidden(&docker(line));
        assert_eq!(said, expected, "docker {line}");
    };
    check("network create --subnet 10.9.0.0/16 lan", "ID\n");
    check("run -d --name web --network lan nginx", "ID\n");
    check(
        "run --rm --network lan busybox ping -c 1 web",
        "PING web (10.9.0.2): 56 data bytes\n64 bytes from 10.9.0.2: seq=0 ttl=64 time=MS ms\n\n--- web ping statistics ---\n1 packets transmitted, 1 packets received, 0% packet loss\nround-trip min/avg/max = MS ms\n",
    );
    check("exec web hostname", "SHORT\n");
    check("run --rm busybox sh -c exit\u{a0}3", "[exit 3]\n");
    check(
        "ps --format {{.Names}}:{{.Image}}:{{.Networks}}",
        "web:nginx:lan\n",
    );
    check(
        "inspect --format {{.State.Status}}\u{a0}{{.NetworkSettings.Networks.lan.IPAddress}} web",
        "running 10.9.0.2\n",
    );
    check(
        "network rm lan",
        "Error response from daemon: error while removing network: network lan has active endpoints (name:\"web\" id:\"SHORT\")\nexit status 1\n[exit 1]\n",
    );
    check(
        "network connect lan nope",
        "Error response from daemon: No such container: nope\n[exit 1]\n",
    );
    check("rename web site", "");
    check("kill site", "site\n");
    check("wait site", "137\n");
    // What nginx wrote: its process's number.
    check(
        "container prune -f",
        "Deleted Containers:\nID\n\nTotal reclaimed space: 2B\n",
    );
    check("network prune -f", "Deleted Networks:\nlan\n\n");
    check(
        "inspect nope",
        "[]\nError: No such object: nope\n[exit 1]\n",
    );
    check("volume ls", "DRIVER    VOLUME NAME\n");
    check(
        "volume create",
        "Error response from daemon: not simulated: volumes\n[exit 1]\n",
    );
}

/// Standard output, standard error, and the exit code where it is not 0. A space that is none separates no words.
fn docker_cli(socket: &Socket) -> Option<impl Fn(&str) -> String> {
    let Some(cli) = std::env::var_os("CAUSEWAY_TEST_DOCKER_CLI") else {
        eprintln!("not run: CAUSEWAY_TEST_DOCKER_CLI names no docker CLI");
        return None;
    };
    let host = socket.host();
    let settings = tempfile::tempdir().unwrap();
    Some(move |line: &str| {
        let output = Command::new(&cli)
            .args(line.split(' ').map(|word| word.replace('\u{a0}', " ")))
            .env("DOCKER_HOST", &host)
            .env("DOCKER_CONFIG", settings.path())
            .env_remove("DOCKER_CONTEXT")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let (out, err, code) = program::read(&output);
        let exit = if code == 0 {
            String::new()
        } else {
            format!("[exit {code}]\n")
        };
        format!("{out}{err}{exit}")
    })
}

/// `ID` for 64 hexadecimal digits, `SHORT` for 12, `MS` for round-trip times.
fn with_ids_hidden(text: &str) -> String {
    let mut hidden = String::new();
    let mut word = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_hexdigit() && !letter.is_ascii_uppercase() {
            word.push(letter);
            continue;
        }
        match word.len() {
            64 => hidden.push_str("ID"),
            12 => hidden.push_str("SHORT"),
            _ => hidden.push_str(&word),
        }
        word.clear();
        hidden.push(letter);
    }
    let shown = hidden.trim_end_matches('\0');
    let lines = shown.split_inclusive('\n').map(|line| {
        for mark in ["round-trip min/avg/max = ", " time="] {
            if let Some((before, _)) = line.split_once(mark) {
                return format!("{before}{mark}MS ms\n");
            }
        }
        line.to_owned()
    });
    lines.collect()
}

#[test]
fn the_program_says_how_to_use_it_and_ends_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("engine.sock");
    let mut engine = program::causeway()
        .args(["engine", "--socket"])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(engine.stdout.take().unwrap()).lines();
    assert_eq!(
        lines.next().unwrap().unwrap(),
        format!(
            "The simulated engine answers Docker's API: export DOCKER_HOST=unix://{}",
            path.display()
        )
    );
    assert_eq!(
        lines.next().unwrap().unwrap(),
        "Ctrl-C stops it, and nothing of it is kept."
    );
    let pid = engine.id().to_string();
    let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(told.success());
    assert_eq!(engine.wait().unwrap().code(), Some(0));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
