//! `docker …`: which command the words name, and what docker says when they name none.

use crate::{
    Context,
    commands::COMMANDS,
    console::Console,
    failure::Failure,
    flags::{self, Cause, Flag},
    grammar::{self, ELSEWHERE, Found},
};

/// Docker's own flags, before the command. They choose another engine, which the lab has chosen already.
static GLOBAL: &[Flag] = &[
    Flag::switch("version", "Print version information and quit").short('v'),
    Flag::refused("host", ENGINE).short('H'),
    Flag::refused("context", ENGINE).short('c'),
    Flag::refused("config", ENGINE),
    Flag::refused("debug", ENGINE).short('D'),
    Flag::refused("log-level", ENGINE).short('l'),
    Flag::refused("tls", ENGINE),
    Flag::refused("tlsverify", ENGINE),
    Flag::refused("tlscacert", ENGINE),
    Flag::refused("tlscert", ENGINE),
    Flag::refused("tlskey", ENGINE),
];

const ENGINE: &str = "the engine was chosen when causeway was started";

/// Runs docker with these words after its name.
pub async fn run(words: &[String], context: &Context, console: &mut Console) -> u8 {
    match answer(words, context, console).await {
        Ok(code) => code,
        // Help was asked for.
        Err(Failure { code: 0, message }) => {
            console.out(message).await;
            0
        }
        Err(Failure { code, message }) => {
            if !message.is_empty() {
                console.err_line(&message).await;
            }
            code
        }
    }
}

async fn answer(words: &[String], context: &Context, console: &mut Console) -> Result<u8, Failure> {
    let given = flags::parse(GLOBAL, words, false).map_err(|error| match error.cause {
        Cause::Help => Failure::new(0, help()),
        Cause::Wrong(why) => global(
            125,
            &format!("{why}\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]"),
        ),
        Cause::Refused { flag, why } => Failure::new(
            1,
            format!("causeway: docker {flag} is not for a lab: {why}."),
        ),
    })?;
    if given.on("version") {
        console
            .line(&format!("Causeway version {}", env!("CARGO_PKG_VERSION")))
            .await;
        return Ok(0);
    }
    let words = &given.arguments;
    let Some(first) = words.first() else {
        console.err(help()).await;
        return Ok(0);
    };
    if first == "help" {
        return Err(help_for(&words[1..]));
    }
    match grammar::find(words) {
        Found::Command {
            index,
            grammar,
            path,
            words: used,
        } => {
            let call = grammar.read(&path, &words[used..])?;
            for note in &call.given.notes {
                console.line(note).await;
            }
            COMMANDS[index].run(&call, context, console).await
        }
        Found::Group { name, about } => match words.get(1).map(String::as_str) {
            None => {
                console.err(group_help(name, about)).await;
                Ok(0)
            }
            Some("--help" | "-h") => Err(Failure::new(0, group_help(name, about))),
            Some(flag) if flag.starts_with('-') => {
                let why = match flag.strip_prefix("--") {
                    Some(long) => format!(
                        "unknown flag: --{}",
                        long.split('=').next().unwrap_or_default()
                    ),
                    None => format!(
                        "unknown shorthand flag: {:?} in {flag}",
                        flag.chars().nth(1).unwrap_or('-')
                    ),
                };
                let text = format!(
                    "{why}\n\nUsage:  docker {name}\n\nRun 'docker {name} --help' for more information"
                );
                Err(Failure::new(125, text))
            }
            Some(unknown) => {
                let text = format!(
                    "docker: unknown command: docker {name} {unknown}\n\nUsage:  docker {name}\n\nRun 'docker {name} --help' for more information"
                );
                Err(Failure::new(1, text))
            }
        },
        Found::Unknown if ELSEWHERE.contains(&first.as_str()) => {
            let text = format!(
                "causeway: docker {first} is a real command, but this lab does not have it; 'docker --help' lists what it has."
            );
            Err(Failure::new(1, text))
        }
        Found::Unknown => Err(global(
            1,
            &format!("docker: unknown command: docker {first}"),
        )),
    }
}

fn global(code: u8, message: &str) -> Failure {
    Failure::new(
        code,
        format!("{message}\n\nRun 'docker --help' for more information"),
    )
}

fn help_for(words: &[String]) -> Failure {
    match grammar::find(words) {
        _ if words.is_empty() => Failure::new(0, help()),
        Found::Command { grammar, path, .. } => Failure::new(0, grammar.help(&path)),
        Found::Group { name, about } if words.len() == 1 => {
            Failure::new(0, group_help(name, about))
        }
        Found::Group { .. } => {
            Failure::new(1, format!("unknown help topic: {}", words[1..].join(" ")))
        }
        Found::Unknown => Failure::new(1, format!("unknown help topic: {}", words.join(" "))),
    }
}

fn help() -> String {
    let mut text = "Usage:  docker [OPTIONS] COMMAND\n\nThe docker commands of this lab; they are the same everywhere\n".to_owned();
    text.push_str("\nManagement Commands:\n");
    text.push_str(&columns(grammar::groups()));
    text.push_str("\nCommands:\n");
    text.push_str(&columns(grammar::list("").into_iter()));
    text.push_str("\nRun 'docker COMMAND --help' for more information on a command.\n");
    text
}

fn group_help(name: &str, about: &str) -> String {
    let commands = columns(grammar::list(name).into_iter());
    format!(
        "Usage:  docker {name} COMMAND\n\n{about}\n\nCommands:\n{commands}\nRun 'docker {name} COMMAND --help' for more information on a command.\n"
    )
}

fn columns(rows: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    let lines: Vec<String> = rows
        .map(|(name, about)| format!("  {name:<11} {about}\n"))
        .collect();
    lines.concat()
}
