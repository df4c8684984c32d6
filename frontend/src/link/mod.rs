//! Where the page's messages come from: an agent behind a WebSocket, or a session inside the page.
//!
//! The rest of the page handles one stream of messages and never asks which.

mod agent;
mod in_page;

use std::rc::Rc;

use course::Progress;
use futures::channel::mpsc::UnboundedSender;
use session::wire::{ClientMessage, PROTOCOL, Resume, ServerMessage};

/// What the page does when something comes over the link.
#[derive(Clone)]
pub struct Events {
    pub message: Rc<dyn Fn(ServerMessage)>,
    /// What to say first on a new connection: what the page already has.
    pub hello: Rc<dyn Fn() -> (Option<Resume>, Progress)>,
    /// Whether the link is down.
    pub cut: Rc<dyn Fn(bool)>,
}

/// The way to the session.
#[derive(Clone)]
pub struct Link {
    outgoing: UnboundedSender<ClientMessage>,
    greeting: Option<ClientMessage>,
}

impl Link {
    /// While the link is cut, what is sent is dropped: the page shows that nothing runs.
    pub fn send(&self, message: ClientMessage) {
        // The receiver is there as long as the page is.
        let _ = self.outgoing.unbounded_send(message);
    }

    /// The first message, where the link does not greet by itself.
    pub fn greet(&self) {
        if let Some(greeting) = self.greeting.clone() {
            self.send(greeting);
        }
    }
}

/// An agent where one serves this page, else a session in the page.
pub async fn open(events: Events) -> Link {
    if agent::is_there().await {
        agent::open(events).await
    } else {
        in_page::open(events)
    }
}

fn hello(events: &Events, token: Option<String>) -> ClientMessage {
    let (resume, progress) = (events.hello)();
    ClientMessage::Hello {
        protocol: PROTOCOL,
        token,
        resume,
        progress: Some(progress),
    }
}
