//! Programs that change files, and tell of their paths.

use super::{
    pattern,
    usage::{self, Options},
};
use crate::{
    fs::{FileError, Kind, join},
    process::Process,
};

pub fn run(process: &Process) -> i64 {
    let outcome = match process.name() {
        "mkdir" => mkdir(process),
        "rmdir" => rmdir(process),
        "rm" => rm(process),
        "cp" => cp(process),
        "mv" => mv(process),
        "touch" => touch(process),
        "ln" => ln(process),
        "chmod" => chmod(process),
        "chown" => chown(process),
        "find" => find(process),
        "mktemp" => mktemp(process),
        "stat" => stat(process),
        _ => paths(process),
    };
    match outcome {
        Ok(code) | Err(code) => code,
    }
}

/// Each word in turn; what cannot be done is said, and the others go on.
fn each(
    process: &Process,
    words: &[String],
    mut does: impl FnMut(&str) -> Result<(), String>,
) -> i64 {
    let mut status = 0;
    for word in words {
        if let Err(message) = does(word) {
            process.complain(&format!("{}: {message}\n", process.name()));
            status = 1;
        }
    }
    status
}

fn needed(process: &Process, options: &Options, count: usize) -> Result<(), i64> {
    if options.rest.len() < count {
        Err(usage::show(process))
    } else {
        Ok(())
    }
}

fn mkdir(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "m:p", &["mode=", "parents"])?;
    needed(process, &options, 1)?;
    let now = process.world.now();
    let parents = options.has("p") || options.has("parents");
    Ok(each(process, &options.rest, |path| {
        let made = process.change_files(path, |files, path| {
            if parents {
                files.make_folders(path, now)
            } else {
                files.make_folder(path.trim_end_matches('/'), 0o755, now)
            }
        });
        made.map_err(|error| format!("can't create directory '{path}': {error}"))
    }))
}

fn rmdir(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "p", &[])?;
    needed(process, &options, 1)?;
    Ok(each(process, &options.rest, |path| {
        let removed = process.change_files(path, |files, path| {
            files.remove_folder(path.trim_end_matches('/'))
        });
        removed.map_err(|error| format!("'{path}': {error}"))
    }))
}

fn rm(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "fiRr", &[])?;
    let (force, all) = (options.has("f"), options.has("r") || options.has("R"));
    if !force {
        needed(process, &options, 1)?;
    }
    Ok(each(process, &options.rest, |path| {
        match process.stat(path, false) {
            Err(FileError::Missing) if force => return Ok(()),
            Err(error) => return Err(format!("can't remove '{path}': {error}")),
            Ok(node) if node.is_folder() && !all => return Err(format!("'{path}' is a directory")),
            Ok(_) => {}
        }
        let removed = process.change_files(path, |files, path| {
            files.remove_all(path.trim_end_matches('/'))
        });
        removed.map_err(|error| match process.path(path).as_str() {
            "/etc/hosts" | "/etc/hostname" | "/etc/resolv.conf" => {
                format!("can't remove '{path}': Device or resource busy")
            }
            _ => format!("can't remove '{path}': {error}"),
        })
    }))
}

/// Where something goes that is called so at its source.
fn destination(process: &Process, from: &str, to: &str) -> String {
    if process.is_folder(to) {
        return join(
            to,
            from.trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or(from),
        );
    }
    to.to_owned()
}

fn several(process: &Process, options: &Options) -> Result<(Vec<String>, String), i64> {
    needed(process, options, 2)?;
    let (to, from) = options.rest.split_last().ok_or(1)?;
    if from.len() > 1 && !process.is_folder(to) {
        process.complain(&format!("{}: {to}: Not a directory\n", process.name()));
        return Err(1);
    }
    Ok((from.to_vec(), to.clone()))
}

fn cp(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "adfilLprRPsTu", &[])?;
    let (from, to) = several(process, &options)?;
    let all = options.has("r") || options.has("R") || options.has("a");
    Ok(each(process, &from, |path| {
        let node = process
            .stat(path, true)
            .map_err(|error| format!("can't stat '{path}': {error}"))?;
        if node.is_folder() && !all {
            return Err(format!("omitting directory '{path}'"));
        }
        copy(process, path, &destination(process, path, &to))
    }))
}

fn copy(process: &Process, from: &str, to: &str) -> Result<(), String> {
    let cannot = |error: FileError| format!("can't create '{to}': {error}");
    let node = process
        .stat(from, true)
        .map_err(|error| format!("can't stat '{from}': {error}"))?;
    let now = process.world.now();
    if node.is_folder() {
        if !process.is_folder(to) {
            process
                .change_files(to, |files, path| files.make_folder(path, node.mode, now))
                .map_err(cannot)?;
        }
        for name in process.list(from).unwrap_or_default() {
            copy(process, &join(from, &name), &join(to, &name))?;
        }
        return Ok(());
    }
    let content = match node.kind {
        Kind::File(content) if content.bytes().is_none_or(|bytes| !bytes.is_empty()) => content,
        // What Docker and the kernel show has its content only when it is read.
        _ => process
            .read_file(from)
            .map_err(|error| format!("can't open '{from}': {error}"))?
            .into(),
    };
    process.write_file(to, content).map_err(cannot)?;
    let _ = process.change_files(to, |files, path| {
        files.change(path, |copied| copied.mode = node.mode)
    });
    Ok(())
}

fn mv(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "finT", &[])?;
    let (from, to) = several(process, &options)?;
    Ok(each(process, &from, |path| {
        let (old, new) = (
            process.path(path),
            process.path(&destination(process, path, &to)),
        );
        let moved = process.change_files(path, |files, _| files.rename(&old, &new));
        moved.map_err(|error| format!("can't rename '{path}': {error}"))
    }))
}

fn touch(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "cd:t:r:amh", &["no-create", "date="])?;
    needed(process, &options, 1)?;
    let time = options
        .value("d")
        .and_then(|text| text.strip_prefix('@'))
        .and_then(|text| text.parse().ok());
    let time = time
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .unwrap_or_else(|| process.world.now());
    Ok(each(process, &options.rest, |path| {
        if !process.exists(path) {
            if options.has("c") {
                return Ok(());
            }
            process
                .write_file(path, "")
                .map_err(|error| format!("{path}: {error}"))?;
        }
        let touched = process.change_files(path, |files, path| {
            files.change(path, |node| node.modified = time)
        });
        touched.map_err(|error| format!("{path}: {error}"))
    }))
}

fn ln(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "sfnbS:vT", &[])?;
    needed(process, &options, 1)?;
    let target = &options.rest[0];
    let given = options
        .rest
        .get(1)
        .cloned()
        .unwrap_or_else(|| ".".to_owned());
    let path = destination(process, target, &given);
    let now = process.world.now();
    Ok(each(process, std::slice::from_ref(&path), |path| {
        if options.has("f") {
            let _ = process.change_files(path, crate::fs::Files::remove);
        }
        let made = if options.has("s") {
            process.change_files(path, |files, path| files.make_link(target, path, now))
        } else {
            let content = process
                .read_file(target)
                .map_err(|error| format!("{target}: {error}"))?;
            process.change_files(path, |files, path| {
                files.make(path, crate::fs::Node::file(content, 0o644, now))
            })
        };
        made.map_err(|error| format!("{path}: {error}"))
    }))
}

fn chmod(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "Rvcf", &[])?;
    needed(process, &options, 2)?;
    let mode = &options.rest[0];
    Ok(each(process, &options.rest[1..], |path| {
        let node = process
            .stat(path, true)
            .map_err(|error| format!("{path}: {error}"))?;
        let new = changed_mode(node.mode, mode).ok_or_else(|| format!("invalid mode '{mode}'"))?;
        let changed = process.change_files(path, |files, path| {
            files.change(path, |node| node.mode = new)
        });
        changed.map_err(|error| format!("{path}: {error}"))
    }))
}

/// `755`, `+x`, `u=rw,go-w`
fn changed_mode(mode: u32, text: &str) -> Option<u32> {
    if let Ok(mode) = u32::from_str_radix(text, 8) {
        return Some(mode);
    }
    let mut mode = mode;
    for part in text.split(',') {
        let at = part.find(['+', '-', '='])?;
        let (who, what) = part.split_at(at);
        let mut bits = 0;
        for letter in what[1..].chars() {
            bits |= match letter {
                'r' => 0o444,
                'w' => 0o222,
                'x' => 0o111,
                _ => return None,
            };
        }
        let whose = |letter: char| match letter {
            'u' => 0o700,
            'g' => 0o070,
            'o' => 0o007,
            _ => 0o777,
        };
        let mask = if who.is_empty() {
            0o777
        } else {
            who.chars().map(whose).fold(0, |all, one| all | one)
        };
        mode = match &what[..1] {
            "+" => mode | bits & mask,
            "-" => mode & !(bits & mask),
            _ => mode & !mask | bits & mask,
        };
    }
    Some(mode)
}

fn chown(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "RhLHPcvf", &[])?;
    needed(process, &options, 2)?;
    let (user, group) = options.rest[0]
        .split_once([':', '.'])
        .map_or((options.rest[0].as_str(), None), |(user, group)| {
            (user, Some(group))
        });
    let owner = super::misc::user_id(process, user);
    if owner.is_none() && !user.is_empty() {
        process.complain(&format!("chown: unknown user {user}\n"));
        return Err(1);
    }
    let group = group.and_then(|group| super::misc::group_id(process, group));
    Ok(each(process, &options.rest[1..], |path| {
        let inner = if options.has("R") {
            process.tree(path)
        } else {
            vec![process.path(path)]
        };
        for path in inner {
            let changed = process.change_files(&path, |files, path| {
                files.change(path, |node| {
                    node.owner = owner.unwrap_or(node.owner);
                    node.group = group.unwrap_or(node.group);
                })
            });
            changed.map_err(|error| format!("{path}: {error}"))?;
        }
        Ok(())
    }))
}

fn mktemp(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "dqtp:u", &[])?;
    let number = process.world.world().next();
    let pattern = options
        .rest
        .first()
        .cloned()
        .unwrap_or_else(|| "/tmp/tmp.XXXXXX".to_owned());
    let path = pattern.replace("XXXXXX", &format!("{:06x}", number & 0x00ff_ffff));
    let now = process.world.now();
    let made = process.change_files(&path, |files, path| {
        if options.has("d") {
            files.make_folder(path, 0o700, now)
        } else {
            files.write(path, "", now)
        }
    });
    if let Err(error) = made {
        process.complain(&format!("mktemp: {pattern}: {error}\n"));
        return Err(1);
    }
    process.print(&format!("{path}\n"));
    Ok(0)
}

fn stat(process: &Process) -> Result<i64, i64> {
    let options = Options::read(process, "ltfc:L", &[])?;
    let Some(format) = options.value("c").map(str::to_owned) else {
        process.complain("causeway: not simulated: stat without -c\n");
        return Err(1);
    };
    Ok(each(process, &options.rest, |path| {
        let node = process
            .stat(path, options.has("L"))
            .map_err(|error| format!("can't stat '{path}': {error}"))?;
        let text = format
            .replace("%s", &node.size().to_string())
            .replace("%n", path)
            .replace("%a", &format!("{:o}", node.mode))
            .replace("%A", &super::ls::permissions(&node))
            .replace("%u", &node.owner.to_string())
            .replace("%g", &node.group.to_string())
            .replace("%U", &super::misc::user_name(process, node.owner))
            .replace("%Y", &node.modified.as_second().to_string());
        process.print(&format!("{text}\n"));
        Ok(())
    }))
}

fn find(process: &Process) -> Result<i64, i64> {
    let words = process.words();
    let at = words
        .iter()
        .position(|word| word.starts_with(['-', '!', '(']))
        .unwrap_or(words.len());
    let (starts, tests) = words.split_at(at);
    let here = [".".to_owned()];
    let starts = if starts.is_empty() { &here } else { starts };
    let (mut name, mut kind, mut depth) = (None, None, usize::MAX);
    let mut tests = tests.iter();
    while let Some(test) = tests.next() {
        match test.as_str() {
            "-name" => name = tests.next(),
            "-type" => kind = tests.next(),
            "-maxdepth" => {
                depth = tests
                    .next()
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(usize::MAX);
            }
            "-print" => {}
            other => {
                process.complain(&format!("causeway: not simulated: find {other}\n"));
                return Err(1);
            }
        }
    }
    let fits = |path: &str| {
        let node = process.stat(path, false);
        let last = path
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(path);
        name.is_none_or(|pattern| pattern::matches(pattern, last))
            && kind.is_none_or(|kind| {
                node.is_ok_and(|node| match kind.as_str() {
                    "f" => matches!(node.kind, Kind::File(_)),
                    "d" => node.is_folder(),
                    "l" => matches!(node.kind, Kind::Link(_)),
                    _ => false,
                })
            })
    };
    Ok(each(process, starts, |start| {
        process
            .stat(start, false)
            .map_err(|error| format!("{start}: {error}"))?;
        let mut left = vec![(start.to_owned(), 0)];
        while let Some((path, level)) = left.pop() {
            if fits(&path) {
                process.print(&format!("{path}\n"));
            }
            if level < depth
                && process
                    .stat(&path, false)
                    .is_ok_and(|node| node.is_folder())
            {
                let names = process.list(&path).unwrap_or_default();
                left.extend(
                    names
                        .iter()
                        .rev()
                        .map(|name| (join(&path, name), level + 1)),
                );
            }
        }
        Ok(())
    }))
}

fn paths(process: &Process) -> Result<i64, i64> {
    let words = process.words();
    let options = Options::read(process, "fn", &[])?;
    let first = options.rest.first().cloned().unwrap_or_default();
    let text = match process.name() {
        "pwd" => process.folder.clone(),
        "basename" => {
            let name = first
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            let ending = words.get(1).map_or("", String::as_str);
            name.strip_suffix(ending)
                .filter(|name| !name.is_empty())
                .map_or(name.clone(), str::to_owned)
        }
        "dirname" => match first.trim_end_matches('/').rsplit_once('/') {
            None => ".".to_owned(),
            Some(("", _)) => "/".to_owned(),
            Some((folder, _)) => folder.to_owned(),
        },
        "readlink" if !options.has("f") => {
            match process.stat(&first, false).map(|node| node.kind) {
                Ok(Kind::Link(to)) => to,
                _ => return Err(1),
            }
        }
        _ => process.real_path(&first).map_err(|error| {
            process.complain(&format!("{}: {first}: {error}\n", process.name()));
            1
        })?,
    };
    if first.is_empty() && process.name() != "pwd" {
        return Err(usage::show(process));
    }
    process.print(&format!("{text}\n"));
    Ok(0)
}
