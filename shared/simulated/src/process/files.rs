//! The files that a process sees: its container's, and over them what Docker (`/etc/hosts`) and the kernel (`/dev`,
//! `/proc`) show.

use std::sync::Arc;

use bytes::Bytes;

use super::{Descriptor, Process, Table};
use crate::{
    fs::{Content, FileError, Files, Kind, Node, Result, join},
    world::{Container, World},
};

/// What is not in the container's files.
enum Shown {
    Text(String),
    Folder(Vec<String>),
    Device,
}

const DEVICES: [&str; 8] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/console",
    "/dev/ptmx",
];

impl Process {
    /// An absolute path for one that may be relative.
    pub fn path(&self, path: &str) -> String {
        let mut whole = lab::files::resolve(&self.folder, path);
        // `cat file/` is refused, `ls link/` looks behind the link.
        if path.ends_with('/') && whole != "/" {
            whole.push('/');
        }
        whole
    }

    pub fn read_file(&self, path: &str) -> Result<Bytes> {
        let path = self.path(path);
        self.with_container(|world, container| {
            let real = real(container, &path, true)?;
            match shown(world, container, self.pid, &real) {
                Some(Shown::Text(text)) => Ok(text.into()),
                Some(Shown::Folder(_)) => Err(FileError::IsFolder),
                Some(Shown::Device) => Ok(Bytes::new()),
                None => container.files.read(&real),
            }
        })
    }

    /// What a path is; the last link is followed where `follow` says so.
    pub fn stat(&self, path: &str, follow: bool) -> Result<Node> {
        let path = self.path(path);
        self.with_container(|world, container| {
            let real = real(container, &path, follow)?;
            let now = self.world.now();
            match shown(world, container, self.pid, &real) {
                Some(Shown::Text(text)) => {
                    Ok(Node::file(text, 0o644, container.started.unwrap_or(now)))
                }
                Some(Shown::Folder(_)) => Ok(Node::folder(0o755, container.started.unwrap_or(now))),
                Some(Shown::Device) => Ok(Node::file("", 0o666, container.started.unwrap_or(now))),
                None => container.files.stat_link(&real).cloned(),
            }
        })
    }

    pub fn is_folder(&self, path: &str) -> bool {
        self.stat(path, true).is_ok_and(|node| node.is_folder())
    }

    pub fn exists(&self, path: &str) -> bool {
        self.stat(path, true).is_ok()
    }

    /// The names in a folder, in order.
    pub fn list(&self, path: &str) -> Result<Vec<String>> {
        let path = self.path(path);
        self.with_container(|world, container| {
            let real = real(container, &path, true)?;
            let mut names = match shown(world, container, self.pid, &real) {
                Some(Shown::Folder(names)) => return Ok(names),
                Some(_) => return Err(FileError::NotAFolder),
                None => container.files.list(&real)?,
            };
            let over = over(&real).iter().map(|name| (*name).to_owned());
            names.extend(over);
            names.sort();
            names.dedup();
            Ok(names)
        })
    }

    pub fn write_file(&self, path: &str, content: impl Into<Content>) -> Result<()> {
        let now = self.world.now();
        self.change_files(path, |files, path| files.write(path, content, now))
    }

    pub fn append_file(&self, path: &str, more: &[u8]) -> Result<()> {
        let now = self.world.now();
        // What Docker shows over the image is the container's own from the first change on.
        if let Ok(bytes) = self.read_file(path)
            && self.is_shown(path)
        {
            return self.write_file(path, [&bytes, more].concat());
        }
        self.change_files(path, |files, path| files.append(path, more, now))
    }

    /// Changes the container's files; the path is made absolute.
    pub fn change_files(
        &self,
        path: &str,
        change: impl FnOnce(&mut Files, &str) -> Result<()>,
    ) -> Result<()> {
        let path = self.path(path);
        if is_kernels(&path) {
            return Err(FileError::Missing);
        }
        let mut world = self.world.world();
        let container = world.containers.get_mut(&self.container);
        let container = container.ok_or(FileError::Missing)?;
        let read_only = container
            .body
            .host_config
            .as_ref()
            .and_then(|host| host.readonly_rootfs);
        if read_only == Some(true) {
            return Err(FileError::ReadOnly);
        }
        change(&mut container.files, &path)
    }

    fn is_shown(&self, path: &str) -> bool {
        let path = self.path(path);
        let found = self.with_container(|world, container| {
            let real = real(container, &path, true)?;
            Ok(shown(world, container, self.pid, &real).is_some())
        });
        found == Ok(true)
    }

    /// `< path`
    pub fn open_to_read(&self, path: &str) -> Result<Descriptor> {
        if self.path(path) == "/dev/null" {
            return Ok(Descriptor::Null);
        }
        if self.path(path) == "/dev/stdin" {
            return self.descriptors.get(&0).cloned().ok_or(FileError::Missing);
        }
        self.read_file(path).map(Descriptor::of_bytes)
    }

    /// `> path`, `>> path`
    pub fn open_to_write(&self, path: &str, append: bool) -> Result<Descriptor> {
        let whole = self.path(path);
        let own = |number| {
            self.descriptors
                .get(number)
                .cloned()
                .ok_or(FileError::Missing)
        };
        match whole.as_str() {
            "/dev/stdout" | "/proc/self/fd/1" | "/dev/fd/1" => return own(&1),
            "/dev/stderr" | "/proc/self/fd/2" | "/dev/fd/2" => return own(&2),
            "/dev/full" => return Ok(Descriptor::Full),
            path if DEVICES.contains(&path) => return Ok(Descriptor::Null),
            _ => {}
        }
        if append {
            self.append_file(&whole, b"")?;
        } else {
            self.write_file(&whole, "")?;
        }
        Ok(Descriptor::WriteFile(Arc::from(whole)))
    }

    /// Where a program is found: a path as it is, a name on the `PATH`.
    pub fn find_program(&self, name: &str) -> Option<String> {
        let path = self.variable("PATH").unwrap_or(PATH).to_owned();
        self.with_container(|_, container| {
            container
                .program(name, &self.folder, &path)
                .ok_or(FileError::Missing)
        })
        .ok()
    }

    /// A path and all that is under it.
    pub fn tree(&self, path: &str) -> Vec<String> {
        let path = self.path(path);
        let found = self.with_container(|_, container| {
            let real = real(container, &path, true)?;
            Ok(container
                .files
                .tree(&real)
                .into_iter()
                .map(|(path, _)| path)
                .collect())
        });
        found.unwrap_or_default()
    }

    /// Where the path leads without links.
    pub fn real_path(&self, path: &str) -> Result<String> {
        let path = self.path(path);
        self.with_container(|_, container| container.files.real(&path, true))
    }

    fn with_container<T>(&self, look: impl FnOnce(&World, &Container) -> Result<T>) -> Result<T> {
        let world = self.world.world();
        let container = world.containers.get(&self.container);
        look(&world, container.ok_or(FileError::Missing)?)
    }
}

/// Where programs are looked for when nobody says otherwise.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Container {
    /// Where a program is found: a path as it is, a name in one of these folders.
    pub fn program(&self, name: &str, folder: &str, path: &str) -> Option<String> {
        let is_program = |path: &String| {
            let node = self.files.stat(path);
            node.is_ok_and(|node| !node.is_folder() && node.mode & 0o111 != 0)
        };
        if name.contains('/') {
            return Some(lab::files::resolve(folder, name)).filter(is_program);
        }
        let paths = path.split(':').map(|folder| join(folder, name));
        paths.into_iter().find(is_program)
    }

    /// What the kernel says to running this as the first program, or as an exec, where it would not.
    pub fn cannot_run(&self, arguments: &[String], env: &[String], folder: &str) -> Option<String> {
        let name = arguments.first().map_or("", String::as_str);
        let path = env
            .iter()
            .rev()
            .find_map(|variable| variable.strip_prefix("PATH="));
        if self.program(name, folder, path.unwrap_or(PATH)).is_some() {
            return None;
        }
        let whole = lab::files::resolve(folder, name);
        Some(match self.files.stat(&whole) {
            _ if !name.contains('/') => {
                format!("exec: \"{name}\": executable file not found in $PATH")
            }
            Ok(node) if node.is_folder() => format!("exec: \"{name}\": is a directory"),
            Ok(_) => format!("exec: \"{name}\": permission denied"),
            Err(_) => format!("exec: \"{name}\": stat {name}: no such file or directory"),
        })
    }
}

/// A path without links; what the kernel shows has none.
fn real(container: &Container, path: &str, follow: bool) -> Result<String> {
    if is_kernels(path) {
        return Ok(path.trim_end_matches('/').to_owned());
    }
    container.files.real(path, follow)
}

fn is_kernels(path: &str) -> bool {
    ["/proc", "/sys", "/dev"].iter().any(|kernel| {
        path.strip_prefix(kernel)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Names that Docker and the kernel put into a folder of the image.
fn over(folder: &str) -> &'static [&'static str] {
    match folder {
        "/" => &[".dockerenv"],
        "/etc" => &["hostname", "hosts", "mtab", "resolv.conf"],
        _ => &[],
    }
}

/// What is shown at a path over the container's own files.
fn shown(world: &World, container: &Container, pid: u32, path: &str) -> Option<Shown> {
    let folder =
        |names: &[&str]| Shown::Folder(names.iter().map(|name| (*name).to_owned()).collect());
    let docker = matches!(path, "/etc/hosts" | "/etc/hostname" | "/etc/resolv.conf");
    if docker {
        let changed = container.files.own().nodes().any(|(own, _)| own == path);
        return (!changed).then(|| Shown::Text(docker_file(world, container, path)));
    }
    match path {
        "/.dockerenv" => Some(Shown::Text(String::new())),
        "/dev" => Some(folder(&[
            "console", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr",
            "stdin", "stdout", "tty", "urandom", "zero",
        ])),
        "/dev/pts" | "/dev/shm" | "/dev/mqueue" | "/dev/fd" => Some(folder(&[])),
        "/dev/stdin" | "/dev/stdout" | "/dev/stderr" => Some(Shown::Device),
        path if DEVICES.contains(&path) => Some(Shown::Device),
        path => proc_file(&container.processes, pid, path),
    }
}

/// What Docker writes for a container from its networks.
fn docker_file(world: &World, container: &Container, path: &str) -> String {
    match path {
        "/etc/hosts" => world.hosts_file(container),
        "/etc/resolv.conf" => world.resolv_conf(container),
        _ => format!("{}\n", container.hostname()),
    }
}

fn proc_file(processes: &Table, pid: u32, path: &str) -> Option<Shown> {
    let rest = path.strip_prefix("/proc")?;
    if rest.is_empty() {
        let mut names: Vec<String> = processes
            .iter()
            .map(|entry| entry.pid.to_string())
            .collect();
        names.extend(
            [
                "loadavg", "meminfo", "mounts", "net", "self", "stat", "uptime", "version",
            ]
            .map(str::to_owned),
        );
        return Some(Shown::Folder(names));
    }
    let (whose, what) = rest[1..].split_once('/').unwrap_or((&rest[1..], ""));
    let whose = if whose == "self" {
        pid
    } else {
        whose.parse().ok()?
    };
    let entry = processes.get(whose)?;
    match what {
        "" => Some(Shown::Folder(
            ["cmdline", "comm", "status"].map(str::to_owned).to_vec(),
        )),
        "cmdline" => Some(Shown::Text(
            entry
                .arguments
                .iter()
                .map(|word| format!("{word}\0"))
                .collect(),
        )),
        "comm" => {
            let name = entry.arguments.first().map_or("", String::as_str);
            Some(Shown::Text(format!(
                "{}\n",
                name.rsplit('/').next().unwrap_or(name)
            )))
        }
        _ => None,
    }
}

impl Node {
    pub fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File(_))
    }
}
