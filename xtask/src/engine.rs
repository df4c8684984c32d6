//! Docker engines of our own, for tests: the newest and the oldest that Causeway supports, unpacked from Debian's
//! packages under `target/engines` and run beside whatever Docker the machine has. Each has its own bridge, data,
//! socket and process, and an empty world when it starts. This module knows no lesson and no image.

use std::{
    fs::{self, File},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use crate::{debian, root, steps};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Version {
    /// Docker Engine 28 (API 1.51)
    Newest,
    /// Docker Engine 20.10 (API 1.41)
    Oldest,
}

impl Version {
    pub fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
        }
    }

    /// What the engine's own version begins with.
    fn release(self) -> &'static str {
        match self {
            Self::Newest => "28.",
            Self::Oldest => "20.10.",
        }
    }

    /// The Debian release that has it, and in which packages.
    fn packages(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Newest => (
                "forky",
                &["docker.io", "docker-cli", "containerd", "tini-static"],
            ),
            Self::Oldest => ("bookworm", &["docker.io", "containerd", "tini"]),
        }
    }

    fn bridge(self) -> &'static str {
        match self {
            Self::Newest => "causeway-new",
            Self::Oldest => "causeway-old",
        }
    }

    /// The default bridge is 172.N.0.0/16 and the first network 172.(N+1).0.0/16, as Docker's own are 172.17 and 172.18:
    /// two engines on one machine would otherwise take addresses from each other.
    fn block(self) -> u8 {
        match self {
            Self::Newest => 24,
            Self::Oldest => 20,
        }
    }

    fn pools(self) -> serde_json::Value {
        let block = self.block();
        let small = match self {
            Self::Newest => "192.168.0.0/17",
            Self::Oldest => "192.168.128.0/17",
        };
        json!([
            {"base": format!("172.{}.0.0/16", block + 1), "size": 16},
            {"base": format!("172.{}.0.0/15", block + 2), "size": 16},
            {"base": small, "size": 20},
        ])
    }
}

/// Whether the engine ends with this program or goes on without it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Life {
    WithUs,
    OnItsOwn,
}

/// A running engine. It is stopped when this is dropped, unless it lives on its own.
pub struct Engine {
    version: Version,
    home: PathBuf,
    run: PathBuf,
    life: Life,
    child: Option<Child>,
}

impl Engine {
    /// Starts it with nothing in its world; what an earlier run left is stopped and removed first.
    pub fn start(version: Version, life: Life) -> Result<Self> {
        let what = format!("starting Docker {}x, privately", version.release());
        need(version)?;
        steps::step(&what, || {
            let mut engine = Self::at(version, life)?;
            engine.stop()?;
            if let Err(error) = engine.begin() {
                engine.stop()?;
                return Err(error);
            }
            Ok(engine)
        })
    }

    /// Stops one that lives on its own.
    pub fn stop_running(version: Version) -> Result<()> {
        Self::at(version, Life::OnItsOwn)?.stop()
    }

    /// As in `DOCKER_HOST`.
    pub fn host(&self) -> String {
        format!("unix://{}/docker.sock", self.run.display())
    }

    /// This engine's own docker CLI, talking to it.
    pub fn docker<S: AsRef<std::ffi::OsStr>>(&self, words: impl IntoIterator<Item = S>) -> Command {
        let mut docker = Command::new(self.program("docker"));
        // No context and no credentials of the person's own.
        docker
            .env("DOCKER_CONFIG", self.home.join("cli"))
            .env_remove("DOCKER_CONTEXT")
            .env("DOCKER_HOST", self.host())
            .args(words);
        docker
    }

    fn at(version: Version, life: Life) -> Result<Self> {
        let home = root().join("target/engines").join(version.name());
        let run = short(home.join("run"));
        for folder in [&home, &run] {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        // As the system names it, for comparison with what it says of processes.
        let home = fs::canonicalize(home)?;
        Ok(Self {
            version,
            home,
            run,
            life,
            child: None,
        })
    }

    /// One of the engine's programs: `docker`, `dockerd`, …
    pub fn program(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }

    fn log(&self) -> PathBuf {
        self.home.join("dockerd.log")
    }

    fn begin(&mut self) -> Result<()> {
        self.make_bridge()?;
        self.spawn()?;
        self.wait()?;
        self.empty()
    }

    fn make_bridge(&self) -> Result<()> {
        let bridge = self.version.bridge();
        let address = Ipv4Addr::new(172, self.version.block(), 0, 1);
        remove_bridge(bridge);
        ip(&format!("link add {bridge} type bridge"))?;
        ip(&format!("addr add {address}/16 dev {bridge}"))?;
        ip(&format!("link set {bridge} up"))
    }

    fn spawn(&mut self) -> Result<()> {
        // A file of our own, so that the machine's /etc/docker/daemon.json has no say. The namespaces: where the machine
        // has a containerd, dockerd uses that one, and must not meet the machine's own containers there.
        let name = format!("causeway-{}", self.version.name());
        let config = json!({
            "hosts": [self.host()],
            "data-root": self.home.join("data"),
            "exec-root": self.run.join("exec"),
            "pidfile": self.run.join("pid"),
            "bridge": self.version.bridge(),
            "default-address-pools": self.version.pools(),
        });
        let file = self.home.join("daemon.json");
        fs::write(&file, serde_json::to_string_pretty(&config)?)?;
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}:/usr/sbin:/sbin", self.home.join("bin").display());
        let log = File::create(self.log())?;
        let mut dockerd = Command::new(self.program("dockerd"));
        dockerd
            .arg("--config-file")
            .arg(file)
            .args(["--containerd-namespace", &name])
            .args(["--containerd-plugins-namespace", &format!("{name}-plugins")])
            .env("PATH", path)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        if self.life == Life::OnItsOwn {
            alone(&mut dockerd);
        }
        self.child = Some(dockerd.spawn().context("dockerd could not be started")?);
        Ok(())
    }

    fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(60);
        let version = loop {
            let mut ask = self.docker(["version", "--format", "{{.Server.Version}}"]);
            if let Ok(version) = steps::output(&mut ask) {
                break version;
            }
            let ended = self.child.as_mut().map(Child::try_wait).transpose()?;
            if ended.flatten().is_some() || Instant::now() > end {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                let mut last: Vec<&str> = log.lines().rev().take(5).collect();
                last.reverse();
                bail!(
                    "dockerd does not answer. It said last:\n{}",
                    last.join("\n")
                );
            }
            thread::sleep(Duration::from_millis(100));
        };
        ensure!(
            version.starts_with(self.version.release()),
            "Debian {} has Docker {} now, not {}x: xtask/src/engine.rs says where each comes from",
            self.version.packages().0,
            version.trim(),
            self.version.release()
        );
        Ok(())
    }

    /// Removes everything in its world: it is ours alone.
    fn empty(&self) -> Result<()> {
        let mut info = self.docker(["info", "--format", "{{.Swarm.LocalNodeState}}"]);
        if steps::output(&mut info)?.trim() != "inactive" {
            steps::output(&mut self.docker(["swarm", "leave", "--force"]))?;
        }
        self.remove(&["ps", "-aq"], &["rm", "-fv"])?;
        self.remove(
            &["network", "ls", "-q", "--filter", "type=custom"],
            &["network", "rm"],
        )?;
        self.remove(&["volume", "ls", "-q"], &["volume", "rm", "-f"])?;
        self.remove(&["images", "-aq", "--no-trunc"], &["rmi", "-f"])
    }

    fn remove(&self, list: &[&str], remove: &[&str]) -> Result<()> {
        let listed = steps::output(&mut self.docker(list))?;
        let listed: std::collections::BTreeSet<&str> = listed.split_whitespace().collect();
        if listed.is_empty() {
            return Ok(());
        }
        steps::output(self.docker(remove).args(listed)).map(drop)
    }

    fn stop(&mut self) -> Result<()> {
        if let Some(pid) = self.pid() {
            // One that does not answer any more keeps its containers until the next start.
            let _ = self.remove(&["ps", "-aq"], &["rm", "-fv"]);
            signal("TERM", pid)?;
            if !self.ends_within(Duration::from_secs(30)) {
                for pid in [Some(pid), self.containerd()].into_iter().flatten() {
                    signal("KILL", pid)?;
                }
                self.ends_within(Duration::from_secs(5));
            }
        }
        self.child = None;
        remove_bridge(self.version.bridge());
        // Only this: from the rest, an engine that follows a crashed one learns which containers still run.
        let pid = self.run.join("pid");
        if pid.exists() {
            fs::remove_file(pid)?;
        }
        Ok(())
    }

    /// The engine's process, if the pid file's is really it.
    fn pid(&self) -> Option<u32> {
        let pid = self.child.as_ref().map(Child::id);
        let pid = pid.or_else(|| read_pid(&self.run.join("pid")))?;
        runs(pid, &self.program("dockerd")).then_some(pid)
    }

    fn containerd(&self) -> Option<u32> {
        let pid = read_pid(&self.run.join("exec/containerd/containerd.pid"))?;
        runs(pid, &self.program("containerd")).then_some(pid)
    }

    fn ends_within(&mut self, limit: Duration) -> bool {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            // A child that has ended stays in the list of processes until it is waited for.
            let waited = self.child.as_mut().map(Child::try_wait);
            if matches!(waited, Some(Ok(Some(_)))) || self.pid().is_none() {
                return true;
            }
            thread::sleep(Duration::from_millis(50));
        }
        false
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if self.life == Life::WithUs
            && let Err(error) = self.stop()
        {
            eprintln!("stopping Docker: {error:#}");
        }
    }
}

/// The engine's programs in `bin`, and what they want of the machine.
fn need(version: Version) -> Result<()> {
    let wanted = [
        "runc",
        "iptables",
        "iproute2",
        "libdevmapper1.02.1",
        "libsystemd0",
    ];
    debian::need(&wanted, "a Docker engine for tests")?;
    let home = root().join("target/engines").join(version.name());
    let (suite, packages) = version.packages();
    debian::unpacked(packages, suite, &home.join("root"))?;
    let bin = home.join("bin");
    fs::create_dir_all(&bin)?;
    for program in [
        "usr/sbin/dockerd",
        "usr/sbin/docker-proxy",
        "usr/bin/containerd",
        "usr/bin/containerd-shim-runc-v2",
        "usr/bin/docker-init",
        "usr/bin/docker",
    ] {
        let from = home.join("root").join(program);
        let name = from.file_name().context("a program without a name")?;
        let to = bin.join(name);
        if !to.exists() {
            fs::canonicalize(&from)
                .and_then(|from| fs::hard_link(from, &to))
                .with_context(|| from.display().to_string())?;
        }
    }
    Ok(())
}

/// A socket's path has at most 107 bytes, and containerd's is 36 longer than this.
fn short(folder: PathBuf) -> PathBuf {
    if folder.as_os_str().len() <= 60 {
        return folder;
    }
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    std::env::temp_dir().join(format!("causeway-engine-{:08x}", hasher.finish() >> 32))
}

fn read_pid(file: &Path) -> Option<u32> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn runs(pid: u32, program: &Path) -> bool {
    let exe = fs::read_link(format!("/proc/{pid}/exe"));
    // Linux says "… (deleted)" of a program that has been replaced since.
    exe.is_ok_and(|exe| {
        exe.to_string_lossy()
            .starts_with(&*program.to_string_lossy())
    })
}

fn signal(name: &str, pid: u32) -> Result<()> {
    steps::output(Command::new("kill").args(["-s", name, &pid.to_string()])).map(drop)
}

fn ip(words: &str) -> Result<()> {
    steps::output(Command::new("ip").args(words.split(' '))).map(drop)
}

fn remove_bridge(name: &str) {
    // It may not be there.
    let _ = ip(&format!("link del {name}"));
}

#[cfg(unix)]
fn alone(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn alone(_: &mut Command) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_fit_into_a_path() {
        let here = PathBuf::from("/home/me/causeway/target/engines/newest/run");
        assert_eq!(short(here.clone()), here);
        let deep = PathBuf::from(format!("/{}/run", "deep/".repeat(20)));
        assert!(short(deep.clone()).as_os_str().len() < 60);
        assert_ne!(short(deep.clone()), short(deep.join("other")));
    }

    #[test]
    fn engines_do_not_take_addresses_from_each_other() {
        let pools = |version: Version| version.pools().to_string();
        assert_eq!(
            pools(Version::Newest),
            r#"[{"base":"172.25.0.0/16","size":16},{"base":"172.26.0.0/15","size":16},{"base":"192.168.0.0/17","size":20}]"#
        );
        assert_eq!(
            pools(Version::Oldest),
            r#"[{"base":"172.21.0.0/16","size":16},{"base":"172.22.0.0/15","size":16},{"base":"192.168.128.0/17","size":20}]"#
        );
    }
}
