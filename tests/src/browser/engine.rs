//! A real Docker engine with something on it that is not the lab's, looked at with the docker CLI from outside.

use std::{
    env,
    process::{Command, Stdio},
};

use tokio::sync::{Mutex, MutexGuard};

use super::settings::variable;
use crate::program;

/// Lessons use the same names everywhere: one test at a time has the engine.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Somebody's container, which no test may touch.
pub const FOREIGN: &str = "somebodys";

pub struct Engine {
    pub host: String,
    cli: String,
    /// Networks and containers that were there before.
    before: Vec<String>,
    _alone: MutexGuard<'static, ()>,
}

impl Engine {
    /// The newest one; `None` where there is none.
    pub async fn newest() -> Option<Self> {
        let host = variable("CAUSEWAY_TEST_DOCKER_NEWEST")?;
        let cli = env::var("CAUSEWAY_TEST_DOCKER_CLI").unwrap_or_else(|_| "docker".to_owned());
        let mut engine = Self {
            host,
            cli,
            before: Vec::new(),
            _alone: ALONE.lock().await,
        };
        engine.before = engine.everything();
        let names = [engine.containers(), engine.networks()].concat();
        let taken =
            ["web", "alpine", "mynet", FOREIGN].map(|name| names.iter().any(|there| there == name));
        assert_eq!(
            taken, [false; 4],
            "somebody else uses this engine now: {names:?}"
        );
        engine.docker(&format!("run -d --name {FOREIGN} nginx"));
        Some(engine)
    }

    /// What docker prints, without the line's end; the words of the line have no spaces in them.
    pub fn docker(&self, line: &str) -> String {
        let (out, err, code) = self.answer(line.split(' '));
        assert_eq!(code, 0, "docker {line}: {err}");
        out.trim_end().to_owned()
    }

    /// The names of all containers, in order.
    pub fn containers(&self) -> Vec<String> {
        sorted(&self.docker("ps -a --format {{.Names}}"))
    }

    /// The names of all networks, in order.
    pub fn networks(&self) -> Vec<String> {
        sorted(&self.docker("network ls --format {{.Name}}"))
    }

    /// What a container's state and identity are: equal as long as nobody touches it.
    pub fn look(&self, container: &str) -> String {
        self.docker(&format!(
            "inspect --format {{{{.Id}}}}/{{{{.State.Status}}}}/{{{{.State.StartedAt}}}}/{{{{.RestartCount}}}} {container}"
        ))
    }

    /// The container's address on a network of its own.
    pub fn address(&self, container: &str) -> String {
        self.docker(&format!(
            "inspect --format {{{{range.NetworkSettings.Networks}}}}{{{{.IPAddress}}}}{{{{end}}}} {container}"
        ))
    }

    fn answer<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> (String, String, i32) {
        let mut command = Command::new(&self.cli);
        command
            .env("DOCKER_HOST", &self.host)
            .stdin(Stdio::null())
            .args(words);
        program::read(&command.output().expect("the docker CLI"))
    }

    fn everything(&self) -> Vec<String> {
        let lists = ["ps -aq --no-trunc", "network ls -q --no-trunc"];
        let ids = lists.map(|list| self.docker(list));
        ids.iter()
            .flat_map(|ids| ids.lines())
            .map(str::to_owned)
            .collect()
    }
}

fn sorted(lines: &str) -> Vec<String> {
    let mut lines: Vec<String> = lines.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

impl Drop for Engine {
    /// What a test left, also one that failed.
    fn drop(&mut self) {
        for (list, remove) in [
            ("ps -aq --no-trunc", &["rm", "-fv"][..]),
            ("network ls -q --no-trunc", &["network", "rm"]),
        ] {
            let (now, ..) = self.answer(list.split(' '));
            let new = now
                .lines()
                .filter(|id| !self.before.iter().any(|before| before == id));
            let new: Vec<&str> = new.collect();
            if !new.is_empty() {
                self.answer(remove.iter().copied().chain(new));
            }
        }
    }
}
