//! What `causeway` is called with.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Learn Docker networking by doing it: a lesson, your own docker engine (or a simulated one), and a live picture.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Causeway {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the page and open it (what `causeway` alone does, too)
    Run(Run),
    /// Read docker commands line by line and print what docker prints
    Sh(Sh),
    /// Answer Docker's API on a socket of your own, with the simulated engine
    Engine(EngineSocket),
}

#[derive(Clone, Debug, Default, Args)]
pub struct Run {
    #[command(flatten)]
    pub lab: Lab,
    /// Listen on this port and no other (0: any free one)
    #[arg(long)]
    pub port: Option<u16>,
    /// Print the address, and leave the browser alone
    #[arg(long)]
    pub no_open: bool,
}

#[derive(Clone, Debug, Default, Args)]
pub struct Sh {
    #[command(flatten)]
    pub lab: Lab,
    /// Run this line, and exit with its exit code
    #[arg(short = 'c', value_name = "LINE", allow_hyphen_values = true)]
    pub line: Option<String>,
}

#[derive(Clone, Debug, Default, Args)]
pub struct EngineSocket {
    /// Where it listens: only you may use it, and it is removed at the end
    #[arg(long, value_name = "PATH")]
    pub socket: PathBuf,
    /// Keep the simulated world in this folder (without it, nothing is kept)
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// Of a new world: the same seed makes the same ids
    #[arg(long, value_name = "NUMBER", conflicts_with = "state")]
    pub seed: Option<u64>,
}

#[derive(Clone, Debug, Default, Args)]
pub struct Lab {
    /// What runs the docker commands
    #[arg(long, value_enum, default_value_t)]
    pub engine: Choice,
    /// Where Docker answers, instead of where the docker CLI would look (as in `DOCKER_HOST`)
    #[arg(long, value_name = "ADDRESS")]
    pub docker_host: Option<String>,
    /// Keep journal, progress and the simulated world in this folder
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// Docker where it is found the way the docker CLI finds it, else the simulated engine
    #[default]
    Auto,
    /// Docker, or nothing
    Docker,
    /// The simulated engine
    Simulated,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        let causeway = Causeway::try_parse_from(line.split(' ')).unwrap();
        let read = match causeway.command {
            None => format!(
                "run {:?} {:?} {}",
                causeway.run.lab.engine, causeway.run.port, causeway.run.no_open
            ),
            Some(Command::Run(run)) => {
                format!("run {:?} {:?} {}", run.lab.engine, run.port, run.no_open)
            }
            Some(Command::Sh(sh)) => format!("sh {:?} {:?}", sh.lab.engine, sh.line),
            Some(Command::Engine(engine)) => {
                format!("engine {} {:?}", engine.socket.display(), engine.seed)
            }
        };
        assert_eq!(read, expected, "{line}");
    }

    #[test]
    fn run_needs_no_name() {
        check("causeway", "run Auto None false");
        check(
            "causeway --engine simulated --no-open",
            "run Simulated None true",
        );
        check("causeway run --port 0", "run Auto Some(0) false");
        check(
            "causeway sh --engine docker -c ls",
            "sh Docker Some(\"ls\")",
        );
        check(
            "causeway engine --socket a/b.sock --seed 3",
            "engine a/b.sock Some(3)",
        );
    }
}
