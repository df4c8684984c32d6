//! `which` and `type`: what a word is here; `help`: all there is.

use std::fmt::Write as _;

use async_trait::async_trait;

use super::{Call, Program, find, grammars};
use crate::{
    Context,
    console::Console,
    grammar::{Count, Grammar},
    shell::Ended,
};

/// Of the shell itself: bash has them built in too.
const BUILT_IN: &[&str] = &[
    "true", "false", ":", "cd", "pwd", "exit", "logout", "break", "continue", "return", ".",
    "source", "eval", "shift", "read", "echo", "history", "printf", "test", "[", "export",
    "readonly", "declare", "local", "unset", "set", "type", "command", "help",
];
const KEYWORDS: &[&str] = &[
    "for", "in", "do", "done", "while", "until", "if", "then", "elif", "else", "fi", "case",
    "esac", "{", "}", "!",
];

pub struct Which;

static WHICH: Grammar = Grammar {
    names: &["which", "type", "command"],
    usage: "NAME...",
    about: "Says what a word is here",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["command"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Which {
    fn grammar(&self) -> &'static Grammar {
        &WHICH
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let names: Vec<&String> = call
            .words
            .iter()
            .filter(|word| !word.starts_with('-'))
            .collect();
        let version = call
            .words
            .first()
            .is_some_and(|word| word == "-v" || word == "-V");
        if call.name == "command" && !version {
            return crate::shell::run_words(call.words, context, console).await;
        }
        let mut code = 0;
        for name in names {
            let known = matches!(name.as_str(), "docker" | "ssh") || find(name).is_some();
            let built_in = BUILT_IN.contains(&name.as_str());
            let function = context.session.function(name).is_some();
            let text = match call.name {
                "which" if known && !built_in => format!("/usr/bin/{name}"),
                "which" => {
                    code = 1;
                    continue;
                }
                _ if call.name == "command" && (known || function) => name.clone(),
                "command" => {
                    code = 1;
                    continue;
                }
                _ if KEYWORDS.contains(&name.as_str()) => format!("{name} is a shell keyword"),
                _ if function => format!("{name} is a function"),
                _ if built_in => format!("{name} is a shell builtin"),
                _ if known => format!("{name} is /usr/bin/{name}"),
                _ => {
                    call.fail_as_bash(&format!("{name}: not found"), console)
                        .await;
                    code = 1;
                    continue;
                }
            };
            console.line(&text).await;
        }
        Ended::with(code)
    }
}

pub struct Help;

static HELP: Grammar = Grammar {
    names: &["help", "man"],
    usage: "[COMMAND]",
    about: "Says what there is here",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["command"],
    program_from: None,
};

#[async_trait]
impl Program for Help {
    fn grammar(&self) -> &'static Grammar {
        &HELP
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        if let [name, ..] = call.words {
            return match find(name) {
                Some(grammar) => {
                    console.out(grammar.help(name)).await;
                    Ended::with(0)
                }
                None if matches!(name.as_str(), "docker" | "ssh") => {
                    let words = [name.clone(), "--help".to_owned()];
                    crate::shell::run_words(&words, context, console).await
                }
                None => {
                    let why = format!("no help topics match `{name}'.");
                    call.fail_as_bash(&why, console).await
                }
            };
        }
        let mut text = "A small shell for docker commands and the lab's files. No program of your own machine runs here.\n\n".to_owned();
        text.push_str("  docker       Docker's command line: docker --help\n");
        text.push_str(
            "  ssh          Runs a line on another of the lab's machines: ssh host2 docker ps\n",
        );
        for grammar in grammars() {
            let _ = writeln!(text, "  {:<12} {}", grammar.names[0], grammar.about);
        }
        text.push_str("\nBetween them: ; && || | > >> < 2>&1, NAME=value, $NAME, $(...), for, while, if. More on one: help COMMAND\n");
        console.out(text).await;
        Ended::with(0)
    }
}
