//! Packs a release: the one binary, what a person reads, and the licences of everything that is in it.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use anyhow::{Context, Result};

use crate::{
    agent,
    cargo::cargo,
    licences,
    page::{self, Profile},
    root,
    site::Folder,
    steps, wasm,
};

/// Builds everything and leaves an archive for this machine's kind in `target/dist`.
pub fn dist() -> Result<()> {
    let site = page::build(Profile::Small)?;
    let agent = agent::build(&site)?;
    let name = format!("causeway-{}-{}", env!("CARGO_PKG_VERSION"), host()?);
    let archive = root().join("target/dist").join(format!("{name}.tar.gz"));
    steps::step("packing the release", || {
        let folder = Folder::new(root().join("target/dist").join(&name))?;
        let program = agent.file_name().context("the agent has no name")?;
        fs::copy(&agent, folder.path().join(program))?;
        for file in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            folder.add(file, &fs::read(root().join(file)).context(file)?)?;
        }
        folder.add("THIRD-PARTY.txt", third_party()?.as_bytes())?;
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&archive);
        steps::output(tar.arg("-C").arg(root().join("target/dist")).arg(&name)).map(drop)
    })?;
    println!("{}", archive.display());
    Ok(())
}

/// As in `x86_64-unknown-linux-gnu`.
fn host() -> Result<String> {
    let version = steps::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

/// What each crate in the agent and in the page asks to be passed on with it.
fn third_party() -> Result<String> {
    let mut used = tree("causeway", None)?;
    used.extend(tree("frontend", Some(wasm::TARGET))?);
    used.extend(tree("in-page", Some(wasm::TARGET))?);
    used.push("ttf-inter".to_owned());
    used.push("truce-font".to_owned());
    let mut packages = licences::packages()?;
    packages.retain(|package| {
        let with_version = format!("{} v{}", package.name, package.version);
        !package.folder.starts_with(root())
            && (used.contains(&with_version) || used.contains(&package.name))
    });
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    let mut text = "Causeway contains these works of others.\n".to_owned();
    let line = "-".repeat(78);
    for package in &packages {
        let (name, version, licence) = (&package.name, &package.version, &package.licence);
        writeln!(text, "\n{line}\n{name} {version}: {licence}")?;
        for licence in texts(&package.folder)? {
            writeln!(text, "\n{}", licence.trim())?;
        }
    }
    Ok(text)
}

/// The crates that are compiled into this package, as `name vVERSION`.
fn tree(package: &str, target: Option<&str>) -> Result<Vec<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", package])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    if let Some(target) = target {
        tree.args(["--target", target]);
    }
    let lines = steps::output(&mut tree)?;
    let words = lines.lines().map(|line| line.split(' ').take(2).collect());
    Ok(words.map(|words: Vec<&str>| words.join(" ")).collect())
}

/// The licence files of a crate's folder.
fn texts(folder: &Path) -> Result<Vec<String>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default();
        let name = name.to_string_lossy().to_uppercase();
        file.is_file()
            && ["LICEN", "COPYING", "NOTICE", "OFL"]
                .iter()
                .any(|start| name.starts_with(start))
    });
    let texts = files.iter().map(fs::read_to_string);
    Ok(texts.collect::<Result<_, _>>()?)
}
