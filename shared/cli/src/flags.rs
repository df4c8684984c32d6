//! Flags, read as the docker CLI reads them (it uses Go's pflag): clusters (`-it`), values after a space, an `=` or
//! nothing at all (`-p8080:80`), `--`, and pflag's own words for what is wrong.
//!
//! It knows no command: which flags there are is handed in.

use std::borrow::Cow;

/// One flag of a command.
#[derive(Debug)]
pub struct Flag {
    pub name: &'static str,
    pub short: Option<char>,
    pub takes: Takes,
    /// What it does, for help and hover texts: a sentence without its full stop.
    pub about: &'static str,
    /// The flag whose values this one adds to: `--net` is another spelling of `--network`.
    pub stores: Option<&'static str>,
    /// Out of fashion: what docker says to use instead.
    pub deprecated: Option<&'static str>,
}

/// What follows a flag.
#[derive(Clone, Copy, Debug)]
pub enum Takes {
    /// Nothing, or `=true`, `=false`.
    Switch,
    /// A value, named as help texts name it; of several the last counts.
    One(&'static str, Check),
    /// A value each time it is given.
    Many(&'static str, Check),
    /// Docker has this flag, a lab does not: the sentence says why.
    Refused(&'static str),
}

/// Says what is wrong with a value, in docker's words.
pub type Check = fn(&str) -> Result<(), String>;

impl Flag {
    pub const fn switch(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::Switch, about)
    }

    pub const fn one(name: &'static str, value: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::One(value, anything), about)
    }

    pub const fn many(name: &'static str, value: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::Many(value, anything), about)
    }

    pub const fn number(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Takes::One("int", whole_number), about)
    }

    pub const fn refused(name: &'static str, why: &'static str) -> Self {
        Self::new(name, Takes::Refused(why), "")
    }

    pub const fn short(self, short: char) -> Self {
        Self {
            short: Some(short),
            ..self
        }
    }

    pub const fn checked(self, check: Check) -> Self {
        let takes = match self.takes {
            Takes::One(value, _) => Takes::One(value, check),
            Takes::Many(value, _) => Takes::Many(value, check),
            other => other,
        };
        Self { takes, ..self }
    }

    /// Another spelling of the flag `name`, left out of help texts.
    pub const fn stores(self, name: &'static str) -> Self {
        Self {
            stores: Some(name),
            ..self
        }
    }

    pub const fn deprecated(self, instead: &'static str) -> Self {
        Self {
            deprecated: Some(instead),
            ..self
        }
    }

    const fn new(name: &'static str, takes: Takes, about: &'static str) -> Self {
        Self {
            name,
            short: None,
            takes,
            about,
            stores: None,
            deprecated: None,
        }
    }

    /// As pflag names it in messages: `-m, --memory`.
    pub fn title(&self) -> String {
        match self.short {
            Some(short) => format!("-{short}, --{}", self.name),
            None => format!("--{}", self.name),
        }
    }
}

/// What a command was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    values: Vec<(&'static str, String)>,
    pub arguments: Vec<String>,
    /// What is said before anything is done.
    pub notes: Vec<String>,
}

impl Given {
    pub fn on(&self, name: &str) -> bool {
        self.one(name)
            .is_some_and(|value| truth(value) == Some(true))
    }

    /// The last value given.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.values
            .iter()
            .rev()
            .find(|(flag, _)| *flag == name)
            .map(|(_, value)| value.as_str())
    }

    /// The last value given, if it is not empty.
    pub fn text(&self, name: &str) -> Option<String> {
        self.one(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.one(name).and_then(|value| value.parse().ok())
    }

    pub fn all(&self, name: &str) -> Vec<String> {
        self.values
            .iter()
            .filter(|(flag, _)| *flag == name)
            .map(|(_, value)| value.clone())
            .collect()
    }

    pub fn has(&self, name: &str) -> bool {
        self.one(name).is_some()
    }
}

/// What one word of a command turned out to be.
#[derive(Debug)]
pub enum Step<'w> {
    /// One flag, or a cluster of them, and the value of the last.
    Flags {
        word: usize,
        set: Vec<(&'static Flag, Cow<'w, str>)>,
        value_word: Option<usize>,
    },
    Argument {
        word: usize,
    },
    /// `--`: only arguments from here.
    Dashes {
        word: usize,
    },
}

/// Why a word was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagError {
    pub word: usize,
    pub cause: Cause,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// `--help`
    Help,
    /// pflag's words.
    Wrong(String),
    /// Docker has it, a lab does not.
    Refused { flag: String, why: &'static str },
}

/// Walks over words, one step at a time; it can go on after an error.
pub struct Walk<'w> {
    flags: &'static [Flag],
    words: &'w [String],
    next: usize,
    interspersed: bool,
    only_arguments: bool,
}

impl<'w> Walk<'w> {
    /// `interspersed`: flags are looked for after the first argument too.
    pub fn new(flags: &'static [Flag], words: &'w [String], interspersed: bool) -> Self {
        Self {
            flags,
            words,
            next: 0,
            interspersed,
            only_arguments: false,
        }
    }

    fn long(&mut self, word: usize, text: &'w str) -> Result<Step<'w>, Cause> {
        let body = &text[2..];
        if body.starts_with(['-', '=']) {
            return Err(Cause::Wrong(format!("bad flag syntax: {text}")));
        }
        let (name, value) = match body.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (body, None),
        };
        let Some(flag) = self.flags.iter().find(|flag| flag.name == name) else {
            return Err(if name == "help" {
                Cause::Help
            } else {
                Cause::Wrong(format!("unknown flag: --{name}"))
            });
        };
        let (value, value_word) = match (flag.takes, value) {
            (Takes::Refused(why), _) => return Err(refused(flag, why)),
            (_, Some(value)) => (value, None),
            (Takes::Switch, None) => ("true", None),
            (_, None) => {
                let word = self.next;
                let value = self
                    .take()
                    .ok_or_else(|| Cause::Wrong(format!("flag needs an argument: --{name}")))?;
                (value, Some(word))
            }
        };
        check(flag, value)?;
        Ok(Step::Flags {
            word,
            set: vec![(flag, value.into())],
            value_word,
        })
    }

    fn cluster(&mut self, word: usize, text: &'w str) -> Result<Step<'w>, Cause> {
        let mut set = Vec::new();
        let mut value_word = None;
        let mut rest = &text[1..];
        while let Some(letter) = rest.chars().next() {
            let after = &rest[letter.len_utf8()..];
            let Some(flag) = self.flags.iter().find(|flag| flag.short == Some(letter)) else {
                let help = letter == 'h';
                let unknown = format!("unknown shorthand flag: {letter:?} in -{rest}");
                return Err(if help {
                    Cause::Help
                } else {
                    Cause::Wrong(unknown)
                });
            };
            let value = match flag.takes {
                Takes::Refused(why) => return Err(refused(flag, why)),
                _ if after.len() > 1 && after.starts_with('=') => {
                    std::mem::take(&mut rest).split_at(letter.len_utf8() + 1).1
                }
                Takes::Switch => {
                    rest = after;
                    "true"
                }
                _ if !after.is_empty() => {
                    rest = "";
                    after
                }
                _ => {
                    let cluster = std::mem::take(&mut rest);
                    value_word = Some(self.next);
                    let missing = || {
                        Cause::Wrong(format!("flag needs an argument: {letter:?} in -{cluster}"))
                    };
                    self.take().ok_or_else(missing)?
                }
            };
            check(flag, value)?;
            set.push((flag, value.into()));
        }
        Ok(Step::Flags {
            word,
            set,
            value_word,
        })
    }

    fn take(&mut self) -> Option<&'w str> {
        let word = self.words.get(self.next)?;
        self.next += 1;
        Some(word)
    }
}

impl<'w> Iterator for Walk<'w> {
    type Item = Result<Step<'w>, FlagError>;

    fn next(&mut self) -> Option<Self::Item> {
        let word = self.next;
        let text = self.take()?;
        if self.only_arguments || text == "-" || !text.starts_with('-') {
            self.only_arguments |= !self.interspersed;
            return Some(Ok(Step::Argument { word }));
        }
        if text == "--" {
            self.only_arguments = true;
            return Some(Ok(Step::Dashes { word }));
        }
        let step = if text.starts_with("--") {
            self.long(word, text)
        } else {
            self.cluster(word, text)
        };
        Some(step.map_err(|cause| FlagError { word, cause }))
    }
}

/// Reads all words, up to the first mistake.
pub fn parse(
    flags: &'static [Flag],
    words: &[String],
    interspersed: bool,
) -> Result<Given, FlagError> {
    let mut given = Given::default();
    for step in Walk::new(flags, words, interspersed) {
        match step? {
            Step::Flags { set, .. } => {
                for (flag, _) in &set {
                    let note =
                        |instead| format!("Flag --{} has been deprecated, {instead}", flag.name);
                    given.notes.extend(flag.deprecated.map(note));
                }
                let values = set
                    .into_iter()
                    .map(|(flag, value)| (flag.stores.unwrap_or(flag.name), value.into_owned()));
                given.values.extend(values);
            }
            Step::Argument { word } => given.arguments.extend(words.get(word).cloned()),
            Step::Dashes { .. } => {}
        }
    }
    Ok(given)
}

fn check(flag: &Flag, value: &str) -> Result<(), Cause> {
    let checked = match flag.takes {
        Takes::Switch if truth(value).is_none() => Err(format!(
            "strconv.ParseBool: parsing {}: invalid syntax",
            crate::go::quote(value)
        )),
        Takes::One(_, check) | Takes::Many(_, check) => check(value),
        Takes::Switch | Takes::Refused(_) => Ok(()),
    };
    let quoted = crate::go::quote(value);
    checked.map_err(|why| {
        Cause::Wrong(format!(
            "invalid argument {quoted} for \"{}\" flag: {why}",
            flag.title()
        ))
    })
}

fn refused(flag: &Flag, why: &'static str) -> Cause {
    Cause::Refused {
        flag: format!("--{}", flag.name),
        why,
    }
}

fn truth(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is a `Check`")]
fn anything(_: &str) -> Result<(), String> {
    Ok(())
}

fn whole_number(value: &str) -> Result<(), String> {
    let why = match value.parse::<i64>().map_err(|error| *error.kind()) {
        Ok(_) => return Ok(()),
        Err(std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow) => {
            "value out of range"
        }
        Err(_) => "invalid syntax",
    };
    Err(format!(
        "strconv.ParseInt: parsing {}: {why}",
        crate::go::quote(value)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    static FLAGS: &[Flag] = &[
        Flag::switch("interactive", "").short('i'),
        Flag::switch("tty", "").short('t'),
        Flag::one("name", "string", ""),
        Flag::many("publish", "list", "").short('p'),
        Flag::number("last", "").short('n'),
        Flag::one("network", "network", ""),
        Flag::one("net", "network", "").stores("network"),
        Flag::refused("privileged", "it would be root on your machine"),
    ];

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn check(line: &str, expected: &str) {
        let shown = match parse(FLAGS, &words(line), false) {
            Ok(given) => {
                let flags = given
                    .values
                    .iter()
                    .map(|(name, value)| format!("{name}={value}"));
                let arguments = given
                    .arguments
                    .iter()
                    .map(|argument| format!("<{argument}>"));
                flags.chain(arguments).collect::<Vec<_>>().join(" ")
            }
            Err(FlagError {
                word,
                cause: Cause::Wrong(why),
            }) => format!("{word}: {why}"),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn clusters_and_values() {
        check("-it a -x", "interactive=true tty=true <a> <-x>");
        check(
            "-p8080:80 -p=81 -p 82",
            "publish=8080:80 publish=81 publish=82",
        );
        check("-itp 80 a", "interactive=true tty=true publish=80 <a>");
        check("--name=web --name db", "name=web name=db");
        check("-i=false -t", "interactive=false tty=true");
        check("--tty=0 -- -i", "tty=0 <-i>");
        check("--net lab -", "network=lab <->");
        check("--name= a", "name= <a>");
    }

    #[test]
    fn mistakes_in_the_words_of_pflag() {
        check("--x", "0: unknown flag: --x");
        check("-i --x=1", "1: unknown flag: --x");
        check("-itx", "0: unknown shorthand flag: 'x' in -x");
        check("-p", "0: flag needs an argument: 'p' in -p");
        check("--name", "0: flag needs an argument: --name");
        check("---x", "0: bad flag syntax: ---x");
        check(
            "--tty=maybe",
            "0: invalid argument \"maybe\" for \"-t, --tty\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
        );
        check(
            "-n foo",
            "0: invalid argument \"foo\" for \"-n, --last\" flag: strconv.ParseInt: parsing \"foo\": invalid syntax",
        );
        check("--help", "FlagError { word: 0, cause: Help }");
        check(
            "--privileged",
            "FlagError { word: 0, cause: Refused { flag: \"--privileged\", why: \"it would be root on your machine\" } }",
        );
    }

    #[test]
    fn interspersed_flags_are_found_after_arguments() {
        let given = parse(FLAGS, &words("web -i -- -t"), true).expect("no mistakes");
        assert!(given.on("interactive") && !given.on("tty"));
        assert_eq!(given.arguments, ["web", "-t"]);
    }
}
