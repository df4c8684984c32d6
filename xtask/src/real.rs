//! The real parts that tests run on: Docker engines and a browser. It finds them, starts or installs them, and says in
//! environment variables where they are.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use crate::{
    debian,
    engine::{Engine, Life, Version},
    images, root, steps,
};

const NEWEST: &str = "CAUSEWAY_TEST_DOCKER_NEWEST";
const OLDEST: &str = "CAUSEWAY_TEST_DOCKER_OLDEST";
const CLI: &str = "CAUSEWAY_TEST_DOCKER_CLI";

/// The engines, with the lessons' images. Ours end when this is dropped.
pub enum Engines {
    /// The person who runs the tests has named them.
    Named,
    Ours {
        newest: Engine,
        oldest: Engine,
    },
}

impl Engines {
    /// None where they cannot be had, said aloud.
    pub fn start() -> Result<Option<Self>> {
        if [NEWEST, OLDEST]
            .iter()
            .all(|name| env::var_os(name).is_some())
        {
            println!("Docker engines: as {NEWEST} and {OLDEST} say");
            return Ok(Some(Self::Named));
        }
        if !debian::is_root_on_debian() {
            println!(
                "Docker engines for tests are started privately by root on Debian. Here, name two that have the \
                 lessons' images and nothing that you need: {NEWEST}, {OLDEST} (unix:///…/docker.sock)."
            );
            return Ok(None);
        }
        let images = images::make()?;
        // Both before anything runs in either: a starting engine makes the firewall's rules anew.
        let newest = Engine::start(Version::Newest, Life::WithUs)?;
        let oldest = Engine::start(Version::Oldest, Life::WithUs)?;
        for engine in [&newest, &oldest] {
            images::load(engine, &images)?;
        }
        Ok(Some(Self::Ours { newest, oldest }))
    }

    pub fn variables(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Named => Vec::new(),
            Self::Ours { newest, oldest } => vec![
                (NEWEST, newest.host()),
                (OLDEST, oldest.host()),
                (CLI, newest.program("docker").display().to_string()),
            ],
        }
    }
}

/// Chromium and its `WebDriver`.
pub struct Browser {
    chromium: PathBuf,
    driver: PathBuf,
}

const CHROMIUM: &str = "CAUSEWAY_CHROMIUM";
const DRIVER: &str = "CAUSEWAY_CHROMEDRIVER";

impl Browser {
    /// The named one, else the installed one, else Debian's, which is installed.
    pub fn find() -> Result<Self> {
        if let Some(found) = Self::found() {
            return Ok(found);
        }
        debian::need(&["chromium", "chromium-driver"], "testing the page")?;
        Self::found().context("no chromium and chromedriver in PATH")
    }

    pub fn variables(&self) -> [(&'static str, String); 2] {
        [
            (CHROMIUM, self.chromium.display().to_string()),
            (DRIVER, self.driver.display().to_string()),
        ]
    }

    fn found() -> Option<Self> {
        let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
        Some(Self {
            chromium: program(CHROMIUM, &names)?,
            driver: program(DRIVER, &["chromedriver"])?,
        })
    }
}

const AXE: &str = "CAUSEWAY_TEST_AXE";

/// axe-core, which says what in a page keeps people out: the named one, else npm's, under `target/`.
pub fn axe() -> Result<(&'static str, String)> {
    if let Some(named) = env::var_os(AXE) {
        return Ok((AXE, named.display().to_string()));
    }
    let folder = root().join("target/npm");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        fs::create_dir_all(&folder)?;
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ])
        .args(["--prefix", ".", "axe-core@4.14.1"])
        .current_dir(&folder);
        steps::step(
            "testing the page needs axe-core: fetching it with npm",
            || steps::run(&mut npm),
        )
        .context("axe-core is not here, so the page is not tested with it: install npm")?;
    }
    Ok((AXE, script.display().to_string()))
}

fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    if let Some(named) = env::var_os(variable) {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}
