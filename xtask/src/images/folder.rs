//! A folder that becomes an image's root.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::steps;

/// The root folder of an image.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(path: PathBuf) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub fn make(&self, folder: &str) -> Result<()> {
        let path = self.0.join(folder);
        fs::create_dir_all(&path).with_context(|| path.display().to_string())
    }

    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.room(name)?;
        fs::write(&path, text).with_context(|| path.display().to_string())
    }

    pub fn script(&self, name: &str, text: &str) -> Result<()> {
        self.write(name, text)?;
        let mut chmod = Command::new("chmod");
        steps::output(chmod.arg("755").arg(self.0.join(name))).map(drop)
    }

    /// A symbolic link; the target is a path inside the image.
    pub fn link(&self, name: &str, target: &str) -> Result<()> {
        let path = self.room(name)?;
        let mut ln = Command::new("ln");
        steps::output(ln.args(["--symbolic", "--force", target]).arg(path)).map(drop)
    }

    /// Copies a folder with everything in it, links as links.
    pub fn copy(&self, from: &Path, into: &str) -> Result<()> {
        let mut cp = Command::new("cp");
        steps::output(cp.arg("--archive").arg(from).arg(self.0.join(into))).map(drop)
    }

    pub fn remove(&self, name: &str) -> Result<()> {
        let path = self.0.join(name);
        if path.is_file() {
            fs::remove_file(&path)?;
        } else if path.exists() {
            fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// The path of a file, its folder made.
    fn room(&self, name: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        Ok(path)
    }
}
