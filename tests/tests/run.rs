//! `causeway run` as a program: what it prints, a port that is taken, and what is there again after `kill -9`.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Stdio},
};

use tests::program::{causeway, read, sh};

/// Starts it, and reads what it prints until it says how it is stopped.
fn start(state: &Path) -> (Child, Vec<String>) {
    let mut command = causeway();
    command
        .args([
            "--engine",
            "simulated",
            "--no-open",
            "--port",
            "0",
            "--state",
        ])
        .arg(state);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().take(3);
    let lines = lines.map(Result::unwrap).collect();
    (child, lines)
}

#[test]
fn it_says_which_engine_where_and_how_to_stop() {
    let state = tempfile::tempdir().unwrap();
    let (mut child, mut lines) = start(state.path());
    child.kill().unwrap();
    child.wait().unwrap();
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
    let port = taken.local_addr().unwrap().port().to_string();
    let mut command = causeway();
    command
        .args([
            "--engine",
            "simulated",
            "--no-open",
            "--port",
            &port,
            "--state",
        ])
        .arg(state.path());
    let (out, err, code) = read(&command.output().unwrap());
    let expected = format!(
        "causeway: port {port} is in use by another program: choose another one with --port, or leave --port out\n"
    );
    assert_eq!((out.as_str(), err, code), ("", expected, 1));
}

#[test]
fn its_world_is_its_own_while_it_runs() {
    let state = tempfile::tempdir().unwrap();
    let (mut child, _) = start(state.path());
    let (_, err, code) = sh(state.path(), "docker network ls");
    let world = state.path().join("world.json");
    let expected = format!(
        "causeway: another causeway uses {} at this moment: stop it first, or name another folder with --state\n",
        world.display()
    );
    assert_eq!((err, code), (expected, 1));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(sh(state.path(), "docker network ls").2, 0);
}
