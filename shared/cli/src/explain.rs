//! What each word of a line is and says, for the page: hover texts and marks, from the same grammar that runs it.

use std::ops::Range;

use sh::{Command, Direction, Kind, List, Part, Redirect, When, Word as ShellWord};

use crate::{
    flags,
    flags::{Cause, Flag, Step, Walk},
    grammar::{self, ELSEWHERE, Found, Grammar},
    programs, shell,
};

/// What is wrong with a line before it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the line.
    pub range: Range<usize>,
    /// One sentence: what is wrong, and what to type instead.
    pub text: String,
}

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
    /// `;`, `&&`, `||`, `|`, `>`, `for`
    Operator,
    /// `NAME=value`
    Assignment,
    /// What runs inside the container, and its arguments.
    Program,
    Unknown,
}

/// Words of a line for the page: what each is and says. Never fails.
pub fn explain(line: &str) -> Vec<Word> {
    let mut explained = Vec::new();
    match sh::read_typed(line) {
        Ok(list) => explain_list(&list, &mut explained),
        // Up to the mistake it may be fine.
        Err(mistake) => {
            let before = line.get(..mistake.range.start).unwrap_or_default();
            if let Ok(list) = sh::read_typed(before) {
                explain_list(&list, &mut explained);
            }
            explained.push(Word {
                text: shell::told(&mistake, line),
                range: mistake.range,
                kind: WordKind::Unknown,
            });
        }
    }
    explained.retain(|word| !word.range.is_empty());
    explained.sort_by_key(|word| word.range.start);
    explained
}

/// What is wrong with the line before it is run, if anything.
pub fn mistake(line: &str) -> Option<Mistake> {
    match sh::read_typed(line) {
        Err(mistake) => Some(Mistake {
            text: shell::told(&mistake, line),
            range: mistake.range,
        }),
        Ok(list) => {
            let mut functions = Vec::new();
            defined(&list, &mut functions);
            mistake_in(&list, &functions)
        }
    }
}

/// More lines could mend what is wrong with it: an open quote, a loop without its `done`, a `\` at its end.
pub fn is_unfinished(line: &str) -> bool {
    let escaped = line.len() - line.trim_end_matches('\\').len();
    escaped % 2 == 1 || sh::read(line).is_err_and(|mistake| mistake.is_unfinished())
}

fn explain_list(list: &List, explained: &mut Vec<Word>) {
    for (index, item) in list.iter().enumerate() {
        let text = match item.when {
            When::Always => "Then runs what follows.",
            When::Success => "Runs what follows only if what was before worked.",
            When::Failure => "Runs what follows only if what was before failed.",
        };
        let after_background = index > 0 && list[index - 1].background.is_some();
        if !after_background {
            say(&item.operator, WordKind::Operator, text, explained);
        }
        if let Some(range) = &item.background {
            say(range, WordKind::Unknown, BACKGROUND, explained);
        }
        if let Some(range) = &item.pipeline.not {
            say(
                range,
                WordKind::Operator,
                "Turns it round: well becomes badly.",
                explained,
            );
        }
        for pipe in &item.pipeline.pipes {
            let text = "Hands the output on to the command that follows.";
            say(pipe, WordKind::Operator, text, explained);
        }
        for command in &item.pipeline.commands {
            explain_command(command, explained);
        }
    }
}

const BACKGROUND: &str =
    "& would run the command in the background; use docker run -d, or a second terminal.";

fn say(range: &Range<usize>, kind: WordKind, text: &str, explained: &mut Vec<Word>) {
    explained.push(Word {
        range: range.clone(),
        kind,
        text: text.to_owned(),
    });
}

fn explain_command(command: &Command, explained: &mut Vec<Word>) {
    for (keyword, range) in &command.keywords {
        say(range, WordKind::Operator, keyword_text(keyword), explained);
    }
    for redirect in &command.redirects {
        explain_redirect(redirect, explained);
    }
    match &command.kind {
        Kind::Simple { assignments, words } => {
            for assignment in assignments {
                let name = &assignment.name;
                let text = format!("Sets the variable {name}; ${name} is its value.");
                let range = &assignment.range;
                if outer(&assignment.value) == assignment.value.range {
                    say(range, WordKind::Assignment, &text, explained);
                }
                explain_outputs(&assignment.value, explained);
            }
            explain_words(words, explained);
        }
        Kind::For { words, body, .. } => {
            for word in words.iter().flatten() {
                say(
                    &outer(word),
                    WordKind::Argument,
                    "One turn of the loop is for this.",
                    explained,
                );
                explain_outputs(word, explained);
            }
            explain_list(body, explained);
        }
        Kind::Case { word, arms } => {
            explain_outputs(word, explained);
            for arm in arms {
                explain_list(&arm.body, explained);
            }
        }
        Kind::Function { body, .. } => explain_command(body, explained),
        kind => inside(kind).for_each(|list| explain_list(list, explained)),
    }
}

/// The lists that a loop, a choice or brackets are made of.
fn inside(kind: &Kind) -> impl Iterator<Item = &List> {
    let lists: Vec<&List> = match kind {
        Kind::Subshell(list) | Kind::Group(list) | Kind::For { body: list, .. } => vec![list],
        Kind::While {
            condition, body, ..
        } => vec![condition, body],
        Kind::If {
            branches,
            otherwise,
        } => {
            let branches = branches
                .iter()
                .flat_map(|(condition, body)| [condition, body]);
            branches.chain(otherwise).collect()
        }
        Kind::Case { arms, .. } => arms.iter().map(|arm| &arm.body).collect(),
        Kind::Simple { .. } | Kind::Function { .. } => Vec::new(),
    };
    lists.into_iter()
}

fn keyword_text(keyword: &str) -> &'static str {
    match keyword {
        "for" => "Does the same for each of several words.",
        "in" => "What follows is gone through.",
        "while" => "Goes around as long as this works.",
        "until" => "Goes around until this works.",
        "do" => "What a turn of the loop does.",
        "done" => "The loop ends here.",
        "if" => "Runs what follows then, if this works.",
        "then" => "If it worked.",
        "elif" => "Else, if this works.",
        "else" => "If it did not.",
        "case" => "Chooses by what a word is.",
        "fi" | "esac" => "The choice ends here.",
        _ => "Commands that belong together.",
    }
}

fn explain_redirect(redirect: &Redirect, explained: &mut Vec<Word>) {
    let what = if redirect.fd == Some(2) {
        "Error messages go"
    } else {
        "The output goes"
    };
    let target = redirect.target.shown();
    let text = match redirect.direction {
        Direction::Write if target == "/dev/null" => format!("{what} nowhere."),
        Direction::Write => {
            format!("{what} into the lab's file {target}, in place of what it held.")
        }
        Direction::Append => format!("{what} into the lab's file {target}, after what it holds."),
        Direction::WriteAll | Direction::AppendAll => {
            format!("Output and error messages go into the lab's file {target}.")
        }
        Direction::Read | Direction::Both => {
            format!("What is read comes from the lab's file {target}.")
        }
        Direction::Copy if redirect.fd == Some(2) => {
            "Error messages go where the output goes.".to_owned()
        }
        Direction::Copy => "The output goes where error messages go.".to_owned(),
        Direction::Text => "What is read is the text that follows.".to_owned(),
    };
    if outer(&redirect.target) == redirect.target.range || redirect.direction == Direction::Text {
        say(&redirect.range, WordKind::Operator, &text, explained);
    }
}

fn explain_outputs(word: &ShellWord, explained: &mut Vec<Word>) {
    for part in &word.parts {
        if let Part::Output { list, .. } = part {
            explain_list(list, explained);
        }
    }
}

fn explain_words(words: &[ShellWord], explained: &mut Vec<Word>) {
    for word in words {
        explain_outputs(word, explained);
    }
    let Some((name, rest)) = words.split_first() else {
        return;
    };
    let texts: Vec<String> = rest.iter().map(ShellWord::shown).collect();
    let range = outer(name);
    let name_text = name.shown();
    match name_text.as_str() {
        "docker" => {
            let text = "Docker's command line: asks the engine for something.";
            say(&range, WordKind::Command, text, explained);
            explain_docker(rest, &texts, explained);
        }
        "ssh" => explain_ssh(name, rest, explained),
        other => match programs::find(other) {
            Some(grammar) => {
                say(
                    &range,
                    WordKind::Command,
                    &format!("{}.", grammar.about),
                    explained,
                );
                let interspersed = grammar.program_from.is_none();
                let describe = |index: usize| argument(grammar, index);
                walk(
                    grammar.flags,
                    rest,
                    &texts,
                    interspersed,
                    &describe,
                    explained,
                );
            }
            None if name.literal().is_none() => {}
            None => say(&range, WordKind::Unknown, &unknown(other), explained),
        },
    }
}

fn explain_ssh(name: &ShellWord, rest: &[ShellWord], explained: &mut Vec<Word>) {
    let text = "Runs a command on another of the lab's machines.";
    say(&outer(name), WordKind::Command, text, explained);
    let options = rest
        .iter()
        .take_while(|word| word.shown().starts_with('-'))
        .count();
    for word in &rest[..options] {
        say(
            &outer(word),
            WordKind::Flag,
            "An option for ssh.",
            explained,
        );
    }
    if let Some(host) = rest.get(options) {
        say(&outer(host), WordKind::Argument, "The machine.", explained);
        explain_words(&rest[options + 1..], explained);
    }
}

/// Of a name that is no command here: a sentence.
fn unknown(name: &str) -> String {
    match name {
        "sudo" => "sudo: not needed here, type the docker command alone.".to_owned(),
        name if name.contains('/') => {
            "Files are not run here; sh FILE runs one of the lab's.".to_owned()
        }
        name => format!(
            "{name}: there is no such command here (help lists them); inside a container: docker exec CONTAINER {name}"
        ),
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

/// The names of the functions that a line makes.
fn defined(list: &List, functions: &mut Vec<String>) {
    for command in list.iter().flat_map(|item| &item.pipeline.commands) {
        if let Kind::Function { name, .. } = &command.kind {
            functions.push(name.clone());
        }
        inside(&command.kind).for_each(|list| defined(list, functions));
    }
}

fn mistake_in(list: &List, functions: &[String]) -> Option<Mistake> {
    list.iter().find_map(|item| {
        let background = item.background.clone().map(|range| Mistake {
            range,
            text: BACKGROUND.to_owned(),
        });
        let mut commands = item.pipeline.commands.iter();
        background.or_else(|| commands.find_map(|command| wrong_in(command, functions)))
    })
}

fn wrong_in(command: &Command, functions: &[String]) -> Option<Mistake> {
    match &command.kind {
        Kind::Simple { assignments, words } => {
            let values = assignments.iter().map(|assignment| &assignment.value);
            let nested =
                values
                    .chain(words)
                    .flat_map(|word| &word.parts)
                    .find_map(|part| match part {
                        Part::Output { list, .. } => mistake_in(list, functions),
                        _ => None,
                    });
            nested.or_else(|| wrong_command(words, functions))
        }
        Kind::Function { body, .. } => wrong_in(body, functions),
        kind => inside(kind).find_map(|list| mistake_in(list, functions)),
    }
}

fn wrong_command(words: &[ShellWord], functions: &[String]) -> Option<Mistake> {
    let (name, rest) = words.split_first()?;
    let texts: Vec<String> = rest.iter().map(ShellWord::shown).collect();
    let at = |word: &ShellWord, text: String| {
        Some(Mistake {
            range: word.range.clone(),
            text,
        })
    };
    // What `$(…)` gives is known only when it runs.
    let text = name.literal()?;
    match text.as_str() {
        "docker" => wrong_docker(name, rest, &texts),
        "ssh" => None,
        other => match programs::find(other) {
            Some(grammar) => {
                let error =
                    flags::parse(grammar.flags, &texts, grammar.program_from.is_none()).err()?;
                let old_number = matches!(other, "head" | "tail")
                    && texts[error.word][1..].parse::<u64>().is_ok();
                (error.cause != Cause::Help && !old_number)
                    .then(|| at(rest.get(error.word)?, told(&error.cause)))
                    .flatten()
            }
            None if functions.contains(&text) => None,
            None => at(name, unknown(other)),
        },
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
    let runs = |part: &Part| matches!(part, Part::Output { .. });
    if word.parts.iter().any(runs) {
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
                "| Operator: Hands the output on to the command that follows.",
                "grep Command: Lets through the lines that have a pattern in them.",
                "web Argument: The pattern.",
            ],
        );
    }

    #[test]
    fn what_is_unknown_says_so() {
        check(
            "docker network ls --foo && docker foo && htop x",
            &[
                "docker Command: Docker's command line: asks the engine for something.",
                "network ls Command: List networks.",
                "--foo Unknown: unknown flag: --foo.",
                "&& Operator: Runs what follows only if what was before worked.",
                "docker Command: Docker's command line: asks the engine for something.",
                "foo Unknown: There is no such docker command.",
                "&& Operator: Runs what follows only if what was before worked.",
                "htop Unknown: htop: there is no such command here (help lists them); inside a container: docker exec CONTAINER htop",
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
                "less: there is no such command here (help lists them); inside a container: docker exec CONTAINER less",
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
