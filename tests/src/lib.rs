//! What the tests of the whole share: agents and engines of one's own, and a page's end of its WebSocket.

pub mod agent;
pub mod browser;
pub mod docker;
pub mod foreign;
pub mod http;
pub mod page;
pub mod program;
pub mod relay;
pub mod spawned;
pub mod view;
