//! `causeway sh` without a page: what docker prints, and its exit code.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

use tests::program::{sh, sh_reading};

/// A line on a new simulated world: standard output, standard error, exit code.
fn check(line: &str, expected: (&str, &str, i32)) {
    let state = tempfile::tempdir().unwrap();
    let (out, err, code) = sh(state.path(), line);
    assert_eq!((out.as_str(), err.as_str(), code), expected, "{line}");
}

const NETWORKS: &str = "\
NETWORK ID     NAME      DRIVER    SCOPE
63cbe1e45932   bridge    bridge    local
73d33b666a1e   host      host      local
225ec07a9950   none      null      local
";

#[test]
fn networks_are_listed_as_docker_lists_them() {
    check("docker network ls", (NETWORKS, "", 0));
}

#[test]
fn errors_are_dockers_own() {
    check(
        "docker network rm mynet",
        (
            "",
            "Error response from daemon: network mynet not found\nexit status 1\n",
            1,
        ),
    );
    check(
        "docker netwrok ls",
        (
            "",
            "docker: unknown command: docker netwrok\n\nRun 'docker --help' for more information\n",
            1,
        ),
    );
}

#[test]
fn nothing_else_of_the_machine_is_run() {
    for line in ["apt-get --version", "/bin/sh -c true", "sudo docker ps"] {
        let state = tempfile::tempdir().unwrap();
        let (out, err, code) = sh(state.path(), line);
        assert_eq!((out.as_str(), code), ("", 127), "{line}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}

/// `rm` is the lab's own, and its `/` is not the machine's.
#[test]
fn the_root_of_files_stays() {
    check(
        "rm -rf /",
        (
            "",
            "rm: cannot remove '/': it is the lab's own folder, which stays (remove what is in it: rm -r *)\n",
            1,
        ),
    );
}

#[test]
fn a_script_exits_with_its_last_code_and_the_world_is_kept() {
    let state = tempfile::tempdir().unwrap();
    let (out, err, code) = sh_reading(
        state.path(),
        "docker network create \\\n  mynet\n\ndocker network rm nothing\n",
    );
    assert_eq!((out.len(), code), (65, 1), "{out}{err}");
    let (out, _, code) = sh(
        state.path(),
        "docker network ls --filter name=mynet --format '{{.Name}}'",
    );
    assert_eq!((out.as_str(), code), ("mynet\n", 0));
}

#[test]
fn a_folder_that_cannot_be_used_is_said_in_a_sentence() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (out, err, code) = sh(file.path(), "docker ps");
    let expected = format!(
        "causeway: cannot use the folder {} (File exists (os error 17)): name another one with --state\n",
        file.path().display()
    );
    assert_eq!((out.as_str(), err, code), ("", expected, 1));
}
