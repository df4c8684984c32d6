//! Options as busybox's `getopt` reads them, and the usage that it shows for those it does not know.

use std::collections::BTreeMap;

use super::text::VERSION;
use crate::process::Process;

/// What each applet says of itself, after the line with the version.
const USAGES: &str = include_str!("usages.txt");

/// The options given, and the words that are none.
#[derive(Debug, Default)]
pub struct Options {
    given: Vec<(String, Option<String>)>,
    pub rest: Vec<String>,
}

impl Options {
    /// `letters` as `getopt` has them: `c:` takes a value. `long` ones are without their dashes, `header=` takes a value.
    /// A mistake is said, and the exit code given.
    pub fn read(process: &Process, letters: &str, long: &[&str]) -> Result<Self, i64> {
        let mut options = Self::default();
        let mut words = process.words().iter();
        let only_first = letters.starts_with('+');
        while let Some(word) = words.next() {
            if word == "--" || (only_first && !word.starts_with('-')) {
                options.rest.extend((word != "--").then(|| word.clone()));
                options.rest.extend(words.cloned());
                break;
            }
            if let Some(name) = word.strip_prefix("--") {
                options.long(process, name, long, &mut words)?;
            } else if word.len() > 1 && word.starts_with('-') {
                options.short(process, &word[1..], letters, &mut words)?;
            } else {
                options.rest.push(word.clone());
            }
        }
        Ok(options)
    }

    fn short<'a>(
        &mut self,
        process: &Process,
        word: &'a str,
        letters: &str,
        words: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), i64> {
        for (at, letter) in word.char_indices() {
            let known = letters
                .find(letter)
                .filter(|_| letter != ':' && letter != '+');
            let Some(known) = known else {
                return Err(mistake(process, &format!("invalid option -- '{letter}'")));
            };
            if !letters[known + 1..].starts_with(':') {
                self.given.push((letter.to_string(), None));
                continue;
            }
            let glued = &word[at + letter.len_utf8()..];
            let value = if glued.is_empty() {
                words.next().cloned()
            } else {
                Some(glued.to_owned())
            };
            let Some(value) = value else {
                return Err(mistake(
                    process,
                    &format!("option requires an argument -- '{letter}'"),
                ));
            };
            self.given.push((letter.to_string(), Some(value)));
            break;
        }
        Ok(())
    }

    fn long<'a>(
        &mut self,
        process: &Process,
        word: &str,
        long: &[&str],
        words: &mut impl Iterator<Item = &'a String>,
    ) -> Result<(), i64> {
        let (name, value) = word
            .split_once('=')
            .map_or((word, None), |(name, value)| (name, Some(value.to_owned())));
        if name == "help" {
            process.complain(&usage(process.name()));
            return Err(0);
        }
        let takes_value = long.contains(&format!("{name}=").as_str());
        if !takes_value && !long.contains(&name) {
            return Err(mistake(process, &format!("unrecognized option '--{name}'")));
        }
        let value = if takes_value {
            value.or_else(|| words.next().cloned())
        } else {
            None
        };
        if takes_value && value.is_none() {
            return Err(mistake(
                process,
                &format!("option '--{name}' requires an argument"),
            ));
        }
        self.given.push((name.to_owned(), value));
        Ok(())
    }

    pub fn has(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }

    pub fn count(&self, name: &str) -> usize {
        self.given.iter().filter(|(given, _)| given == name).count()
    }

    /// The last one given.
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.given.iter().rev().find(|(given, _)| given == name)?;
        found.1.as_deref()
    }

    pub fn values<'a>(&'a self, name: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
        let named = self.given.iter().filter(move |(given, _)| given == name);
        named.filter_map(|(_, value)| value.as_deref())
    }

    /// A number, as busybox's `xatou` takes it.
    pub fn number(&self, process: &Process, name: &str) -> Result<Option<u64>, i64> {
        let Some(text) = self.value(name) else {
            return Ok(None);
        };
        if let Ok(number) = text.parse() {
            return Ok(Some(number));
        }
        process.complain(&format!("{}: invalid number '{text}'\n", process.name()));
        Err(1)
    }
}

/// Says what is wrong, then the usage; 1 is the exit code.
pub fn mistake(process: &Process, what: &str) -> i64 {
    let called = process.arguments.first().map_or("", String::as_str);
    process.complain(&format!("{called}: {what}\n{}", usage(process.name())));
    1
}

/// Shows the usage; 1 is the exit code.
pub fn show(process: &Process) -> i64 {
    process.complain(&usage(process.name()));
    1
}

fn usage(applet: &str) -> String {
    let all: BTreeMap<&str, &str> = USAGES
        .split("== ")
        .filter_map(|one| one.split_once('\n'))
        .collect();
    let text = all.get(applet).copied().unwrap_or_default();
    format!("{VERSION} multi-call binary.\n\n{text}")
}
