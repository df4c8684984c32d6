//! busybox's `ls`.

use super::usage::Options;
use crate::{
    fs::{Kind, Node, join},
    process::Process,
};

pub fn ls(process: &Process) -> i64 {
    let options = match Options::read(
        process,
        "aA1lhRFdipnLrStcusCxgkT:w:",
        &["color", "color=", "full-time"],
    ) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let here = [".".to_owned()];
    let names = if options.rest.is_empty() {
        &here
    } else {
        options.rest.as_slice()
    };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let mut status = 0;
    for name in names {
        // A link to a folder is looked into, except with -l.
        match process
            .stat(name, !options.has("l"))
            .or_else(|_| process.stat(name, false))
        {
            Err(error) => {
                process.complain(&format!("ls: {name}: {error}\n"));
                status = 1;
            }
            Ok(node) if node.is_folder() && !options.has("d") => folders.push(name.clone()),
            Ok(node) => files.push((name.clone(), node)),
        }
    }
    files.sort_by(|one, other| one.0.cmp(&other.0));
    let many = folders.len() + files.len() > 1 || options.has("R");
    show(process, &options, files.clone());
    let mut first = files.is_empty();
    let mut left: Vec<String> = folders.into_iter().rev().collect();
    while let Some(folder) = left.pop() {
        if many {
            let before = if first { "" } else { "\n" };
            process.print(&format!("{before}{folder}:\n"));
        }
        first = false;
        let entries = entries(process, &options, &folder);
        if options.has("l") {
            let blocks: u64 = entries.iter().map(|(_, node)| blocks(node)).sum();
            process.print(&format!("total {blocks}\n"));
        }
        if options.has("R") {
            let inner = entries
                .iter()
                .rev()
                .filter(|(name, node)| node.is_folder() && name != "." && name != "..");
            left.extend(inner.map(|(name, _)| join(&folder, name)));
        }
        show(process, &options, entries);
    }
    status
}

/// In KiB; a folder and whatever a file begins takes a block of 4.
fn blocks(node: &Node) -> u64 {
    match &node.kind {
        Kind::Link(_) => 0,
        _ => node.size().div_ceil(4096) * 4,
    }
}

fn entries(process: &Process, options: &Options, folder: &str) -> Vec<(String, Node)> {
    let mut names = process.list(folder).unwrap_or_default();
    if !options.has("a") && !options.has("A") {
        names.retain(|name| !name.starts_with('.'));
    }
    if options.has("a") {
        names.extend([".".to_owned(), "..".to_owned()]);
    }
    let node = |name: String| {
        let node = process.stat(&join(folder, &name), false).ok()?;
        Some((name, node))
    };
    let mut found: Vec<(String, Node)> = names.into_iter().filter_map(node).collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    if options.has("t") {
        found.sort_by_key(|(_, node)| std::cmp::Reverse(node.modified));
    }
    if options.has("S") {
        found.sort_by_key(|(_, node)| std::cmp::Reverse(node.size()));
    }
    if options.has("r") {
        found.reverse();
    }
    found
}

fn show(process: &Process, options: &Options, entries: Vec<(String, Node)>) {
    if options.has("l") {
        let lines = entries
            .iter()
            .map(|(name, node)| long(process, options, name, node));
        return process.print(&lines.collect::<String>());
    }
    let names: Vec<String> = entries
        .iter()
        .map(|(name, node)| format!("{name}{}", mark(options, node)))
        .collect();
    if options.has("1") || !process.is_terminal(1) && !options.has("C") {
        let lines = names.iter().map(|name| format!("{name}\n"));
        return process.print(&lines.collect::<String>());
    }
    let colored: Vec<String> = if process.is_terminal(1) {
        entries
            .iter()
            .map(|(name, node)| color(name, node) + mark(options, node))
            .collect()
    } else {
        names.clone()
    };
    process.print(&columns(
        &names,
        &colored,
        usize::from(process.io.lock().size.columns),
    ));
}

/// In columns as wide as the widest name.
fn columns(names: &[String], shown: &[String], width: usize) -> String {
    let widest = names
        .iter()
        .map(|name| name.chars().count())
        .max()
        .unwrap_or(0)
        + 2;
    let across = (width / widest.max(1)).max(1);
    let rows = names.len().div_ceil(across);
    let mut text = String::new();
    for row in 0..rows {
        let mut at = row;
        let mut gap = 0;
        while at < names.len() {
            text.push_str(&" ".repeat(gap));
            text.push_str(&shown[at]);
            gap = widest - names[at].chars().count();
            at += rows;
        }
        text.push('\n');
    }
    text
}

fn color(name: &str, node: &Node) -> String {
    let code = match &node.kind {
        Kind::Folder => "1;34",
        Kind::Link(_) => "1;36",
        Kind::File(_) if node.mode & 0o111 != 0 => "1;32",
        Kind::File(_) => "0;0",
    };
    format!("\x1b[{code}m{name}\x1b[m")
}

fn mark(options: &Options, node: &Node) -> &'static str {
    if !options.has("F") {
        return "";
    }
    match &node.kind {
        Kind::Folder => "/",
        Kind::Link(_) => "@",
        Kind::File(_) if node.mode & 0o111 != 0 => "*",
        Kind::File(_) => "",
    }
}

fn long(process: &Process, options: &Options, name: &str, node: &Node) -> String {
    let links = if node.is_folder() {
        2 + subfolders(process, name)
    } else {
        1
    };
    let size = if options.has("h") {
        format!("{:>7}", human(node.size()))
    } else {
        format!("{:>9}", node.size())
    };
    let now = process.world.now();
    let half_year = 182 * 86_400;
    let recent = (now.as_second() - node.modified.as_second()).abs() < half_year;
    let time = node
        .modified
        .strftime(if recent { "%b %e %H:%M" } else { "%b %e  %Y" });
    let to = match &node.kind {
        Kind::Link(to) => format!(" -> {to}"),
        _ => String::new(),
    };
    let (owner, group) = if options.has("n") {
        (node.owner.to_string(), node.group.to_string())
    } else {
        (
            super::misc::user_name(process, node.owner),
            super::misc::group_name(process, node.group),
        )
    };
    let shown = if process.is_terminal(1) {
        color(name, node)
    } else {
        name.to_owned()
    };
    format!(
        "{} {links:>4} {owner:<8} {group:<8} {size} {time} {shown}{}{to}\n",
        permissions(node),
        mark(options, node)
    )
}

fn subfolders(process: &Process, folder: &str) -> usize {
    let names = process.list(folder).unwrap_or_default();
    names
        .iter()
        .filter(|name| {
            process
                .stat(&join(folder, name), false)
                .is_ok_and(|node| node.is_folder())
        })
        .count()
}

pub fn permissions(node: &Node) -> String {
    let kind = match &node.kind {
        Kind::Folder => 'd',
        Kind::Link(_) => 'l',
        Kind::File(_) => '-',
    };
    let mut text = kind.to_string();
    for (index, letter) in "rwxrwxrwx".chars().enumerate() {
        text.push(if node.mode >> (8 - index) & 1 == 1 {
            letter
        } else {
            '-'
        });
    }
    if node.mode & 0o1000 != 0 {
        text.pop();
        text.push(if node.mode & 1 == 1 { 't' } else { 'T' });
    }
    text
}

fn human(size: u64) -> String {
    const UNITS: [char; 4] = ['K', 'M', 'G', 'T'];
    if size < 1024 {
        return size.to_string();
    }
    let mut tenths = size * 10;
    let mut unit = 0;
    loop {
        tenths = (tenths + 512) / 1024;
        if tenths < 10_240 || unit + 1 == UNITS.len() {
            return format!("{}.{}{}", tenths / 10, tenths % 10, UNITS[unit]);
        }
        unit += 1;
    }
}
