//! busybox's `grep`, and the patterns of `grep` and `sed`.

use regex_lite::{Regex, RegexBuilder};

use super::{
    filters::{input, texts},
    usage::{self, Options},
};
use crate::{fs::join, process::Process};

/// A pattern as it was given, as one that the crate reads.
pub fn pattern(text: &str, extended: bool, fixed: bool, folded: bool) -> Option<Regex> {
    let text = match (fixed, extended) {
        (true, _) => regex_lite::escape(text),
        (false, true) => text.to_owned(),
        (false, false) => from_basic(text),
    };
    RegexBuilder::new(&text)
        .case_insensitive(folded)
        .build()
        .ok()
}

/// In basic patterns `\(`, `\{`, `\+`, `\?` and `\|` have a meaning, and without the backslash none.
fn from_basic(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    let mut in_set = false;
    while let Some(letter) = letters.next() {
        match letter {
            '[' if !in_set => {
                in_set = true;
                out.push('[');
                if let Some(caret) = letters.next_if_eq(&'^') {
                    out.push(caret);
                }
                if letters.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
            }
            '[' if letters.peek() == Some(&':') => {
                out.push('[');
                for inner in letters.by_ref() {
                    out.push(inner);
                    if inner == ']' {
                        break;
                    }
                }
            }
            ']' if in_set => {
                in_set = false;
                out.push(']');
            }
            letter if in_set => {
                if letter == '\\' {
                    out.push('\\');
                }
                out.push(letter);
            }
            '\\' => match letters.next() {
                Some(special @ ('(' | ')' | '{' | '}' | '+' | '?' | '|')) => out.push(special),
                Some('<' | '>') => out.push_str("\\b"),
                Some(other) => {
                    out.push('\\');
                    out.push(other);
                }
                None => out.push_str("\\\\"),
            },
            '(' | ')' | '{' | '}' | '+' | '?' | '|' => {
                out.push('\\');
                out.push(letter);
            }
            '*' if out.is_empty() || out == "^" => out.push_str("\\*"),
            letter => out.push(letter),
        }
    }
    out
}

pub async fn grep(process: Process) -> i64 {
    let mut options = match Options::read(
        &process,
        "hHnlLoqcsivwxrFEe:f:m:A:B:C:R",
        &["color", "color="],
    ) {
        Ok(options) => options,
        Err(code) => return if code == 1 { 2 } else { code },
    };
    let mut patterns: Vec<String> = options.values("e").map(str::to_owned).collect();
    if patterns.is_empty() {
        if options.rest.is_empty() {
            usage::show(&process);
            return 2;
        }
        patterns.push(options.rest.remove(0));
    }
    let name = process.name();
    let (extended, fixed) = (
        options.has("E") || name == "egrep",
        options.has("F") || name == "fgrep",
    );
    let mut regexes = Vec::new();
    for text in patterns.iter().flat_map(|text| text.split('\n')) {
        let text = if options.has("x") {
            format!("^{text}$")
        } else {
            text.to_owned()
        };
        let Some(regex) = pattern(&text, extended, fixed, options.has("i")) else {
            process.complain(&format!("grep: bad regex '{text}': Invalid regexp\n"));
            return 2;
        };
        regexes.push(if options.has("w") {
            Regex::new(&format!(r"\b(?:{})\b", regex.as_str())).unwrap_or(regex)
        } else {
            regex
        });
    }
    let recursive = options.has("r") || options.has("R");
    let mut names = options.rest.clone();
    if names.is_empty() {
        names.push(if recursive { "." } else { "-" }.to_owned());
    }
    if recursive {
        names = names
            .iter()
            .flat_map(|name| all_files(&process, name))
            .collect();
    }
    let with_names = (names.len() > 1 || recursive || options.has("H")) && !options.has("h");
    let (mut found, mut failed) = (false, false);
    for name in &names {
        if process.is_folder(name) && name != "-" {
            continue;
        }
        let bytes = if options.has("s") {
            process.read_file(name).ok().map(|bytes| bytes.to_vec())
        } else {
            input(&process, name).await
        };
        match bytes {
            Some(bytes) => {
                let shown = if name == "-" {
                    "(standard input)"
                } else {
                    name
                };
                found |= search(&process, &options, &regexes, shown, &bytes, with_names);
            }
            None => failed = true,
        }
        if found && options.has("q") {
            return 0;
        }
    }
    match (found, failed) {
        (_, true) => 2,
        (true, false) => 0,
        (false, false) => 1,
    }
}

fn all_files(process: &Process, path: &str) -> Vec<String> {
    if !process.is_folder(path) {
        return vec![path.to_owned()];
    }
    let names = process.list(path).unwrap_or_default();
    names
        .iter()
        .flat_map(|name| all_files(process, &join(path, name)))
        .collect()
}

fn search(
    process: &Process,
    options: &Options,
    regexes: &[Regex],
    name: &str,
    bytes: &[u8],
    with_names: bool,
) -> bool {
    let lines = texts(bytes);
    let most = options
        .value("m")
        .and_then(|text| text.parse().ok())
        .unwrap_or(usize::MAX);
    let holds =
        |line: &String| regexes.iter().any(|regex| regex.is_match(line)) != options.has("v");
    let hits: Vec<usize> = (0..lines.len())
        .filter(|index| holds(&lines[*index]))
        .take(most)
        .collect();
    let prefix = if with_names {
        format!("{name}:")
    } else {
        String::new()
    };
    if options.has("q") {
        return !hits.is_empty();
    }
    if options.has("c") {
        process.print(&format!("{prefix}{}\n", hits.len()));
    } else if options.has("l") || options.has("L") {
        if hits.is_empty() == options.has("L") {
            process.print(&format!("{name}\n"));
        }
    } else {
        let around = |kind: &str| {
            options
                .value(kind)
                .or(options.value("C"))
                .and_then(|text| text.parse::<usize>().ok())
                .unwrap_or(0)
        };
        let (after, before) = (around("A"), around("B"));
        let mut last: Option<usize> = None;
        for hit in &hits {
            let start = hit
                .saturating_sub(before)
                .max(last.map_or(0, |last| last + 1));
            if (after > 0 || before > 0) && last.is_some_and(|last| start > last + 1) {
                process.print("--\n");
            }
            for (index, line) in lines
                .iter()
                .enumerate()
                .take((hit + after + 1).min(lines.len()))
                .skip(start)
            {
                let is_hit = hits.contains(&index);
                let mark = if is_hit { ':' } else { '-' };
                let prefix = if with_names {
                    format!("{name}{mark}")
                } else {
                    String::new()
                };
                let number = if options.has("n") {
                    format!("{}{mark}", index + 1)
                } else {
                    String::new()
                };
                if options.has("o") && is_hit {
                    for piece in regexes
                        .iter()
                        .flat_map(|regex| regex.find_iter(line))
                        .filter(|piece| !piece.is_empty())
                    {
                        process.print(&format!("{prefix}{number}{}\n", piece.as_str()));
                    }
                } else {
                    process.print(&format!("{prefix}{number}{line}\n"));
                }
                last = Some(index);
            }
        }
    }
    !hits.is_empty()
}
