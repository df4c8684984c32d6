//! `docker top`: a container's processes as the host's `ps` lists them.

use lab::{Error, Result, models::ContainerTopResponse, options::TopOptions};

use super::pause::must_run;
use crate::{Simulated, process::Entry, world::Container};

/// How far the pid of a container's shim is below that of its first process.
const SHIM: i64 = 22;

/// What `ps` knows, by the names it takes, with the titles it prints.
const COLUMNS: [(&str, &str); 25] = [
    ("pid", "PID"),
    ("ppid", "PPID"),
    ("pgid", "PGID"),
    ("uid", "UID"),
    ("user", "USER"),
    ("uname", "USER"),
    ("euser", "EUSER"),
    ("comm", "COMMAND"),
    ("ucmd", "CMD"),
    ("cmd", "CMD"),
    ("command", "COMMAND"),
    ("args", "COMMAND"),
    ("tty", "TT"),
    ("tt", "TT"),
    ("tname", "TTY"),
    ("time", "TIME"),
    ("cputime", "TIME"),
    ("stat", "STAT"),
    ("s", "S"),
    ("state", "S"),
    ("c", "C"),
    ("ni", "NI"),
    ("pcpu", "%CPU"),
    ("pmem", "%MEM"),
    ("stime", "STIME"),
];

impl Simulated {
    pub(super) fn processes(
        &self,
        container: &str,
        options: &TopOptions,
    ) -> Result<ContainerTopResponse> {
        self.drive();
        let world = self.world();
        let container = world.container(container)?;
        must_run(container)?;
        let columns = columns(&options.ps_args)?;
        let titles = columns.iter().map(|(_, title)| (*title).to_owned());
        let row = |entry: &Entry| {
            let cells = columns.iter().map(|(name, _)| cell(container, entry, name));
            cells.collect()
        };
        Ok(ContainerTopResponse {
            titles: Some(titles.collect()),
            processes: Some(container.processes.iter().map(row).collect()),
        })
    }
}

/// A process as the host counts it.
pub fn host_pid(container: &Container, pid: u32) -> i64 {
    match pid {
        0 => container.pid - SHIM,
        pid => container.pid + i64::from(pid) - 1,
    }
}

fn columns(arguments: &str) -> Result<Vec<(&str, &str)>> {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let titled = |names: &[(&'static str, &'static str)]| Ok(names.to_vec());
    match words.as_slice() {
        [] | ["-ef"] => titled(&[
            ("user", "UID"),
            ("pid", "PID"),
            ("ppid", "PPID"),
            ("c", "C"),
            ("stime", "STIME"),
            ("tname", "TTY"),
            ("time", "TIME"),
            ("cmd", "CMD"),
        ]),
        ["aux" | "-aux"] => titled(&[
            ("user", "USER"),
            ("pid", "PID"),
            ("pcpu", "%CPU"),
            ("pmem", "%MEM"),
            ("vsz", "VSZ"),
            ("rss", "RSS"),
            ("tname", "TTY"),
            ("stat", "STAT"),
            ("stime", "START"),
            ("shorttime", "TIME"),
            ("cmd", "COMMAND"),
        ]),
        ["-o" | "-eo" | "o" | "-A -o", names] => chosen(names),
        [joined] if joined.starts_with("-o") => chosen(joined.trim_start_matches("-o")),
        _ => Err(Error::NotSimulated(format!(
            "docker top with ps {arguments}"
        ))),
    }
}

fn chosen(names: &str) -> Result<Vec<(&str, &str)>> {
    let mut columns = Vec::new();
    for asked in names.split(',').filter(|name| !name.is_empty()) {
        let (name, title) = asked.split_once('=').unwrap_or((asked, ""));
        let known = COLUMNS.iter().find(|(known, _)| *known == name);
        let Some((name, usual)) = known else {
            let message = format!("ps: error: unknown user-defined format specifier \"{name}\"");
            return Err(Error::refused(500, message));
        };
        columns.push((*name, if title.is_empty() { *usual } else { title }));
    }
    if columns.iter().any(|(_, title)| *title == "PID") {
        Ok(columns)
    } else {
        Err(Error::refused(500, "Couldn't find PID field in ps output"))
    }
}

fn cell(container: &Container, entry: &Entry, column: &str) -> String {
    let terminal = entry.io.lock().tty;
    match column {
        "pid" => host_pid(container, entry.pid).to_string(),
        "ppid" => host_pid(container, entry.parent).to_string(),
        "pgid" => host_pid(container, entry.group).to_string(),
        "uid" => entry.user.id.to_string(),
        "user" | "uname" | "euser" => user(entry.user.id),
        "comm" | "ucmd" => program(entry),
        "cmd" | "command" | "args" => entry.arguments.join(" "),
        "tty" | "tt" | "tname" if terminal => "pts/0".to_owned(),
        "tty" | "tt" | "tname" => "?".to_owned(),
        "time" | "cputime" => "00:00:00".to_owned(),
        "shorttime" => "0:00".to_owned(),
        "stat" => format!(
            "{}{}",
            entry.state.letter(),
            if entry.parent == 0 { "s" } else { "" }
        ),
        "s" | "state" => entry.state.letter().to_string(),
        "pcpu" | "pmem" => "0.0".to_owned(),
        "stime" => entry.started.strftime("%H:%M").to_string(),
        "vsz" => "2268".to_owned(),
        "rss" => "1384".to_owned(),
        _ => "0".to_owned(),
    }
}

/// By the names that the host has, which are not the container's.
fn user(id: u32) -> String {
    match id {
        0 => "root".to_owned(),
        33 => "www-data".to_owned(),
        65534 => "nobody".to_owned(),
        id => id.to_string(),
    }
}

/// The kernel keeps fifteen letters of it.
fn program(entry: &Entry) -> String {
    let path = entry.arguments.first().map_or("", String::as_str);
    let name = path.rsplit('/').next().unwrap_or(path);
    name.chars().take(15).collect()
}
