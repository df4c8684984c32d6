//! Finds the engine as the docker CLI would, and where that finds none, in the other usual places.
//!
//! It asks no engine anything: it only looks whether somebody may be spoken to.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::docker::{BadEndpoint, Endpoint, unreachable};

/// An engine, and how it was found: `DOCKER_HOST`, `the docker context "desktop-linux"`, `a usual socket`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub endpoint: Endpoint,
    pub how: String,
}

/// Why there is none to be used: one sentence.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotFound {
    #[error("{how}: {source}")]
    Bad { how: String, source: BadEndpoint },
    #[error(
        "{how} asks for TLS, which Causeway cannot speak yet: name a unix:// or a plain tcp:// address in DOCKER_HOST"
    )]
    Tls { how: String },
    #[error(
        "the docker context \"{name}\" cannot be read ({why}): `docker context ls` shows those that there are"
    )]
    Context { name: String, why: String },
    #[error(
        "docker's settings in {path} cannot be read ({why}): correct that file, or set DOCKER_HOST"
    )]
    Settings { path: PathBuf, why: String },
    /// A socket is there, but it does not answer.
    #[error("{0}")]
    Silent(String),
    #[error("no Docker engine was found (looked at {}): install or start Docker", .0.join(", "))]
    Nowhere(Vec<String>),
}

/// What of this machine says where its engine is.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    pub docker_host: Option<String>,
    pub docker_context: Option<String>,
    pub docker_tls: bool,
    /// Docker's own settings: `$DOCKER_CONFIG` or `~/.docker`.
    pub settings: Option<PathBuf>,
    /// In the order in which they are tried.
    pub sockets: Vec<PathBuf>,
}

/// The engine that `asked` names, or the one that `docker` would use, or what is found nearby.
pub fn find(asked: Option<&str>) -> Result<Found, NotFound> {
    Surroundings::here().find(asked)
}

impl Surroundings {
    pub fn here() -> Self {
        let said = |name| {
            env::var(name)
                .ok()
                .filter(|value: &String| !value.is_empty())
        };
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let settings = env::var_os("DOCKER_CONFIG").filter(|path| !path.is_empty());
        let in_home = home.as_ref().map(|home| home.join(".docker"));
        Self {
            docker_host: said("DOCKER_HOST"),
            docker_context: said("DOCKER_CONTEXT"),
            docker_tls: said("DOCKER_TLS_VERIFY").is_some(),
            settings: settings.map(PathBuf::from).or(in_home),
            sockets: usual_sockets(home.as_deref(), runtime.as_deref()),
        }
    }

    pub fn find(&self, asked: Option<&str>) -> Result<Found, NotFound> {
        if let Some(address) = asked {
            return found(address, "the command line".to_owned());
        }
        if let Some(address) = &self.docker_host {
            let host = found(address, "DOCKER_HOST".to_owned())?;
            let tls = self.docker_tls && matches!(host.endpoint, Endpoint::Tcp(_));
            return if tls {
                Err(NotFound::Tls { how: host.how })
            } else {
                Ok(host)
            };
        }
        match self.context()? {
            Some(name) => self.in_context(&name),
            None => self.nearby(),
        }
    }

    /// The context that is in use, if it is not the default one.
    fn context(&self) -> Result<Option<String>, NotFound> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Config {
            current_context: Option<String>,
        }
        let chosen = match (&self.docker_context, &self.settings) {
            (Some(name), _) => Some(name.clone()),
            (None, Some(settings)) => {
                let path = settings.join("config.json");
                let config = read_json::<Config>(&path);
                let config = config.map_err(|why| NotFound::Settings { path, why })?;
                config.and_then(|config| config.current_context)
            }
            (None, None) => None,
        };
        Ok(chosen.filter(|name| !matches!(name.as_str(), "" | "default")))
    }

    fn in_context(&self, name: &str) -> Result<Found, NotFound> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Meta {
            endpoints: Endpoints,
        }
        #[derive(Deserialize)]
        struct Endpoints {
            docker: DockerEndpoint,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct DockerEndpoint {
            #[serde(default)]
            host: String,
        }
        let unreadable = |why: String| NotFound::Context {
            name: name.to_owned(),
            why,
        };
        let Some(settings) = &self.settings else {
            return Err(unreadable("there is no home folder".to_owned()));
        };
        let contexts = settings.join("contexts");
        let folder = hex(&Sha256::digest(name));
        let meta = read_json::<Meta>(&contexts.join("meta").join(&folder).join("meta.json"));
        let meta = meta
            .map_err(unreadable)?
            .ok_or_else(|| unreadable("there is none of this name".to_owned()))?;
        let how = format!("the docker context \"{name}\"");
        let found = found(&meta.endpoints.docker.host, how)?;
        let tls = contexts.join("tls").join(&folder).join("docker").exists();
        if tls && matches!(found.endpoint, Endpoint::Tcp(_)) {
            return Err(NotFound::Tls { how: found.how });
        }
        Ok(found)
    }

    /// The first of the usual sockets that may be spoken to.
    fn nearby(&self) -> Result<Found, NotFound> {
        let mut silent = None;
        for path in &self.sockets {
            let endpoint = Endpoint::Unix(path.clone());
            match knock(path) {
                Ok(()) => {
                    let how = "a usual socket".to_owned();
                    return Ok(Found { endpoint, how });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    silent.get_or_insert_with(|| unreachable(&endpoint, &error).to_string());
                }
            }
        }
        let looked_at = || {
            self.sockets
                .iter()
                .map(|path| path.display().to_string())
                .collect()
        };
        Err(silent.map_or_else(|| NotFound::Nowhere(looked_at()), NotFound::Silent))
    }
}

fn found(address: &str, how: String) -> Result<Found, NotFound> {
    match address.parse() {
        Ok(endpoint) => Ok(Found { endpoint, how }),
        Err(source) => Err(NotFound::Bad { how, source }),
    }
}

/// Docker's own, rootless Docker's, Docker Desktop's, Podman's.
fn usual_sockets(home: Option<&Path>, runtime: Option<&Path>) -> Vec<PathBuf> {
    let sockets = [
        Some("/var/run/docker.sock".into()),
        runtime.map(|dir| dir.join("docker.sock")),
        home.map(|home| home.join(".docker/run/docker.sock")),
        home.map(|home| home.join(".docker/desktop/docker.sock")),
        runtime.map(|dir| dir.join("podman/podman.sock")),
        Some("/run/podman/podman.sock".into()),
    ];
    sockets.into_iter().flatten().collect()
}

#[cfg(unix)]
fn knock(socket: &Path) -> io::Result<()> {
    std::os::unix::net::UnixStream::connect(socket).map(drop)
}

#[cfg(not(unix))]
fn knock(_socket: &Path) -> io::Result<()> {
    Err(io::ErrorKind::NotFound.into())
}

/// `None` where there is no such file.
fn read_json<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<Option<T>, String> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| error.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(here: &Surroundings, expected: &str) {
        let read = match here.find(None) {
            Ok(found) => format!("{} by {}", found.endpoint, found.how),
            Err(error) => error.to_string(),
        };
        assert_eq!(read, expected);
    }

    fn write(folder: &Path, path: &str, text: &str) {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// As `docker context create` writes it.
    fn context(settings: &Path, folder: &str, name: &str, host: &str) {
        let meta = format!(
            r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":false}}}}}}"#
        );
        write(
            settings,
            &format!("contexts/meta/{folder}/meta.json"),
            &meta,
        );
    }

    #[test]
    fn docker_host_comes_before_the_context() {
        let here = Surroundings {
            docker_host: Some("tcp://127.0.0.1:2375".to_owned()),
            docker_context: Some("other".to_owned()),
            ..Default::default()
        };
        check(&here, "tcp://127.0.0.1:2375 by DOCKER_HOST");
        let tls = Surroundings {
            docker_tls: true,
            ..here
        };
        check(
            &tls,
            "DOCKER_HOST asks for TLS, which Causeway cannot speak yet: name a unix:// or a plain tcp:// address in DOCKER_HOST",
        );
        let ssh = Surroundings {
            docker_host: Some("ssh://me@box".to_owned()),
            ..Default::default()
        };
        check(
            &ssh,
            "DOCKER_HOST: the engine at ssh://me@box is reached over SSH, which Causeway cannot speak yet: name a unix:// or a plain tcp:// address in DOCKER_HOST",
        );
        assert_eq!(
            ssh.find(Some("unix:///x")),
            Ok(Found {
                endpoint: Endpoint::Unix("/x".into()),
                how: "the command line".to_owned()
            })
        );
    }

    #[test]
    fn the_current_context_is_read_as_docker_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let settings = folder.path();
        let here = Surroundings {
            settings: Some(settings.to_owned()),
            ..Default::default()
        };
        write(
            settings,
            "config.json",
            r#"{"auths":{},"currentContext":"desktop-linux"}"#,
        );
        check(
            &here,
            "the docker context \"desktop-linux\" cannot be read (there is none of this name): `docker context ls` shows those that there are",
        );
        // The folder's name is the SHA-256 of the context's.
        let sha = "fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e";
        context(
            settings,
            sha,
            "desktop-linux",
            "unix:///home/ada/.docker/desktop/docker.sock",
        );
        check(
            &here,
            "unix:///home/ada/.docker/desktop/docker.sock by the docker context \"desktop-linux\"",
        );
        context(settings, sha, "desktop-linux", "tcp://box:2376");
        write(settings, &format!("contexts/tls/{sha}/docker/ca.pem"), "");
        check(
            &here,
            "the docker context \"desktop-linux\" asks for TLS, which Causeway cannot speak yet: name a unix:// or a plain tcp:// address in DOCKER_HOST",
        );
        let default = Surroundings {
            docker_context: Some("default".to_owned()),
            ..here
        };
        check(
            &default,
            "no Docker engine was found (looked at ): install or start Docker",
        );
    }

    #[test]
    fn settings_with_a_mistake_are_said() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "config.json", "{");
        let here = Surroundings {
            settings: Some(folder.path().to_owned()),
            ..Default::default()
        };
        let path = folder.path().join("config.json");
        check(
            &here,
            &format!(
                "docker's settings in {} cannot be read (EOF while parsing an object at line 1 column 1): correct that file, or set DOCKER_HOST",
                path.display()
            ),
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_first_socket_that_answers_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let [none, dead, live] = ["none", "dead", "live"].map(|name| folder.path().join(name));
        drop(std::os::unix::net::UnixListener::bind(&dead).unwrap());
        let mut here = Surroundings {
            sockets: vec![none.clone(), dead.clone(), live.clone()],
            ..Default::default()
        };
        check(
            &here,
            &format!(
                "no Docker engine answers at unix://{} (connection refused): start Docker",
                dead.display()
            ),
        );
        let _listener = std::os::unix::net::UnixListener::bind(&live).unwrap();
        check(
            &here,
            &format!("unix://{} by a usual socket", live.display()),
        );
        here.sockets = vec![none.clone()];
        check(
            &here,
            &format!(
                "no Docker engine was found (looked at {}): install or start Docker",
                none.display()
            ),
        );
    }
}
