//! Where the crates are that something of ours is made from, and what they ask of those who pass it on.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{cargo::cargo, steps};

/// The folder into which cargo unpacked this crate.
pub fn folder_of(package: &str) -> Result<PathBuf> {
    packages()?
        .into_iter()
        .find(|found| found.name == package)
        .map(|found| found.folder)
        .with_context(|| format!("{package} is none of our dependencies"))
}

/// A crate as `cargo metadata` names it.
#[allow(dead_code)] // The packed release names them all.
pub struct Package {
    pub name: String,
    pub version: String,
    pub licence: String,
    pub folder: PathBuf,
}

/// Every crate of the workspace and below it.
pub fn packages() -> Result<Vec<Package>> {
    let text = steps::output(cargo().args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    packages.iter().map(package).collect()
}

fn package(value: &serde_json::Value) -> Result<Package> {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let manifest = PathBuf::from(text("manifest_path"));
    Ok(Package {
        name: text("name"),
        version: text("version"),
        licence: text("license"),
        folder: manifest
            .parent()
            .context("a manifest without a folder")?
            .to_owned(),
    })
}
