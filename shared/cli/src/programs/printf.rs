//! `printf FORMAT WORD…`

use async_trait::async_trait;

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    grammar::{Count, Grammar},
    shell::Ended,
};

/// Columns that a value is filled up to, at most.
const WIDEST: usize = 1000;

pub struct Printf;

static PRINTF: Grammar = Grammar {
    names: &["printf"],
    usage: "FORMAT [WORD...]",
    about: "Prints words in a form: printf '%s is %d\\n' web 1",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["format", "word"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Printf {
    fn grammar(&self) -> &'static Grammar {
        &PRINTF
    }

    async fn run(&self, call: Call<'_>, _: &Context, console: &mut Console) -> Ended {
        let Some((format, words)) = call.words.split_first() else {
            console
                .err_line("printf: usage: printf [-v var] format [arguments]")
                .await;
            return Ended::with(2);
        };
        let mut text = String::new();
        let mut wrong = Vec::new();
        let mut rest = words;
        loop {
            let before = rest.len();
            let stopped = once(format, &mut rest, &mut text, &mut wrong);
            if stopped || rest.is_empty() || rest.len() == before {
                break;
            }
        }
        console.out(text).await;
        for why in &wrong {
            call.fail_as_bash(why, console).await;
        }
        Ended::with(u8::from(!wrong.is_empty()))
    }
}

/// The format, filled in once; what is wrong in it is left out.
pub fn formatted(format: &str, words: &[String]) -> String {
    let (mut rest, mut text, mut wrong) = (words, String::new(), Vec::new());
    once(format, &mut rest, &mut text, &mut wrong);
    text
}

/// The format once; true if it said to stop (`\c`).
fn once(format: &str, words: &mut &[String], text: &mut String, wrong: &mut Vec<String>) -> bool {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        let (plain, stopped) = unescape(&rest[..at]);
        text.push_str(&plain);
        if stopped {
            return true;
        }
        rest = &rest[at + 1..];
        let spec = rest
            .find(|c: char| !"-+ #0123456789.*".contains(c))
            .unwrap_or(rest.len());
        let Some(kind) = rest[spec..].chars().next() else {
            wrong.push("`%': missing format character".to_owned());
            return true;
        };
        let how = &rest[..spec];
        rest = &rest[spec + kind.len_utf8()..];
        if kind == '%' {
            text.push('%');
            continue;
        }
        let word = words.first().cloned();
        *words = words.get(1..).unwrap_or_default();
        let value = word.as_deref().unwrap_or_default();
        let shown = match kind {
            's' => cut(value, how),
            'b' => unescape(value).0,
            'q' => quoted(value),
            'c' => value.chars().take(1).collect(),
            'd' | 'i' | 'u' => number(value, wrong).to_string(),
            'x' => format!("{:x}", number(value, wrong)),
            'X' => format!("{:X}", number(value, wrong)),
            'o' => format!("{:o}", number(value, wrong)),
            'f' => {
                let digits = how
                    .split_once('.')
                    .and_then(|(_, digits)| digits.parse().ok())
                    .unwrap_or(6_usize)
                    .min(WIDEST);
                format!("{:.digits$}", value.parse::<f64>().unwrap_or_default())
            }
            other => {
                wrong.push(format!("`{other}': invalid format character"));
                return true;
            }
        };
        text.push_str(&filled(&shown, how));
    }
    let (plain, stopped) = unescape(rest);
    text.push_str(&plain);
    stopped
}

fn number(value: &str, wrong: &mut Vec<String>) -> i64 {
    if value.is_empty() {
        return 0;
    }
    if let Some(letter) = value.strip_prefix(['"', '\'']) {
        return letter
            .chars()
            .next()
            .map_or(0, |letter| i64::from(u32::from(letter)));
    }
    value.parse().unwrap_or_else(|_| {
        wrong.push(format!("{value}: invalid number"));
        let digits = value.len() - value.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        value[..digits].parse().unwrap_or_default()
    })
}

fn cut(value: &str, how: &str) -> String {
    match how
        .split_once('.')
        .map(|(_, most)| most.parse().unwrap_or(0))
    {
        Some(most) => value.chars().take(most).collect(),
        None => value.to_owned(),
    }
}

fn filled(value: &str, how: &str) -> String {
    let left = how.contains('-');
    let digits = how.trim_start_matches(['-', '+', ' ', '#']);
    let zero = digits.starts_with('0') && !left;
    let width: usize = digits
        .split('.')
        .next()
        .unwrap_or_default()
        .parse()
        .unwrap_or_default();
    let width = width.min(WIDEST);
    match (left, zero) {
        (true, _) => format!("{value:<width$}"),
        (_, true) => format!("{value:0>width$}"),
        _ => format!("{value:>width$}"),
    }
}

fn quoted(value: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !value.is_empty() && value.chars().all(safe) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// `\n` and the like; true if a `\c` says that nothing follows.
pub fn unescape(text: &str) -> (String, bool) {
    let mut shown = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            shown.push(letter);
            continue;
        }
        match letters.next() {
            Some('n') => shown.push('\n'),
            Some('t') => shown.push('\t'),
            Some('r') => shown.push('\r'),
            Some('a') => shown.push('\u{7}'),
            Some('b') => shown.push('\u{8}'),
            Some('e' | 'E') => shown.push('\u{1b}'),
            Some('f') => shown.push('\u{c}'),
            Some('v') => shown.push('\u{b}'),
            Some('c') => return (shown, true),
            Some(first @ '0'..='7') => {
                let mut code = first.to_digit(8).unwrap_or_default();
                for _ in 0..if first == '0' { 3 } else { 2 } {
                    match letters.peek().and_then(|letter| letter.to_digit(8)) {
                        Some(digit) => {
                            code = code * 8 + digit;
                            letters.next();
                        }
                        None => break,
                    }
                }
                shown.extend(char::from_u32(code & 0xff));
            }
            Some('x') => {
                let mut code = 0;
                let mut digits = 0;
                while let Some(digit) = letters
                    .peek()
                    .and_then(|letter| letter.to_digit(16))
                    .filter(|_| digits < 2)
                {
                    code = code * 16 + digit;
                    digits += 1;
                    letters.next();
                }
                shown.extend(char::from_u32(code));
            }
            Some('\\') | None => shown.push('\\'),
            Some(other) => shown.extend(['\\', other]),
        }
    }
    (shown, false)
}
