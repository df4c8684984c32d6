//! `causeway run` as a program: what it prints, a port that is taken, and what is there again after `kill -9`.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    time::Duration,
};

use tests::{
    http::Request,
    program::{read, sh},
    spawned::{self, Spawned},
};

/// `causeway run` over the simulated engine.
fn simulated(port: u16, state: &Path) -> Command {
    let mut command = spawned::run(port, state);
    command.args(["--engine", "simulated"]);
    command
}

#[test]
fn it_says_which_engine_where_and_how_to_stop() {
    let state = tempfile::tempdir().unwrap();
    let mut lines = Spawned::start(&mut simulated(0, state.path())).lines();
    let address = lines.remove(1);
    assert_eq!(
        lines,
        [
            "The simulated engine runs the lab: nothing on this machine's own Docker is touched.",
            "Ctrl-C stops Causeway; the lab stays as it is until you reset it.",
        ]
    );
    let (before, code) = address.split_once("/#launch=").unwrap();
    assert!(
        before.starts_with("The lesson is at http://127.0.0.1:"),
        "{before}"
    );
    assert_eq!(code.len(), 64);
}

#[test]
fn a_port_that_is_taken_is_said_in_a_sentence() {
    let state = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let (out, err, code) = read(&simulated(port, state.path()).output().unwrap());
    let expected = format!(
        "causeway: port {port} is in use by another program: choose another one with --port, or leave --port out\n"
    );
    assert_eq!((out.as_str(), err, code), ("", expected, 1));
}

#[test]
fn its_world_is_its_own_while_it_runs() {
    let state = tempfile::tempdir().unwrap();
    let agent = Spawned::start(&mut simulated(0, state.path()));
    let (_, err, code) = sh(state.path(), "docker network ls");
    let world = state.path().join("world.json");
    let expected = format!(
        "causeway: another causeway uses {} at this moment: stop it first, or name another folder with --state\n",
        world.display()
    );
    assert_eq!((err, code), (expected, 1));
    agent.kill();
    assert_eq!(sh(state.path(), "docker network ls").2, 0);
}

#[tokio::test]
async fn it_goes_on_when_nobody_reads_what_it_prints() {
    let state = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = simulated(port, state.path())
        .stdout(writer)
        .spawn()
        .unwrap();
    for _ in 0..400 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let host = format!("127.0.0.1:{port}");
    let request = Request::new(port, "GET", "/agent").header("Host", &host);
    assert_eq!(request.send().await.status, 200);
    assert_eq!(child.try_wait().unwrap(), None);
    child.kill().unwrap();
    child.wait().unwrap();
}
