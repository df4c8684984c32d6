//! What changes the lab's files: `rm rmdir mkdir touch mv cp`, with GNU's words for what is wrong.

use async_trait::async_trait;
use lab::files::{Entry, FileError, Files};

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    flags::{Flag, Given},
    grammar::{Count, Grammar},
    shell::Ended,
};

pub struct Rm;

static RM: Grammar = Grammar {
    names: &["rm"],
    usage: "[-r] [-f] FILE...",
    about: "Removes files of the lab",
    flags: RM_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Rm {
    fn grammar(&self) -> &'static Grammar {
        &RM
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&RM, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        if given.arguments.is_empty() && !given.on("force") {
            return missing(&call, "operand", console).await;
        }
        let recursive = given.on("recursive") || given.on("Recursive");
        let mut code = 0;
        for file in &given.arguments {
            let path = context.session.path(file);
            let why = match context.files.get(&path) {
                None if given.on("force") => continue,
                None => FileError::Missing.to_string(),
                Some(Entry::Folder) if !recursive => FileError::IsFolder.to_string(),
                Some(_) if path == "/" => {
                    "it is the lab's own folder, which stays (remove what is in it: rm -r *)"
                        .to_owned()
                }
                Some(_) => {
                    remove(&context.files, &path);
                    continue;
                }
            };
            call.fail(1, &format!("cannot remove '{file}': {why}"), console)
                .await;
            code = 1;
        }
        Ended::with(code)
    }
}

static RM_FLAGS: &[Flag] = &[
    Flag::switch("force", "Say nothing of files that are not there").short('f'),
    Flag::switch("recursive", "Folders too, with what is in them").short('r'),
    Flag::switch("Recursive", "").short('R'),
];

/// With everything in it.
fn remove(files: &Files, path: &str) {
    for name in files.list(path).unwrap_or_default() {
        remove(files, &format!("{path}/{name}"));
    }
    // It was there a moment ago.
    let _ = files.remove(path);
}

pub struct Rmdir;

static RMDIR: Grammar = Grammar {
    names: &["rmdir"],
    usage: "FOLDER...",
    about: "Removes empty folders of the lab",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["folder"],
    program_from: None,
};

#[async_trait]
impl Program for Rmdir {
    fn grammar(&self) -> &'static Grammar {
        &RMDIR
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&RMDIR, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        if given.arguments.is_empty() {
            return missing(&call, "operand", console).await;
        }
        each(
            &call,
            &given,
            context,
            console,
            "failed to remove",
            |files, path| match files.get(path) {
                Some(Entry::File(_)) => Err(FileError::NotAFolder),
                _ => files.remove(path),
            },
        )
        .await
    }
}

pub struct Mkdir;

static MKDIR: Grammar = Grammar {
    names: &["mkdir"],
    usage: "[-p] FOLDER...",
    about: "Makes folders for the lab's files",
    flags: MKDIR_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["folder"],
    program_from: None,
};

#[async_trait]
impl Program for Mkdir {
    fn grammar(&self) -> &'static Grammar {
        &MKDIR
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&MKDIR, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        if given.arguments.is_empty() {
            return missing(&call, "operand", console).await;
        }
        let parents = given.on("parents");
        each(
            &call,
            &given,
            context,
            console,
            "cannot create directory",
            |files, path| {
                if parents {
                    files.make_folders(path)
                } else {
                    files.make_folder(path)
                }
            },
        )
        .await
    }
}

static MKDIR_FLAGS: &[Flag] =
    &[Flag::switch("parents", "Those above it too; it may be there already").short('p')];

pub struct Touch;

static TOUCH: Grammar = Grammar {
    names: &["touch"],
    usage: "FILE...",
    about: "Makes empty files where there are none",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Touch {
    fn grammar(&self) -> &'static Grammar {
        &TOUCH
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&TOUCH, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        if given.arguments.is_empty() {
            return missing(&call, "file operand", console).await;
        }
        each(
            &call,
            &given,
            context,
            console,
            "cannot touch",
            |files, path| match files.get(path) {
                Some(_) => Ok(()),
                None => files.write(path, ""),
            },
        )
        .await
    }
}

pub struct Mv;

static MV: Grammar = Grammar {
    names: &["mv"],
    usage: "FILE... TARGET",
    about: "Moves files of the lab, or renames them",
    flags: MV_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Mv {
    fn grammar(&self) -> &'static Grammar {
        &MV
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&MV, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        to_target(&call, &given, context, console, shift).await
    }
}

pub struct Cp;

static CP: Grammar = Grammar {
    names: &["cp"],
    usage: "[-r] FILE... TARGET",
    about: "Copies files of the lab",
    flags: CP_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Cp {
    fn grammar(&self) -> &'static Grammar {
        &CP
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&CP, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let recursive = given.on("recursive") || given.on("Recursive") || given.on("archive");
        to_target(&call, &given, context, console, |files, from, to| {
            copy(files, from, to, recursive)
        })
        .await
    }
}

static MV_FLAGS: &[Flag] = &[Flag::switch("force", "Ask nothing").short('f')];

static CP_FLAGS: &[Flag] = &[
    Flag::switch("recursive", "Folders too, with what is in them").short('r'),
    Flag::switch("Recursive", "").short('R'),
    Flag::switch("archive", "As -r").short('a'),
];

/// Each path as it was typed, and as it is among the lab's files.
fn shift(files: &Files, from: (&str, &str), to: (&str, &str)) -> Result<(), String> {
    let failed = |why: String| format!("cannot move '{}' to '{}': {why}", from.0, to.0);
    let Some(entry) = files.get(from.1) else {
        return Err(format!("cannot stat '{}': {}", from.0, FileError::Missing));
    };
    if from.1 == to.1 {
        return Err(format!("'{}' and '{}' are the same file", from.0, to.0));
    }
    if to
        .1
        .starts_with(&format!("{}/", from.1.trim_end_matches('/')))
    {
        return Err(format!(
            "cannot move '{}' to a subdirectory of itself, '{}'",
            from.0, to.0
        ));
    }
    match (entry, files.get(to.1)) {
        (Entry::Folder, Some(Entry::File(_))) => {
            return Err(format!(
                "cannot overwrite non-directory '{}' with directory '{}'",
                to.0, from.0
            ));
        }
        (_, Some(_)) => files
            .remove(to.1)
            .map_err(|error| failed(error.to_string()))?,
        _ => {}
    }
    files
        .rename(from.1, to.1)
        .map_err(|error| failed(error.to_string()))
}

fn copy(
    files: &Files,
    from: (&str, &str),
    to: (&str, &str),
    recursive: bool,
) -> Result<(), String> {
    match files.get(from.1) {
        None => Err(format!("cannot stat '{}': {}", from.0, FileError::Missing)),
        Some(_) if from.1 == to.1 => Err(format!("'{}' and '{}' are the same file", from.0, to.0)),
        Some(Entry::File(held)) => {
            let made = files.write(to.1, held);
            made.map_err(|error| format!("cannot create regular file '{}': {error}", to.0))
        }
        Some(Entry::Folder) if !recursive => {
            Err(format!("-r not specified; omitting directory '{}'", from.0))
        }
        Some(Entry::Folder)
            if to
                .1
                .starts_with(&format!("{}/", from.1.trim_end_matches('/'))) =>
        {
            Err(format!(
                "cannot copy a directory, '{}', into itself, '{}'",
                from.0, to.0
            ))
        }
        Some(Entry::Folder) => {
            if files.get(to.1).is_none() {
                let made = files.make_folder(to.1);
                made.map_err(|error| format!("cannot create directory '{}': {error}", to.0))?;
            }
            for name in files.list(from.1).unwrap_or_default() {
                let inside = |(shown, path): (&str, &str)| {
                    (format!("{shown}/{name}"), format!("{path}/{name}"))
                };
                let (from, to) = (inside(from), inside(to));
                copy(files, (&from.0, &from.1), (&to.0, &to.1), recursive)?;
            }
            Ok(())
        }
    }
}

/// `FILE... TARGET`: into the target where it is a folder, else in its place. Each path is handed over as it was typed and
/// as it is among the lab's files.
async fn to_target(
    call: &Call<'_>,
    given: &Given,
    context: &Context,
    console: &mut Console,
    act: impl Fn(&Files, (&str, &str), (&str, &str)) -> Result<(), String> + Send + Sync,
) -> Ended {
    let (target, files) = match &given.arguments[..] {
        [] => return missing(call, "file operand", console).await,
        [one] => {
            let why = format!("destination file operand after '{one}'");
            return missing(call, &why, console).await;
        }
        [files @ .., target] => (target, files),
    };
    let into = context.files.get(&context.session.path(target)) == Some(Entry::Folder);
    if files.len() > 1 && !into {
        let why = format!("target '{target}' is not a directory");
        return call.fail(1, &why, console).await;
    }
    let mut code = 0;
    for file in files {
        let from = context.session.path(file);
        let (shown, to) = if into {
            let name = from.rsplit('/').next().unwrap_or_default();
            (
                format!("{}/{name}", target.trim_end_matches('/')),
                context.session.path(&format!("{target}/{name}")),
            )
        } else {
            (target.clone(), context.session.path(target))
        };
        if let Err(why) = act(&context.files, (file, &from), (&shown, &to)) {
            call.fail(1, &why, console).await;
            code = 1;
        }
    }
    Ended::with(code)
}

async fn missing(call: &Call<'_>, what: &str, console: &mut Console) -> Ended {
    let name = call.name;
    let why = format!("missing {what}\nTry '{name} --help' for more information.");
    call.fail(1, &why, console).await
}

async fn each(
    call: &Call<'_>,
    given: &Given,
    context: &Context,
    console: &mut Console,
    failed: &str,
    act: impl Fn(&Files, &str) -> Result<(), FileError> + Send + Sync,
) -> Ended {
    let mut code = 0;
    // GNU's mkdir quotes as people do, the others as shells do.
    let quotes = |file: &str| match call.name {
        "mkdir" => format!("‘{file}’"),
        _ => format!("'{file}'"),
    };
    for file in &given.arguments {
        let done = act(&context.files, &context.session.path(file));
        if let Err(error) = done {
            call.fail(1, &format!("{failed} {}: {error}", quotes(file)), console)
                .await;
            code = 1;
        }
    }
    Ended::with(code)
}
