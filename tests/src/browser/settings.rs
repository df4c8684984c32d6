//! What the tests in a browser are told in environment variables; without it they are not run.

use std::{env, path::PathBuf};

/// The folder of the page as plain files; beside it, that there are a browser and an agent to be had.
#[derive(Clone, Debug)]
pub struct Settings {
    pub site: PathBuf,
}

impl Settings {
    /// `None`, and said aloud, where something is missing; a failure where the browser is required.
    pub fn find() -> Option<Self> {
        for name in ["CAUSEWAY_CHROMIUM", "CAUSEWAY_CHROMEDRIVER", "CAUSEWAY_BIN"] {
            variable(name)?;
        }
        let site = variable("CAUSEWAY_TEST_SITE")?.into();
        Some(Self { site })
    }
}

/// A variable that `cargo xtask test` sets. Without it there is nothing to test with, unless it is required.
pub fn variable(name: &str) -> Option<String> {
    if let Ok(value) = env::var(name) {
        return Some(value);
    }
    let required = env::var("CAUSEWAY_REQUIRE").unwrap_or_default();
    let required = required.split(',').any(|part| part == "browser");
    assert!(!required, "{name} is not set, and the browser is required");
    eprintln!("not run: {name} is not set; `cargo xtask test --only browser` sets it");
    None
}

/// `target/`, whatever the profile of this test is.
pub fn target() -> PathBuf {
    let test = env::current_exe().expect("the test's own path");
    let target = test.ancestors().nth(3).expect("the target folder");
    target.to_owned()
}
