//! The whole page: the state, the link that feeds it, and the view for each route.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use course::Progress;
use leptos::prelude::*;
use session::wire::{ClientMessage, ServerMessage, TerminalId};
use wasm_bindgen::JsCast as _;

use crate::{
    course_map, header, lesson,
    link::{self, Link},
    route::{self, Route},
    state::State,
    terminal::{self, Screens},
};

/// The page's parts, handed to every view.
#[derive(Clone, Copy)]
pub struct Page {
    pub state: RwSignal<State>,
    pub route: ReadSignal<Route>,
    /// Set while the link is down for more than a moment.
    pub cut: RwSignal<bool>,
    pub screens: StoredValue<Screens, LocalStorage>,
    /// The line that was asked for last, to be run in the terminal that is seen.
    pub terminal: RwSignal<TerminalId>,
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
        let size = self.screens.with_value(|screens| screens.size(terminal));
        terminal::to_end(terminal);
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
            message => self.state.update(|state| state.apply(message)),
        }
    }

    /// Tells the session which step is open, so that its checks are asked.
    fn tell_step(self) {
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
        terminal: RwSignal::new(TerminalId(1)),
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

pub fn app(page: Page) -> impl IntoView {
    provide_context(page);
    Effect::new(move || {
        if page.state.with(State::is_ready) {
            page.route.track();
            page.tell_step();
        }
    });
    begin_at_the_heading(page);
    go_on_where_it_was(page);
    // Only which view it is: a new step must not build the terminals anew.
    let on_map = Memo::new(move |_| page.route.with(|route| *route == Route::Map));
    view! {
        <a class="skip" href="#main">"Skip to the lesson"</a>
        {header::header(page)}
        <Show when=move || page.state.with(State::is_ready) fallback=waiting>
            {move || if on_map.get() {
                course_map::course_map(page).into_any()
            } else {
                lesson::workbench(page).into_any()
            }}
        </Show>
    }
}

fn waiting() -> impl IntoView {
    view! { <main id="main" class="waiting" aria-busy="true"><p>"Opening the lab …"</p></main> }
}

/// What a link or button led to begins at its heading: what was pressed is gone, and the focus with it.
fn begin_at_the_heading(page: Page) {
    Effect::new(move |before: Option<()>| {
        page.route.track();
        if before.is_some() {
            request_animation_frame(|| {
                let heading = document().query_selector("main h1").ok().flatten();
                if let Some(heading) =
                    heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok())
                {
                    let _ = heading.focus();
                }
            });
        }
    });
}

/// Opened without a place in the URL: the last lesson that was open, else the first.
fn go_on_where_it_was(page: Page) {
    let ready = Memo::new(move |_| page.state.with(State::is_ready));
    let fragment = window().location().hash().unwrap_or_default();
    let has_place = fragment.starts_with("#/");
    Effect::new(move || {
        if !ready.get() || has_place {
            return;
        }
        let place = page.state.with_untracked(|state| {
            state
                .progress
                .last_opened()
                .map(|(id, step)| (id.to_owned(), step))
                .or_else(|| {
                    state
                        .course
                        .lessons
                        .first()
                        .map(|lesson| (lesson.id.clone(), 0))
                })
        });
        if let Some((id, step)) = place {
            route::go(&Route::Lesson { id, step });
        }
    });
}
