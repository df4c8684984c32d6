//! Who says something to a command: the docker CLI, or Causeway over an engine. Each begins in an empty world.

use std::{
    fs,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use causeway::{clock::SystemClock, host::RealHost};
use cli::{Context, Io, Output, Session};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use lab::{
    Clock,
    clock::VirtualClock,
    files::{Entry, Files},
    guard::{Guard, Journal, Limits, MemoryJournal},
    hosts::OnlyThisHost,
};
use simulated::Simulated;

use super::ground::Ground;
use super::{Said, Step, Transcript, normal::Normal};

/// Who answers command lines.
#[async_trait]
pub trait Judge: Send {
    async fn run(&mut self, line: &str) -> Said;
    fn write(&mut self, file: &str, content: &str);
    /// Gives time to pass, a tenth of a second.
    async fn pause(&mut self);
}

/// Goes through a transcript's steps; gives what was said, normalised.
pub async fn play(transcript: &Transcript, judge: &mut dyn Judge) -> Vec<Step> {
    let mut normal = Normal::default();
    let mut steps = Vec::new();
    for step in &transcript.steps {
        match step {
            Step::Run { line, .. } => steps.push(Step::Run {
                line: line.clone(),
                said: normal.said(judge.run(line).await),
            }),
            Step::File { name, content } => {
                judge.write(name, content);
                steps.push(step.clone());
            }
            Step::WaitFor { line, text } => {
                wait_for(judge, line, text).await;
                steps.push(step.clone());
            }
        }
    }
    steps
}

/// Not for ever: what was waited for is then missing from what follows.
async fn wait_for(judge: &mut dyn Judge, line: &str, text: &str) {
    let began = Instant::now();
    for _ in 0..300 {
        let said = judge.run(line).await;
        if said.out.contains(text) || said.err.contains(text) || began.elapsed() > PATIENCE {
            return;
        }
        judge.pause().await;
    }
}

/// The docker CLI in a folder of its own, behind the machine's own shell.
pub struct DockerCli<'a> {
    docker: &'a Ground,
    folder: tempfile::TempDir,
}

impl<'a> DockerCli<'a> {
    pub fn new(docker: &'a Ground) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the files");
        Self { docker, folder }
    }
}

#[async_trait]
impl Judge for DockerCli<'_> {
    async fn run(&mut self, line: &str) -> Said {
        let line = self.docker.line(line);
        let docker = self.docker.docker.command([]);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &format!("docker() {{ \"$DOCKER\" \"$@\"; }}; {line}")])
            .env("DOCKER", docker.get_program())
            .envs(
                docker
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env_remove("DOCKER_CONTEXT")
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        let (out, err, code) = crate::program::read(&shell.output().expect("a shell"));
        let err = err.replace(NO_BUILDKIT, "");
        let err = err.replace(&*self.folder.path().to_string_lossy(), "/lab");
        self.docker.said(Said { out, err, code })
    }

    fn write(&mut self, file: &str, content: &str) {
        let path = self.folder.path().join(file);
        let folder = path.parent().expect("a folder");
        fs::create_dir_all(folder).expect("a folder for the file");
        fs::write(path, content).expect("a file");
    }

    async fn pause(&mut self) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Before each build: this CLI stands alone, without the plugin that would bring `BuildKit`. It says nothing of the build.
const NO_BUILDKIT: &str = "\
DEPRECATED: The legacy builder is deprecated and will be removed in a future release.
            Install the buildx component to build images with BuildKit:
            https://docs.docker.com/go/buildx/

";

/// Causeway's own command line over an engine, guarded as the product guards it.
pub struct Causeway<'a> {
    context: Context,
    /// Whose addresses are not where Docker's are by default.
    docker: Option<&'a Ground>,
}

impl Causeway<'static> {
    /// A fresh simulated world in which waiting takes no time.
    pub fn simulated(seed: u64) -> Self {
        let now = Timestamp::from_second(1_790_000_000).expect("a time");
        let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at(now));
        let engine = Simulated::new(Arc::clone(&clock), seed);
        let journal: Arc<dyn Journal> = Arc::new(MemoryJournal::default());
        let hosts = engine.guarded(&journal, &granted(), nonce);
        Self {
            context: Context {
                engine: hosts.first.guard.clone(),
                host: hosts.first.host.clone(),
                hosts: Arc::new(hosts),
                clock,
                files: Files::default(),
                session: Session::default(),
            },
            docker: None,
        }
    }
}

impl<'a> Causeway<'a> {
    pub async fn on(docker: &'a Ground) -> Self {
        let endpoint = docker.docker.host.parse().expect("an engine's address");
        let engine = causeway::docker::Docker::connect(&endpoint).await;
        let engine = Arc::new(engine.expect("an engine"));
        let journal = Arc::new(MemoryJournal::default());
        let guard = Arc::new(Guard::new(engine, journal, granted(), nonce));
        Self {
            context: Context {
                host: Arc::new(RealHost::of(Arc::clone(&guard))),
                engine: guard,
                hosts: Arc::new(OnlyThisHost),
                clock: Arc::new(SystemClock),
                files: Files::default(),
                session: Session::default(),
            },
            docker: Some(docker),
        }
    }
}

/// What a lesson about it grants.
fn granted() -> Limits {
    Limits {
        host_network: true,
        host_interfaces: true,
        ..Limits::default()
    }
}

/// No command of a transcript takes as long.
const PATIENCE: Duration = Duration::from_secs(30);

fn nonce() -> String {
    static NONCES: AtomicU64 = AtomicU64::new(1);
    format!("{:032x}", NONCES.fetch_add(1, Ordering::Relaxed))
}

#[async_trait]
impl Judge for Causeway<'_> {
    async fn run(&mut self, line: &str) -> Said {
        let written = Written::default();
        let io = Io {
            input: stream::empty().boxed(),
            output: Box::new(written.clone()),
            terminal: None,
        };
        let line = self
            .docker
            .map_or_else(|| line.to_owned(), |docker| docker.line(line));
        let run = cli::run(&line, &self.context, io);
        let said = match tokio::time::timeout(PATIENCE, run).await {
            Ok(code) => written.said(code.into()),
            Err(_) => Said {
                err: format!("does not end within {PATIENCE:?}\n"),
                ..written.said(-1)
            },
        };
        match self.docker {
            Some(docker) => {
                // Nobody types faster: the engine's lists come a moment after its answers.
                tokio::time::sleep(Duration::from_millis(30)).await;
                docker.said(said)
            }
            None => said,
        }
    }

    fn write(&mut self, file: &str, content: &str) {
        let path = lab::files::resolve("/", file);
        for (end, _) in path.match_indices('/').skip(1) {
            if !matches!(self.context.files.get(&path[..end]), Some(Entry::Folder)) {
                self.context
                    .files
                    .make_folder(&path[..end])
                    .expect("a folder for the file");
            }
        }
        self.context
            .files
            .write(&path, content.to_owned())
            .expect("a file");
    }

    async fn pause(&mut self) {
        self.context.clock.sleep(Duration::from_millis(100)).await;
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<(Vec<u8>, Vec<u8>)>>);

impl Written {
    fn said(&self, code: i32) -> Said {
        let written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said {
            out: text(&written.0),
            err: text(&written.1),
            code,
        }
    }
}

#[async_trait]
impl Output for Written {
    async fn stdout(&mut self, bytes: &[u8]) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.0.extend_from_slice(bytes);
    }

    async fn stderr(&mut self, bytes: &[u8]) {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.1.extend_from_slice(bytes);
    }
}
