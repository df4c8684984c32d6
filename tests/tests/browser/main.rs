//! The page in a real browser, as a person uses it. Each story is one file; `tests::browser` knows where things are on
//! the page. `cargo xtask test --only browser` says where browser, agent, page and engine are.

mod click;
mod keys;
mod looks;
mod site;
