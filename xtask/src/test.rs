//! Everything that must hold, in parts, with a summary at the end.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::{
    cargo::cargo,
    lint,
    page::{self, Profile},
    steps,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// Formatting and clippy
    Lint,
    /// What needs neither engine nor browser
    Unit,
    /// The page compiles to WebAssembly
    Page,
}

const ALL: [Part; 3] = [Part::Lint, Part::Unit, Part::Page];

/// Runs the parts, all of them even where one fails; fails if one did, or if a required one did not run.
pub fn test(require: &[Part], only: &[Part]) -> Result<()> {
    let mut summary = Vec::new();
    for part in ALL
        .into_iter()
        .filter(|part| only.is_empty() || only.contains(part))
    {
        let began = Instant::now();
        let outcome = run(part);
        if let Err(error) = &outcome {
            eprintln!("{part:?}: {error:#}");
        }
        summary.push((part, outcome.is_ok(), began.elapsed()));
    }
    println!("\nSummary");
    for (part, passed, time) in &summary {
        let word = if *passed { "passed" } else { "FAILED" };
        println!("  {part:<8?} {word}  {}", steps::seconds(*time));
    }
    let ran = |part: &Part| summary.iter().any(|(ran, ..)| ran == part);
    if let Some(part) = require.iter().find(|part| !ran(part)) {
        bail!("the part {part:?} is required and did not run");
    }
    if summary.iter().any(|(_, passed, _)| !passed) {
        bail!("a part failed");
    }
    Ok(())
}

fn run(part: Part) -> Result<()> {
    match part {
        Part::Lint => lint::lint(),
        Part::Unit => steps::step("unit tests", || {
            steps::run(cargo().args(["test", "--locked", "--workspace"]))
        }),
        Part::Page => page::build(Profile::Small).map(drop),
    }
}
