//! `export`, `unset`, `set`, `env`: variables, which live as long as the terminal.

use async_trait::async_trait;

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    grammar::{Count, Grammar},
    session::shown,
    shell::{self, Ended},
};

pub struct Export;

static EXPORT: Grammar = Grammar {
    names: &["export", "readonly", "declare", "local"],
    usage: "NAME[=VALUE]...",
    about: "Sets variables, for programs too",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["variable"],
    program_from: None,
};

#[async_trait]
impl Program for Export {
    fn grammar(&self) -> &'static Grammar {
        &EXPORT
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        if call.words.is_empty() || call.words == ["-p"] {
            for (name, value, exported) in context.session.variables() {
                if exported {
                    console
                        .line(&format!("declare -x {name}=\"{value}\""))
                        .await;
                }
            }
            return Ended::with(0);
        }
        let mut code = 0;
        for word in call.words.iter().filter(|word| !word.starts_with('-')) {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (word.as_str(), None),
            };
            if !is_name(name) {
                let why = format!("`{word}': not a valid identifier");
                call.fail_as_bash(&why, console).await;
                code = 1;
                continue;
            }
            if let Some(value) = value {
                context.session.set(name, value);
            }
            if call.name == "export" && (value.is_some() || context.session.own(name).is_some()) {
                context.session.export(name);
            }
        }
        Ended::with(code)
    }
}

pub struct Unset;

static UNSET: Grammar = Grammar {
    names: &["unset"],
    usage: "NAME...",
    about: "Forgets variables",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["variable"],
    program_from: None,
};

#[async_trait]
impl Program for Unset {
    fn grammar(&self) -> &'static Grammar {
        &UNSET
    }

    async fn run(&self, call: Call<'_>, context: &Context, _: &mut Console) -> Ended {
        for name in call.words {
            context.session.unset(name);
        }
        Ended::with(0)
    }
}

pub struct Set;

static SET: Grammar = Grammar {
    names: &["set"],
    usage: "[-- ARGUMENT...]",
    about: "Lists variables, or sets the arguments $1, $2 and so on",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Program for Set {
    fn grammar(&self) -> &'static Grammar {
        &SET
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        match call.words {
            [] => {
                for (name, value, _) in context.session.variables() {
                    console.line(&format!("{name}={value}")).await;
                }
            }
            [dashes, arguments @ ..] if dashes == "--" => context.session.set_arguments(arguments),
            [option, ..] if option.starts_with(['-', '+']) => {
                let why = format!("causeway: set {option}: this shell has no options.");
                console.err_line(&why).await;
                return Ended::with(2);
            }
            arguments => context.session.set_arguments(arguments),
        }
        Ended::with(0)
    }
}

pub struct Env;

static ENV: Grammar = Grammar {
    names: &["env", "printenv"],
    usage: "[NAME=VALUE...] [COMMAND]",
    about: "Lists the exported variables, or runs a command with more of them",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["variable"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Env {
    fn grammar(&self) -> &'static Grammar {
        &ENV
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        if call.name == "printenv" && !call.words.is_empty() {
            let mut code = 0;
            for name in call.words {
                match context.session.variable(name) {
                    Some(value) => console.line(&value).await,
                    None => code = 1,
                }
            }
            return Ended::with(code);
        }
        let inside = context.fork();
        let settings = call
            .words
            .iter()
            .take_while(|word| word.split_once('=').is_some_and(|(name, _)| is_name(name)));
        let settings: Vec<&String> = settings.collect();
        for setting in &settings {
            if let Some((name, value)) = setting.split_once('=') {
                inside.session.set(name, value);
                inside.session.export(name);
            }
        }
        let command = &call.words[settings.len()..];
        if !command.is_empty() {
            return shell::run_words(command, &inside, console).await;
        }
        let home = shown("/");
        console
            .out(format!(
                "HOME={home}\nPWD={}\n",
                shown(&context.session.folder())
            ))
            .await;
        for (name, value, exported) in inside.session.variables() {
            if exported {
                console.line(&format!("{name}={value}")).await;
            }
        }
        Ended::with(0)
    }
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
