//! `cargo xtask record`: what the docker CLI says to each transcript's commands is written into the transcripts, with the
//! versions that said it. What changed is then read as any other change is: `git diff`.

use anyhow::{Context as _, Result};

use crate::{cargo::cargo, real::Engines, steps};

pub fn record(name: Option<&str>) -> Result<()> {
    let engines = Engines::start()?.context("a real engine is needed to record what it says")?;
    let mut tests = cargo();
    tests
        .args([
            "test",
            "--quiet",
            "--package",
            "tests",
            "--test",
            "transcripts",
        ])
        .args([
            "--",
            "--nocapture",
            "--include-ignored",
            "causeway_on_docker",
        ])
        .env("CAUSEWAY_RECORD", "1")
        .env("CAUSEWAY_TRANSCRIPTS", name.unwrap_or_default())
        .envs(engines.variables());
    steps::run(&mut tests)
}
