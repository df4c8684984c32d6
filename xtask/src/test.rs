//! Everything that must hold, in parts, with a summary at the end.

use std::{path::PathBuf, time::Instant};

use anyhow::{Result, bail};

use crate::{
    agent,
    cargo::cargo,
    licences::{self, Kind},
    lint,
    page::{self, Profile},
    real::{self, Browser, Engines},
    root, steps,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Part {
    /// Formatting and clippy
    Lint,
    /// What needs neither engine nor browser
    Unit,
    /// The page compiles to WebAssembly
    Page,
    /// The agent, with the page inside
    Agent,
    /// The whole, on real Docker engines
    Docker,
    /// The whole, in a real browser
    Browser,
}

const ALL: [Part; 6] = [
    Part::Lint,
    Part::Unit,
    Part::Page,
    Part::Agent,
    Part::Docker,
    Part::Browser,
];

/// The one test target that needs a browser.
const BROWSER: &str = "browser";

enum Outcome {
    Passed,
    Failed,
    /// This machine lacks something; it says what.
    NotRun,
}

/// Runs the parts, all of them even where one fails; fails if one did, or if a required one did not run.
pub fn test(require: &[Part], only: &[Part]) -> Result<()> {
    let began = Instant::now();
    let mut run = Run {
        require: require.to_vec(),
        agent: None,
        engines: None,
    };
    let mut summary = Vec::new();
    for part in ALL
        .into_iter()
        .filter(|part| only.is_empty() || only.contains(part))
    {
        let began = Instant::now();
        let outcome = run.part(part).unwrap_or_else(|error| {
            eprintln!("{}: {error:#}", name(part));
            Outcome::Failed
        });
        summary.push((part, outcome, steps::seconds(began.elapsed())));
    }
    drop(run);
    println!("\nSummary");
    for (part, outcome, time) in &summary {
        let word = match outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "FAILED",
            Outcome::NotRun => "not run",
        };
        println!("  {:<8} {word:<8} {time:>9}", name(*part));
    }
    println!("  {:<17} {:>9}", "", steps::seconds(began.elapsed()));
    verdict(require, &summary)
}

fn verdict(require: &[Part], summary: &[(Part, Outcome, String)]) -> Result<()> {
    let failed = summary
        .iter()
        .filter(|(_, outcome, _)| matches!(outcome, Outcome::Failed));
    let failed: Vec<String> = failed.map(|(part, ..)| name(*part)).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    let passed = |part: &Part| {
        summary
            .iter()
            .any(|(ran, outcome, _)| ran == part && matches!(outcome, Outcome::Passed))
    };
    if let Some(part) = require.iter().find(|part| !passed(part)) {
        bail!("{} is required and was not run", name(*part));
    }
    Ok(())
}

/// As it is written on the command line.
fn name(part: Part) -> String {
    format!("{part:?}").to_lowercase()
}

/// What the parts hand on to each other.
struct Run {
    require: Vec<Part>,
    agent: Option<PathBuf>,
    engines: Option<Engines>,
}

impl Run {
    fn part(&mut self, part: Part) -> Result<Outcome> {
        match part {
            Part::Lint => lint::lint()?,
            Part::Unit => steps::step("unit tests", || {
                steps::run(cargo().args(["test", "--locked", "--workspace", "--exclude", "tests"]))
            })?,
            Part::Page => drop(page::build(Profile::Small)?),
            Part::Agent => drop(self.agent()?),
            Part::Docker => return self.docker(),
            Part::Browser => return self.browser(),
        }
        Ok(Outcome::Passed)
    }

    fn docker(&mut self) -> Result<Outcome> {
        let Some(variables) = self.engines()? else {
            return Ok(Outcome::NotRun);
        };
        let mut targets = licences::targets("tests", Kind::Test)?;
        targets.retain(|target| target != BROWSER);
        self.run_tests("tests on real Docker engines", &targets, &variables)
    }

    fn browser(&mut self) -> Result<Outcome> {
        let targets = licences::targets("tests", Kind::Test)?;
        if !targets.iter().any(|target| target == BROWSER) {
            println!("There is no tests/tests/{BROWSER}.rs to run.");
            return Ok(Outcome::NotRun);
        }
        let browser = match Browser::find() {
            Ok(browser) => browser,
            Err(error) => {
                println!("{error:#}");
                return Ok(Outcome::NotRun);
            }
        };
        let mut variables = self.engines()?.unwrap_or_default();
        variables.extend(browser.variables());
        match real::axe() {
            Ok(axe) => variables.push(axe),
            Err(error) => println!("{error:#}"),
        }
        self.run_tests("tests in a real browser", &[BROWSER.to_owned()], &variables)
    }

    fn run_tests(
        &mut self,
        what: &str,
        targets: &[String],
        variables: &[(&'static str, String)],
    ) -> Result<Outcome> {
        let agent = self.agent()?;
        let require: Vec<String> = self.require.iter().copied().map(name).collect();
        let mut tests = cargo();
        tests
            .args(["test", "--locked", "--no-fail-fast", "--package", "tests"])
            .args(targets.iter().flat_map(|target| ["--test", target]))
            .env("CAUSEWAY_BIN", agent)
            .env("CAUSEWAY_TEST_SITE", root().join("target/site"))
            .env("CAUSEWAY_REQUIRE", require.join(","))
            .envs(variables.iter().cloned());
        steps::step(what, || steps::run(&mut tests))?;
        Ok(Outcome::Passed)
    }

    /// The agent as it ships. With `--only`, the page inside it is the one that was built last.
    fn agent(&mut self) -> Result<PathBuf> {
        if let Some(agent) = &self.agent {
            return Ok(agent.clone());
        }
        let site = root().join("target/site");
        if !site.join("index.html").exists() {
            page::build(Profile::Small)?;
        }
        let agent = agent::build(&site)?;
        self.agent = Some(agent.clone());
        Ok(agent)
    }

    /// What the tests are told of the engines; none where this machine can have none.
    fn engines(&mut self) -> Result<Option<Vec<(&'static str, String)>>> {
        if self.engines.is_none() {
            self.engines = Engines::start()?;
        }
        Ok(self.engines.as_ref().map(Engines::variables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(require: &[Part], outcomes: Vec<(Part, Outcome)>, expected: &str) {
        let summary: Vec<_> = outcomes
            .into_iter()
            .map(|(part, outcome)| (part, outcome, String::new()))
            .collect();
        let said = match verdict(require, &summary) {
            Ok(()) => "passed".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expected);
    }

    #[test]
    fn what_is_required_must_have_run() {
        use Outcome::{Failed, NotRun, Passed};
        use Part::{Browser, Docker, Unit};
        check(&[], vec![(Unit, Passed), (Docker, NotRun)], "passed");
        check(&[Docker], vec![(Unit, Passed), (Docker, Passed)], "passed");
        check(
            &[Docker],
            vec![(Unit, Passed), (Docker, NotRun)],
            "docker is required and was not run",
        );
        check(
            &[Docker, Browser],
            vec![(Docker, Passed)],
            "browser is required and was not run",
        );
        check(
            &[],
            vec![(Unit, Failed), (Docker, Failed), (Browser, Passed)],
            "failed: unit, docker",
        );
    }
}
