//! Real Docker engines, where the environment names them, each for one test at a time and with what is not the lab's on it.
//!
//! It does not know the agent. What it does to an engine it does through the docker CLI, as a person would.

use std::{
    env,
    fs::File,
    panic::{AssertUnwindSafe, resume_unwind},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
};

use futures::FutureExt as _;

use crate::{foreign::Foreign, program};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// Docker Engine 28
    Newest,
    /// Docker Engine 20.10
    Oldest,
}

/// An engine, and the docker CLI to look at it from outside.
pub struct Docker {
    pub version: Version,
    /// As in `DOCKER_HOST`.
    pub host: String,
    cli: PathBuf,
    settings: tempfile::TempDir,
}

/// An engine with what is not the lab's on it. It is made when the first test needs it, kept for as long as another one
/// waits for it, and removed with the last.
struct Ground {
    docker: Docker,
    empty: Everything,
    furnished: Everything,
    foreign: Foreign,
    turn: tokio::sync::Mutex<()>,
    /// Other processes wait.
    _alone: File,
}

/// The full ids of all containers, networks and images.
pub type Everything = [Vec<String>; 3];

/// Runs a test on the newest engine and then on the oldest one.
pub async fn on_both(test: impl AsyncFn(&Docker)) {
    let grounds = [Version::Newest, Version::Oldest].map(ground);
    for ground in grounds.into_iter().flatten() {
        ground.try_out(&test).await;
    }
}

/// Runs a test on an engine that has foreign containers, networks and images, which it must leave as they are. What
/// else is there afterwards is removed.
pub async fn on(version: Version, test: impl AsyncFnOnce(&Docker)) {
    if let Some(ground) = ground(version) {
        ground.try_out(test).await;
    }
}

fn ground(version: Version) -> Option<Arc<Ground>> {
    static GROUNDS: [Mutex<Weak<Ground>>; 2] = [const { Mutex::new(Weak::new()) }; 2];
    let mut kept = GROUNDS[version as usize]
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(ground) = kept.upgrade() {
        return Some(ground);
    }
    let ground = Arc::new(Ground::make(Docker::named(version)?));
    *kept = Arc::downgrade(&ground);
    Some(ground)
}

impl Ground {
    fn make(docker: Docker) -> Self {
        let alone = docker.lock();
        let empty = docker.everything();
        let foreign = Foreign::make(&docker);
        Self {
            furnished: docker.everything(),
            docker,
            empty,
            foreign,
            turn: tokio::sync::Mutex::default(),
            _alone: alone,
        }
    }

    async fn try_out(&self, test: impl AsyncFnOnce(&Docker)) {
        // Lessons use the same names everywhere. A test that failed has cleaned up, too.
        let _turn = self.turn.lock().await;
        let before = self.foreign.look(&self.docker);
        let outcome = AssertUnwindSafe(test(&self.docker)).catch_unwind().await;
        let after = self.foreign.look(&self.docker);
        self.docker.sweep(&self.furnished);
        let version = self.docker.version;
        if let Err(panic) = outcome {
            eprintln!("on {version:?}:");
            resume_unwind(panic);
        }
        assert_eq!(
            after, before,
            "{version:?}: what is not the lab's was touched"
        );
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        self.docker.sweep(&self.empty);
    }
}

impl Docker {
    /// `None` where there is none, unless engines are required.
    pub fn named(version: Version) -> Option<Self> {
        let variable = match version {
            Version::Newest => "CAUSEWAY_TEST_DOCKER_NEWEST",
            Version::Oldest => "CAUSEWAY_TEST_DOCKER_OLDEST",
        };
        let Ok(host) = env::var(variable) else {
            let required = env::var("CAUSEWAY_REQUIRE").unwrap_or_default();
            let required = required.split(',').any(|part| part == "docker");
            assert!(!required, "{variable} names no engine, and one is required");
            eprintln!("not run: {variable} names no engine");
            return None;
        };
        let cli = env::var_os("CAUSEWAY_TEST_DOCKER_CLI").unwrap_or_else(|| "docker".into());
        Some(Self {
            version,
            host,
            cli: cli.into(),
            settings: tempfile::tempdir().expect("a folder for the CLI's settings"),
        })
    }

    /// The path in `unix://PATH`.
    pub fn socket(&self) -> PathBuf {
        let path = self.host.strip_prefix("unix://");
        path.expect("an engine on a unix socket").into()
    }

    /// The docker CLI, talking to this engine, without anybody's own settings.
    pub fn command<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(&self.cli);
        command
            .env("DOCKER_HOST", &self.host)
            .env("DOCKER_CONFIG", self.settings.path())
            .env_remove("DOCKER_CONTEXT")
            .stdin(Stdio::null())
            .args(words);
        command
    }

    /// What docker prints; the words of its line have no spaces in them.
    pub fn docker(&self, line: &str) -> String {
        let (out, err, code) = self.answer(line.split(' '));
        assert_eq!(code, 0, "docker {line}: {err}");
        out
    }

    /// Standard output, standard error, exit code.
    pub fn answer<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> (String, String, i32) {
        program::read(&self.command(words).output().expect("the docker CLI"))
    }

    pub fn everything(&self) -> Everything {
        [
            "ps -aq --no-trunc",
            "network ls -q --no-trunc",
            "images -aq --no-trunc",
        ]
        .map(|list| {
            let mut ids: Vec<String> = self.docker(list).lines().map(str::to_owned).collect();
            ids.sort();
            ids.dedup();
            ids
        })
    }

    /// Removes what is not in the lists.
    pub fn sweep(&self, before: &Everything) {
        let remove = [&["rm", "-fv"][..], &["network", "rm"], &["rmi", "-f"]];
        for (place, words) in remove.into_iter().enumerate() {
            let now = self.everything();
            let new = now[place].iter().filter(|id| !before[place].contains(id));
            let new: Vec<&str> = new.map(String::as_str).collect();
            if !new.is_empty() {
                // What ends by itself (--rm) may be gone by now.
                self.answer(words.iter().copied().chain(new));
            }
        }
    }

    /// For this program alone, as long as the file is kept.
    pub fn lock(&self) -> File {
        let name = format!("docker-{:?}.lock", self.version).to_lowercase();
        let path = program::target_folder().join(name);
        let file = File::create(path).expect("a file to lock");
        file.lock().expect("the engine for this program alone");
        file
    }
}
