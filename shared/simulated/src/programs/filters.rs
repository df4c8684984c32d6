//! Programs that read text and write text: `cat head tail wc tee sort uniq cut tr seq`.

use std::{collections::BTreeSet, fmt::Write as _, time::Duration};

use super::usage::{self, Options};
use crate::process::Process;

/// What is read of a file, or of standard input for `-` and nothing; a file that cannot be is said, and `None`.
pub async fn input(process: &Process, name: &str) -> Option<Vec<u8>> {
    if name == "-" {
        return Some(process.read_all().await);
    }
    match process.read_file(name) {
        Ok(bytes) => Some(bytes.to_vec()),
        Err(error) => {
            process.complain(&format!("{}: {name}: {error}\n", process.name()));
            None
        }
    }
}

/// The files named, else standard input, each with its name.
pub async fn inputs(process: &Process, names: &[String]) -> (Vec<(String, Vec<u8>)>, i64) {
    let standard = ["-".to_owned()];
    let names = if names.is_empty() { &standard } else { names };
    let mut all = Vec::new();
    let mut status = 0;
    for name in names {
        match input(process, name).await {
            Some(bytes) => all.push((name.clone(), bytes)),
            None => status = 1,
        }
    }
    (all, status)
}

pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// Lines as text, without their ends.
pub fn texts(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::to_owned).collect()
}

pub async fn cat(process: Process) -> i64 {
    let options = match Options::read(&process, "nbvteAu", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let standard = ["-".to_owned()];
    let names = if options.rest.is_empty() {
        &standard
    } else {
        options.rest.as_slice()
    };
    let (mut status, mut number) = (0, 0);
    for name in names {
        if name == "-" && !options.has("n") {
            loop {
                let bytes = process.read(0).await;
                if bytes.is_empty() {
                    break;
                }
                process.write(1, &bytes);
                process.room().await;
            }
            continue;
        }
        let bytes = if name == "-" {
            Ok(process.read_all().await.into())
        } else {
            process.read_file(name)
        };
        match bytes {
            Ok(bytes) if options.has("n") => {
                for line in lines(&bytes) {
                    number += 1;
                    process.print(&format!("{number:6}\t{}", String::from_utf8_lossy(line)));
                }
            }
            Ok(bytes) => process.write(1, &bytes),
            Err(crate::fs::FileError::IsFolder) => {
                process.complain("cat: read error: Is a directory\n");
                status = 1;
            }
            Err(error) => {
                process.complain(&format!("cat: can't open '{name}': {error}\n"));
                status = 1;
            }
        }
    }
    status
}

/// `-1` is `-n 1`.
fn with_count(process: &Process) -> Process {
    let mut changed = process.clone();
    for word in changed.arguments.iter_mut().skip(1) {
        if word.len() > 1
            && word.starts_with('-')
            && word[1..].bytes().all(|byte| byte.is_ascii_digit())
        {
            *word = format!("-n{}", &word[1..]);
        }
    }
    changed
}

fn count(options: &Options, name: &str) -> Option<(usize, bool)> {
    let text = options.value(name)?;
    let (digits, times) = match text.chars().last()? {
        'k' | 'K' => (&text[..text.len() - 1], 1024),
        _ => (text, 1),
    };
    let from_start = digits.starts_with('+');
    let number: usize = digits.trim_start_matches(['+', '-']).parse().ok()?;
    Some((number * times, from_start))
}

pub async fn head(process: Process) -> i64 {
    let process = with_count(&process);
    let options = match Options::read(&process, "n:c:qv", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let bytes_wanted = count(&options, "c").map(|(count, _)| count);
    let lines_wanted = match options.value("n") {
        None => 10,
        Some(text) => {
            if let Some((count, _)) = count(&options, "n") {
                count
            } else {
                process.complain(&format!("head: invalid number '{text}'\n"));
                return 1;
            }
        }
    };
    if options.rest.is_empty() && bytes_wanted.is_none() {
        for _ in 0..lines_wanted {
            match process.read_line().await {
                Some(line) => process.write(1, &line),
                None => break,
            }
        }
        return 0;
    }
    let (all, status) = inputs(&process, &options.rest).await;
    for (index, (name, bytes)) in all.iter().enumerate() {
        header(&process, &options, index, name);
        match bytes_wanted {
            Some(count) => process.write(1, &bytes[..count.min(bytes.len())]),
            None => process.write(
                1,
                &lines(bytes)
                    .into_iter()
                    .take(lines_wanted)
                    .collect::<Vec<_>>()
                    .concat(),
            ),
        }
    }
    status
}

fn header(process: &Process, options: &Options, index: usize, name: &str) {
    if options.rest.len() > 1 && !options.has("q") || options.has("v") {
        let before = if index > 0 { "\n" } else { "" };
        process.print(&format!("{before}==> {name} <==\n"));
    }
}

pub async fn tail(process: Process) -> i64 {
    let process = with_count(&process);
    let options = match Options::read(&process, "fFn:c:qvs:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let (all, status) = inputs(&process, &options.rest).await;
    for (index, (name, bytes)) in all.iter().enumerate() {
        header(&process, &options, index, name);
        let start = match (
            count(&options, "c"),
            count(&options, "n").unwrap_or((10, false)),
        ) {
            (Some((count, true)), _) => count.saturating_sub(1).min(bytes.len()),
            (Some((count, false)), _) => bytes.len().saturating_sub(count),
            (None, (count, from_start)) => {
                let lines = lines(bytes);
                let skipped = if from_start {
                    count.saturating_sub(1).min(lines.len())
                } else {
                    lines.len().saturating_sub(count)
                };
                lines[..skipped].iter().map(|line| line.len()).sum()
            }
        };
        process.write(1, &bytes[start..]);
    }
    if (options.has("f") || options.has("F")) && !options.rest.is_empty() {
        follow(&process, &all).await;
    }
    status
}

/// What is added to files, for ever.
async fn follow(process: &Process, files: &[(String, Vec<u8>)]) {
    let mut seen: Vec<usize> = files.iter().map(|(_, bytes)| bytes.len()).collect();
    loop {
        process.sleep(Duration::from_secs(1)).await;
        for ((name, _), seen) in files.iter().zip(&mut seen) {
            let bytes = process.read_file(name).unwrap_or_default();
            if bytes.len() < *seen {
                *seen = 0;
            }
            process.write(1, &bytes[*seen..]);
            *seen = bytes.len();
        }
    }
}

pub async fn wc(process: Process) -> i64 {
    let options = match Options::read(&process, "lwcmL", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let (all, status) = inputs(&process, &options.rest).await;
    let wanted: Vec<&str> = ["l", "w", "c"]
        .into_iter()
        .filter(|kind| options.has(kind) || *kind == "c" && options.has("m"))
        .collect();
    let all_kinds = wanted.is_empty();
    let kinds = if all_kinds {
        vec!["l", "w", "c"]
    } else {
        wanted
    };
    let mut totals = vec![0; kinds.len()];
    for (name, bytes) in &all {
        let text = String::from_utf8_lossy(bytes);
        let counts: Vec<usize> = kinds
            .iter()
            .map(|kind| match *kind {
                "l" => bytes.iter().filter(|byte| **byte == b'\n').count(),
                "w" => text.split_whitespace().count(),
                _ => bytes.len(),
            })
            .collect();
        totals
            .iter_mut()
            .zip(&counts)
            .for_each(|(total, count)| *total += count);
        process.print(&counted(&counts, if name == "-" { "" } else { name }));
    }
    if all.len() > 1 {
        process.print(&counted(&totals, "total"));
    }
    status
}

fn counted(counts: &[usize], name: &str) -> String {
    let numbers: Vec<String> = counts
        .iter()
        .map(|count| {
            if counts.len() == 1 {
                count.to_string()
            } else {
                format!("{count:9}")
            }
        })
        .collect();
    let name = if name.is_empty() {
        String::new()
    } else {
        format!(" {name}")
    };
    format!("{}{name}\n", numbers.join(" "))
}

pub async fn tee(process: Process) -> i64 {
    let options = match Options::read(&process, "ai", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let mut outputs = Vec::new();
    for name in &options.rest {
        match process.open_to_write(name, options.has("a")) {
            Ok(_) => outputs.push(name.clone()),
            Err(error) => process.complain(&format!("tee: {name}: {error}\n")),
        }
    }
    loop {
        let bytes = process.read(0).await;
        if bytes.is_empty() {
            return 0;
        }
        process.write(1, &bytes);
        for name in &outputs {
            let _ = process.append_file(name, &bytes);
        }
    }
}

pub async fn sort(process: Process) -> i64 {
    let options = match Options::read(&process, "nrgMcszbdfio:t:uhk:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let (all, status) = inputs(&process, &options.rest).await;
    let mut lines: Vec<String> = all.iter().flat_map(|(_, bytes)| texts(bytes)).collect();
    let separator = options.value("t").and_then(|text| text.chars().next());
    let key = options.value("k").map(str::to_owned);
    let flags = key.clone().unwrap_or_default();
    let numeric = options.has("n") || options.has("g") || flags.contains('n');
    let reversed = options.has("r") || flags.contains('r');
    let folded = options.has("f") || flags.contains('f');
    let part = |line: &str| {
        let part = key
            .as_deref()
            .map_or_else(|| line.to_owned(), |key| field(line, key, separator));
        if folded { part.to_uppercase() } else { part }
    };
    let order = |one: &String, other: &String| {
        let (left, right) = (part(one), part(other));
        let order = if numeric {
            number(&left).total_cmp(&number(&right))
        } else {
            left.cmp(&right)
        };
        if reversed { order.reverse() } else { order }
    };
    lines.sort_by(|one, other| {
        order(one, other).then_with(|| {
            if reversed {
                other.cmp(one)
            } else {
                one.cmp(other)
            }
        })
    });
    if options.has("u") {
        lines.dedup_by(|one, other| order(one, other).is_eq());
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    match options.value("o") {
        Some(file) => drop(process.write_file(file, text)),
        None => process.print(&text),
    }
    status
}

/// `2`, `2,3`, `2n`: those fields of a line.
fn field(line: &str, key: &str, separator: Option<char>) -> String {
    let number = |text: &str| {
        text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic())
            .split('.')
            .next()
            .and_then(|text| text.parse::<usize>().ok())
    };
    let (first, last) = key
        .split_once(',')
        .map_or((number(key), None), |(first, last)| {
            (number(first), number(last))
        });
    let fields: Vec<&str> = match separator {
        Some(separator) => line.split(separator).collect(),
        None => line.split_whitespace().collect(),
    };
    let start = first.unwrap_or(1).saturating_sub(1).min(fields.len());
    let end = last.unwrap_or(fields.len()).clamp(start, fields.len());
    fields[start..end].join(&separator.unwrap_or(' ').to_string())
}

fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .find(|letter: char| !(letter.is_ascii_digit() || "+-.".contains(letter)))
        .unwrap_or(text.len());
    text[..end].parse().unwrap_or(0.0)
}

pub async fn uniq(process: Process) -> i64 {
    let options = match Options::read(&process, "cduif:s:w:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let names: Vec<String> = options.rest.iter().take(1).cloned().collect();
    let (all, status) = inputs(&process, &names).await;
    let mut groups: Vec<(usize, String)> = Vec::new();
    for line in all.iter().flat_map(|(_, bytes)| texts(bytes)) {
        match groups.last_mut() {
            Some((count, last))
                if *last == line || options.has("i") && last.eq_ignore_ascii_case(&line) =>
            {
                *count += 1;
            }
            _ => groups.push((1, line)),
        }
    }
    for (count, line) in groups {
        if options.has("d") && count == 1 || options.has("u") && count > 1 {
            continue;
        }
        let before = if options.has("c") {
            format!("{count:7} ")
        } else {
            String::new()
        };
        process.print(&format!("{before}{line}\n"));
    }
    status
}

pub async fn cut(process: Process) -> i64 {
    let options = match Options::read(&process, "b:c:f:d:sn", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let list = ["f", "c", "b"]
        .iter()
        .find_map(|kind| options.value(kind).map(|list| (*kind, list.to_owned())));
    let Some((kind, list)) = list else {
        process.complain("cut: expected a list of bytes, characters, or fields\n");
        return 1;
    };
    let delimiter = options
        .value("d")
        .and_then(|text| text.chars().next())
        .unwrap_or('\t');
    let Some(ranges) = ranges(&list) else {
        process.complain(&format!("cut: invalid range '{list}'\n"));
        return 1;
    };
    let picked = |index: usize| {
        ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&index))
    };
    let (all, status) = inputs(&process, &options.rest).await;
    for line in all.iter().flat_map(|(_, bytes)| texts(bytes)) {
        if kind != "f" {
            let text: String = line
                .chars()
                .zip(1..)
                .filter(|(_, index)| picked(*index))
                .map(|(letter, _)| letter)
                .collect();
            process.print(&format!("{text}\n"));
            continue;
        }
        if !line.contains(delimiter) {
            if !options.has("s") {
                process.print(&format!("{line}\n"));
            }
            continue;
        }
        let fields: Vec<&str> = line
            .split(delimiter)
            .zip(1..)
            .filter(|(_, index)| picked(*index))
            .map(|(field, _)| field)
            .collect();
        process.print(&format!("{}\n", fields.join(&delimiter.to_string())));
    }
    status
}

fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let start = if from.is_empty() {
            1
        } else {
            from.parse().ok()?
        };
        let end = if to.is_empty() {
            usize::MAX
        } else {
            to.parse().ok()?
        };
        (start > 0).then_some((start, end))
    };
    text.split(',').map(range).collect()
}

pub async fn tr(process: Process) -> i64 {
    let options = match Options::read(&process, "+cCdst", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let Some(first) = options.rest.first() else {
        return usage::show(&process);
    };
    let from = set(first);
    let to = options
        .rest
        .get(1)
        .map(|text| set(text))
        .unwrap_or_default();
    let members: BTreeSet<char> = from.iter().copied().collect();
    let inverted = options.has("c") || options.has("C");
    let in_set = |letter: char| members.contains(&letter) != inverted;
    let squeezed: BTreeSet<char> = if to.is_empty() {
        members.clone()
    } else {
        to.iter().copied().collect()
    };
    let mut last = None;
    loop {
        let bytes = process.read(0).await;
        if bytes.is_empty() {
            return 0;
        }
        let mut out = String::new();
        for letter in String::from_utf8_lossy(&bytes).chars() {
            if options.has("d") && in_set(letter) {
                continue;
            }
            let mapped = if !options.has("d") && in_set(letter) && !to.is_empty() {
                let at = if inverted {
                    to.len() - 1
                } else {
                    from.iter().rposition(|known| *known == letter).unwrap_or(0)
                };
                *to.get(at).unwrap_or(&to[to.len() - 1])
            } else {
                letter
            };
            if options.has("s") && last == Some(mapped) && squeezed.contains(&mapped) {
                continue;
            }
            last = Some(mapped);
            out.push(mapped);
        }
        process.print(&out);
    }
}

/// `a-z`, `[:upper:]`, `\n`.
fn set(text: &str) -> Vec<char> {
    let class = |range: std::ops::RangeInclusive<char>| range.collect::<Vec<char>>();
    let classes = [
        ("[:upper:]", class('A'..='Z')),
        ("[:lower:]", class('a'..='z')),
        ("[:digit:]", class('0'..='9')),
        ("[:alpha:]", [class('A'..='Z'), class('a'..='z')].concat()),
        (
            "[:alnum:]",
            [class('0'..='9'), class('A'..='Z'), class('a'..='z')].concat(),
        ),
        ("[:space:]", vec!['\t', '\n', '\x0b', '\x0c', '\r', ' ']),
    ];
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if let Some((name, letters)) = classes.iter().find(|(name, _)| rest.starts_with(name)) {
            found.extend(letters);
            rest = &rest[name.len()..];
            continue;
        }
        rest = &rest[letter.len_utf8()..];
        let letter = if letter == '\\' {
            let escaped = rest.chars().next().unwrap_or('\\');
            rest = rest.get(escaped.len_utf8()..).unwrap_or_default();
            match escaped {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                other => other,
            }
        } else {
            letter
        };
        let mut after = rest.chars();
        if let (Some('-'), Some(last)) = (after.next(), after.next()) {
            found.extend(letter..=last);
            rest = &rest[1 + last.len_utf8()..];
        } else {
            found.push(letter);
        }
    }
    found
}

/// `tac`, `rev`, `nl`
pub async fn turned(process: Process) -> i64 {
    let (all, status) = inputs(&process, process.words()).await;
    for (_, bytes) in &all {
        let lines = texts(bytes);
        let text: String = match process.name() {
            "tac" => lines.iter().rev().map(|line| format!("{line}\n")).collect(),
            "rev" => lines
                .iter()
                .map(|line| line.chars().rev().collect::<String>() + "\n")
                .collect(),
            _ => {
                let mut number = 0;
                let numbered = lines.iter().map(|line| {
                    if line.is_empty() {
                        return "       \n".to_owned();
                    }
                    number += 1;
                    format!("{number:6}\t{line}\n")
                });
                numbered.collect()
            }
        };
        process.print(&text);
    }
    status
}

pub async fn seq(process: Process) -> i64 {
    let words: Vec<&String> = process
        .words()
        .iter()
        .filter(|word| *word != "-w")
        .collect();
    let mut numbers = Vec::new();
    for word in &words {
        if let Ok(number) = word.parse::<i64>() {
            numbers.push(number);
        } else {
            process.complain(&format!("seq: invalid number '{word}'\n"));
            return 1;
        }
    }
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] => (*first, *step, *last),
        _ => return usage::show(&process),
    };
    let mut number = first;
    let mut text = String::new();
    while step > 0 && number <= last || step < 0 && number >= last {
        let _ = writeln!(text, "{number}");
        number = number.saturating_add(step);
        if text.len() > 4096 {
            process.print(&text);
            text.clear();
            process.room().await;
        }
    }
    process.print(&text);
    0
}

pub async fn yes(process: Process) -> i64 {
    let words = process.words().join(" ");
    let line = if words.is_empty() {
        "y\n".to_owned()
    } else {
        format!("{words}\n")
    };
    let many = line.repeat(100);
    loop {
        process.print(&many);
        process.room().await;
        process.breathe().await;
    }
}
