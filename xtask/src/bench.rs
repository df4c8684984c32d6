//! The measurements: the bench targets of the package `tests`, on the agent and page as they ship, a real engine and a
//! real browser.

use anyhow::{Result, bail};

use crate::{
    agent,
    cargo::cargo,
    licences::{self, Kind},
    page::{self, Profile},
    real::{Browser, Engines},
    root, steps,
};

/// The page's size is said by its build; the rest by the benches, as they go.
pub fn bench() -> Result<()> {
    let site = page::build(Profile::Small)?;
    let agent = agent::build(&site)?;
    let targets = licences::targets("tests", Kind::Bench)?;
    if targets.is_empty() {
        bail!("the package `tests` has no bench targets yet: tests/benches/*.rs");
    }
    let engines = Engines::start()?;
    let mut variables = engines.as_ref().map(Engines::variables).unwrap_or_default();
    match Browser::find() {
        Ok(browser) => variables.extend(browser.variables()),
        Err(error) => println!("{error:#}"),
    }
    let mut benches = cargo();
    benches
        .args(["bench", "--locked", "--package", "tests"])
        .args(targets.iter().flat_map(|target| ["--bench", target]))
        .env("CAUSEWAY_BIN", agent)
        .env("CAUSEWAY_TEST_SITE", root().join("target/site"))
        .envs(variables);
    steps::step("benches", || steps::run(&mut benches))
}
