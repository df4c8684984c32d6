//! What could be typed next: commands, flags, their values, and the names of what there is. From the one grammar.
//!
//! A pure function of the line, the place in it, and the names that its asker knows.

use std::ops::Range;

use lab::files::resolve;

use crate::{
    flags::{Flag, Step, Takes, Walk},
    grammar::{self, Found, Grammar},
    kinds::{self, Kind, Which},
    programs,
    session::HOME,
};

/// What there is, as far as the asker knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    pub containers: Vec<ContainerName>,
    pub networks: Vec<String>,
    pub images: Vec<String>,
    /// The lab's files, by path (`/app.py`); a folder's ends with `/`.
    pub files: Vec<String>,
    /// Where the learner is among them.
    pub folder: String,
    /// The other machines: `ssh host2`.
    pub hosts: Vec<String>,
    pub variables: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContainerName {
    pub name: String,
    pub running: bool,
    pub paused: bool,
}

/// What fits, and where it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Bytes of the line that a candidate takes the place of.
    pub range: Range<usize>,
    pub candidates: Vec<Candidate>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// As it is written into the line.
    pub text: String,
    /// What it is: a sentence without its full stop, or nothing.
    pub about: String,
    /// More belongs to the same word: a folder's `/`, a key's `=`.
    pub goes_on: bool,
}

impl Completion {
    /// What all candidates begin with.
    pub fn common(&self) -> &str {
        let Some((first, rest)) = self.candidates.split_first() else {
            return "";
        };
        let mut common = first.text.as_str();
        for candidate in rest {
            let same = common
                .chars()
                .zip(candidate.text.chars())
                .take_while(|(a, b)| a == b);
            let length: usize = same.map(|(letter, _)| letter.len_utf8()).sum();
            common = &common[..length];
        }
        common
    }
}

/// What could stand at this place (a byte of the line).
pub fn complete(line: &str, cursor: usize, names: &Names) -> Completion {
    let before = line.get(..cursor).unwrap_or(line);
    let place = Place::of(before);
    let mut candidates = candidates(&place, names);
    candidates.retain(|candidate| {
        candidate.text.starts_with(&place.word) && candidate.text != place.word
            || candidate.text == place.word && !candidate.goes_on
    });
    candidates.sort_by(|a, b| a.text.cmp(&b.text));
    candidates.dedup_by(|a, b| a.text == b.text);
    for candidate in &mut candidates {
        candidate.text = quoted(&candidate.text, place.quote);
    }
    Completion {
        range: place.start..before.len(),
        candidates,
    }
}

/// The command that the place is in, as far as it is typed.
#[derive(Debug, Default)]
struct Place {
    /// The words before, without their quotes.
    words: Vec<String>,
    /// The word that is being typed, without its quotes.
    word: String,
    start: usize,
    /// The quote that is open.
    quote: Option<char>,
    /// After `>` or `<`: a file follows.
    file: bool,
}

impl Place {
    fn of(before: &str) -> Self {
        let mut place = Self::default();
        // Commands around this one: inside `$(` and `(`.
        let mut outer = Vec::new();
        let mut in_word = false;
        let mut letters = before.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            if let Some(quote) = place.quote {
                match letter {
                    letter if letter == quote => place.quote = None,
                    '\\' if quote == '"' => {
                        place.word.extend(letters.next().map(|(_, letter)| letter));
                    }
                    letter => place.word.push(letter),
                }
                continue;
            }
            if !in_word && !letter.is_whitespace() {
                place.start = at;
                in_word = true;
            }
            match letter {
                '\'' | '"' => place.quote = Some(letter),
                '\\' => place.word.extend(letters.next().map(|(_, letter)| letter)),
                '$' if letters.peek().is_some_and(|(_, next)| *next == '(') => {
                    letters.next();
                    outer.push(std::mem::take(&mut place));
                    in_word = false;
                }
                '(' => {
                    outer.push(std::mem::take(&mut place));
                    in_word = false;
                }
                ')' => {
                    place = outer.pop().unwrap_or_default();
                    place.word.push(' ');
                    in_word = true;
                }
                ';' | '|' | '&' | '\n' => {
                    place = Self::default();
                    in_word = false;
                }
                '>' | '<' => {
                    place.end_word();
                    place.file = true;
                    in_word = false;
                }
                letter if letter.is_whitespace() => {
                    if in_word {
                        place.end_word();
                    }
                    in_word = false;
                }
                letter => place.word.push(letter),
            }
        }
        if !in_word && place.quote.is_none() {
            place.start = before.len();
        }
        place
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.word);
        if std::mem::take(&mut self.file) || word.is_empty() {
            return;
        }
        let keyword = [
            "do", "then", "else", "elif", "if", "while", "until", "!", "{",
        ]
        .contains(&word.as_str());
        let assignment = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .chars()
                    .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        });
        // What follows them is a command of its own.
        if !(self.words.is_empty() && (keyword || assignment)) {
            self.words.push(word);
        }
    }
}

fn candidate(text: impl Into<String>, about: impl Into<String>) -> Candidate {
    Candidate {
        text: text.into(),
        about: about.into(),
        goes_on: false,
    }
}

fn candidates(place: &Place, names: &Names) -> Vec<Candidate> {
    if place.file {
        return files(&place.word, names);
    }
    if let Some(name) = place
        .word
        .strip_prefix('$')
        .filter(|_| place.quote != Some('\''))
    {
        let variables = names
            .variables
            .iter()
            .filter(|variable| variable.starts_with(name));
        return variables
            .map(|variable| candidate(format!("${variable}"), "A variable"))
            .collect();
    }
    let Some((first, words)) = place.words.split_first() else {
        return commands();
    };
    match first.as_str() {
        "docker" => docker(words, &place.word, names),
        "ssh" => match words.split_first() {
            None => names
                .hosts
                .iter()
                .map(|host| candidate(host, "A machine of the lab"))
                .collect(),
            Some((_, [])) => commands(),
            Some((_, [docker, words @ ..])) if docker == "docker" => {
                docker_there(words, &place.word)
            }
            Some(_) => Vec::new(),
        },
        "which" | "type" | "help" | "man" | "command" | "xargs" if words.is_empty() => commands(),
        "xargs" if words[0] == "docker" => docker(&words[1..], &place.word, names),
        first => match programs::find(first) {
            Some(grammar) => arguments(grammar, words, &place.word, names),
            None => Vec::new(),
        },
    }
}

fn commands() -> Vec<Candidate> {
    let others = [
        candidate("docker", "Docker's command line"),
        candidate("ssh", "Runs a command on another of the lab's machines"),
    ];
    let programs = programs::grammars().flat_map(|grammar| {
        let names = grammar.names.iter().take(1);
        names.map(|name| candidate(*name, grammar.about))
    });
    others.into_iter().chain(programs).collect()
}

fn docker(words: &[String], word: &str, names: &Names) -> Vec<Candidate> {
    let groups = || grammar::groups().map(|(name, about)| candidate(name, about));
    let list = |group: &str| {
        let commands = grammar::list(group).into_iter();
        commands
            .map(|(name, about)| candidate(name, about))
            .collect::<Vec<_>>()
    };
    if words.is_empty() {
        return groups().chain(list("")).collect();
    }
    match grammar::find(words) {
        Found::Command {
            grammar,
            words: used,
            ..
        } => arguments(grammar, &words[used..], word, names),
        Found::Group { name, .. } if words.len() == 1 => list(name),
        _ => Vec::new(),
    }
}

/// On another machine, whose names are not known here.
fn docker_there(words: &[String], word: &str) -> Vec<Candidate> {
    docker(words, word, &Names::default())
}

/// What the word could be where it stands among a command's words.
fn arguments(
    grammar: &'static Grammar,
    words: &[String],
    word: &str,
    names: &Names,
) -> Vec<Candidate> {
    let place = words.len();
    let all: Vec<String> = words.iter().cloned().chain([word.to_owned()]).collect();
    let mut number = 0;
    let mut dashes = false;
    for step in Walk::new(grammar.flags, &all, grammar.program_from.is_none()) {
        match step {
            Ok(Step::Flags {
                set,
                value_word: Some(value),
                ..
            }) if value == place => {
                return set
                    .last()
                    .map_or_else(Vec::new, |(flag, _)| values(grammar, flag, word, names));
            }
            Ok(Step::Argument { word: at }) if at == place => break,
            Ok(Step::Argument { .. }) => number += 1,
            Ok(Step::Dashes { word: at }) => dashes |= at < place,
            // A value that is not finished may be a wrong one.
            Err(error) if error.word + 1 == place => {
                if let Some(flag) = last_flag(grammar.flags, &all[error.word]) {
                    return values(grammar, flag, word, names);
                }
            }
            Ok(Step::Flags { .. }) | Err(_) => {}
        }
    }
    let program = grammar
        .program_from
        .is_some_and(|from| number > from || (number == from && from > 0 && number >= from));
    if word.starts_with('-') && !dashes && !program {
        return match word.split_once('=') {
            Some((name, value)) => {
                let flag = grammar
                    .flags
                    .iter()
                    .find(|flag| Some(flag.name) == name.strip_prefix("--"));
                let values = flag.map_or_else(Vec::new, |flag| values(grammar, flag, value, names));
                values
                    .into_iter()
                    .map(|value| Candidate {
                        text: format!("{name}={}", value.text),
                        ..value
                    })
                    .collect()
            }
            None => flags(grammar.flags),
        };
    }
    of_kind(grammar.argument_kind(number), word, names)
}

/// The flag of a word that the next word is the value of.
fn last_flag<'f>(flags: &'f [Flag], word: &str) -> Option<&'f Flag> {
    let flag = if let Some(name) = word.strip_prefix("--") {
        flags.iter().find(|flag| flag.name == name)
    } else {
        let letter = word.chars().next_back().filter(|_| word.starts_with('-'));
        flags
            .iter()
            .find(|flag| flag.short.is_some() && flag.short == letter)
    };
    flag.filter(|flag| matches!(flag.takes, Takes::One(..) | Takes::Many(..)))
}

fn flags(flags: &[Flag]) -> Vec<Candidate> {
    let shown = flags.iter().filter(|flag| {
        flag.stores.is_none() && !flag.about.is_empty() && !matches!(flag.takes, Takes::Refused(_))
    });
    shown
        .flat_map(|flag| {
            let short = flag
                .short
                .map(|letter| candidate(format!("-{letter}"), flag.about));
            short
                .into_iter()
                .chain([candidate(format!("--{}", flag.name), flag.about)])
        })
        .collect()
}

fn values(grammar: &Grammar, flag: &Flag, word: &str, names: &Names) -> Vec<Candidate> {
    of_kind(grammar.value_kind(flag), word, names)
}

fn of_kind(kind: Kind, word: &str, names: &Names) -> Vec<Candidate> {
    let networks = || {
        let own = names.networks.iter().map(String::as_str);
        let all = own.chain(kinds::built_in_networks().iter().copied());
        all.map(|name| candidate(name, "A network"))
    };
    let images = || names.images.iter().map(|name| candidate(name, "An image"));
    match kind {
        Kind::Container(which) => containers(which, names).collect(),
        Kind::Network => networks().collect(),
        Kind::Image => images().collect(),
        Kind::Anything => containers(Which::Any, names)
            .chain(networks())
            .chain(images())
            .collect(),
        Kind::File => files(word, names),
        Kind::OneOf(words) => words.iter().map(|word| candidate(*word, "")).collect(),
        Kind::Pairs(keys) => keys
            .iter()
            .map(|key| Candidate {
                goes_on: true,
                ..candidate(format!("{key}="), "")
            })
            .collect(),
        Kind::Port | Kind::Text => Vec::new(),
    }
}

fn containers(which: Which, names: &Names) -> impl Iterator<Item = Candidate> {
    let fits = move |container: &&ContainerName| match which {
        Which::Any => true,
        Which::Running => container.running && !container.paused,
        Which::Stopped => !container.running,
        Which::Paused => container.paused,
    };
    names.containers.iter().filter(fits).map(|container| {
        let about = match (container.paused, container.running) {
            (true, _) => "A container, paused",
            (_, true) => "A container that runs",
            _ => "A container that does not run",
        };
        candidate(&container.name, about)
    })
}

/// Files in the folder that the word leads to, spelled as the word spells the way.
fn files(word: &str, names: &Names) -> Vec<Candidate> {
    let way = word.rfind('/').map_or("", |at| &word[..=at]);
    let typed = match way.strip_prefix('~').or(way.strip_prefix(HOME)) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => way,
    };
    let folder = resolve(
        if names.folder.is_empty() {
            "/"
        } else {
            &names.folder
        },
        typed,
    );
    let inside = format!("{}/", folder.trim_end_matches('/'));
    let hidden = word[way.len()..].starts_with('.');
    let mut found = Vec::new();
    for path in &names.files {
        let Some(name) = path.strip_prefix(&inside) else {
            continue;
        };
        let is_folder = name.ends_with('/');
        let name = name.trim_end_matches('/');
        if name.is_empty() || name.contains('/') || (name.starts_with('.') && !hidden) {
            continue;
        }
        found.push(Candidate {
            text: format!("{way}{name}{}", if is_folder { "/" } else { "" }),
            about: if is_folder {
                "A folder of the lab"
            } else {
                "A file of the lab"
            }
            .to_owned(),
            goes_on: is_folder,
        });
    }
    found
}

/// So that the shell reads it as one word again.
fn quoted(text: &str, quote: Option<char>) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:=@%+,~$".contains(letter);
    match quote {
        Some(quote) => format!("{quote}{text}"),
        None if text.chars().all(plain) => text.to_owned(),
        None => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let container = |name: &str, running| ContainerName {
            name: name.to_owned(),
            running,
            paused: false,
        };
        let all = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        Names {
            containers: vec![
                container("web", true),
                container("worker", true),
                container("old", false),
            ],
            networks: all(&["mynet"]),
            images: all(&["nginx", "busybox"]),
            files: all(&[
                "/app.py",
                "/site/",
                "/site/index.html",
                "/.hidden",
                "/my file",
            ]),
            folder: "/".to_owned(),
            hosts: all(&["host2"]),
            variables: all(&["NAME"]),
        }
    }

    fn check(line: &str, expected: &[&str]) {
        let found = complete(line, line.len(), &names());
        let shown: Vec<&str> = found
            .candidates
            .iter()
            .map(|candidate| candidate.text.as_str())
            .collect();
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn names_of_what_there_is() {
        check("docker stop w", &["web", "worker"]);
        check("docker stop ", &["web", "worker"]);
        check("docker start ", &["old"]);
        check("docker rm o", &["old"]);
        check(
            "docker network connect ",
            &["bridge", "host", "mynet", "none"],
        );
        check("docker network connect mynet w", &["web", "worker"]);
        check(
            "docker run --network ",
            &["bridge", "host", "mynet", "none"],
        );
        check("docker run --network=m", &["--network=mynet"]);
        check("docker run --name w", &[]);
        check("docker run -d ng", &["nginx"]);
        check("docker exec web s", &[]);
        check("echo $(docker stop w", &["web", "worker"]);
        check("docker ps -q | xargs docker stop w", &["web", "worker"]);
        check("A=1 docker stop 'w", &["'web", "'worker"]);
        check("ssh ", &["host2"]);
        check("echo $N", &["$NAME"]);
    }

    #[test]
    fn commands_and_flags() {
        check("dock", &["docker"]);
        check("docker netw", &["network"]);
        check("docker network c", &["connect", "create"]);
        check("true && doc", &["docker"]);
        check("docker ps --no", &["--no-trunc"]);
        check(
            "docker ps -",
            &[
                "--all",
                "--filter",
                "--format",
                "--last",
                "--latest",
                "--no-trunc",
                "--quiet",
                "--size",
                "-a",
                "-f",
                "-l",
                "-n",
                "-q",
                "-s",
            ],
        );
        check("docker run --restart on", &["on-failure"]);
        check("docker ps --filter st", &["status="]);
        check("for x in a; do gre", &["grep"]);
        check(
            "wc -",
            &[
                "--bytes", "--chars", "--lines", "--words", "-c", "-l", "-m", "-w",
            ],
        );
    }

    #[test]
    fn files_of_the_lab() {
        check("cat ", &["app.py", "'my file'", "site/"]);
        check("cat site/", &["site/index.html"]);
        check("cat ~/a", &["~/app.py"]);
        check("cat .h", &[".hidden"]);
        check("echo a > a", &["app.py"]);
        check("cat < si", &["site/"]);
    }

    #[test]
    fn what_all_begin_with() {
        let found = complete("docker stop ", 12, &names());
        assert_eq!((found.common(), found.range.clone()), ("w", 12..12));
    }
}
