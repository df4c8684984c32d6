//! Puts the built page into the binary: every file of the folder that `CAUSEWAY_SITE` names, with its `.br` twin.

use std::{
    env,
    fmt::Write as _,
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=CAUSEWAY_SITE");
    println!("cargo::rerun-if-changed=build.rs");
    let files = match env::var_os("CAUSEWAY_SITE") {
        Some(folder) if !folder.is_empty() => page(Path::new(&folder))?,
        _ => Vec::new(),
    };
    let mut source = String::from("&[\n");
    for file in &files {
        file.write(&mut source)?;
    }
    source.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("page.rs"), source)
}

/// A file of the page.
struct File {
    /// In the URL: `index.html`, `snippets/a.js`.
    name: String,
    path: PathBuf,
}

fn page(folder: &Path) -> io::Result<Vec<File>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let folder = fs::canonicalize(folder).map_err(|error| {
        io::Error::new(
            error.kind(),
            format!("CAUSEWAY_SITE={}: {error}", folder.display()),
        )
    })?;
    let mut files = Vec::new();
    walk(&folder, "", &mut files)?;
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

fn walk(folder: &Path, prefix: &str, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            walk(&entry.path(), &format!("{name}/"), files)?;
        } else if entry
            .path()
            .extension()
            .is_none_or(|extension| extension != "br")
        {
            files.push(File {
                name,
                path: entry.path(),
            });
        }
    }
    Ok(())
}

impl File {
    fn write(&self, source: &mut String) -> io::Result<()> {
        let mut hash = DefaultHasher::new();
        fs::read(&self.path)?.hash(&mut hash);
        let path = self.path.display().to_string();
        let twin = format!("{path}.br");
        let brotli = if PathBuf::from(&twin).is_file() {
            format!("Some(include_bytes!({twin:?}))")
        } else {
            "None".to_owned()
        };
        writeln!(
            source,
            "Asset {{ name: {:?}, hash: \"{:016x}\", bytes: include_bytes!({:?}), brotli: {brotli} }},",
            self.name,
            hash.finish(),
            path
        )
        .map_err(io::Error::other)
    }
}
