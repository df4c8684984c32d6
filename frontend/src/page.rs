//! The page's parts, which every view is given: the state, the place, the screens, and the link that feeds them.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use course::Progress;
use leptos::prelude::*;
use session::wire::{ClientMessage, ServerMessage, TerminalId};

use crate::{
    files,
    link::{self, Link},
    route::{self, Route},
    state::State,
    terminal::{FIRST, screens::Screens, scroll},
};

#[derive(Clone, Copy)]
pub struct Page {
    pub state: RwSignal<State>,
    pub route: ReadSignal<Route>,
    /// Set while the link is down for more than a moment.
    pub cut: RwSignal<bool>,
    pub screens: StoredValue<Screens, LocalStorage>,
    /// The line that was asked for last, to be run in the terminal that is seen.
    pub terminal: RwSignal<TerminalId>,
    /// The file in the editor.
    pub open: RwSignal<Option<files::Open>>,
    link: StoredValue<Rc<RefCell<Option<Link>>>, LocalStorage>,
}

impl Page {
    pub fn send(self, message: ClientMessage) {
        self.link.with_value(|link| {
            if let Some(link) = link.borrow().as_ref() {
                link.send(message);
            }
        });
    }

    /// Runs a line in the terminal with this id, in the size in which it is shown.
    pub fn run(self, terminal: TerminalId, line: &str) {
        // Not where the files are.
        let terminal = terminal.max(FIRST);
        if self.terminal.get_untracked() < FIRST {
            self.terminal.set(FIRST);
        }
        let size = self.screens.with_value(|screens| screens.size(terminal));
        scroll::to_end(terminal);
        self.send(ClientMessage::Run {
            terminal,
            line: line.to_owned(),
            size,
        });
    }

    fn receive(self, message: ServerMessage) {
        match message {
            ServerMessage::Output {
                terminal,
                offset,
                bytes,
            } => {
                let drawn = self
                    .screens
                    .with_value(|screens| screens.feed(terminal, offset, &bytes));
                if let Some(offset) = drawn {
                    self.send(ClientMessage::Drawn { terminal, offset });
                }
            }
            ServerMessage::Welcome(welcome) => {
                let same = self
                    .state
                    .with_untracked(|state| state.is_epoch(&welcome.epoch));
                self.screens.with_value(|screens| screens.welcome(same));
                self.state
                    .update(|state| state.apply(ServerMessage::Welcome(welcome)));
                self.tell_step();
            }
            ServerMessage::File { path, text } => files::received(self, &path, text),
            ServerMessage::OpenFile { path } => files::open(self, &path),
            message => self.state.update(|state| state.apply(message)),
        }
    }

    /// Tells the session which step is open, so that its checks are asked.
    pub fn tell_step(self) {
        if let Route::Lesson { id, step } = self.route.get_untracked() {
            self.send(ClientMessage::Open { lesson: id, step });
        }
    }

    fn hello(self) -> (Option<session::wire::Resume>, Progress) {
        let offsets: BTreeMap<TerminalId, u64> = self.screens.with_value(Screens::offsets);
        self.state
            .with_untracked(|state| (state.resume(offsets), state.progress.clone()))
    }
}

/// Makes the page's state and starts the link.
pub fn open() -> Page {
    let owner = Owner::new();
    let page = owner.with(|| Page {
        state: RwSignal::new(State::default()),
        route: route::current(),
        cut: RwSignal::new(false),
        screens: StoredValue::new_local(Screens::default()),
        terminal: RwSignal::new(FIRST),
        open: RwSignal::new(None),
        link: StoredValue::new_local(Rc::default()),
    });
    // The page lives as long as its window.
    std::mem::forget(owner);
    let slot = page.link.get_value();
    let events = link::Events {
        message: Rc::new(move |message| page.receive(message)),
        hello: Rc::new(move || page.hello()),
        cut: Rc::new(move |cut| page.cut.set(cut)),
    };
    wasm_bindgen_futures::spawn_local(async move {
        let found = link::open(events).await;
        *slot.borrow_mut() = Some(found.clone());
        found.greet();
    });
    page
}
