//! `ls`: names in columns on a terminal, one a line in a pipe.

use std::fmt::Write as _;

use async_trait::async_trait;
use lab::files::Entry;

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    shell::Ended,
};

pub struct Ls;

static LS: Grammar = Grammar {
    names: &["ls", "ll"],
    usage: "[-l] [-a] [FILE...]",
    about: "Lists the lab's files",
    flags: LS_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Ls {
    fn grammar(&self) -> &'static Grammar {
        &LS
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&LS, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let how = How {
            all: given.on("all") || given.on("almost-all"),
            dots: given.on("all"),
            long: given.on("long") || call.name == "ll",
            columns: console
                .output_terminal()
                .filter(|_| !given.on("one"))
                .map(|size| usize::from(size.columns)),
        };
        let here = [".".to_owned()];
        let targets = if given.arguments.is_empty() {
            &here[..]
        } else {
            &given.arguments
        };
        let (mut files, mut folders, mut code) = (Vec::new(), Vec::new(), 0);
        for target in targets {
            match context.files.get(&context.session.path(target)) {
                Some(Entry::Folder) if !given.on("directory") => folders.push(target),
                Some(entry) => files.push((target.clone(), entry)),
                None => {
                    let why = format!("cannot access '{target}': No such file or directory");
                    call.fail(2, &why, console).await;
                    code = 2;
                }
            }
        }
        console.out(list(&files, &how)).await;
        for (index, folder) in folders.iter().enumerate() {
            if targets.len() > 1 {
                let gap = if index > 0 || !files.is_empty() {
                    "\n"
                } else {
                    ""
                };
                console.out(format!("{gap}{folder}:\n")).await;
            }
            let entries = inside(folder, &how, context);
            if how.long {
                console.line(&format!("total {}", entries.len())).await;
            }
            console.out(list(&entries, &how)).await;
        }
        Ended::with(code)
    }
}

static LS_FLAGS: &[Flag] = &[
    Flag::switch("all", "Hidden ones too").short('a'),
    Flag::switch("almost-all", "Hidden ones too, but for . and ..").short('A'),
    Flag::switch("directory", "Folders themselves, not what is in them").short('d'),
    Flag::switch("human-readable", "").short('h'),
    Flag::switch("long", "With size and kind").short('l'),
    Flag::switch("one", "One a line").short('1'),
];

struct How {
    all: bool,
    dots: bool,
    long: bool,
    /// How wide the terminal is, if it is one.
    columns: Option<usize>,
}

fn inside(folder: &str, how: &How, context: &Context) -> Vec<(String, Entry)> {
    let path = context.session.path(folder);
    let mut names = context.files.list(&path).unwrap_or_default();
    names.retain(|name| how.all || !name.starts_with('.'));
    // As ls sorts for people: letters before case and dots.
    names.sort_by_key(|name| (name.trim_start_matches('.').to_lowercase(), name.clone()));
    let entry = |name: String| {
        let entry = context
            .files
            .get(&context.session.path(&format!("{folder}/{name}")));
        (name, entry.unwrap_or(Entry::Folder))
    };
    let dots = [".", ".."]
        .into_iter()
        .filter(|_| how.dots)
        .map(str::to_owned);
    dots.chain(names).map(entry).collect()
}

fn list(entries: &[(String, Entry)], how: &How) -> String {
    if how.long {
        return long(entries);
    }
    let names: Vec<String> = entries
        .iter()
        .map(|(name, _)| quoted(name, how.columns.is_some()))
        .collect();
    match how.columns {
        Some(columns) if !names.is_empty() => in_columns(&names, columns.max(1)),
        _ => names.iter().map(|name| format!("{name}\n")).collect(),
    }
}

/// The lab's files have no owners and no times: kind, size and name.
fn long(entries: &[(String, Entry)]) -> String {
    let size = |entry: &Entry| match entry {
        Entry::File(held) => held.len(),
        Entry::Folder => 4096,
    };
    let sizes = entries
        .iter()
        .map(|(_, entry)| size(entry).to_string().len());
    let width = sizes.max().unwrap_or_default();
    let line = |(name, entry): &(String, Entry)| {
        let kind = if *entry == Entry::Folder {
            "drwxr-xr-x"
        } else {
            "-rw-r--r--"
        };
        format!("{kind} 1 you lab {:>width$} {name}\n", size(entry))
    };
    entries.iter().map(line).collect()
}

/// On a terminal, names that a shell would divide are in quotes.
fn quoted(name: &str, terminal: bool) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-+,:@%/=".contains(c);
    if !terminal || name.chars().all(plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', "'\\''"))
}

fn in_columns(names: &[String], width: usize) -> String {
    let longest = |names: &[String]| {
        names
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or_default()
    };
    // As few rows as fit.
    for rows in 1..=names.len() {
        let columns: Vec<&[String]> = names.chunks(rows).collect();
        let widths: Vec<usize> = columns.iter().map(|column| longest(column) + 2).collect();
        if rows < names.len() && widths.iter().sum::<usize>() - 2 > width {
            continue;
        }
        let mut text = String::new();
        for row in 0..rows {
            let mut line = String::new();
            for (column, names) in columns.iter().enumerate() {
                if let Some(name) = names.get(row) {
                    let pad = widths[column];
                    let _ = write!(line, "{name:<pad$}");
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        return text;
    }
    String::new()
}
