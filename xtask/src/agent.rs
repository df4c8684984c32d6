//! Builds the agent with the page inside, and runs it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    cargo::cargo,
    page::{self, Profile},
    root, steps,
};

pub fn run(arguments: &[String]) -> Result<()> {
    let site = page::build(Profile::Small)?;
    let agent = build(&site)?;
    steps::run(Command::new(agent).args(arguments))
}

/// The binary, self-contained: `CAUSEWAY_SITE` tells its build script what to embed.
pub fn build(site: &Path) -> Result<PathBuf> {
    steps::step("agent: compiling", || {
        let mut cargo = cargo();
        cargo.env("CAUSEWAY_SITE", site).args([
            "build",
            "--release",
            "--locked",
            "--package",
            "causeway",
        ]);
        steps::run(&mut cargo)
    })?;
    Ok(root().join("target/release/causeway"))
}
