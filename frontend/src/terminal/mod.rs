//! Terminals: tabs, each with a screen and a line to type in.

mod drawing;
mod find;
mod focus;
mod keys;
mod pane;
mod prompt;
mod runs;
pub mod screens;
pub mod scroll;
mod suggest;

use leptos::prelude::*;
use session::wire::{ClientMessage, TerminalId};
use wasm_bindgen::JsCast as _;

use crate::{files, page::Page};

/// The terminal that is always there.
pub const FIRST: TerminalId = TerminalId(1);

pub fn terminals(page: Page) -> impl IntoView {
    let tabs = Memo::new(move |_| tabs(page));
    let owned = move || {
        let ids = tabs
            .get()
            .into_iter()
            .map(|(id, _)| id)
            .chain([files::TAB])
            .map(|id| format!("tab-{}", id.0));
        ids.collect::<Vec<_>>().join(" ")
    };
    view! {
        <div class="tabs">
            // Owns the tabs and nothing else: a list of tabs may not have buttons that close them.
            <span role="tablist" aria-label="Terminals" aria-owns=owned></span>
            <For each=move || tabs.get() key=|(id, title)| (*id, title.clone()) children=move |(id, title)| tab(page, id, title) />
            {tab(page, files::TAB, "files".to_owned())}
        </div>
        <div class="panes">
            <For each=move || tabs.get() key=|(id, _)| *id children=move |(id, _)| pane::pane(page, id) />
            {files::pane(page)}
        </div>
    }
}

/// Opens a tab that follows a container's log, or shows the one that does.
pub fn follow_logs(page: Page, container: &str) {
    let line = format!("docker logs -f {container}");
    let (there, free) = page.state.with_untracked(|state| {
        let there = state
            .terminals
            .iter()
            .find(|(_, terminal)| terminal.running.as_deref() == Some(line.as_str()))
            .map(|(id, _)| *id);
        let last = state
            .terminals
            .keys()
            .next_back()
            .copied()
            .unwrap_or(FIRST)
            .max(FIRST);
        (there, TerminalId(last.0 + 1))
    });
    let id = there.unwrap_or(free);
    if there.is_none() {
        page.state.update(|state| {
            state.terminals.entry(id).or_default().running = Some(line.clone());
        });
        page.run(id, &line);
    }
    page.terminal.set(id);
}

fn tabs(page: Page) -> Vec<(TerminalId, String)> {
    page.state.with(|state| {
        let mut tabs = vec![(FIRST, "terminal".to_owned())];
        for (id, terminal) in &state.terminals {
            if *id != FIRST {
                tabs.push((*id, title(terminal.running.as_deref(), *id)));
            }
        }
        tabs
    })
}

fn title(running: Option<&str>, id: TerminalId) -> String {
    match running.and_then(|line| line.strip_prefix("docker logs -f ")) {
        Some(container) => format!("{container} logs"),
        None => format!("terminal {}", id.0),
    }
}

fn tab(page: Page, id: TerminalId, title: String) -> impl IntoView {
    let selected = move || page.terminal.get() == id;
    let close = move |_| {
        page.send(ClientMessage::Close { terminal: id });
        page.screens.with_value(|screens| screens.forget(id));
        page.state.update(|state| {
            state.terminals.remove(&id);
        });
        page.terminal.set(FIRST);
        if let Some(first) = document().get_element_by_id("tab-1") {
            let _ = first.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let close_label = format!("Close {title}");
    view! {
        <span class="tab" class:selected=selected>
            <button
                role="tab"
                id=format!("tab-{}", id.0)
                aria-controls=format!("pane-{}", id.0)
                aria-selected=move || if selected() { "true" } else { "false" }
                on:click=move |_| page.terminal.set(id)
            >
                {title}
            </button>
            {(id > FIRST).then(|| view! { <button class="tab-close" aria-label=close_label on:click=close>"×"</button> })}
        </span>
    }
}
