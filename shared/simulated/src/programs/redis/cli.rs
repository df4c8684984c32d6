//! `redis-cli`: one command, or a prompt.

use std::net::SocketAddr;

use super::{Client, resp::Value};
use crate::process::Process;

struct Options {
    host: String,
    port: u16,
    password: Option<String>,
    raw: bool,
    rest: Vec<String>,
}

pub async fn redis_cli(process: Process) -> i64 {
    let options = match options(&process) {
        Ok(options) => options,
        Err(code) => return code,
    };
    if options.rest.is_empty() {
        return talk(&process, &options).await;
    }
    let mut client = match connect(&process, &options).await {
        Ok(client) => client,
        Err(message) => {
            process.complain(&message);
            return 1;
        }
    };
    let Some(value) = client.ask(&options.rest).await else {
        process.complain("Error: Server closed the connection\n");
        return 1;
    };
    process.print(&shown(&value, !options.raw));
    0
}

fn options(process: &Process) -> Result<Options, i64> {
    let mut options = Options {
        host: "127.0.0.1".to_owned(),
        port: 6379,
        password: None,
        raw: !process.is_terminal(1),
        rest: Vec::new(),
    };
    let mut words = process.words().iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-h" => options.host = words.next().cloned().unwrap_or_default(),
            "-p" => {
                options.port = words
                    .next()
                    .and_then(|port| port.parse().ok())
                    .unwrap_or(6379);
            }
            "-a" | "--pass" => options.password = words.next().cloned(),
            "-n" => drop(words.next()),
            "--raw" => options.raw = true,
            "--no-raw" => options.raw = false,
            "--no-auth-warning" => {}
            "--version" | "-v" => {
                process.print("redis-cli 7.0.15\n");
                return Err(0);
            }
            option if option.starts_with('-') => {
                process.complain(&format!(
                    "Unrecognized option or bad number of args for: '{option}'\n"
                ));
                return Err(1);
            }
            _ => {
                options.rest.push(word.clone());
                options.rest.extend(words.by_ref().cloned());
            }
        }
    }
    Ok(options)
}

async fn connect(process: &Process, options: &Options) -> Result<Client, String> {
    let Options { host, port, .. } = options;
    let cannot = |why: &str| format!("Could not connect to Redis at {host}:{port}: {why}\n");
    let found = process.net().resolve(host);
    let address = *found
        .first()
        .ok_or_else(|| cannot("Name or service not known"))?;
    let connected = Client::connect(process, SocketAddr::new(address, *port)).await;
    let mut client = connected.map_err(|errno| cannot(errno.text()))?;
    if let Some(password) = &options.password {
        process.complain("Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n");
        if let Some(Value::Error(error)) = client.ask(&["AUTH".to_owned(), password.clone()]).await
        {
            process.complain(&format!("AUTH failed: {error}\n"));
        }
    }
    Ok(client)
}

/// A line, a command; on a terminal with a prompt.
async fn talk(process: &Process, options: &Options) -> i64 {
    let terminal = process.is_terminal(0);
    let mut client = match connect(process, options).await {
        Ok(client) => Some(client),
        Err(message) => {
            process.complain(&message);
            if !terminal {
                return 1;
            }
            None
        }
    };
    loop {
        if terminal {
            let prompt = if client.is_some() {
                format!("{}:{}> ", options.host, options.port)
            } else {
                "not connected> ".to_owned()
            };
            process.print(&prompt);
        }
        let Some(line) = process.read_line().await else {
            return 0;
        };
        let line = String::from_utf8_lossy(&line).into_owned();
        let Some(words) = words(&line) else {
            process.print("Invalid argument(s)\n");
            continue;
        };
        let Some(first) = words.first() else { continue };
        match first.to_ascii_lowercase().as_str() {
            "quit" | "exit" => return 0,
            "clear" => {
                process.print("\x1b[H\x1b[2J");
                continue;
            }
            _ => {}
        }
        if client.is_none() {
            client = connect(process, options)
                .await
                .map_err(|message| process.complain(&message))
                .ok();
        }
        let Some(open) = &mut client else { continue };
        if let Some(value) = open.ask(&words).await {
            process.print(&shown(&value, !options.raw));
        } else {
            process.complain("Error: Server closed the connection\n");
            client = None;
        }
    }
}

fn words(line: &str) -> Option<Vec<String>> {
    let list =
        sh::read(&line.replace(['$', '`', ';', '|', '&', '<', '>', '(', ')', '#', '*'], "_"))
            .ok()?;
    // Only quotes mean something to it; what a shell would read otherwise is split at spaces.
    if line.contains(['$', '`', ';', '|', '&', '<', '>', '(', ')', '#', '*']) {
        return Some(
            line.split_whitespace()
                .map(|word| word.trim_matches(['"', '\'']).to_owned())
                .collect(),
        );
    }
    let Some(item) = list.first() else {
        return Some(Vec::new());
    };
    match item.pipeline.commands.first().map(|command| &command.kind) {
        Some(sh::Kind::Simple { words, .. }) => words.iter().map(sh::Word::literal).collect(),
        _ => Some(line.split_whitespace().map(str::to_owned).collect()),
    }
}

/// As it is shown to a person, or raw to a pipe.
fn shown(value: &Value, to_person: bool) -> String {
    if to_person {
        pretty(value, "")
    } else {
        raw(value)
    }
}

fn raw(value: &Value) -> String {
    match value {
        Value::Simple(text) => format!("{text}\n"),
        Value::Error(text) => format!("{text}\n\n"),
        Value::Integer(number) => format!("{number}\n"),
        Value::Bulk(bytes) => format!(
            "{}\n",
            String::from_utf8_lossy(bytes.as_deref().unwrap_or_default())
        ),
        Value::Array(values) if values.is_empty() => "\n".to_owned(),
        Value::Array(values) => values.iter().map(raw).collect(),
    }
}

fn pretty(value: &Value, indent: &str) -> String {
    match value {
        Value::Simple(text) => format!("{text}\n"),
        Value::Error(text) => format!("(error) {text}\n"),
        Value::Integer(number) => format!("(integer) {number}\n"),
        Value::Bulk(None) => "(nil)\n".to_owned(),
        Value::Bulk(Some(bytes)) => {
            let text = String::from_utf8_lossy(bytes);
            if text.starts_with("# Server") {
                text.into_owned()
            } else {
                format!("{text:?}\n")
            }
        }
        Value::Array(values) if values.is_empty() => "(empty array)\n".to_owned(),
        Value::Array(values) => {
            let width = values.len().to_string().len();
            let lines = values.iter().zip(1..).map(|(value, number)| {
                let before = if number == 1 { "" } else { indent };
                format!(
                    "{before}{number:>width$}) {}",
                    pretty(value, &format!("{indent}{}", " ".repeat(width + 2)))
                )
            });
            lines.collect()
        }
    }
}
