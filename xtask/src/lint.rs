//! The quick part of the tests: formatting and clippy.

use std::{env, process::Command};

use anyhow::Result;

use crate::{root, steps};

pub fn lint() -> Result<()> {
    steps::step("lint: formatting", || steps::run(cargo().args(["fmt", "--all", "--check"])))?;
    steps::step("lint: clippy", || {
        steps::run(cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))
    })
}

pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}
