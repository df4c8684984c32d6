//! busybox's `sed`, in small: `s`, `d`, `p`, `q`, `a`, `i`, `c`, `y`, `=`, with addresses. No hold space, no labels.

use std::fmt::Write as _;

use regex_lite::{Captures, Regex};

use super::{
    filters::{inputs, texts},
    grep::pattern,
    usage::{self, Options},
};
use crate::process::Process;

struct Step {
    from: Option<Address>,
    to: Option<Address>,
    not: bool,
    verb: Verb,
    inside: bool,
}

enum Address {
    Line(usize),
    Last,
    Matching(Regex),
}

enum Verb {
    Replace {
        what: Regex,
        with: String,
        every: bool,
        nth: usize,
        print: bool,
    },
    Delete,
    Print,
    Quit,
    Number,
    Append(String),
    Insert(String),
    Change(String),
    Letters(Vec<char>, Vec<char>),
}

pub async fn sed(process: Process) -> i64 {
    let mut options = match Options::read(&process, "nire:f:sE", &["in-place", "quiet"]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let mut script: Vec<String> = options.values("e").map(str::to_owned).collect();
    if script.is_empty() {
        if options.rest.is_empty() {
            return usage::show(&process);
        }
        script.push(options.rest.remove(0));
    }
    let extended = options.has("r") || options.has("E");
    let mut steps = match parse(&script.join("\n"), extended) {
        Ok(steps) => steps,
        Err(wrong) => {
            process.complain(&format!("sed: {wrong}\n"));
            return 1;
        }
    };
    let quiet = options.has("n") || options.has("quiet");
    if options.has("i") || options.has("in-place") {
        for name in &options.rest {
            match process.read_file(name) {
                Ok(bytes) => {
                    let (text, _) = run(&mut steps, &texts(&bytes), quiet);
                    let _ = process.write_file(name, text);
                }
                Err(error) => {
                    process.complain(&format!("sed: {name}: {error}\n"));
                    return 1;
                }
            }
        }
        return 0;
    }
    let (all, status) = inputs(&process, &options.rest).await;
    let lines: Vec<String> = all.iter().flat_map(|(_, bytes)| texts(bytes)).collect();
    process.print(&run(&mut steps, &lines, quiet).0);
    status
}

fn run(steps: &mut [Step], lines: &[String], quiet: bool) -> (String, bool) {
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        let (number, last) = (index + 1, index + 1 == lines.len());
        let mut line = line.clone();
        let mut after = String::new();
        let (mut deleted, mut quits) = (false, false);
        for step in steps.iter_mut() {
            if step.applies(number, last, &line) == step.not {
                continue;
            }
            match &step.verb {
                Verb::Replace {
                    what,
                    with,
                    every,
                    nth,
                    print,
                } => {
                    let (replaced, changed) = replace(&line, what, with, *every, *nth);
                    line = replaced;
                    if changed && *print {
                        let _ = writeln!(out, "{line}");
                    }
                }
                Verb::Delete => deleted = true,
                Verb::Print => {
                    let _ = writeln!(out, "{line}");
                }
                Verb::Number => {
                    let _ = writeln!(out, "{number}");
                }
                Verb::Quit => quits = true,
                Verb::Append(text) => {
                    let _ = writeln!(after, "{text}");
                }
                Verb::Insert(text) => {
                    let _ = writeln!(out, "{text}");
                }
                Verb::Change(text) => {
                    let _ = writeln!(out, "{text}");
                    deleted = true;
                }
                Verb::Letters(from, to) => {
                    let changed = |letter: char| {
                        from.iter()
                            .position(|known| *known == letter)
                            .map_or(letter, |at| to[at])
                    };
                    line = line.chars().map(changed).collect();
                }
            }
            if deleted || quits {
                break;
            }
        }
        if !quiet && !deleted {
            let _ = writeln!(out, "{line}");
        }
        out.push_str(&after);
        if quits {
            return (out, true);
        }
    }
    (out, false)
}

impl Step {
    fn applies(&mut self, number: usize, last: bool, line: &str) -> bool {
        let holds = |address: &Address| match address {
            Address::Line(wanted) => *wanted == number,
            Address::Last => last,
            Address::Matching(regex) => regex.is_match(line),
        };
        match (&self.from, &self.to) {
            (None, _) => true,
            (Some(from), None) => holds(from),
            (Some(from), Some(to)) => {
                if self.inside {
                    self.inside =
                        !holds(to) && !matches!(to, Address::Line(wanted) if *wanted <= number);
                    return true;
                }
                let begins = holds(from);
                self.inside = begins && !matches!(to, Address::Line(wanted) if *wanted <= number);
                begins
            }
        }
    }
}

fn replace(line: &str, what: &Regex, with: &str, every: bool, nth: usize) -> (String, bool) {
    let mut out = String::new();
    let (mut at, mut count) = (0, 0);
    let mut changed = false;
    for found in what.captures_iter(line) {
        let Some(whole) = found.get(0) else { continue };
        count += 1;
        if count < nth {
            continue;
        }
        out.push_str(&line[at..whole.start()]);
        out.push_str(&filled(with, &found));
        at = whole.end();
        changed = true;
        if !every {
            break;
        }
    }
    out.push_str(&line[at..]);
    (out, changed)
}

fn filled(with: &str, found: &Captures) -> String {
    let group = |number: usize| found.get(number).map_or("", |group| group.as_str());
    let mut out = String::new();
    let mut letters = with.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '&' => out.push_str(group(0)),
            '\\' => match letters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(digit @ '0'..='9') => out.push_str(group(digit as usize - '0' as usize)),
                Some(other) => out.push(other),
                None => {}
            },
            letter => out.push(letter),
        }
    }
    out
}

fn parse(script: &str, extended: bool) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    let mut rest = script;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\n', ';']);
        if rest.is_empty() {
            return Ok(steps);
        }
        let from = address(&mut rest, extended)?;
        let to = if from.is_some() && rest.starts_with(',') {
            rest = rest[1..].trim_start();
            address(&mut rest, extended)?
        } else {
            None
        };
        rest = rest.trim_start();
        let not = rest.starts_with('!');
        rest = rest.trim_start_matches('!').trim_start();
        let verb = verb(&mut rest, extended)?;
        steps.push(Step {
            from,
            to,
            not,
            verb,
            inside: false,
        });
    }
}

fn address(rest: &mut &str, extended: bool) -> Result<Option<Address>, String> {
    if let Some(after) = rest.strip_prefix('$') {
        *rest = after.trim_start();
        return Ok(Some(Address::Last));
    }
    if rest.starts_with('/') {
        let text = until(rest, '/').ok_or("unterminated address regex")?;
        let regex = pattern(&text, extended, false, false).ok_or("bad regex")?;
        *rest = rest.trim_start();
        return Ok(Some(Address::Matching(regex)));
    }
    let digits = rest.len()
        - rest
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .len();
    let Ok(number) = rest[..digits].parse() else {
        return Ok(None);
    };
    *rest = rest[digits..].trim_start();
    Ok(Some(Address::Line(number)))
}

/// From a delimiter to the next one, which is passed.
fn until(rest: &mut &str, delimiter: char) -> Option<String> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if letter == delimiter {
            *rest = &rest[at..];
            *rest = &rest[delimiter.len_utf8()..];
            return Some(text);
        }
        if letter == '\\' {
            let (_, escaped) = letters.next()?;
            if escaped != delimiter {
                text.push('\\');
            }
            text.push(escaped);
            continue;
        }
        text.push(letter);
    }
    None
}

fn verb(rest: &mut &str, extended: bool) -> Result<Verb, String> {
    let letter = rest.chars().next().ok_or("missing command")?;
    *rest = &rest[letter.len_utf8()..];
    let simple = match letter {
        'd' => Some(Verb::Delete),
        'p' => Some(Verb::Print),
        'q' => Some(Verb::Quit),
        '=' => Some(Verb::Number),
        _ => None,
    };
    if let Some(verb) = simple {
        *rest = rest.trim_start_matches([' ', '\t']);
        return Ok(verb);
    }
    match letter {
        'a' | 'i' | 'c' => {
            let text = rest.trim_start_matches(['\\', ' ', '\t', '\n']);
            let end = text.find('\n').unwrap_or(text.len());
            let (text, after) = text.split_at(end);
            *rest = after;
            let text = text.to_owned();
            Ok(match letter {
                'a' => Verb::Append(text),
                'i' => Verb::Insert(text),
                _ => Verb::Change(text),
            })
        }
        's' | 'y' => {
            let delimiter = rest
                .chars()
                .next()
                .ok_or("bad format in substitution expression")?;
            let what = until(rest, delimiter).ok_or("unmatched '/'")?;
            // The second text begins where the first one ended.
            let with = format!("{delimiter}{rest}");
            let mut with_rest = with.as_str();
            let with = until(&mut with_rest, delimiter).ok_or("unmatched '/'")?;
            let used = rest.len() - with_rest.len();
            *rest = &rest[used..];
            if letter == 'y' {
                let (from, to): (Vec<char>, Vec<char>) =
                    (what.chars().collect(), with.chars().collect());
                return if from.len() == to.len() {
                    Ok(Verb::Letters(from, to))
                } else {
                    Err("strings for 'y' command are different lengths".to_owned())
                };
            }
            let end = rest.find([';', '\n', '}', ' ']).unwrap_or(rest.len());
            let flags = &rest[..end];
            let folded = flags.contains(['i', 'I']);
            let nth = flags
                .chars()
                .filter(char::is_ascii_digit)
                .collect::<String>()
                .parse()
                .unwrap_or(1);
            let verb = Verb::Replace {
                what: pattern(&what, extended, false, folded).ok_or("bad regex")?,
                with,
                every: flags.contains('g'),
                nth,
                print: flags.contains('p'),
            };
            *rest = &rest[end..];
            Ok(verb)
        }
        other => Err(format!("causeway: not simulated: sed {other}")),
    }
}
