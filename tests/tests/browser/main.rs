//! The page in a real browser, as a person uses it. Each story is one file; `tests::browser` knows where things are on
//! the page. `cargo xtask test --only browser` says where browser, agent, page and engine are.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

mod click;
mod cuts;
mod edits;
mod foreign;
mod keys;
mod looks;
mod no_docker;
mod site;
mod still;
mod terminals;
mod typed;
