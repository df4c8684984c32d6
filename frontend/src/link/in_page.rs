//! The link to a session inside the page, over the simulated engine: the same messages, without an agent.
//!
//! The world and the progress are kept in the browser's storage, so that a reload finds the lab.

use std::{rc::Rc, sync::Arc, time::Duration};

use course::Course;
use futures::{StreamExt, channel::mpsc::unbounded};
use gloo_timers::future::sleep;
use lab::{
    Clock, Engine, Host,
    guard::{Guard, Limits, MemoryJournal},
};
use session::{
    Parts, Store, session,
    wire::{EngineKind, EngineState},
};
use simulated::Simulated;

use super::{
    Events, Link,
    browser::{self, BrowserClock},
    hello,
};

const WORLD: &str = "causeway.world";
const JOURNAL: &str = "causeway.journal";
const PROGRESS: &str = "causeway.progress";
const SEED: u64 = 7;

pub fn open(events: Events) -> Link {
    let clock: Arc<dyn Clock> = Arc::new(BrowserClock);
    let world = world(&clock);
    let journal = Arc::new(journal());
    let engine: Arc<dyn Engine> = Arc::new(world.clone());
    let guard = Guard::new(
        engine,
        Arc::clone(&journal) as _,
        Limits::default(),
        browser::nonce,
    );
    let (session, answering) = session(Parts {
        guard: Arc::new(guard),
        host: Arc::new(world.clone()) as Arc<dyn Host>,
        clock,
        course: Arc::new(course()),
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

    let (to_session, mut from_session) = session.connect();
    let (outgoing, mut from_page) = unbounded();
    wasm_bindgen_futures::spawn_local(async move {
        while let Some(message) = from_page.next().await {
            to_session.send(message);
        }
    });
    let greeting = hello(&events, None);
    let receive = Rc::clone(&events.message);
    wasm_bindgen_futures::spawn_local(async move {
        while let Some(message) = from_session.next().await {
            receive(message);
        }
    });
    Link {
        outgoing,
        greeting: Some(greeting),
    }
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
            if let Ok(entries) = serde_json::to_string(&lab::guard::Journal::entries(&*journal)) {
                browser::save(JOURNAL, &entries);
            }
            written = now;
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
