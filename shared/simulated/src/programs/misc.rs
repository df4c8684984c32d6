//! What a program can ask of the system: who it is, what time it is, where programs are.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    text::VERSION,
    usage::{self, Options},
};
use crate::{fs::join, process::Process};

pub async fn run(process: Process) -> i64 {
    match process.name() {
        "id" => id(&process),
        "whoami" | "logname" => {
            let name = user_name(&process, process.user.id);
            process.print(&format!("{name}\n"));
            0
        }
        "date" => date(&process),
        "uname" | "arch" => uname(&process),
        "which" => which(&process),
        "nproc" => {
            process.print("2\n");
            0
        }
        "tty" => {
            let text = if process.is_terminal(0) {
                "/dev/pts/0\n"
            } else {
                "not a tty\n"
            };
            process.print(text);
            i64::from(!process.is_terminal(0))
        }
        "clear" => {
            process.print("\x1b[H\x1b[J");
            0
        }
        "busybox" => Box::pin(busybox(&process)).await,
        _ => expr(&process),
    }
}

/// Lines of `/etc/passwd` or `/etc/group`, in fields.
fn lines(process: &Process, file: &str) -> Vec<Vec<String>> {
    let content = process.read_file(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&content).into_owned();
    text.lines()
        .map(|line| line.split(':').map(str::to_owned).collect())
        .collect()
}

fn name_of(process: &Process, file: &str, id: u32) -> String {
    let id = id.to_string();
    let known = lines(process, file)
        .into_iter()
        .find(|fields| fields.get(2) == Some(&id));
    known.map_or(id, |fields| fields[0].clone())
}

fn id_of(process: &Process, file: &str, name: &str) -> Option<u32> {
    if let Ok(id) = name.parse() {
        return Some(id);
    }
    let known = lines(process, file)
        .into_iter()
        .find(|fields| fields[0] == name)?;
    known.get(2)?.parse().ok()
}

pub fn user_name(process: &Process, id: u32) -> String {
    name_of(process, "/etc/passwd", id)
}

pub fn group_name(process: &Process, id: u32) -> String {
    name_of(process, "/etc/group", id)
}

pub fn user_id(process: &Process, name: &str) -> Option<u32> {
    id_of(process, "/etc/passwd", name)
}

pub fn group_id(process: &Process, name: &str) -> Option<u32> {
    id_of(process, "/etc/group", name)
}

fn id(process: &Process) -> i64 {
    let options = match Options::read(process, "ugGnr", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let (mut user, mut group) = (process.user.id, process.user.group);
    if let Some(name) = options.rest.first() {
        let known = lines(process, "/etc/passwd")
            .into_iter()
            .find(|fields| fields[0] == *name);
        let Some(fields) = known else {
            process.complain(&format!("id: unknown user {name}\n"));
            return 1;
        };
        let number = |at: usize| {
            fields
                .get(at)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0)
        };
        (user, group) = (number(2), number(3));
    }
    let shown = |id: u32, name: String| {
        if options.has("n") {
            name
        } else {
            id.to_string()
        }
    };
    let (user_text, group_text) = (user_name(process, user), group_name(process, group));
    let text = if options.has("u") {
        shown(user, user_text)
    } else if options.has("g") || options.has("G") {
        shown(group, group_text)
    } else {
        let named = |id: u32, name: &str| {
            if name.parse() == Ok(id) {
                id.to_string()
            } else {
                format!("{id}({name})")
            }
        };
        let group = named(group, &group_text);
        format!("uid={} gid={group} groups={group}", named(user, &user_text))
    };
    process.print(&format!("{text}\n"));
    0
}

fn date(process: &Process) -> i64 {
    let options = match Options::read(process, "Rus:d:D:r:I", &["utc"]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let mut time = process.world.now();
    if let Some(text) = options.value("d") {
        let parsed = text
            .strip_prefix('@')
            .and_then(|text| text.parse().ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        let Some(parsed) = parsed else {
            process.complain(&format!("date: invalid date '{text}'\n"));
            return 1;
        };
        time = parsed;
    }
    let zoned = time.to_zoned(TimeZone::UTC);
    let format = match options.rest.first().map(|word| word.strip_prefix('+')) {
        Some(Some(format)) => format.to_owned(),
        Some(None) => {
            process.complain("date: can't set date: Operation not permitted\n");
            return 1;
        }
        None if options.has("R") => "%a, %d %b %Y %H:%M:%S %z".to_owned(),
        None if options.has("I") => "%Y-%m-%d".to_owned(),
        None => "%a %b %e %H:%M:%S UTC %Y".to_owned(),
    };
    let format = format.replace("%N", &format!("{:09}", time.subsec_nanosecond()));
    match jiff::fmt::strtime::format(&format, &zoned) {
        Ok(text) => process.print(&format!("{text}\n")),
        Err(_) => process.print(&format!("{format}\n")),
    }
    0
}

fn uname(process: &Process) -> i64 {
    if process.name() == "arch" {
        process.print("x86_64\n");
        return 0;
    }
    let options = match Options::read(process, "amnrspvio", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let host = {
        let world = process.world.world();
        let container = world.containers.get(&process.container);
        container
            .map(|container| container.hostname().to_owned())
            .unwrap_or_default()
    };
    let parts = [
        ("s", "Linux"),
        ("n", host.as_str()),
        ("r", "6.12.0"),
        ("v", "#1 SMP PREEMPT_DYNAMIC"),
        ("m", "x86_64"),
        ("o", "GNU/Linux"),
    ];
    let any = parts.iter().any(|(letter, _)| options.has(letter));
    let wanted = |letter: &str| options.has("a") || options.has(letter) || !any && letter == "s";
    let text: Vec<&str> = parts
        .iter()
        .filter(|(letter, _)| wanted(letter))
        .map(|(_, text)| *text)
        .collect();
    process.print(&format!("{}\n", text.join(" ")));
    0
}

fn which(process: &Process) -> i64 {
    let mut status = i64::from(process.words().is_empty());
    for word in process.words().iter().filter(|word| *word != "-a") {
        let path = process.variable("PATH").unwrap_or_default();
        let found = if word.contains('/') {
            process.find_program(word)
        } else {
            path.split(':')
                .map(|folder| join(folder, word))
                .find(|path| process.find_program(path).is_some())
        };
        match found {
            Some(path) => process.print(&format!("{path}\n")),
            None => status = 1,
        }
    }
    status
}

async fn busybox(process: &Process) -> i64 {
    let words = process.words();
    match words.first().map(String::as_str) {
        Some("--list") => {
            let lines = super::applets::APPLETS
                .iter()
                .map(|name| format!("{name}\n"));
            process.print(&lines.collect::<String>());
            0
        }
        Some(name) if super::applets::is_applet(name) => {
            let mut applet = process.clone();
            applet.arguments = words.to_vec();
            match super::find(name) {
                Some(program) => program(applet).await,
                None => super::not_simulated(&applet),
            }
        }
        Some(name) => {
            process.complain(&format!("{name}: applet not found\n"));
            127
        }
        None => {
            process.print(&format!("{VERSION} multi-call binary.\n"));
            0
        }
    }
}

fn expr(process: &Process) -> i64 {
    let words = process.words();
    let number = |word: &String| word.parse::<i64>().ok();
    let text = match words {
        [left, operator, right] => match (number(left), operator.as_str(), number(right)) {
            (Some(_), "/" | "%", Some(0)) => {
                process.complain("expr: division by zero\n");
                return 2;
            }
            (Some(left), "+", Some(right)) => left.wrapping_add(right).to_string(),
            (Some(left), "-", Some(right)) => left.wrapping_sub(right).to_string(),
            (Some(left), "*", Some(right)) => left.wrapping_mul(right).to_string(),
            (Some(left), "/", Some(right)) => left.wrapping_div(right).to_string(),
            (Some(left), "%", Some(right)) => left.wrapping_rem(right).to_string(),
            (Some(left), "<", Some(right)) => i64::from(left < right).to_string(),
            (Some(left), ">", Some(right)) => i64::from(left > right).to_string(),
            (_, "=", _) => i64::from(left == right).to_string(),
            (_, "!=", _) => i64::from(left != right).to_string(),
            (None, "+" | "-" | "*" | "/" | "%", _) | (_, "+" | "-" | "*" | "/" | "%", None) => {
                process.complain("expr: non-integer argument\n");
                return 2;
            }
            _ => {
                process.complain("expr: syntax error\n");
                return 2;
            }
        },
        [only] => only.clone(),
        [] => return usage::show(process),
        _ => {
            process.complain("causeway: not simulated: expr with more than one operator\n");
            return 2;
        }
    };
    process.print(&format!("{text}\n"));
    i64::from(text == "0" || text.is_empty())
}
