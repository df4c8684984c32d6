//! An engine that goes and comes back, one that may not be spoken to, and one that is not there.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::Stdio,
    time::Duration,
};

use session::wire::EngineKind;
use tests::{
    agent::TestAgent,
    docker::{Docker, on_both},
    program::{causeway, read},
    relay::Relay,
    spawned::{self, Spawned},
};

const RUNS: &str = "docker run -i --name runs busybox sh -c 'echo ready; sleep 600'";
const FOLLOWS: &str = "docker logs -f runs";

#[tokio::test]
async fn an_engine_that_goes_and_comes_back_is_shown_and_survived() {
    on_both(async |docker| {
        let mut relay = Relay::to(docker.socket());
        let agent = TestAgent::at(&relay.host()).await;
        let mut view = agent.view().await;
        view.start(1, RUNS).await;
        view.until("it runs", |view| view.text(1) == "ready\n")
            .await;
        view.start(2, FOLLOWS).await;
        view.until("it follows", |view| view.text(2) == "ready\n")
            .await;

        relay.cut().await;
        view.until("the engine is gone", |view| view.engine.gone.is_some())
            .await;
        let gone = view.engine.gone.clone().expect("a sentence");
        assert!(is_gone(&gone, &relay), "{gone}");
        let went_away = went_away(&relay);
        let ends = [view.ended(1, RUNS).await, view.ended(2, FOLLOWS).await];
        let [runs, follows] = as_docker_ends(docker).await;
        let expected = [
            (
                format!("ready\nerror waiting for container: {went_away}\n"),
                runs,
            ),
            (format!("ready\ncauseway: {went_away}\n"), follows),
        ];
        assert_eq!(ends, expected);
        let (said, exit) = view.run(1, "docker ps").await;
        assert!(
            said.starts_with("causeway: ") && said.lines().count() == 1,
            "{said}"
        );
        assert_eq!(exit, 1);

        // Changed while nobody could see it.
        docker.docker("rename runs ran");
        relay.join();
        view.until("the engine is back", |view| view.engine.gone.is_none())
            .await;
        view.until("what happened meanwhile", |view| {
            let mut containers = view.topology.containers.values();
            containers.any(|container| container.name == "ran" && container.ours)
        })
        .await;
        let (said, exit) = view
            .run(1, "docker ps --filter name=ran --format {{.Names}}")
            .await;
        assert_eq!((said.as_str(), exit), ("ran\n", 0));
        assert_eq!(view.reset().await.containers, ["ran"]);
    })
    .await;
}

fn went_away(relay: &Relay) -> String {
    format!(
        "the Docker engine at {} went away: look whether it still runs (systemctl status docker), and start it again",
        relay.host()
    )
}

/// The two ways in which it is first noticed.
fn is_gone(sentence: &str, relay: &Relay) -> bool {
    let not_there = format!(
        "no Docker engine is at {} (there is no such socket): start Docker",
        relay.host()
    );
    [went_away(relay), not_there].contains(&sentence.to_owned())
}

/// The docker CLI's exit codes when its engine goes. All that it says then is `unexpected EOF`.
async fn as_docker_ends(docker: &Docker) -> [u8; 2] {
    let mut relay = Relay::to(docker.socket());
    let script = "echo ready; sleep 600";
    let lines = [
        vec!["run", "-i", "--name", "cli", "busybox", "sh", "-c", script],
        vec!["logs", "-f", "cli"],
    ];
    let mut running = Vec::new();
    for words in lines {
        let mut command = tokio::process::Command::from(docker.command(words));
        command
            .env("DOCKER_HOST", relay.host())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        running.push(command.spawn().expect("the docker CLI"));
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
    relay.cut().await;
    let mut ends = Vec::new();
    for child in running {
        let (out, err, code) = read(&child.wait_with_output().await.expect("an end"));
        assert_eq!(out, "ready\n");
        assert!(err.contains("unexpected EOF"), "{err}");
        ends.push(u8::try_from(code).expect("a code"));
    }
    docker.docker("rm -f cli");
    ends.try_into().expect("two")
}

/// Standard output, standard error and exit code of `causeway run` that does not get to run.
fn refused(docker_host: &str, state: &Path, engine: &str) -> (String, String, i32) {
    let mut command = spawned::run(0, state);
    command
        .args(["--engine", engine])
        .env("DOCKER_HOST", docker_host);
    read(&command.output().expect("a program that ends"))
}

#[test]
fn an_engine_that_is_not_there_is_said_in_a_sentence() {
    let state = tempfile::tempdir().expect("a folder for the state");
    let host = format!("unix://{}", state.path().join("docker.sock").display());
    let expected = format!(
        "causeway: no Docker engine is at {host} (there is no such socket): start Docker\n"
    );
    assert_eq!(
        refused(&host, state.path(), "docker"),
        (String::new(), expected, 1)
    );
}

#[tokio::test]
async fn without_docker_the_simulated_engine_takes_over_and_says_why() {
    let state = tempfile::tempdir().expect("a folder for the state");
    let host = format!("unix://{}", state.path().join("docker.sock").display());
    let mut agent = Spawned::start(spawned::run(0, state.path()).env("DOCKER_HOST", &host));
    let why = format!(
        "No Docker engine is at {host} (there is no such socket): start Docker; until then, the simulated engine runs \
         the lesson."
    );
    assert_eq!(agent.lines()[0], why);
    let mut view = agent.view().await;
    assert_eq!(
        (view.engine.kind, view.engine.why.as_deref()),
        (EngineKind::Simulated, Some(why.as_str()))
    );
    assert_eq!(view.run(1, "docker network create mynet").await.1, 0);
}

const NOBODY: u32 = 65534;
/// In every Linux system's /etc/group, as `adm`.
const GROUP: u32 = 4;

#[tokio::test]
async fn a_socket_without_permission_names_the_group_and_the_command() {
    on_both(async |docker| {
        let relay = Relay::to(docker.socket());
        let socket = relay.socket();
        let folder = socket.parent().expect("a folder");
        let open = |mode| fs::Permissions::from_mode(mode);
        fs::set_permissions(folder, open(0o755)).expect("a folder that all may enter");
        fs::set_permissions(&socket, open(0o660)).expect("a socket that few may use");
        if std::os::unix::fs::chown(&socket, None, Some(GROUP)).is_err() {
            eprintln!("not run: only root can become nobody");
            return;
        }
        let expected = format!(
            "causeway: you may not use Docker's socket {}: only members of the group adm may; run `sudo usermod -aG adm \
             $USER`, then log in again\n",
            socket.display()
        );
        assert_eq!(as_nobody(&relay.host()), (String::new(), expected, 1));
    })
    .await;
}

/// `causeway sh -c 'docker ps'` of a user who may nothing.
fn as_nobody(docker_host: &str) -> (String, String, i32) {
    let home = tempfile::tempdir().expect("a home");
    let program = home.path().join("causeway");
    fs::copy(causeway().get_program(), &program).expect("a program of nobody's");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o777)).expect("a home for all");
    let mut command = std::process::Command::new(program);
    command
        .args(["sh", "--engine", "docker", "-c", "docker ps", "--state"])
        .arg(home.path().join("state"))
        .env("DOCKER_HOST", docker_host)
        .uid(NOBODY)
        .gid(NOBODY);
    read(&command.output().expect("a program that runs"))
}
