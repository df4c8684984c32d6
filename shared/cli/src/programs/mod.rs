//! What runs beside `docker`: the shell's own commands, and programs that work on the lab's files and on text.
//!
//! None of it is a program of the learner's machine; what there is none of is said as a shell says it.

mod builtins;
mod cat;
mod change;
mod echo;
mod history;
mod lookup;
mod ls;
mod nc;
mod ping;
mod printf;
mod sleep;
mod test;
mod variables;
mod which;
mod xargs;

pub use printf::{formatted, unescape};

use async_trait::async_trait;

use crate::{
    Context,
    console::Console,
    docker,
    flags::{self, Cause, FlagError, Given},
    grammar::Grammar,
    shell::Ended,
    ssh, text,
};

/// One program: its grammar, and what it does.
#[async_trait]
pub trait Program: Sync {
    fn grammar(&self) -> &'static Grammar;

    /// Runs it with these words after its name `name`.
    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended;
}

/// A program as it was called.
pub struct Call<'c> {
    pub name: &'c str,
    pub words: &'c [String],
}

/// Two lists in the same order, as with docker's commands.
macro_rules! programs {
    ($($program:path,)*) => {
        static PROGRAMS: &[&dyn Program] = &[$(&$program),*];
        static GRAMMARS: &[fn() -> &'static Grammar] = &[$(|| $program.grammar()),*];
    };
}

programs![
    builtins::True,
    builtins::False,
    builtins::Cd,
    builtins::Pwd,
    builtins::Exit,
    builtins::Break,
    builtins::Continue,
    builtins::Return,
    builtins::Source,
    builtins::Eval,
    builtins::Shift,
    builtins::Read,
    cat::Cat,
    cat::Tee,
    change::Rm,
    change::Rmdir,
    change::Mkdir,
    change::Touch,
    change::Mv,
    change::Cp,
    crate::curl::Curl,
    echo::Echo,
    history::History,
    history::Clear,
    history::Edit,
    lookup::Dig,
    lookup::Nslookup,
    lookup::Host,
    ls::Ls,
    nc::Nc,
    ping::Ping,
    printf::Printf,
    sleep::Sleep,
    sleep::Date,
    sleep::Seq,
    sleep::Hostname,
    test::Test,
    text::Grep,
    text::Head,
    text::Tail,
    text::Wc,
    text::Sort,
    text::Uniq,
    text::Cut,
    text::Tr,
    text::Sed,
    text::Awk,
    text::Jq,
    variables::Export,
    variables::Unset,
    variables::Set,
    variables::Env,
    which::Which,
    which::Help,
    xargs::Xargs,
];

/// What a program looks like, for explaining and completing.
pub fn find(name: &str) -> Option<&'static Grammar> {
    GRAMMARS
        .iter()
        .map(|grammar| grammar())
        .find(|grammar| grammar.names.contains(&name))
}

/// All of them.
pub fn grammars() -> impl Iterator<Item = &'static Grammar> {
    GRAMMARS.iter().map(|grammar| grammar())
}

pub async fn run(name: &str, words: &[String], context: &Context, console: &mut Console) -> Ended {
    match name {
        "docker" => return Ended::with(docker::run(words, context, console).await),
        "ssh" => return Ended::with(ssh::run(words, context, console).await),
        _ => {}
    }
    let found = PROGRAMS
        .iter()
        .find(|program| program.grammar().names.contains(&name));
    if let Some(program) = found {
        program.run(Call { name, words }, context, console).await
    } else {
        console.err_line(&unknown(name, context)).await;
        let is_file =
            name.contains('/') && context.files.get(&context.session.path(name)).is_some();
        Ended::with(if is_file { 126 } else { 127 })
    }
}

/// What bash says of a command that is not there.
fn unknown(name: &str, context: &Context) -> String {
    if name == "sudo" {
        return "causeway: sudo: not needed here, type the docker command alone.".to_owned();
    }
    if !name.contains('/') {
        return format!("bash: {name}: command not found");
    }
    match context.files.get(&context.session.path(name)) {
        Some(lab::files::Entry::Folder) => format!("bash: {name}: Is a directory"),
        Some(lab::files::Entry::File(_)) => format!("bash: {name}: Permission denied"),
        None => format!("bash: {name}: No such file or directory"),
    }
}

impl Call<'_> {
    /// Reads the words by the grammar; a mistake is told as GNU's programs tell it.
    pub async fn given(
        &self,
        grammar: &'static Grammar,
        console: &mut Console,
    ) -> Result<Given, Ended> {
        let interspersed = grammar.program_from.is_none();
        match flags::parse(grammar.flags, self.words, interspersed) {
            Ok(given) => Ok(given),
            Err(FlagError {
                cause: Cause::Help, ..
            }) => {
                console.out(grammar.help(self.name)).await;
                Err(Ended::with(0))
            }
            Err(error) => {
                let why = gnu(self.name, self.words, &error);
                console.err_line(&why).await;
                Err(Ended::with(
                    if matches!(self.name, "grep" | "ls" | "sort" | "curl") {
                        2
                    } else {
                        1
                    },
                ))
            }
        }
    }

    /// Fails, in one line with the program's name before it.
    pub async fn fail(&self, code: u8, why: &str, console: &mut Console) -> Ended {
        console.err_line(&format!("{}: {why}", self.name)).await;
        Ended::with(code)
    }
}

/// A wrong flag in the words of GNU's getopt.
fn gnu(name: &str, words: &[String], error: &FlagError) -> String {
    let word = words
        .get(error.word)
        .map(String::as_str)
        .unwrap_or_default();
    let Cause::Wrong(why) = &error.cause else {
        return format!("causeway: {name} {word}: this {name} has no such option.");
    };
    let letter = why.split('\'').nth(1).unwrap_or_default();
    let what = if word.starts_with("--") {
        if why.contains("needs an argument") {
            format!("option '{word}' requires an argument")
        } else {
            format!("unrecognized option '{word}'")
        }
    } else if why.contains("needs an argument") {
        format!("option requires an argument -- '{letter}'")
    } else if why.contains("shorthand") {
        format!("invalid option -- '{letter}'")
    } else {
        return format!("{name}: {why}");
    };
    let usage = if name == "grep" {
        "\nUsage: grep [OPTION]... PATTERNS [FILE]..."
    } else {
        ""
    };
    format!("{name}: {what}{usage}\nTry '{name} --help' for more information.")
}
