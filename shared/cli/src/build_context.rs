//! What `docker build` sends: a folder of the lab's files as an archive, without what its `.dockerignore` names.

use bytes::Bytes;
use fast_glob::glob_match;
use lab::{
    archive::{self, Entry},
    files::{self, Files, Tree, resolve},
};

use crate::{Session, session};

/// What is sent, and the name of the Dockerfile in it.
#[derive(Debug, PartialEq, Eq)]
pub struct BuildContext {
    pub archive: Bytes,
    pub dockerfile: String,
}

/// Reads a folder; an error is in docker's words.
pub fn pack(
    files: &Files,
    session: &Session,
    folder: &str,
    dockerfile: Option<&str>,
) -> Result<BuildContext, String> {
    let root = session.path(folder);
    match files.get(&root) {
        None => return Err(unprepared(&format!("path \"{folder}\" not found"))),
        Some(files::Entry::File(_)) => {
            let shown = session::shown(&root);
            return Err(unprepared(&format!("context must be a directory: {shown}")));
        }
        Some(files::Entry::Folder) => {}
    }
    let path = match dockerfile {
        None => resolve(&root, "Dockerfile"),
        Some(path) => session.path(path),
    };
    let Ok(content) = files.read(&path) else {
        let shown = session::shown(&path);
        return Err(unprepared(&format!(
            "unable to evaluate symlinks in Dockerfile path: lstat {shown}: no such file or directory"
        )));
    };
    let inside = inside(&root, &path).map(str::to_owned);
    // One from elsewhere goes along under a name of its own.
    let name = inside.clone().unwrap_or_else(|| OUTSIDE.to_owned());
    let tree = files.tree();
    let ignored = Ignored::read(&ignore_file(files, &root, &path));
    let mut entries = entries(&tree, &root, |path| {
        // The builder needs these; it leaves them out of what is copied by itself.
        path != name && path != IGNORE_FILE && ignored.has(path)
    });
    if inside.is_none() {
        entries.push(Entry::file(OUTSIDE, content));
    }
    let archive = archive::pack(&entries).map_err(|error| unprepared(&error.to_string()))?;
    Ok(BuildContext {
        archive,
        dockerfile: name,
    })
}

const OUTSIDE: &str = ".dockerfile.0";
const IGNORE_FILE: &str = ".dockerignore";

fn unprepared(why: &str) -> String {
    format!("unable to prepare context: {why}")
}

/// A path from a folder on, if it is in it.
fn inside<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(folder.trim_end_matches('/'))?
        .strip_prefix('/')
}

/// A Dockerfile can have an ignore file of its own beside it.
fn ignore_file(files: &Files, root: &str, dockerfile: &str) -> String {
    let own = files.read(&format!("{dockerfile}{IGNORE_FILE}"));
    let content = own.or_else(|_| files.read(&resolve(root, IGNORE_FILE)));
    String::from_utf8_lossy(&content.unwrap_or_default()).into_owned()
}

fn entries(tree: &Tree, root: &str, ignored: impl Fn(&str) -> bool) -> Vec<Entry> {
    let below = tree.inside(root);
    let entries = below.filter_map(|(path, entry)| {
        let path = inside(root, path).filter(|path| !ignored(path))?;
        Some(match entry {
            files::Entry::File(content) => Entry::file(path, content.clone()),
            files::Entry::Folder => Entry::folder(path),
        })
    });
    entries.collect()
}

/// The patterns of a `.dockerignore`, the last that fits being the one that counts.
struct Ignored {
    patterns: Vec<Pattern>,
}

struct Pattern {
    glob: String,
    /// It began with `!`.
    keeps: bool,
}

impl Ignored {
    fn read(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        let patterns = lines
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| {
                let (keeps, glob) = match line.strip_prefix('!') {
                    Some(rest) => (true, rest.trim()),
                    None => (false, line),
                };
                let glob = resolve("/", glob).trim_start_matches('/').to_owned();
                Pattern {
                    // Braces are letters to docker.
                    glob: glob.replace('{', "\\{").replace('}', "\\}"),
                    keeps,
                }
            });
        Self {
            patterns: patterns
                .filter(|pattern| !pattern.glob.is_empty())
                .collect(),
        }
    }

    /// What is in a folder that fits, fits too.
    fn has(&self, path: &str) -> bool {
        let fits = |glob: &str| prefixes(path).any(|part| glob_match(glob, part));
        let mut ignored = false;
        for pattern in &self.patterns {
            if ignored == pattern.keeps && fits(&pattern.glob) {
                ignored = !pattern.keeps;
            }
        }
        ignored
    }
}

/// `a`, `a/b`, `a/b/c`
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(at, _)| at);
    ends.chain([path.len()]).map(|end| &path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ignore: &str, path: &str, expected: bool) {
        assert_eq!(Ignored::read(ignore).has(path), expected, "{ignore} {path}");
    }

    #[test]
    fn what_is_left_out() {
        check("*.pyc", "a.pyc", true);
        check("*.pyc", "app/a.pyc", false);
        check("**/*.pyc", "app/a.pyc", true);
        check("**/*.pyc", "a.pyc", true);
        check("app", "app/deep/a.py", true);
        check("/app/", "app/a.py", true);
        check("*\n!README.md", "README.md", false);
        check("*\n!README.md\nREADME*", "README.md", true);
        check("# app\n\n", "app", false);
        check("a?c", "abc", true);
        check("a[b-d]c", "aec", false);
        check("app/*\n!app/keep", "app/keep/x", false);
        check("{a,b}", "a", false);
    }

    #[test]
    fn a_folder_becomes_an_archive() {
        let files = Files::default();
        let session = Session::default();
        let packed = |folder: &str, dockerfile: Option<&str>| {
            let context = pack(&files, &session, folder, dockerfile)?;
            let entries = archive::unpack(&context.archive, 1000).expect("an archive");
            let paths: Vec<String> = entries.into_iter().map(|entry| entry.path).collect();
            Ok::<_, String>(format!("{}: {}", context.dockerfile, paths.join(" ")))
        };
        let says = |text: &str| Err(format!("unable to prepare context: {text}"));
        assert_eq!(
            packed(".", None),
            says(
                "unable to evaluate symlinks in Dockerfile path: lstat /lab/Dockerfile: no such file or directory"
            )
        );
        assert_eq!(packed("x", None), says("path \"x\" not found"));
        for folder in ["/app", "/app/src"] {
            files.make_folder(folder).expect("a folder");
        }
        for file in ["/app/Dockerfile", "/app/src/a.py", "/app/src/a.pyc"] {
            files.write(file, "x").expect("a file");
        }
        files
            .write("/app/.dockerignore", "**/*.pyc\nDockerfile")
            .expect("a file");
        assert_eq!(
            packed("app", None),
            Ok("Dockerfile: .dockerignore Dockerfile src src/a.py".to_owned())
        );
        assert_eq!(
            packed("app/Dockerfile", None),
            says("context must be a directory: /lab/app/Dockerfile")
        );
        assert_eq!(
            packed("app/src", Some("app/Dockerfile")),
            Ok(".dockerfile.0: a.py a.pyc .dockerfile.0".to_owned())
        );
    }
}
