//! A folder of files to be served: names with their content's hash, so that a browser may keep them, and the `.br`
//! twins beside them. It knows no page.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder there.
    pub fn new(path: PathBuf) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Adds a file under this name.
    pub fn add(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.0.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, bytes).with_context(|| path.display().to_string())
    }

    /// Adds a file under this name with its content's hash in it, which it gives: `style.css` is `style-0123456789abcdef.css`.
    pub fn add_hashed(&self, name: &str, bytes: &[u8]) -> Result<String> {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        let hash = hasher.finish();
        let name = match name.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem}-{hash:016x}.{ending}"),
            None => format!("{name}-{hash:016x}"),
        };
        self.add(&name, bytes)?;
        Ok(name)
    }

    /// Puts a brotli twin beside each file that gets smaller by it. Gives what a browser loads, in bytes, by name.
    pub fn compress(&self) -> Result<Vec<(String, u64)>> {
        let mut sizes = Vec::new();
        compress(&self.0, "", &mut sizes)?;
        sizes.sort();
        Ok(sizes)
    }
}

fn compress(folder: &Path, prefix: &str, sizes: &mut Vec<(String, u64)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            compress(&path, &format!("{name}/"), sizes)?;
        } else {
            sizes.push((name, twin(&path)?));
        }
    }
    Ok(())
}

/// Writes the twin; none where it would not be smaller (a font is compressed already).
fn twin(file: &Path) -> Result<u64> {
    let bytes = fs::read(file)?;
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, 11, 24);
    writer.write_all(&bytes)?;
    let small = writer.into_inner();
    if small.len() >= bytes.len() {
        return Ok(bytes.len() as u64);
    }
    fs::write(format!("{}.br", file.display()), &small)?;
    Ok(small.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_name_follows_the_content() {
        let folder =
            Folder::new(std::env::temp_dir().join(format!("causeway-site-{}", std::process::id())))
                .unwrap();
        let one = folder.add_hashed("a.css", b"one").unwrap();
        let two = folder.add_hashed("a.css", b"two").unwrap();
        assert_ne!(one, two);
        assert_eq!(one, folder.add_hashed("a.css", b"one").unwrap());
        folder
            .add("fonts/b.txt", "long ".repeat(100).as_bytes())
            .unwrap();
        let sizes = folder.compress().unwrap();
        let names: Vec<&str> = sizes.iter().map(|(name, _)| name.as_str()).collect();
        let mut expected = vec![one.as_str(), two.as_str(), "fonts/b.txt"];
        expected.sort_unstable();
        assert_eq!(names, expected);
        assert!(folder.path().join("fonts/b.txt.br").exists());
        assert!(!folder.path().join(format!("{one}.br")).exists());
        fs::remove_dir_all(folder.path()).unwrap();
    }
}
