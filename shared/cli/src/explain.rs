//! What each word of a line is and says, for the page: hover texts and marks, from the same grammar that runs it.

use std::ops::Range;

pub use crate::words::Mistake;
use crate::{
    curl, filter, flags,
    flags::{Cause, Flag, Step, Walk},
    grammar::{self, ELSEWHERE, Found, Grammar},
    shell,
    words::{self, List, Part, ShellWord, When},
};

/// One word of a line, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Bytes of the line.
    pub range: Range<usize>,
    pub kind: WordKind,
    /// One sentence.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordKind {
    Command,
    Flag,
    /// A flag's value.
    Value,
    Argument,
    /// `;`, `&&`, `||`, `|`
    Operator,
    /// What runs inside the container, and its arguments.
    Program,
    Unknown,
}

/// Words of a line for the page: what each is and says. Never fails.
pub fn explain(line: &str) -> Vec<Word> {
    let mut explained = Vec::new();
    match words::read(line) {
        Ok(list) => explain_list(&list, &mut explained),
        // Up to the mistake it may be fine.
        Err(mistake) => {
            let before = line.get(..mistake.range.start).unwrap_or_default();
            if let Ok(list) = words::read(before) {
                explain_list(&list, &mut explained);
            }
            explained.push(Word {
                range: mistake.range,
                kind: WordKind::Unknown,
                text: mistake.text,
            });
        }
    }
    explained.retain(|word| !word.range.is_empty());
    explained.sort_by_key(|word| word.range.start);
    explained
}

/// What is wrong with the line before it is run, if anything.
pub fn mistake(line: &str) -> Option<Mistake> {
    match words::read(line) {
        Err(mistake) => Some(mistake),
        Ok(list) => mistake_in(&list),
    }
}

fn explain_list(list: &List, explained: &mut Vec<Word>) {
    let mut say = |range: &Range<usize>, kind, text: &str| {
        explained.push(Word {
            range: range.clone(),
            kind,
            text: text.to_owned(),
        });
    };
    for (connector, pipeline) in list {
        let text = match connector.when {
            When::Always => "Then runs what follows.",
            When::Success => "Runs what follows only if what was before worked.",
            When::Failure => "Runs what follows only if what was before failed.",
        };
        say(&connector.range, WordKind::Operator, text);
        for pipe in &pipeline.pipes {
            say(
                pipe,
                WordKind::Operator,
                "Hands the output on to the filter that follows.",
            );
        }
    }
    for (_, pipeline) in list {
        for (index, command) in pipeline.commands.iter().enumerate() {
            explain_command(command, index > 0, explained);
            for part in command.iter().flat_map(|word| &word.parts) {
                if let Part::Output { list, .. } = part {
                    explain_list(list, explained);
                }
            }
        }
    }
}

fn explain_command(words: &[ShellWord], filter: bool, explained: &mut Vec<Word>) {
    let Some((name, rest)) = words.split_first() else {
        return;
    };
    let texts: Vec<String> = rest.iter().map(ShellWord::text).collect();
    let mut say = |word: &ShellWord, kind, text: String| {
        explained.push(Word {
            range: outer(word),
            kind,
            text,
        });
    };
    let name_text = name.text();
    match name_text.as_str() {
        _ if filter => {
            let about = match name_text.as_str() {
                "grep" => "Lets through the lines that have a text in them.",
                "head" => "Lets through the first lines.",
                "tail" => "Lets through the last lines.",
                "wc" => "Counts lines, words and bytes.",
                "sort" => "Puts lines in order.",
                _ => {
                    say(
                        name,
                        WordKind::Unknown,
                        "A pipe leads into grep, head, tail, wc or sort here.".to_owned(),
                    );
                    return;
                }
            };
            say(name, WordKind::Command, about.to_owned());
            for word in rest {
                let kind = if word.text().starts_with('-') {
                    WordKind::Flag
                } else {
                    WordKind::Argument
                };
                say(word, kind, String::new());
            }
        }
        "docker" => {
            say(
                name,
                WordKind::Command,
                "Docker's command line: asks the engine for something.".to_owned(),
            );
            explain_docker(rest, &texts, explained);
        }
        "curl" => {
            say(
                name,
                WordKind::Command,
                "Fetches a page over HTTP, from the host and not from a container.".to_owned(),
            );
            walk(
                curl::flags(),
                rest,
                &texts,
                true,
                &|_| (WordKind::Argument, "The page's address.".to_owned()),
                explained,
            );
        }
        "true" | "false" => say(
            name,
            WordKind::Command,
            "Does nothing, and ends well or badly.".to_owned(),
        ),
        other => {
            let refusal = shell::refusal(other);
            let refusal = refusal.strip_prefix("causeway: ").unwrap_or(&refusal);
            say(
                name,
                WordKind::Unknown,
                format!("{}.", refusal.trim_end_matches('.')),
            );
        }
    }
}

fn explain_docker(rest: &[ShellWord], texts: &[String], explained: &mut Vec<Word>) {
    let mut say = |word: Option<&ShellWord>, kind, text: String| {
        explained.extend(word.map(|word| Word {
            range: outer(word),
            kind,
            text,
        }));
    };
    match grammar::find(texts) {
        Found::Command { grammar, words, .. } => {
            let name = rest[0].range.start..rest[words - 1].range.end;
            explained.push(Word {
                range: name,
                kind: WordKind::Command,
                text: format!("{}.", grammar.about),
            });
            let describe = |index: usize| argument(grammar, index);
            walk(
                grammar.flags,
                &rest[words..],
                &texts[words..],
                grammar.program_from.is_none(),
                &describe,
                explained,
            );
        }
        Found::Group { name, about } => {
            say(rest.first(), WordKind::Command, format!("{about}."));
            say(
                rest.get(1),
                WordKind::Unknown,
                format!("There is no such command of docker {name}."),
            );
        }
        Found::Unknown => {
            let word = texts.first().map(String::as_str).unwrap_or_default();
            let text = if ELSEWHERE.contains(&word) {
                "A real docker command that this lab does not have."
            } else {
                "There is no such docker command."
            };
            say(rest.first(), WordKind::Unknown, text.to_owned());
        }
    }
}

fn argument(grammar: &Grammar, index: usize) -> (WordKind, String) {
    match grammar.program_from {
        Some(from) if index == from && grammar.names.contains(&"top") => {
            (WordKind::Program, "An option for ps.".to_owned())
        }
        Some(from) if index == from => (
            WordKind::Program,
            "The program that runs inside the container.".to_owned(),
        ),
        Some(from) if index > from => (
            WordKind::Program,
            "Goes to the program inside the container, not to docker.".to_owned(),
        ),
        _ => {
            let name = grammar
                .arguments
                .get(index)
                .or(grammar.arguments.last())
                .copied()
                .unwrap_or("argument");
            (WordKind::Argument, format!("The {name}."))
        }
    }
}

fn walk(
    flags: &'static [Flag],
    words: &[ShellWord],
    texts: &[String],
    interspersed: bool,
    describe: &dyn Fn(usize) -> (WordKind, String),
    explained: &mut Vec<Word>,
) {
    let mut arguments = 0;
    let mut say = |index: usize, kind, text: String| {
        explained.extend(words.get(index).map(|word| Word {
            range: outer(word),
            kind,
            text,
        }));
    };
    for step in Walk::new(flags, texts, interspersed) {
        match step {
            Ok(Step::Argument { word }) => {
                let (kind, text) = describe(arguments);
                say(word, kind, text);
                arguments += 1;
            }
            Ok(Step::Dashes { word }) => say(
                word,
                WordKind::Flag,
                "No flags of docker's after this.".to_owned(),
            ),
            Ok(Step::Flags {
                word,
                set,
                value_word,
            }) => {
                let about: Vec<String> = set.iter().map(|(flag, _)| said(flags, flag)).collect();
                say(word, WordKind::Flag, about.join(" "));
                if let (Some(value_word), Some((flag, _))) = (value_word, set.last()) {
                    say(
                        value_word,
                        WordKind::Value,
                        format!("The value of --{}.", flag.name),
                    );
                }
            }
            Err(error) => say(error.word, WordKind::Unknown, told(&error.cause)),
        }
    }
}

fn said(flags: &[Flag], flag: &Flag) -> String {
    // Another spelling has its text under the first one.
    let named = flag
        .stores
        .and_then(|name| flags.iter().find(|flag| flag.name == name))
        .unwrap_or(flag);
    let title = flag.title();
    if named.about.is_empty() {
        format!("{title}.")
    } else {
        format!("{title}: {}.", named.about)
    }
}

fn told(cause: &Cause) -> String {
    match cause {
        Cause::Help => "Shows what there is to know about the command.".to_owned(),
        Cause::Wrong(why) => format!("{why}."),
        Cause::Refused { flag, why } => format!("{flag} is not for a lab: {why}."),
    }
}

fn mistake_in(list: &List) -> Option<Mistake> {
    for (_, pipeline) in list {
        for (index, command) in pipeline.commands.iter().enumerate() {
            let nested = command
                .iter()
                .flat_map(|word| &word.parts)
                .find_map(|part| match part {
                    Part::Output { list, .. } => mistake_in(list),
                    _ => None,
                });
            let found = nested.or_else(|| {
                if index > 0 {
                    wrong_filter(command)
                } else {
                    wrong_command(command)
                }
            });
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

fn wrong_filter(words: &[ShellWord]) -> Option<Mistake> {
    let (name, rest) = words.split_first()?;
    let texts: Vec<String> = rest.iter().map(ShellWord::text).collect();
    let text = filter::Filter::new(&name.text(), &texts).err()?;
    Some(Mistake {
        range: name.range.clone(),
        text: text.trim_start_matches("causeway: ").to_owned(),
    })
}

fn wrong_command(words: &[ShellWord]) -> Option<Mistake> {
    let (name, rest) = words.split_first()?;
    let texts: Vec<String> = rest.iter().map(ShellWord::text).collect();
    let at = |word: &ShellWord, text: String| {
        Some(Mistake {
            range: word.range.clone(),
            text,
        })
    };
    match name.text().as_str() {
        "docker" => wrong_docker(name, rest, &texts),
        "curl" => {
            let error = flags::parse(curl::flags(), &texts, true).err()?;
            (error.cause != Cause::Help)
                .then(|| at(rest.get(error.word)?, told(&error.cause)))
                .flatten()
        }
        "true" | "false" => None,
        // What `$(…)` gives is known only when it runs.
        _ if name.parts.iter().any(|part| !matches!(part, Part::Text(_))) => None,
        other => at(
            name,
            shell::refusal(other)
                .trim_start_matches("causeway: ")
                .to_owned(),
        ),
    }
}

fn wrong_docker(name: &ShellWord, rest: &[ShellWord], texts: &[String]) -> Option<Mistake> {
    let at = |word: &ShellWord, text: String| {
        Some(Mistake {
            range: word.range.clone(),
            text,
        })
    };
    let first = texts.first()?;
    match grammar::find(texts) {
        Found::Command {
            grammar,
            path,
            words,
            ..
        } => {
            match flags::parse(
                grammar.flags,
                &texts[words..],
                grammar.program_from.is_none(),
            ) {
                Err(error) if error.cause == Cause::Help => None,
                Err(error) => at(rest.get(words + error.word)?, told(&error.cause)),
                Ok(given) => {
                    // What `$(…)` becomes may be several words.
                    let known = rest
                        .iter()
                        .flat_map(|word| &word.parts)
                        .all(|part| !matches!(part, Part::Output { .. }));
                    let wrong = grammar
                        .count
                        .wrong(given.arguments.len())
                        .filter(|_| known)?;
                    let range = name.range.start..rest[words - 1].range.end;
                    Some(Mistake {
                        range,
                        text: format!("'{path}' {wrong}: {path} {}", grammar.usage),
                    })
                }
            }
        }
        Found::Group { name, .. } => {
            let word = texts.get(1).filter(|word| !word.starts_with('-'))?;
            at(
                rest.get(1)?,
                format!("unknown command: docker {name} {word}"),
            )
        }
        Found::Unknown if first.starts_with('-') || first == "help" => None,
        Found::Unknown if ELSEWHERE.contains(&first.as_str()) => at(
            rest.first()?,
            format!("docker {first} is a real command, but this lab does not have it."),
        ),
        Found::Unknown => at(rest.first()?, format!("unknown command: docker {first}")),
    }
}

/// A word's place without what is explained on its own inside it.
fn outer(word: &ShellWord) -> Range<usize> {
    if word
        .parts
        .iter()
        .any(|part| matches!(part, Part::Output { .. }))
    {
        return word.range.start..word.range.start;
    }
    word.range.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        let shown: Vec<String> = explain(line)
            .iter()
            .map(|word| {
                format!(
                    "{} {:?}: {}",
                    &line[word.range.clone()],
                    word.kind,
                    word.text
                )
            })
            .collect();
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn every_word_says_what_it_is() {
        check(
            "docker run -it --name web --network lab nginx ping -c 1; docker ps | grep web",
            &[
                "docker Command: Docker's command line: asks the engine for something.",
                "run Command: Make a container from an image and start it.",
                "-it Flag: -i, --interactive: Keep its input open. -t, --tty: Give it a terminal.",
                "--name Flag: --name: What it is called; other containers on its network find it by this name.",
                "web Value: The value of --name.",
                "--network Flag: --network: The network it is connected to; also name=…,alias=…,ip=….",
                "lab Value: The value of --network.",
                "nginx Argument: The image.",
                "ping Program: The program that runs inside the container.",
                "-c Program: Goes to the program inside the container, not to docker.",
                "1 Program: Goes to the program inside the container, not to docker.",
                "; Operator: Then runs what follows.",
                "docker Command: Docker's command line: asks the engine for something.",
                "ps Command: List containers.",
                "| Operator: Hands the output on to the filter that follows.",
                "grep Command: Lets through the lines that have a text in them.",
                "web Argument: ",
            ],
        );
    }

    #[test]
    fn what_is_unknown_says_so() {
        check(
            "docker network ls --foo && docker foo && rm x",
            &[
                "docker Command: Docker's command line: asks the engine for something.",
                "network ls Command: List networks.",
                "--foo Unknown: unknown flag: --foo.",
                "&& Operator: Runs what follows only if what was before worked.",
                "docker Command: Docker's command line: asks the engine for something.",
                "foo Unknown: There is no such docker command.",
                "&& Operator: Runs what follows only if what was before worked.",
                "rm Unknown: rm: only docker commands run here, and curl; to run it inside a container: docker exec CONTAINER rm.",
            ],
        );
        check(
            "docker \"",
            &[
                "docker Command: Docker's command line: asks the engine for something.",
                "\" Unknown: The quote \" at character 8 is not closed; add another \" where it ends.",
            ],
        );
        check(
            "docker rm $(docker ps -q)",
            &[
                "docker Command: Docker's command line: asks the engine for something.",
                "rm Command: Remove containers.",
                "docker Command: Docker's command line: asks the engine for something.",
                "ps Command: List containers.",
                "-q Flag: -q, --quiet: Show ids only.",
            ],
        );
    }

    fn check_mistake(line: &str, expected: Option<(&str, &str)>) {
        let found = mistake(line);
        let shown = found
            .as_ref()
            .map(|mistake| (&line[mistake.range.clone()], mistake.text.as_str()));
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn mistakes() {
        check_mistake("docker run -d --name web nginx --foo", None);
        check_mistake("docker rm $(docker ps -q)", None);
        check_mistake(
            "docker run --nam web",
            Some(("--nam", "unknown flag: --nam.")),
        );
        check_mistake(
            "docker run",
            Some((
                "docker run",
                "'docker run' requires at least 1 argument: docker run [OPTIONS] IMAGE [COMMAND] [ARG...]",
            )),
        );
        check_mistake(
            "docker network creat x",
            Some(("creat", "unknown command: docker network creat")),
        );
        check_mistake("docker pss", Some(("pss", "unknown command: docker pss")));
        check_mistake(
            "docker run --privileged x",
            Some((
                "--privileged",
                "--privileged is not for a lab: a container of a lab gets none of your machine's rights.",
            )),
        );
        check_mistake(
            "sudo docker ps",
            Some((
                "sudo",
                "sudo: not needed here, type the docker command alone.",
            )),
        );
        check_mistake(
            "docker ps | less",
            Some((
                "less",
                "less: a pipe leads into grep, head, tail, wc or sort here, nothing else.",
            )),
        );
        check_mistake(
            "docker run —rm x",
            Some((
                "—",
                "— at character 12 is a typographic dash, as web pages have them: type -- instead.",
            )),
        );
        check_mistake(
            "docker ps -",
            Some((
                "docker ps",
                "'docker ps' accepts no arguments: docker ps [OPTIONS]",
            )),
        );
        check_mistake("docker", None);
    }
}
