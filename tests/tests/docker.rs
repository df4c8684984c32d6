//! What the tests on real engines count on: that each engine is the one that it is taken for, and has the lessons'
//! images. `cargo xtask test --only docker` starts the engines and says where they are.

use std::{
    env,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const NEWEST: &str = "CAUSEWAY_TEST_DOCKER_NEWEST";
const OLDEST: &str = "CAUSEWAY_TEST_DOCKER_OLDEST";

/// The socket that the variable names. Without it there is nothing to test, unless engines are required.
fn engine(variable: &str) -> Result<Option<String>> {
    let Ok(host) = env::var(variable) else {
        let required = env::var("CAUSEWAY_REQUIRE").unwrap_or_default();
        let required = required.split(',').any(|part| part == "docker");
        ensure!(!required, "{variable} names no engine, and one is required");
        eprintln!("not run: {variable} names no engine");
        return Ok(None);
    };
    let socket = host.strip_prefix("unix://");
    Ok(Some(socket.context("not a unix:// address")?.to_owned()))
}

/// One question to an engine. HTTP/1.0, so that the answer ends with the connection.
fn get(socket: &str, path: &str) -> Result<Value> {
    let mut stream = UnixStream::connect(socket).with_context(|| socket.to_owned())?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: docker\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP")?;
    ensure!(head.contains(" 200 OK"), "{path}: {answer}");
    Ok(serde_json::from_str(body)?)
}

/// Its release, the newest API that it speaks, and the images that it has.
fn check(variable: &str, release: &str, api: &str) -> Result<()> {
    let Some(socket) = engine(variable)? else {
        return Ok(());
    };
    let version = get(&socket, "/version")?;
    let text = |key: &str| version[key].as_str().unwrap_or_default().to_owned();
    let found = text("Version");
    assert!(found.starts_with(release), "{variable} is {found}");
    assert_eq!(text("ApiVersion"), api);
    let images = get(&socket, "/images/json")?;
    let images = images.as_array().context("no list of images")?;
    let tags: Vec<&str> = images
        .iter()
        .filter_map(|image| image["RepoTags"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for image in ["alpine:latest", "busybox:latest", "nginx:latest"] {
        assert!(tags.contains(&image), "{variable} has {tags:?}");
    }
    Ok(())
}

#[test]
fn the_newest_engine_is_28() -> Result<()> {
    check(NEWEST, "28.", "1.51")
}

#[test]
fn the_oldest_engine_is_20_10() -> Result<()> {
    check(OLDEST, "20.10.", "1.41")
}
