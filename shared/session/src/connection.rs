//! A page's two directions. Its inbox is bounded: output that it does not take in time waits in the terminal's ring.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use futures::{
    Stream, StreamExt,
    channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded},
};

use crate::wire::{ClientMessage, ServerMessage};

/// Output bytes that may wait in one page's inbox.
pub const MOST_WAITING: usize = 512 * 1024;
/// With the messages that are no output: a page that leaves more is told nothing until it has taken some.
const MOST_IN_ALL: usize = 2 * MOST_WAITING;
/// What a message that is no output counts as: roughly what one needs.
const MESSAGE: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(u64);

pub enum ClientEvent {
    Connected(ClientId, ToClient),
    Message(ClientId, ClientMessage),
    /// It took enough of what waited.
    Drained(ClientId),
    Gone(ClientId),
}

/// The session's end of a page's inbox.
pub struct ToClient {
    messages: UnboundedSender<ServerMessage>,
    waiting: Arc<AtomicUsize>,
}

impl ToClient {
    /// False where too much waits already: then it was not sent. A page that is gone is noticed by its own event.
    pub fn send(&self, message: ServerMessage) -> bool {
        let size = size(&message);
        if self.waiting.load(Ordering::Relaxed) + size > MOST_IN_ALL {
            return false;
        }
        self.waiting.fetch_add(size, Ordering::Relaxed);
        let _ = self.messages.unbounded_send(message);
        true
    }

    /// Output bytes that it may be sent now.
    pub fn room(&self) -> usize {
        MOST_WAITING.saturating_sub(self.waiting.load(Ordering::Relaxed))
    }
}

/// Takes a page's messages to the session.
#[derive(Clone)]
pub struct Outbox {
    id: ClientId,
    events: UnboundedSender<ClientEvent>,
}

impl Outbox {
    pub fn send(&self, message: ClientMessage) {
        // A session that has ended answers nothing.
        let _ = self
            .events
            .unbounded_send(ClientEvent::Message(self.id, message));
    }
}

/// Gives a page what the session tells it.
pub struct Inbox {
    id: ClientId,
    messages: UnboundedReceiver<ServerMessage>,
    waiting: Arc<AtomicUsize>,
    events: UnboundedSender<ClientEvent>,
}

impl Stream for Inbox {
    type Item = ServerMessage;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<ServerMessage>> {
        let next = self.messages.poll_next_unpin(context);
        if let Poll::Ready(Some(message)) = &next {
            let size = size(message);
            let before = self.waiting.fetch_sub(size, Ordering::Relaxed);
            let half = MOST_WAITING / 2;
            if before > half && before - size <= half {
                let _ = self.events.unbounded_send(ClientEvent::Drained(self.id));
            }
        }
        next
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let _ = self.events.unbounded_send(ClientEvent::Gone(self.id));
    }
}

pub fn connect(events: &UnboundedSender<ClientEvent>) -> (Outbox, Inbox) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let id = ClientId(NEXT.fetch_add(1, Ordering::Relaxed));
    let (sender, messages) = unbounded();
    let waiting = Arc::new(AtomicUsize::new(0));
    let to_client = ToClient {
        messages: sender,
        waiting: Arc::clone(&waiting),
    };
    let _ = events.unbounded_send(ClientEvent::Connected(id, to_client));
    let outbox = Outbox {
        id,
        events: events.clone(),
    };
    let inbox = Inbox {
        id,
        messages,
        waiting,
        events: events.clone(),
    };
    (outbox, inbox)
}

fn size(message: &ServerMessage) -> usize {
    match message {
        ServerMessage::Output { bytes, .. } => bytes.len(),
        _ => MESSAGE,
    }
}
