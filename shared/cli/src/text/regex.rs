//! Patterns as `grep` and `sed` write them, for the crate that finds them.

use regex_lite::{Regex, RegexBuilder};

/// How a pattern is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `\(`, `\|` and `\+` are special, `(`, `|` and `+` are not.
    Basic,
    Extended,
    /// Only characters.
    Fixed,
}

pub fn regex(pattern: &str, style: Style, ignore_case: bool) -> Result<Regex, String> {
    let pattern = match style {
        Style::Fixed => regex_lite::escape(pattern),
        Style::Basic => translated(pattern, true),
        Style::Extended => translated(pattern, false),
    };
    RegexBuilder::new(&pattern)
        .case_insensitive(ignore_case)
        .build()
        .map_err(|_| "Invalid regular expression".to_owned())
}

fn translated(pattern: &str, basic: bool) -> String {
    let mut out = String::new();
    let mut letters = pattern.chars().peekable();
    // A `*` where nothing is before it is only a character.
    let mut begins = true;
    while let Some(letter) = letters.next() {
        let was_begin = std::mem::take(&mut begins);
        match letter {
            '\\' => match letters.next() {
                Some('<' | '>') => out.push_str("\\b"),
                Some(special @ ('(' | ')' | '|' | '+' | '?' | '{' | '}')) => {
                    if !basic {
                        out.push('\\');
                    }
                    out.push(special);
                    begins = basic && matches!(special, '(' | '|');
                }
                Some(class @ ('w' | 'W' | 's' | 'S' | 'b' | 'B')) => out.extend(['\\', class]),
                Some('n') => out.push_str("\\n"),
                Some('t') => out.push_str("\\t"),
                Some(other) => out.push_str(&regex_lite::escape(&other.to_string())),
                None => out.push_str("\\\\"),
            },
            '[' => bracket(&mut letters, &mut out),
            '*' if was_begin => out.push_str("\\*"),
            '(' | ')' | '|' | '+' | '?' | '{' | '}' if basic => out.extend(['\\', letter]),
            '^' => {
                out.push('^');
                begins = true;
            }
            '(' | '|' => {
                out.push(letter);
                begins = true;
            }
            letter => out.push(letter),
        }
    }
    out
}

/// After a `[`: in it, a backslash is only a character.
fn bracket(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    out.push('[');
    if letters.peek() == Some(&'^') {
        letters.next();
        out.push('^');
    }
    let mut first = true;
    while let Some(letter) = letters.next() {
        match letter {
            ']' if first => out.push_str("\\]"),
            ']' => {
                out.push(']');
                return;
            }
            '[' if letters.peek() == Some(&':') => {
                out.push('[');
                for letter in letters.by_ref() {
                    out.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            '[' | '\\' | '&' | '~' => out.extend(['\\', letter]),
            letter => out.push(letter),
        }
        first = false;
    }
}
