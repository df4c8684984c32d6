//! What the tests of the whole share: agents, engines and browsers of one's own, and a page's end of its WebSocket; and
//! what the benches measure with.

pub mod agent;
pub mod browser;
pub mod docker;
pub mod driver;
pub mod engine;
pub mod fake;
pub mod flood;
pub mod foreign;
pub mod http;
pub mod page;
pub mod program;
pub mod relay;
pub mod report;
#[cfg(unix)]
pub mod simulated;
pub mod spawned;
pub mod transcript;
pub mod view;
