//! What is done with the project: `cargo xtask run`, `test`, `site`, … Each verb is one file; no shell scripts.

mod agent;
mod debian;
mod lint;
mod page;
mod steps;
mod test;
mod wasm;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs and tests Causeway")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Builds the page and the agent, and runs the agent
    Run {
        /// For the agent: --engine, --port, --no-open, …
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Builds the page into target/site
    Page {
        /// Quick to build rather than small
        #[arg(long)]
        dev: bool,
    },
    /// Makes the folder of plain files that works without an agent
    Site,
    /// Formatting and clippy, no tests
    Lint,
    /// Everything that must hold
    Test {
        /// Parts without which the run fails: docker, browser
        #[arg(long, value_delimiter = ',')]
        require: Vec<test::Part>,
        /// Only these parts
        #[arg(long, value_delimiter = ',')]
        only: Vec<test::Part>,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().verb {
        Verb::Run { arguments } => agent::run(&arguments),
        Verb::Page { dev } => page::build(if dev { page::Profile::Dev } else { page::Profile::Small }).map(drop),
        Verb::Site => page::site(),
        Verb::Lint => lint::lint(),
        Verb::Test { require, only } => test::test(&require, &only),
    }
}

/// The checkout.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
