//! `ps`, `pidof`, `kill`, `killall`, `top`, `uptime`.

use std::{fmt::Write as _, time::Duration};

use super::usage::{self, Options};
use crate::process::{Entry, Process, Table, signal_number};

pub async fn run(process: Process) -> i64 {
    match process.name() {
        "ps" => ps(&process),
        "pidof" => pidof(&process),
        "kill" => kill(&process),
        "killall" => killall(&process),
        "uptime" => {
            let load = load();
            process.print(&format!(
                " {} {}\n",
                process.world.now().strftime("%H:%M:%S"),
                load
            ));
            0
        }
        _ => top(&process).await,
    }
}

fn load() -> &'static str {
    "up 1 day,  0:00,  0 users,  load average: 0.00, 0.00, 0.00"
}

/// Looks at all processes of the container.
fn entries<T>(process: &Process, look: impl Fn(&Entry) -> T) -> Vec<T> {
    let world = process.world.world();
    let container = world.containers.get(&process.container);
    container
        .map(|container| container.processes.iter().map(look).collect())
        .unwrap_or_default()
}

/// What `-o` knows, with its heading and width.
const KNOWN: [(&str, &str, usize); 6] = [
    ("pid", "PID", 5),
    ("user", "USER", 8),
    ("ppid", "PPID", 5),
    ("stat", "STAT", 4),
    ("comm", "COMMAND", 16),
    ("args", "COMMAND", 26),
];

fn ps(process: &Process) -> i64 {
    let mut wanted = None;
    let mut words = process.words().iter();
    while let Some(word) = words.next() {
        if let Some(columns) = word.strip_prefix("-o") {
            let columns = if columns.is_empty() {
                words.next().cloned().unwrap_or_default()
            } else {
                columns.to_owned()
            };
            wanted = Some(columns);
        }
    }
    let names = |id| super::misc::user_name(process, id);
    let users: std::collections::BTreeMap<u32, String> = entries(process, |entry| entry.user.id)
        .into_iter()
        .map(|id| (id, names(id)))
        .collect();
    let columns: Vec<String> = match wanted {
        None => ["pid", "user", "args"].map(str::to_owned).to_vec(),
        Some(columns) => columns.split(',').map(str::to_owned).collect(),
    };
    if let Some(wrong) = columns
        .iter()
        .find(|column| !KNOWN.iter().any(|(name, ..)| name == column))
    {
        process.complain(&format!("ps: bad -o argument '{wrong}', supported arguments: user,group,comm,args,pid,ppid,pgid,etime,nice,rgroup,ruser,time,tty,vsz,sid,stat,rss\n"));
        return 1;
    }
    let row = |value: &dyn Fn(&str) -> String, heading: bool| {
        let mut line = String::new();
        for (index, column) in columns.iter().enumerate() {
            let width = KNOWN
                .iter()
                .find(|(name, ..)| name == column)
                .map_or(5, |(_, _, width)| *width);
            let text = value(column);
            let last = index + 1 == columns.len();
            let right = matches!(column.as_str(), "pid" | "ppid") && !heading;
            let _ = match (last, right) {
                (true, false) => write!(line, "{text}"),
                (_, true) => write!(line, "{text:>width$} "),
                _ => write!(line, "{text:<width$} "),
            };
        }
        line.trim_end().to_owned() + "\n"
    };
    let heading = |column: &str| {
        KNOWN
            .iter()
            .find(|(name, ..)| *name == column)
            .map_or(String::new(), |(_, heading, _)| (*heading).to_owned())
    };
    process.print(&row(&heading, true));
    let lines = entries(process, |entry| {
        let value = |column: &str| match column {
            "pid" => entry.pid.to_string(),
            "ppid" => entry.parent.to_string(),
            "user" => users.get(&entry.user.id).cloned().unwrap_or_default(),
            "stat" => entry.state.letter().to_string(),
            "comm" => {
                let first = entry
                    .name
                    .clone()
                    .or_else(|| entry.arguments.first().cloned())
                    .unwrap_or_default();
                first.rsplit('/').next().unwrap_or(&first).to_owned()
            }
            _ => Table::command_line(entry),
        };
        row(&value, false)
    });
    process.print(&lines.concat());
    0
}

fn named(process: &Process, name: &str) -> Vec<u32> {
    let found = entries(process, |entry| {
        let first = entry
            .name
            .clone()
            .or_else(|| entry.arguments.first().cloned())
            .unwrap_or_default();
        let short = first.rsplit('/').next().unwrap_or(&first);
        let short = short.split([':', ' ']).next().unwrap_or(short).to_owned();
        (short == name && entry.pid != process.pid).then_some(entry.pid)
    });
    found.into_iter().flatten().collect()
}

fn pidof(process: &Process) -> i64 {
    let mut found: Vec<u32> = process
        .words()
        .iter()
        .flat_map(|name| named(process, name))
        .collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    if found.is_empty() {
        return 1;
    }
    let text: Vec<String> = found.iter().map(u32::to_string).collect();
    process.print(&format!("{}\n", text.join(" ")));
    0
}

/// The signal of `-9` or `-s KILL`, and the words after it.
fn signal(process: &Process) -> Result<(u8, Vec<String>), i64> {
    let mut words = process.words().to_vec();
    let Some(option) = words
        .first()
        .and_then(|word| word.strip_prefix('-'))
        .map(str::to_owned)
    else {
        return Ok((crate::process::TERM, words));
    };
    words.remove(0);
    let name = if option == "s" && !words.is_empty() {
        words.remove(0)
    } else {
        option
    };
    if let Some(number) = signal_number(&name) {
        Ok((number, words))
    } else {
        process.complain(&format!("{}: bad signal name '{name}'\n", process.name()));
        Err(1)
    }
}

fn kill(process: &Process) -> i64 {
    let (signal, words) = match signal(process) {
        Ok(found) => found,
        Err(code) => return code,
    };
    if words.is_empty() {
        return usage::show(process);
    }
    let mut status = 0;
    for word in words {
        let wrong = match word.parse::<u32>() {
            Err(_) => Some(format!("invalid number '{word}'")),
            Ok(pid) if process.world.signal_from(process, pid, signal) => None,
            Ok(pid) => Some(format!("can't kill pid {pid}: No such process")),
        };
        if let Some(wrong) = wrong {
            process.complain(&format!("kill: {wrong}\n"));
            status = 1;
        }
    }
    status
}

fn killall(process: &Process) -> i64 {
    let (signal, words) = match signal(process) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let mut status = 0;
    for word in words {
        let pids = named(process, &word);
        if pids.is_empty() {
            process.complain(&format!("killall: {word}: no process killed\n"));
            status = 1;
        }
        for pid in pids {
            process.world.signal_from(process, pid, signal);
        }
    }
    status
}

async fn top(process: &Process) -> i64 {
    let options = match Options::read(process, "bn:d:mH", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let rounds = options
        .value("n")
        .and_then(|text| text.parse().ok())
        .unwrap_or(u32::MAX);
    let pause = options
        .value("d")
        .and_then(|text| text.parse().ok())
        .unwrap_or(5);
    for round in 0..rounds {
        if round > 0 {
            process.pass(Duration::from_secs(pause)).await;
        }
        if process.is_terminal(1) && !options.has("b") {
            process.print("\x1b[H\x1b[J");
        }
        process.print("Mem: 1048576K used, 3145728K free, 0K shrd, 65536K buff, 524288K cached\nCPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\nLoad average: 0.00 0.00 0.00 1/100 100\n  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND\n");
        let lines = entries(process, |entry| {
            let state = if entry.pid == process.pid {
                'R'
            } else {
                entry.state.letter()
            };
            format!(
                "{:>5} {:>5} {:<8} {state}     2332   0%   0% {}\n",
                entry.pid,
                entry.parent,
                "root",
                Table::command_line(entry)
            )
        });
        process.print(&lines.concat());
    }
    0
}
