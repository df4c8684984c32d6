//! The session inside the page, over the simulated engine: a program of its own, which the page fetches only where no
//! agent answers. It takes and gives the frames that an agent's WebSocket would carry, and does not know who shows them.
//!
//! The world and the progress are kept in the browser's storage, so that a reload finds the lab.

mod browser;

use std::{sync::Arc, time::Duration};

use course::Course;
use futures::StreamExt;
use gloo_timers::future::sleep;
use js_sys::{Function, Uint8Array};
use lab::{
    Clock,
    files::Files,
    guard::{Journal, Limits, MemoryJournal},
};
use session::{
    Outbox, Parts, Store, session,
    wire::{self, ClientMessage, EngineKind, EngineState, Frame, ServerMessage},
};
use simulated::Simulated;
use wasm_bindgen::prelude::*;

use browser::BrowserClock;

const WORLD: &str = "causeway.world";
const JOURNAL: &str = "causeway.journal";
const PROGRESS: &str = "causeway.progress";
const FILES: &str = "causeway.files";
const SEED: u64 = 7;

/// A page's connection to the session.
#[wasm_bindgen]
pub struct InPage {
    session: Outbox,
    receive: Function,
}

#[wasm_bindgen]
impl InPage {
    /// Starts the session. `receive` is called with each frame for the page: a string, or a `Uint8Array`.
    #[wasm_bindgen(constructor)]
    pub fn new(receive: Function) -> Self {
        console_error_panic_hook::set_once();
        let (session, mut inbox) = start().connect();
        let page = receive.clone();
        wasm_bindgen_futures::spawn_local(async move {
            while let Some(message) = inbox.next().await {
                give(&page, &message);
            }
        });
        Self { session, receive }
    }

    /// Takes a frame from the page.
    pub fn send(&self, frame: JsValue) {
        let frame = match frame.as_string() {
            Some(text) => Frame::Text(text),
            None => Frame::Binary(Uint8Array::new(&frame).to_vec().into()),
        };
        match wire::decode_client(frame) {
            Ok(message @ ClientMessage::Drawn { .. }) => self.send_later(message),
            Ok(message) => self.session.send(message),
            Err(error) => {
                let sentence = error.to_string();
                give(&self.receive, &ServerMessage::Refused { sentence });
            }
        }
    }
}

impl InPage {
    /// The browser gets a turn before more is asked for: session and page share its one thread.
    fn send_later(&self, message: ClientMessage) {
        let session = self.session.clone();
        wasm_bindgen_futures::spawn_local(async move {
            sleep(Duration::ZERO).await;
            session.send(message);
        });
    }
}

fn give(page: &Function, message: &ServerMessage) {
    let frame = match wire::encode_server(message) {
        Frame::Text(text) => text.into(),
        Frame::Binary(bytes) => Uint8Array::from(&bytes[..]).into(),
    };
    // What the page throws is the page's to say.
    let _ = page.call1(&JsValue::NULL, &frame);
}

fn start() -> session::Session {
    let clock: Arc<dyn Clock> = Arc::new(BrowserClock);
    let world = world(&clock);
    let journal = Arc::new(journal());
    let written: Arc<dyn Journal> = journal.clone();
    let hosts = world.guarded(&written, &Limits::default(), browser::nonce);
    let files = files();
    let (session, answering) = session(Parts {
        guard: Arc::clone(&hosts.first.guard),
        host: Arc::clone(&hosts.first.host),
        hosts: Arc::new(hosts),
        clock,
        course: Arc::new(course()),
        files: files.clone(),
        store: Arc::new(ProgressStore),
        engine: EngineState {
            kind: EngineKind::Simulated,
            name: "Simulated engine".to_owned(),
            gone: None,
            why: Some("No agent serves this page, so a simulated Docker engine inside the page runs the lesson.".to_owned()),
        },
        epoch: browser::nonce(),
    });
    wasm_bindgen_futures::spawn_local(answering);
    wasm_bindgen_futures::spawn_local(keep(world, journal));
    wasm_bindgen_futures::spawn_local(keep_files(files));
    session
}

/// Our lessons, as they were when the page was built.
fn course() -> Course {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/course.json"))).unwrap_or_default()
}

/// The world of the last visit, or a new one.
fn world(clock: &Arc<dyn Clock>) -> Simulated {
    browser::load(WORLD)
        .and_then(|saved| Simulated::restore(Arc::clone(clock), &saved).ok())
        .unwrap_or_else(|| Simulated::new(Arc::clone(clock), SEED))
}

fn journal() -> MemoryJournal {
    let entries = browser::load(JOURNAL).and_then(|saved| serde_json::from_str(&saved).ok());
    MemoryJournal::with(entries.unwrap_or_default())
}

/// Writes down the world whenever it differs from what was written last.
async fn keep(world: Simulated, journal: Arc<MemoryJournal>) {
    let mut written = String::new();
    loop {
        sleep(Duration::from_millis(500)).await;
        let now = world.save();
        if now != written {
            browser::save(WORLD, &now);
            if let Ok(entries) = serde_json::to_string(&journal.entries()) {
                browser::save(JOURNAL, &entries);
            }
            written = now;
        }
    }
}

/// The lab's files of the last visit.
fn files() -> Files {
    let kept = browser::load(FILES).and_then(|saved| serde_json::from_str(&saved).ok());
    Files::new(kept.unwrap_or_default())
}

async fn keep_files(files: Files) {
    let mut written = files.changes();
    loop {
        sleep(Duration::from_millis(500)).await;
        let tree = files.tree();
        if tree.changes != written
            && let Ok(text) = serde_json::to_string(&tree)
        {
            browser::save(FILES, &text);
            written = tree.changes;
        }
    }
}

struct ProgressStore;

impl Store for ProgressStore {
    fn load(&self) -> Option<String> {
        browser::load(PROGRESS)
    }

    fn save(&self, text: &str) {
        browser::save(PROGRESS, text);
    }
}
