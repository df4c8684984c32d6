//! What went wrong between us and the engine, in one sentence each.

use std::{
    error::Error as _,
    io::{self, ErrorKind},
    path::Path,
};

use bollard::errors::Error as BollardError;
use hyper_util::client::legacy;
use lab::Error;
use serde::Deserialize;

use super::endpoint::Endpoint;

/// What the engine said, out of an answer that is not a success.
pub(super) fn refused(status: u16, body: &[u8]) -> Error {
    #[derive(Deserialize)]
    struct Said {
        message: String,
    }
    let message = match serde_json::from_slice::<Said>(body) {
        Ok(said) => said.message,
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    Error::refused(status, message.trim())
}

pub(super) fn request(endpoint: &Endpoint, error: &legacy::Error) -> Error {
    let mut source = error.source();
    while let Some(inner) = source {
        if error.is_connect()
            && let Some(io) = inner.downcast_ref::<io::Error>()
        {
            return connecting(endpoint, io);
        }
        source = inner.source();
    }
    went_away(endpoint)
}

/// It was there a moment ago.
pub(super) fn went_away(endpoint: &Endpoint) -> Error {
    Error::Unreachable(format!(
        "the Docker engine at {endpoint} went away: look whether it still runs (systemctl status docker), and start it again"
    ))
}

pub(super) fn silent(endpoint: &Endpoint, seconds: u64) -> Error {
    Error::Unreachable(format!(
        "the Docker engine at {endpoint} has not answered for {seconds} seconds: it is busy or hangs; try again, or restart Docker"
    ))
}

pub(super) fn too_old(endpoint: &Endpoint, version: &str) -> Error {
    Error::Unreachable(format!(
        "the Docker engine at {endpoint} speaks version {version} of Docker's API, and Causeway needs 1.41 or later: update Docker to 20.10 or later"
    ))
}

pub(super) fn not_docker(endpoint: &Endpoint) -> Error {
    Error::Unreachable(format!(
        "what answers at {endpoint} does not speak Docker's API: look at DOCKER_HOST and your docker context"
    ))
}

/// Why no connection could be made.
pub(crate) fn connecting(endpoint: &Endpoint, error: &io::Error) -> Error {
    let sentence = match (error.kind(), endpoint) {
        (ErrorKind::PermissionDenied, Endpoint::Unix(path)) => may_not(path),
        (ErrorKind::NotFound, _) => {
            format!("no Docker engine is at {endpoint} (there is no such socket): start Docker")
        }
        (ErrorKind::ConnectionRefused, _) => {
            format!("no Docker engine answers at {endpoint} (connection refused): start Docker")
        }
        _ => format!("cannot reach the Docker engine at {endpoint} ({error}): start Docker"),
    };
    Error::Unreachable(sentence)
}

fn may_not(socket: &Path) -> String {
    let socket_is = format!("you may not use Docker's socket {}", socket.display());
    match group(socket) {
        Some(group) if group == "root" => {
            format!("{socket_is}: only root may; give it to the group docker in Docker's settings")
        }
        group => {
            let group = group.unwrap_or_else(|| "docker".to_owned());
            format!(
                "{socket_is}: only members of the group {group} may; run `sudo usermod -aG {group} $USER`, then log in again"
            )
        }
    }
}

/// The name of the group that a file belongs to.
#[cfg(unix)]
fn group(path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let id = std::fs::metadata(path).ok()?.gid().to_string();
    let groups = std::fs::read_to_string("/etc/group").ok()?;
    let mut lines = groups.lines().map(|line| line.split(':'));
    lines.find_map(|mut line| {
        let name = line.next()?;
        (line.nth(1)? == id).then(|| name.to_owned())
    })
}

#[cfg(not(unix))]
fn group(_path: &Path) -> Option<String> {
    None
}

/// An error of ours on its way through a library that knows only I/O errors.
pub(super) fn carried(error: Error) -> io::Error {
    io::Error::other(error)
}

pub(super) fn unpacked(endpoint: &Endpoint, error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => ours,
        Err(_) => went_away(endpoint),
    }
}

pub(super) fn bollard(endpoint: &Endpoint, error: BollardError) -> Error {
    match error {
        BollardError::DockerResponseServerError {
            status_code,
            message,
        } => Error::refused(status_code, message.trim()),
        BollardError::IOError { err } => unpacked(endpoint, err),
        BollardError::HyperResponseError { .. } => went_away(endpoint),
        other => Error::Unreadable(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ErrorKind, endpoint: &str, expected: &str) {
        let endpoint = endpoint.parse().unwrap();
        let error = connecting(&endpoint, &kind.into());
        assert_eq!(error, Error::Unreachable(expected.to_owned()));
    }

    #[test]
    fn a_socket_that_does_not_answer_has_a_reason() {
        let socket = "unix:///nowhere/docker.sock";
        check(
            ErrorKind::NotFound,
            socket,
            "no Docker engine is at unix:///nowhere/docker.sock (there is no such socket): start Docker",
        );
        check(
            ErrorKind::ConnectionRefused,
            "tcp://localhost:2375",
            "no Docker engine answers at tcp://localhost:2375 (connection refused): start Docker",
        );
        check(
            ErrorKind::PermissionDenied,
            socket,
            "you may not use Docker's socket /nowhere/docker.sock: only members of the group docker may; run `sudo usermod -aG docker $USER`, then log in again",
        );
    }

    #[test]
    fn the_engines_words_are_kept() {
        let said = br#"{"message":"No such container: web\n"}"#;
        assert_eq!(
            refused(404, said),
            Error::not_found("No such container: web")
        );
        assert_eq!(refused(400, b"oh"), Error::refused(400, "oh"));
    }
}
