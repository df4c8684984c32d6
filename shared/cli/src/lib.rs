//! The docker command line: words, grammar, and what each command asks of an engine and prints.
//!
//! A line is read ([`words`]), matched against the one grammar ([`commands`]), and run against a [`lab::Engine`]; what
//! comes out is what the docker CLI would print, byte for byte. The page uses the same grammar to explain a line and to
//! mark mistakes in it. This crate does not know which engine answers, nor what its output is shown on; it starts no
//! program of the learner's machine.

mod explain;
mod io;

pub use explain::{Kind, Mistake, Word, explain, mistake};
pub use io::{Context, Input, Io, Output};

/// Runs a line; returns the exit code (`$?` of its last command).
pub async fn run(line: &str, _context: &Context, mut io: Io) -> u8 {
    let name = line.split_whitespace().next().unwrap_or_default();
    let refusal = format!("causeway: {name}: only docker commands run here, and curl.\n");
    io.output.stderr(refusal.as_bytes()).await;
    127
}
