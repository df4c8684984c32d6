//! One learner's messages in and out, over one engine. It knows no socket, no thread and no browser.

pub mod wire;
