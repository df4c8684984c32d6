//! `echo` and `printf`, which are both in the shell and beside it.

use crate::process::Process;

pub fn echo(words: &[String]) -> Vec<u8> {
    let (mut newline, mut escapes, mut at) = (true, false, 0);
    while let Some(word) = words.get(at)
        && word.len() > 1
        && word.starts_with('-')
        && word[1..].chars().all(|letter| "neE".contains(letter))
    {
        for letter in word[1..].chars() {
            match letter {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        at += 1;
    }
    let text = words[at..].join(" ");
    let mut out = Vec::new();
    if escapes {
        if escaped(&text, &mut out, true) {
            return out;
        }
    } else {
        out.extend(text.as_bytes());
    }
    if newline {
        out.push(b'\n');
    }
    out
}

/// Writes a text with `\n` and the like; true: `\c` ends all output.
fn escaped(text: &str, out: &mut Vec<u8>, zero_octal: bool) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' || at + 1 == bytes.len() {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        at += 2;
        match bytes[at - 1] {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'e' => out.push(27),
            b'\\' => out.push(b'\\'),
            b'c' => return true,
            b'x' => at = number(bytes, at, 16, 2, out),
            b'0' if zero_octal => at = number(bytes, at, 8, 3, out),
            b'0'..=b'7' => at = number(bytes, at - 1, 8, 3, out),
            b'"' => out.push(b'"'),
            other => out.extend([b'\\', other]),
        }
    }
    false
}

fn number(bytes: &[u8], start: usize, base: u32, most: usize, out: &mut Vec<u8>) -> usize {
    let mut at = start;
    let mut value = 0_u32;
    while at < bytes.len() && at - start < most {
        let Some(digit) = char::from(bytes[at]).to_digit(base) else {
            break;
        };
        value = value * base + digit;
        at += 1;
    }
    out.push(u8::try_from(value & 0xff).unwrap_or_default());
    at
}

pub fn printf(process: &Process, name: &str, words: &[String]) -> i64 {
    let Some((format, mut arguments)) = words.split_first() else {
        process.complain(&format!("{name}: usage: printf FORMAT [ARG...]\n"));
        return 1;
    };
    let mut out = Vec::new();
    let mut status = 0;
    loop {
        let before = arguments.len();
        let stop = once(format, &mut arguments, &mut out, &mut |wrong| {
            process.complain(&format!("{name}: {wrong}\n"));
            status = 1;
        });
        if stop || arguments.is_empty() || arguments.len() == before {
            break;
        }
    }
    process.write(1, &out);
    status
}

/// The format once; true: all output ends here.
fn once(
    format: &str,
    arguments: &mut &[String],
    out: &mut Vec<u8>,
    wrong: &mut dyn FnMut(String),
) -> bool {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        if escaped(&rest[..at], out, false) {
            return true;
        }
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push(b'%');
            rest = after;
            continue;
        }
        let end = rest.find(|letter: char| letter.is_ascii_alphabetic());
        let Some(end) = end else {
            wrong(format!("%{rest}: invalid format"));
            return true;
        };
        let (flags, kind) = (&rest[..end], &rest[end..=end]);
        rest = &rest[end + 1..];
        let flags = stars(flags, arguments);
        let argument = match arguments.split_first() {
            Some((first, left)) => {
                *arguments = left;
                Some(first.as_str())
            }
            None => None,
        };
        if one(&flags, kind, argument, out, wrong) {
            return true;
        }
    }
    escaped(rest, out, false)
}

fn stars(flags: &str, arguments: &mut &[String]) -> String {
    let mut whole = String::new();
    for letter in flags.chars() {
        if letter == '*' {
            if let Some((first, left)) = arguments.split_first() {
                whole.push_str(first);
                *arguments = left;
            }
        } else {
            whole.push(letter);
        }
    }
    whole
}

fn one(
    flags: &str,
    kind: &str,
    argument: Option<&str>,
    out: &mut Vec<u8>,
    wrong: &mut dyn FnMut(String),
) -> bool {
    let text = argument.unwrap_or_default();
    let (width, precision) = flags
        .split_once('.')
        .map_or((flags, None), |(width, precision)| {
            (width, Some(precision.parse().unwrap_or(0)))
        });
    let digits = width.trim_start_matches(['-', '0', '+', ' ', '#']);
    let prefix = &width[..width.len() - digits.len()];
    let width: usize = digits.parse().unwrap_or(0);
    let mut stop = false;
    let (value, is_number) = match kind {
        "s" => (cut(text, precision), false),
        "b" => {
            let mut bytes = Vec::new();
            stop = escaped(text, &mut bytes, true);
            (cut(&String::from_utf8_lossy(&bytes), precision), false)
        }
        "c" => (text.chars().take(1).collect(), false),
        "d" | "i" | "u" | "x" | "X" | "o" => {
            let value = integer(text).unwrap_or_else(|| {
                wrong(format!("invalid number '{text}'"));
                0
            });
            let text = match kind {
                "x" => format!("{value:x}"),
                "X" => format!("{value:X}"),
                "o" => format!("{value:o}"),
                _ if prefix.contains('+') && value >= 0 => format!("+{value}"),
                _ => value.to_string(),
            };
            (text, true)
        }
        "f" | "e" | "g" => {
            let value: f64 = text.parse().unwrap_or(0.0);
            (format!("{value:.*}", precision.unwrap_or(6)), true)
        }
        other => {
            wrong(format!("%{other}: invalid format"));
            return true;
        }
    };
    let missing = width.saturating_sub(value.chars().count());
    if prefix.contains('-') {
        out.extend(value.as_bytes());
        out.extend(std::iter::repeat_n(b' ', missing));
    } else if prefix.contains('0') && is_number {
        let (sign, digits) = value.split_at(usize::from(value.starts_with(['-', '+'])));
        out.extend(sign.as_bytes());
        out.extend(std::iter::repeat_n(b'0', missing));
        out.extend(digits.as_bytes());
    } else {
        out.extend(std::iter::repeat_n(b' ', missing));
        out.extend(value.as_bytes());
    }
    stop
}

fn cut(text: &str, most: Option<usize>) -> String {
    text.chars().take(most.unwrap_or(usize::MAX)).collect()
}

fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return Some(0);
    }
    if let Some(letter) = text.strip_prefix(['\'', '"']) {
        return letter
            .chars()
            .next()
            .map(|letter| i64::from(u32::from(letter)));
    }
    if let Some(hex) = text.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok();
    }
    text.parse().ok()
}
