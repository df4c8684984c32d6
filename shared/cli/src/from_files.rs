//! What `docker run` takes from files and from the shell: `--env-file`, `--label-file`, `-e NAME`. The files are the lab's own,
//! the variables those that were exported in this terminal.

use lab::files::FileError;

use crate::{Context, flags::Given};

/// Variables for a container: files first, so that `-e` has the last word.
pub fn environment(given: &Given, context: &Context) -> Result<Vec<String>, String> {
    let exported = context.session.variables();
    let exported = |name: &str| {
        let found = exported
            .iter()
            .find(|(known, _, out)| *out && known == name);
        found.map(|(name, value, _)| format!("{name}={value}"))
    };
    let mut all = Vec::new();
    for file in given.all("env-file") {
        for pair in pairs(&file, context)? {
            all.extend(if pair.contains('=') {
                Some(pair)
            } else {
                exported(&pair)
            });
        }
    }
    all.extend(given.all("env").into_iter().map(|pair| {
        let known = Some(&pair).filter(|pair| !pair.contains('='));
        known.and_then(|name| exported(name)).unwrap_or(pair)
    }));
    Ok(all)
}

/// Labels for a container: files first.
pub fn labels(given: &Given, context: &Context) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for file in given.all("label-file") {
        all.extend(pairs(&file, context)?);
    }
    all.extend(given.all("label"));
    Ok(all)
}

/// A file's lines, all but the empty ones and comments: `NAME=value`, or `NAME`.
fn pairs(file: &str, context: &Context) -> Result<Vec<String>, String> {
    let invalid = |why: String| format!("invalid env file ({file}): {why}");
    let bytes = match context.files.read(&context.session.path(file)) {
        Ok(bytes) => bytes,
        Err(FileError::IsFolder) => return Err(invalid(format!("read {file}: is a directory"))),
        Err(_) => return Err(format!("open {file}: no such file or directory")),
    };
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.strip_prefix('\u{feff}').unwrap_or(&text).lines();
    let lines = lines.map(|line| line.trim_start_matches([' ', '\t']));
    let said = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    said.map(|line| {
        let name = line.split('=').next().unwrap_or_default();
        if name.is_empty() {
            return Err(invalid(format!("no variable name on line '{line}'")));
        }
        if name.contains(char::is_whitespace) {
            return Err(invalid(format!("variable '{name}' contains whitespaces")));
        }
        Ok(line.to_owned())
    })
    .collect()
}

/// The file into which a container's id is to be written (`--cidfile`): there must be none yet.
pub fn id_file(given: &Given, context: &Context) -> Result<Option<String>, String> {
    let Some(file) = given.text("cidfile") else {
        return Ok(None);
    };
    let path = context.session.path(&file);
    if context.files.get(&path).is_some() {
        return Err(format!(
            "container ID file found, make sure the other container isn't running or delete {file}"
        ));
    }
    write_id(&file, "", context)?;
    Ok(Some(file))
}

/// Writes a container's id; an empty one leaves no file behind.
pub fn write_id(file: &str, id: &str, context: &Context) -> Result<(), String> {
    let path = context.session.path(file);
    let written = context.files.write(&path, id.to_owned());
    let wrong = |error: FileError| {
        let why = error.to_string().to_lowercase();
        format!("failed to create the container ID file: open {file}: {why}")
    };
    written.map_err(wrong)?;
    if id.is_empty() {
        let _ = context.files.remove(&path);
    }
    Ok(())
}
