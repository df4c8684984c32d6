//! What `cargo metadata` knows of the crates that ours are made from: where they are, what they ask of those who pass
//! them on, which targets they have.

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
pub struct Package {
    pub name: String,
    pub version: String,
    pub licence: String,
    pub folder: PathBuf,
    targets: serde_json::Value,
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

/// What cargo can build of a package, as far as it is of interest here.
#[derive(Clone, Copy)]
pub enum Kind {
    Test,
    Bench,
}

/// The names of a package's targets of this kind.
pub fn targets(package: &str, kind: Kind) -> Result<Vec<String>> {
    let kind = match kind {
        Kind::Test => "test",
        Kind::Bench => "bench",
    };
    let packages = packages()?;
    let package = packages.iter().find(|found| found.name == package);
    let targets = package.and_then(|package| package.targets.as_array());
    let targets = targets.into_iter().flatten();
    Ok(targets
        .filter(|target| target["kind"][0] == kind)
        .filter_map(|target| target["name"].as_str().map(str::to_owned))
        .collect())
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
        targets: value["targets"].clone(),
    })
}
