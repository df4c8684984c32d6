//! What a docker command looks like: its names, flags and arguments; and finding the command that words name.

use async_trait::async_trait;

use crate::{
    Context,
    commands::GRAMMARS,
    console::Console,
    failure::Failure,
    flags::{self, Cause, Flag, FlagError, Given, Takes},
};

/// One docker command: a file in `commands/`.
#[async_trait]
pub trait Command: Sync {
    fn grammar(&self) -> &'static Grammar;

    /// Runs it; the exit code. `call.given` has been read by the grammar, and has as many arguments as it asks for.
    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure>;
}

#[derive(Debug)]
pub struct Grammar {
    /// Its names after `docker`: `ps`, `container ls|ps|list`, the first of several being the one that messages use.
    pub names: &'static [&'static str],
    /// What follows the name in docker's usage line.
    pub usage: &'static str,
    /// What it does: a sentence without its full stop.
    pub about: &'static str,
    pub flags: &'static [Flag],
    pub count: Count,
    /// What each argument is; the last stands for all that follow.
    pub arguments: &'static [&'static str],
    /// From this argument on, words are a program's that runs in a container, flags too.
    pub program_from: Option<usize>,
}

/// How many arguments a command takes.
#[derive(Clone, Copy, Debug)]
pub enum Count {
    None,
    Exactly(usize),
    AtLeast(usize),
    AtMost(usize),
    Between(usize, usize),
}

/// A command as it was called.
#[derive(Debug)]
pub struct Call {
    /// `docker container ls`
    pub path: String,
    pub given: Given,
}

/// What the words after `docker` begin with.
pub enum Found {
    Command {
        /// Its place in the lists of commands.
        index: usize,
        grammar: &'static Grammar,
        path: String,
        words: usize,
    },
    /// `docker network`, and nothing after it that is a command.
    Group {
        name: &'static str,
        about: &'static str,
    },
    Unknown,
}

/// Docker's groups of commands, as far as any of their commands is here.
const GROUPS: &[(&str, &str)] = &[
    ("container", "Manage containers"),
    ("image", "Manage images"),
    ("network", "Manage networks"),
    ("node", "Manage Swarm nodes"),
    ("service", "Manage Swarm services"),
    ("swarm", "Manage Swarm"),
    ("system", "Manage Docker"),
];

/// Docker's commands that are not here (yet): named, so that nobody takes them for a slip of the keys.
pub const ELSEWHERE: &[&str] = &[
    "builder", "buildx", "commit", "compose", "config", "context", "cp", "diff", "export",
    "import", "load", "login", "logout", "manifest", "plugin", "push", "save", "search", "secret",
    "stack", "trust", "update", "volume",
];

/// Finds the command that these words (after `docker`) name.
pub fn find(words: &[String]) -> Found {
    let first = words.first().map(String::as_str).unwrap_or_default();
    let group = GROUPS.iter().find(|(name, _)| *name == first);
    for (index, grammar) in GRAMMARS.iter().enumerate() {
        let grammar = grammar();
        for name in grammar.names {
            match (name.split_once(' '), group) {
                (None, None) if *name == first => {
                    return Found::Command {
                        index,
                        grammar,
                        path: format!("docker {name}"),
                        words: 1,
                    };
                }
                (Some((of, spellings)), Some((group, _))) if of == *group => {
                    let wanted = words.get(1).map(String::as_str).unwrap_or_default();
                    if spellings.split('|').any(|spelling| spelling == wanted) {
                        let path = format!("docker {of} {}", first_spelling(spellings));
                        return Found::Command {
                            index,
                            grammar,
                            path,
                            words: 2,
                        };
                    }
                }
                _ => {}
            }
        }
    }
    group.map_or(Found::Unknown, |(name, about)| Found::Group { name, about })
}

/// All commands of a group, or (`""`) those without one: name and what it does.
pub fn list(group: &str) -> Vec<(&'static str, &'static str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for grammar in GRAMMARS {
        let grammar = grammar();
        for name in grammar.names {
            let (of, spellings) = name.split_once(' ').unwrap_or(("", name));
            if of == group {
                found.push((first_spelling(spellings), grammar.about));
            }
        }
    }
    found.sort_unstable();
    found
}

pub fn groups() -> impl Iterator<Item = (&'static str, &'static str)> {
    GROUPS.iter().copied()
}

impl Grammar {
    /// Reads the words after the command's name.
    pub fn read(&'static self, path: &str, words: &[String]) -> Result<Call, Failure> {
        let given = flags::parse(self.flags, words, self.program_from.is_none())
            .map_err(|error| self.flag_failure(path, error))?;
        if let Some(wrong) = self.count.wrong(given.arguments.len()) {
            // Docker says "See" (and once, "SRun") for some.
            let hint = match self.count {
                Count::AtLeast(_) => "See",
                Count::AtMost(_) => "SRun",
                _ => "Run",
            };
            let usage = self.usage_line(path);
            return Err(Failure::new(
                1,
                format!(
                    "docker: '{path}' {wrong}\n\n{usage}\n\n{hint} '{path} --help' for more information"
                ),
            ));
        }
        Ok(Call {
            path: path.to_owned(),
            given,
        })
    }

    /// `Usage:  docker ps [OPTIONS]`
    pub fn usage_line(&self, path: &str) -> String {
        format!("Usage:  {path} {}", self.usage)
    }

    /// What `--help` prints: docker's usage line, then our own words.
    pub fn help(&self, path: &str) -> String {
        let mut text = format!("{}\n\n{}\n", self.usage_line(path), self.about);
        let shown: Vec<&Flag> = self
            .flags
            .iter()
            .filter(|flag| flag.stores.is_none() && !flag.about.is_empty())
            .collect();
        if !shown.is_empty() {
            text.push_str("\nOptions:\n");
        }
        let titles: Vec<String> = shown.iter().map(|flag| help_title(flag)).collect();
        let width = titles.iter().map(String::len).max().unwrap_or_default();
        for (flag, title) in shown.iter().zip(titles) {
            text.extend([format!("  {title:width$}   {}\n", flag.about)]);
        }
        text
    }

    fn flag_failure(&self, path: &str, error: FlagError) -> Failure {
        match error.cause {
            Cause::Help => Failure::new(0, self.help(path)),
            Cause::Wrong(why) => {
                let usage = self.usage_line(path);
                Failure::new(
                    125,
                    format!("{why}\n\n{usage}\n\nRun '{path} --help' for more information"),
                )
            }
            Cause::Refused { flag, why } => {
                Failure::new(1, format!("causeway: {flag} is not for a lab: {why}."))
            }
        }
    }
}

impl Count {
    /// What docker says about a wrong number of arguments.
    pub fn wrong(self, number: usize) -> Option<String> {
        let arguments = |number: usize| if number == 1 { "argument" } else { "arguments" };
        match self {
            Self::None if number > 0 => Some("accepts no arguments".to_owned()),
            Self::Exactly(wanted) if number != wanted => {
                Some(format!("requires {wanted} {}", arguments(wanted)))
            }
            Self::AtLeast(wanted) if number < wanted => {
                Some(format!("requires at least {wanted} {}", arguments(wanted)))
            }
            Self::AtMost(wanted) if number > wanted => {
                Some(format!("requires at most {wanted} {}", arguments(wanted)))
            }
            Self::Between(least, most) if number < least || number > most => Some(format!(
                "requires at least {least} and at most {most} {}",
                arguments(most)
            )),
            _ => None,
        }
    }
}

fn help_title(flag: &Flag) -> String {
    let name = match flag.short {
        Some(short) => format!("-{short}, --{}", flag.name),
        None => format!("    --{}", flag.name),
    };
    match flag.takes {
        Takes::One(value, _) | Takes::Many(value, _) => format!("{name} {value}"),
        Takes::Switch | Takes::Refused(_) => name,
    }
}

fn first_spelling(spellings: &'static str) -> &'static str {
    spellings
        .split_once('|')
        .map_or(spellings, |(first, _)| first)
}
