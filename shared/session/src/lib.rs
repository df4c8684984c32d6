//! One learner's messages in and out, over one engine. It knows no socket, no thread and no browser.
//!
//! [`session`] gives a handle and the one future that answers; whoever runs it polls that future and connects pages.

mod codec;
mod connection;
mod desk;
mod goal;
mod history;
mod output;
mod page;
mod ring;
mod terminal;
mod watch;
pub mod wire;

use std::sync::Arc;

use course::Course;
use futures::{
    channel::mpsc::{UnboundedSender, unbounded},
    future::BoxFuture,
};
use lab::{Clock, Host, Hosts, files::Files, guard::Guard};
use wire::EngineState;

use connection::ClientEvent;
pub use connection::{Inbox, Outbox};

/// What a session is made of, all handed in.
pub struct Parts {
    /// The engine, guarded: what a learner types goes through it.
    pub guard: Arc<Guard>,
    pub host: Arc<dyn Host>,
    /// The machines that the learner can go to.
    pub hosts: Arc<dyn Hosts>,
    pub clock: Arc<dyn Clock>,
    pub course: Arc<Course>,
    /// The lab's own files; who hands them in keeps them.
    pub files: Files,
    pub store: Arc<dyn Store>,
    pub engine: EngineState,
    /// Random: tells a page whether this is the session that it knew.
    pub epoch: String,
}

/// Keeps the progress for longer than a session.
pub trait Store: Send + Sync {
    fn load(&self) -> Option<String>;
    fn save(&self, text: &str);
}

/// The way to a session; clones lead to the same one.
#[derive(Clone)]
pub struct Session {
    events: UnboundedSender<ClientEvent>,
}

impl Session {
    /// A new page. It says hello first; dropping both halves leaves what runs running.
    pub fn connect(&self) -> (Outbox, Inbox) {
        connection::connect(&self.events)
    }
}

/// Makes a session: its handle, and the future that answers for as long as it is polled.
pub fn session(parts: Parts) -> (Session, BoxFuture<'static, ()>) {
    let (events, incoming) = unbounded();
    (Session { events }, Box::pin(desk::answer(parts, incoming)))
}
