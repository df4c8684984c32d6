//! The agent: the page from memory, a WebSocket behind a guard, and the engine that answers it.
//!
//! It does not know what a lesson says, nor how a command line is read.

pub mod api;
pub mod app;
pub mod args;
pub mod assets;
pub mod clock;
pub mod docker;
pub mod engine;
pub mod files;
mod find;
pub mod host;
pub mod journal;
pub mod server;
pub mod sh;
pub mod state;
pub mod terminal;
pub mod world;
