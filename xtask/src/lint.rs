//! The quick part of the tests: formatting and clippy.

use anyhow::Result;

use crate::{cargo::cargo, steps};

pub fn lint() -> Result<()> {
    steps::step("lint: formatting", || {
        steps::run(cargo().args(["fmt", "--all", "--check"]))
    })?;
    steps::step("lint: clippy", || {
        steps::run(cargo().args([
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    })
}
