//! The docker command line: words, grammar, and what each command asks of an engine and prints.
//!
//! A line is read as a small shell reads it, its commands are matched against the one grammar, and run against a
//! [`lab::Engine`]; what comes out is what the docker CLI would print, byte for byte. The page uses the same grammar to
//! explain a line and to mark mistakes in it. This crate does not know which engine answers, nor what its output is
//! shown on; it starts no program of the learner's machine.

mod build_context;
mod commands;
mod complete;
mod confirm;
mod console;
mod container_options;
mod curl;
mod detach;
mod docker;
mod each;
mod explain;
mod failure;
mod flags;
mod from_files;
mod go;
mod grammar;
mod health;
mod io;
mod kinds;
mod listing;
mod make;
mod node_change;
mod platform;
mod ports;
mod programs;
mod progress;
mod service;
mod session;
mod shell;
mod ssh;
mod streams;
mod template;
mod text;
mod typed;
mod units;
mod values;

pub use complete::{Candidate, Completion, ContainerName, Names, complete};
pub use explain::{Mistake, Word, WordKind, explain, is_unfinished, mistake};
pub use io::{Context, Input, Io, Output};
pub use session::Session;

/// Runs a line; returns the exit code (`$?` of its last command).
pub async fn run(line: &str, context: &Context, io: Io) -> u8 {
    context.session.remember(line);
    let mut console = console::Console::new(io);
    shell::run(line, context, &mut console).await
}
