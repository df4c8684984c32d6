//! What the tests of the whole share: an agent of one's own, and a page's end of its WebSocket.

pub mod agent;
pub mod http;
pub mod page;
pub mod program;
