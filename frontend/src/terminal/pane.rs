//! One terminal on the page: its rows as text (so that they can be selected, copied and read aloud), and its input.

use bytes::Bytes;
use leptos::{html, prelude::*};
use session::wire::{ClientMessage, TerminalId};
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use super::{
    drawing::Drawing,
    find::find_bar,
    focus::{KeptFocus, refocus},
    keys,
    prompt::prompt,
    scroll::to_end,
};
use crate::page::Page;

pub fn pane(page: Page, id: TerminalId) -> impl IntoView {
    let running = Memo::new(move |_| {
        page.state.with(|state| {
            state
                .terminals
                .get(&id)
                .and_then(|terminal| terminal.running.clone())
        })
    });
    let shown = move || page.terminal.get() == id;
    let screen = NodeRef::<html::Div>::new();
    let rows = NodeRef::<html::Pre>::new();
    let finding = RwSignal::new(None::<String>);
    Effect::new(move || {
        if let (Some(screen), Some(rows)) = (screen.get(), rows.get()) {
            Drawing::start(page, id, screen.unchecked_into(), rows.unchecked_into());
        }
    });
    let focus = KeptFocus::of(id, running);
    // Whether a key went to the program since the focus came: only then Tab is the program's, else it leads on.
    let typed = StoredValue::new(false);
    let on_key = move |event: KeyboardEvent| {
        on_key(
            page,
            id,
            running.get_untracked().is_some(),
            finding,
            typed,
            &event,
        );
    };
    let on_paste = move |event: web_sys::ClipboardEvent| {
        if running.get_untracked().is_none() {
            return;
        }
        if let Some(text) = pasted(&event) {
            event.prevent_default();
            page.send(ClientMessage::Input {
                terminal: id,
                bytes: Bytes::from(text),
            });
        }
    };
    view! {
        <div class="pane" id=format!("pane-{}", id.0) role="tabpanel" aria-labelledby=format!("tab-{}", id.0) hidden=move || !shown() on:keydown=on_key on:paste=on_paste on:focusin=move |_| focus.came() on:focusout=move |event| focus.went(&event)>
            {find_bar(page, id, finding)}
            <div class="screen" node_ref=screen tabindex="0" role="log" aria-label="Terminal output" on:focus=move |_| typed.set_value(false)>
                <pre class="rows" node_ref=rows></pre>
            </div>
            <div class="pane-foot">
                {move || match running.get() {
                    Some(line) => running_foot(page, id, line).into_any(),
                    None => prompt(page, id).into_any(),
                }}
            </div>
        </div>
    }
}

fn running_foot(page: Page, id: TerminalId, line: String) -> impl IntoView {
    view! {
        <span class="running-line"><span class="spinner" aria-hidden="true"></span>{line}</span>
        <button class="stop" on:click=move |_| page.send(ClientMessage::Interrupt { terminal: id })>"Stop  Ctrl-C"</button>
    }
}

fn on_key(
    page: Page,
    id: TerminalId,
    running: bool,
    finding: RwSignal<Option<String>>,
    typed: StoredValue<bool>,
    event: &KeyboardEvent,
) {
    let find = (event.ctrl_key() || event.meta_key()) && event.key() == "f";
    if find {
        event.prevent_default();
        finding.set(Some(String::new()));
        return;
    }
    let in_field = event
        .target()
        .is_some_and(|target| target.dyn_ref::<web_sys::HtmlInputElement>().is_some());
    let on_button = event
        .target()
        .is_some_and(|target| target.dyn_ref::<web_sys::HtmlButtonElement>().is_some());
    if !running && !in_field && !on_button && is_typing(event) {
        // Not kept from the browser: the character goes where the focus is then.
        refocus(id, false);
        return;
    }
    let copies = event.ctrl_key() && event.key() == "c" && has_selection();
    let leaves = event.key() == "Tab" && (event.shift_key() || !typed.get_value());
    if !running || in_field || on_button || copies || leaves {
        return;
    }
    let key = keys::Key {
        name: &event.key(),
        ctrl: event.ctrl_key(),
        alt: event.alt_key(),
        meta: event.meta_key(),
    };
    let application = page
        .screens
        .with_value(|screens| screens.with(id, |screen| screen.terminal().cursor_key_app_mode()));
    if let Some(bytes) = keys::bytes(&key, application) {
        event.prevent_default();
        typed.set_value(true);
        to_end(id);
        page.send(ClientMessage::Input {
            terminal: id,
            bytes: Bytes::from(bytes),
        });
    }
}

/// A character, and no shortcut.
fn is_typing(event: &KeyboardEvent) -> bool {
    let held = event.ctrl_key() || event.alt_key() || event.meta_key();
    event.key().chars().count() == 1 && event.key() != " " && !held
}

fn has_selection() -> bool {
    window()
        .get_selection()
        .ok()
        .flatten()
        .is_some_and(|selection| !selection.is_collapsed())
}

fn pasted(event: &web_sys::ClipboardEvent) -> Option<String> {
    event
        .clipboard_data()?
        .get_data("text")
        .ok()
        .filter(|text| !text.is_empty())
}
