//! Redis: the server with its log, and `redis-cli`, which speak its protocol (RESP) over the simulated network.
//!
//! Strings, lists, hashes and sets with the commands that a course uses; nothing is kept over a restart but what the
//! container's folder `/data` has.

mod cli;
mod data;
mod resp;
mod server;

pub use cli::redis_cli;
pub use server::{Client, redis_server};
