//! What words become: variables, `$(…)`, `$((…))`, `~`, patterns of file names, and splitting at spaces.

use std::sync::PoisonError;

use futures::{FutureExt, future::BoxFuture};
use lab::files::Entry;
use sh::{Part, Pattern, Use, Word};

use super::run::run_list;
use crate::{
    Context, Session,
    console::{Console, Place},
    session::shown,
};

/// A word while it is put together.
#[derive(Default)]
struct Growing {
    done: Vec<Piece>,
    current: Option<Piece>,
}

/// One argument to be: its text, and the pattern that it may be.
#[derive(Default)]
struct Piece {
    text: String,
    pattern: Pattern,
}

impl Growing {
    fn push(&mut self, text: &str, quoted: bool) {
        let current = self.current.get_or_insert_default();
        current.text.push_str(text);
        current.pattern.push(text, quoted);
    }

    fn cut(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Without quotes, spaces divide.
    fn split(&mut self, text: &str) {
        if text.starts_with(char::is_whitespace) {
            self.cut();
        }
        for (index, piece) in text.split_whitespace().enumerate() {
            if index > 0 {
                self.cut();
            }
            self.push(piece, false);
        }
        if text.ends_with(char::is_whitespace) {
            self.cut();
        }
    }
}

/// The arguments that words become.
pub async fn words(
    words: &[Word],
    context: &Context,
    console: &mut Console,
) -> Result<Vec<String>, String> {
    let mut arguments = Vec::new();
    for word in words {
        let mut growing = Growing::default();
        grow(word, &mut growing, true, context, console).await?;
        growing.cut();
        for piece in growing.done {
            match files(&piece.pattern, context) {
                found if found.is_empty() => arguments.push(piece.text),
                found => arguments.extend(found),
            }
        }
    }
    Ok(arguments)
}

/// The one text that a word becomes where nothing is divided: a value, a file's name.
pub async fn text(word: &Word, context: &Context, console: &mut Console) -> Result<String, String> {
    let mut growing = Growing::default();
    grow(word, &mut growing, false, context, console).await?;
    Ok(growing.current.unwrap_or_default().text)
}

pub async fn pattern(
    word: &Word,
    context: &Context,
    console: &mut Console,
) -> Result<Pattern, String> {
    let mut growing = Growing::default();
    grow(word, &mut growing, false, context, console).await?;
    Ok(growing.current.unwrap_or_default().pattern)
}

/// Boxed, since words are in `${…}` in words.
fn grow<'a>(
    word: &'a Word,
    growing: &'a mut Growing,
    divide: bool,
    context: &'a Context,
    console: &'a mut Console,
) -> BoxFuture<'a, Result<(), String>> {
    async move {
        for (index, part) in word.parts.iter().enumerate() {
            match part {
                Part::Text { text, quoted } => match home(text, *quoted, index == 0) {
                    Some(text) => growing.push(&text, false),
                    None => growing.push(text, *quoted),
                },
                Part::Sum { text: of, quoted } => {
                    let of = text(of, context, console).await?;
                    let value = |name: &str| {
                        let value = context.session.variable(name);
                        value
                            .and_then(|value| value.trim().parse().ok())
                            .unwrap_or_default()
                    };
                    let result = sh::sum(&of, &value).map_err(|why| format!("{of}: {why}"))?;
                    add(&result.to_string(), *quoted, divide, growing);
                }
                Part::Output { list, quoted } => {
                    let output = output(list, context, console).await;
                    add(output.trim_end_matches('\n'), *quoted, divide, growing);
                }
                Part::Variable {
                    name,
                    usage: Use::Value,
                    quoted: true,
                } if name == "@" && divide => {
                    for (index, argument) in context.session.arguments().iter().enumerate() {
                        if index > 0 {
                            growing.cut();
                        }
                        growing.push(argument, true);
                    }
                }
                Part::Variable {
                    name,
                    usage,
                    quoted,
                } => {
                    let value = value(&context.session, name);
                    match usage {
                        Use::Default { empty_too, word } if unset(value.as_deref(), *empty_too) => {
                            if *quoted {
                                let text = text(word, context, console).await?;
                                growing.push(&text, true);
                            } else {
                                grow(word, growing, divide, context, console).await?;
                            }
                        }
                        usage => {
                            let value = used(name, value, usage, context, console).await?;
                            add(&value, *quoted, divide, growing);
                        }
                    }
                }
            }
        }
        Ok(())
    }
    .boxed()
}

fn add(value: &str, quoted: bool, divide: bool, growing: &mut Growing) {
    if quoted {
        growing.push(value, true);
    } else if divide {
        growing.split(value);
    } else {
        growing.push(value, false);
    }
}

fn unset(value: Option<&str>, empty_too: bool) -> bool {
    value.is_none_or(|value| empty_too && value.is_empty())
}

fn value(session: &Session, name: &str) -> Option<String> {
    let arguments = || session.arguments();
    match name {
        "?" => Some(session.code().to_string()),
        "#" => Some(arguments().len().to_string()),
        "@" | "*" => Some(arguments().join(" ")),
        "$" => Some("1".to_owned()),
        "!" => None,
        "-" => Some(String::new()),
        "0" => Some("bash".to_owned()),
        name => match name.parse::<usize>() {
            Ok(number) => arguments().get(number - 1).cloned(),
            Err(_) => session.variable(name),
        },
    }
}

async fn used(
    name: &str,
    value: Option<String>,
    usage: &Use,
    context: &Context,
    console: &mut Console,
) -> Result<String, String> {
    match usage {
        Use::Value | Use::Default { .. } => {}
        Use::Length => {
            let letters = value.unwrap_or_default().chars().count();
            return Ok(letters.to_string());
        }
        Use::Assign { empty_too, word } => {
            if unset(value.as_deref(), *empty_too) {
                let new = text(word, context, console).await?;
                context.session.set(name, &new);
                return Ok(new);
            }
        }
        Use::Need { empty_too, word } => {
            if unset(value.as_deref(), *empty_too) {
                let why = text(word, context, console).await?;
                let why = if why.is_empty() {
                    "parameter null or not set"
                } else {
                    &why
                };
                return Err(format!("{name}: {why}"));
            }
        }
        Use::Instead { empty_too, word } => {
            if unset(value.as_deref(), *empty_too) {
                return Ok(String::new());
            }
            return text(word, context, console).await;
        }
        Use::WithoutPrefix {
            longest,
            pattern: word,
        } => {
            let pattern = pattern(word, context, console).await?;
            let value = value.unwrap_or_default();
            let mut cuts: Vec<usize> = cuts(&value);
            if *longest {
                cuts.reverse();
            }
            let cut = cuts.into_iter().find(|cut| pattern.matches(&value[..*cut]));
            return Ok(value[cut.unwrap_or_default()..].to_owned());
        }
        Use::WithoutSuffix {
            longest,
            pattern: word,
        } => {
            let pattern = pattern(word, context, console).await?;
            let value = value.unwrap_or_default();
            let mut cuts: Vec<usize> = cuts(&value);
            if !*longest {
                cuts.reverse();
            }
            let cut = cuts.into_iter().find(|cut| pattern.matches(&value[*cut..]));
            return Ok(value[..cut.unwrap_or(value.len())].to_owned());
        }
    }
    Ok(value.unwrap_or_default())
}

/// Where a text can be cut in two.
fn cuts(text: &str) -> Vec<usize> {
    let starts = text.char_indices().map(|(at, _)| at);
    starts.chain([text.len()]).collect()
}

/// What the commands print: as text, and `$?` is theirs.
async fn output(list: &sh::List, context: &Context, console: &mut Console) -> String {
    let (place, kept) = Place::kept();
    let before = std::mem::replace(&mut console.places.out, place);
    let inside = context.fork();
    let ended = run_list(list, &inside, console).await;
    console.places.out = before;
    context.session.ended(ended.code);
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&kept).into_owned()
}

/// `~` and `~/…`
fn home(text: &str, quoted: bool, first: bool) -> Option<String> {
    let rest = text.strip_prefix('~').filter(|_| first && !quoted)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| format!("{}{rest}", shown("/")))
}

/// The lab's files that a pattern names, in order, spelled as the pattern spells the way to them.
fn files(pattern: &Pattern, context: &Context) -> Vec<String> {
    if pattern.is_plain() {
        return Vec::new();
    }
    let steps = pattern.steps();
    let mut found = vec![String::new()];
    for (index, step) in steps.iter().enumerate() {
        let last = index + 1 == steps.len();
        let mut next = Vec::new();
        for start in found {
            if step.is_plain() {
                next.push(format!(
                    "{start}{}{}",
                    step.text(),
                    if last { "" } else { "/" }
                ));
                continue;
            }
            let folder = if start.is_empty() { "." } else { &start };
            let names = context
                .files
                .list(&context.session.path(folder))
                .unwrap_or_default();
            for name in names {
                if step.matches(&name) && (!name.starts_with('.') || step.begins_with_dot()) {
                    next.push(format!("{start}{name}{}", if last { "" } else { "/" }));
                }
            }
        }
        found = next;
    }
    found.retain(|path| {
        let entry = context.files.get(&context.session.path(path));
        entry.is_some_and(|entry| !path.ends_with('/') || entry == Entry::Folder)
    });
    found
}
