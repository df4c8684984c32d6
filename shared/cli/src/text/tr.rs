//! `tr`: characters in place of others.

use async_trait::async_trait;

use super::{Filter, filter};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    programs::{Call, Program},
    shell::Ended,
};

pub struct Tr;

static TR: Grammar = Grammar {
    names: &["tr"],
    usage: "[-d] [-s] [-c] SET1 [SET2]",
    about: "Puts characters in place of others",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["set"],
    program_from: None,
};

#[async_trait]
impl Program for Tr {
    fn grammar(&self) -> &'static Grammar {
        &TR
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&TR, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let sets: Vec<Vec<char>> = given.arguments.iter().map(|set| letters(set)).collect();
        let (delete, squeeze) = (given.on("delete"), given.on("squeeze-repeats"));
        let (from, to) = match (&sets[..], delete) {
            ([from], true) => (from.clone(), Vec::new()),
            ([from], false) if squeeze => (from.clone(), Vec::new()),
            ([from, to], _) => (from.clone(), to.clone()),
            ([], _) => {
                return call
                    .fail(
                        1,
                        "missing operand\nTry 'tr --help' for more information.",
                        console,
                    )
                    .await;
            }
            _ => {
                let last = given
                    .arguments
                    .last()
                    .map(String::as_str)
                    .unwrap_or_default();
                let why = format!(
                    "missing operand after ‘{last}’\nTwo strings must be given when translating.\nTry 'tr --help' for more information."
                );
                return call.fail(1, &why, console).await;
            }
        };
        let change = Change {
            not: given.on("complement"),
            from,
            to,
            delete,
            squeeze,
            last: None,
        };
        filter("tr", change, &[], 1, context, console).await
    }
}

static FLAGS: &[Flag] = &[
    Flag::switch("complement", "All characters but these").short('c'),
    Flag::switch("delete", "Drop them").short('d'),
    Flag::switch("squeeze-repeats", "One of several in a row").short('s'),
];

/// `a-z`, `\n`, `[:upper:]`
fn letters(set: &str) -> Vec<char> {
    let classes = [
        ("[:upper:]", 'A'..='Z'),
        ("[:lower:]", 'a'..='z'),
        ("[:digit:]", '0'..='9'),
    ];
    let mut found = Vec::new();
    let mut rest = set;
    while let Some(letter) = rest.chars().next() {
        if let Some((name, range)) = classes.iter().find(|(name, _)| rest.starts_with(name)) {
            found.extend(range.clone());
            rest = &rest[name.len()..];
        } else if let Some(after) = rest.strip_prefix("[:space:]") {
            found.extend([' ', '\t', '\n', '\r']);
            rest = after;
        } else if let Some(after) = rest.strip_prefix("[:alnum:]") {
            found.extend(('0'..='9').chain('A'..='Z').chain('a'..='z'));
            rest = after;
        } else if let Some(after) = rest.strip_prefix("[:alpha:]") {
            found.extend(('A'..='Z').chain('a'..='z'));
            rest = after;
        } else if letter == '\\' && rest.len() > 1 {
            let escaped = rest[1..].chars().next().unwrap_or('\\');
            found.push(match escaped {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            });
            rest = &rest[1 + escaped.len_utf8()..];
        } else {
            rest = &rest[letter.len_utf8()..];
            let range = rest
                .strip_prefix('-')
                .and_then(|after| after.chars().next());
            match range {
                Some(to) if to >= letter => {
                    // Not more than there are in a page of Unicode.
                    found.extend((letter..=to).take(4096));
                    rest = &rest[1 + to.len_utf8()..];
                }
                _ => found.push(letter),
            }
        }
    }
    found
}

struct Change {
    not: bool,
    from: Vec<char>,
    to: Vec<char>,
    delete: bool,
    squeeze: bool,
    last: Option<char>,
}

impl Change {
    fn one(&self, letter: char) -> Option<char> {
        let place = self.from.iter().position(|from| *from == letter);
        match (place.is_some() != self.not, self.delete) {
            (false, _) => Some(letter),
            (true, true) => None,
            (true, false) => {
                let to = self.to.get(place.unwrap_or(usize::MAX)).or(self.to.last());
                Some(to.copied().unwrap_or(letter))
            }
        }
    }

    fn squeezes(&self, letter: char) -> bool {
        let set = if self.to.is_empty() {
            &self.from
        } else {
            &self.to
        };
        self.squeeze && (set.contains(&letter) != (self.not && self.to.is_empty()))
    }
}

impl Filter for Change {
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        for letter in String::from_utf8_lossy(line).chars() {
            let Some(letter) = self.one(letter) else {
                continue;
            };
            if self.squeezes(letter) && self.last == Some(letter) {
                continue;
            }
            self.last = Some(letter);
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}
