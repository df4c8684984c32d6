//! What is done with the project: `cargo xtask run`, `test`, `site`, … Each verb is one file; no shell scripts.

mod agent;
mod bench;
mod cargo;
mod debian;
mod dist;
mod engine;
mod fonts;
mod images;
mod licences;
mod lint;
mod page;
mod real;
mod record;
mod serve;
mod site;
mod steps;
mod style;
mod test;
mod wasm;

use std::{path::PathBuf, process::ExitCode};

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
    Site {
        /// Serves it to this machine, to look at it
        #[arg(long)]
        serve: bool,
        #[arg(long, default_value_t = 8080, requires = "serve")]
        port: u16,
    },
    /// The lessons' images, made from Debian's packages, as files for `docker load`
    Images,
    /// A private Docker engine with the lessons' images, as the tests use it
    Engine {
        action: EngineAction,
        version: engine::Version,
    },
    /// Writes the transcripts anew: what the docker CLI says on a private engine
    Record {
        /// Only those with this in their name: network/
        name: Option<String>,
    },
    /// Formatting and clippy, no tests
    Lint,
    /// The measurements, in ratios where two things are compared
    Bench,
    /// Packs a release into target/dist
    Dist,
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

#[derive(Clone, Copy, clap::ValueEnum)]
enum EngineAction {
    Start,
    Stop,
}

fn main() -> ExitCode {
    match run(Arguments::parse().verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(verb: Verb) -> anyhow::Result<()> {
    match verb {
        Verb::Run { arguments } => agent::run(&arguments),
        Verb::Page { dev } => page::build(if dev {
            page::Profile::Dev
        } else {
            page::Profile::Small
        })
        .map(drop),
        Verb::Site { serve, port } => site(serve.then_some(port)),
        Verb::Images => images(),
        Verb::Record { name } => record::record(name.as_deref()),
        Verb::Engine { action, version } => engine(action, version),
        Verb::Bench => bench::bench(),
        Verb::Dist => dist::dist(),
        Verb::Lint => lint::lint(),
        Verb::Test { require, only } => test::test(&require, &only),
    }
}

fn site(port: Option<u16>) -> anyhow::Result<()> {
    let folder = page::build(page::Profile::Small)?;
    println!(
        "The page is in {}: any web server can serve this folder.",
        folder.display()
    );
    if let Some(port) = port {
        return serve::serve(&folder, port);
    }
    println!("To look at it: cargo xtask site --serve");
    Ok(())
}

fn images() -> anyhow::Result<()> {
    for file in images::make()? {
        println!("{}", file.display());
    }
    Ok(())
}

fn engine(action: EngineAction, version: engine::Version) -> anyhow::Result<()> {
    match action {
        EngineAction::Start => {
            let images = images::make()?;
            let engine = engine::Engine::start(version, engine::Life::OnItsOwn)?;
            images::load(&engine, &images)?;
            println!("DOCKER_HOST={}", engine.host());
            Ok(())
        }
        EngineAction::Stop => engine::Engine::stop_running(version),
    }
}

/// The checkout.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}
