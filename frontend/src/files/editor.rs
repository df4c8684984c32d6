//! The editor: the browser's own text field with line numbers, so that what it can do (undo, find, read aloud) stays.

use leptos::{html, prelude::*};
use session::wire::{ClientMessage, Frame, MAX_FRAME, encode_client};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlDocument, HtmlTextAreaElement, KeyboardEvent};

use super::{draft, names};
use crate::page::Page;

pub fn editor(page: Page) -> impl IntoView {
    let path = Memo::new(move |_| {
        page.open
            .with(|open| open.as_ref().map(|open| open.path.clone()))
    });
    move || {
        match path.get() {
        None => view! { <p class="file-hint file-none">"Open a file on the left, or type nano app.py in a terminal."</p> }.into_any(),
        Some(path) => opened(page, path).into_any(),
    }
    }
}

fn opened(page: Page, path: String) -> impl IntoView {
    let name = names::shown(&path).to_owned();
    let label = format!("Text of {name}");
    let title = format!("Editor: {name}");
    let field = NodeRef::<html::Textarea>::new();
    let numbers = NodeRef::<html::Pre>::new();
    let changed = Memo::new(move |_| {
        page.open
            .with(|open| open.as_ref().is_some_and(super::Open::is_changed))
    });
    let elsewhere = Memo::new(move |_| {
        page.open
            .with(|open| open.as_ref().is_some_and(|open| open.elsewhere))
    });
    let text = Memo::new(move |_| {
        page.open.with(|open| {
            open.as_ref()
                .map(|open| open.draft.clone())
                .unwrap_or_default()
        })
    });
    let lines = Memo::new(move |_| text.with(|text| text.matches('\n').count() + 1));
    // Only where it differs: setting the text moves the cursor.
    Effect::new(move || {
        let text = text.get();
        if let Some(field) = field.get()
            && field.value() != text
        {
            field.set_value(&text);
        }
    });
    let typed = move |_| {
        if let Some(field) = field.get_untracked() {
            change(page, field.value());
        }
    };
    let scrolled = move |_| {
        if let (Some(field), Some(numbers)) = (field.get_untracked(), numbers.get_untracked()) {
            numbers.set_scroll_top(field.scroll_top());
        }
    };
    // After Escape, Tab leads on instead of indenting.
    let leaving = StoredValue::new(false);
    let on_key = move |event: KeyboardEvent| on_key(page, leaving, &event);
    view! {
        <section class="editor" aria-label=title>
            <div class="editor-bar">
                <strong class="editor-name">{name}</strong>
                <span class="editor-state" role="status">{move || if changed.get() { "Not saved" } else { "Saved" }}</span>
                <span class="editor-hint">"Ctrl-S saves · Tab indents · Esc, then Tab leaves"</span>
                <button class="editor-button" aria-disabled=move || (!changed.get()).to_string() on:click=move |_| save(page)>"Save"</button>
                {rename(page, path.clone())}
                {remove(page, path)}
            </div>
            {move || elsewhere.get().then(|| view! {
                <p class="editor-notice" role="alert">
                    "This file was changed elsewhere too. Saving puts your text in its place. "
                    <button class="link" on:click=move |_| take(page)>"Take the other one"</button>
                </p>
            })}
            <div class="editor-body">
                <pre class="editor-numbers" node_ref=numbers aria-hidden="true">
                    {move || (1..=lines.get()).map(|line| format!("{line}\n")).collect::<String>()}
                </pre>
                <textarea
                    node_ref=field
                    aria-label=label
                    wrap="off"
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    on:input=typed
                    on:scroll=scrolled
                    on:keydown=on_key
                    on:focus=move |_| leaving.set_value(false)
                ></textarea>
            </div>
        </section>
    }
}

fn change(page: Page, text: String) {
    page.open.update(|open| {
        if let Some(open) = open {
            draft::keep(&open.path, &text);
            open.draft = text;
        }
    });
}

fn save(page: Page) {
    let Some((path, text)) = page.open.with_untracked(|open| {
        let open = open.as_ref().filter(|open| open.is_changed())?;
        Some((open.path.clone(), open.draft.clone()))
    }) else {
        return;
    };
    let message = ClientMessage::SaveFile {
        path: path.clone(),
        text: text.clone(),
    };
    if let Frame::Text(frame) = encode_client(&message)
        && frame.len() > MAX_FRAME
    {
        page.state.update(|state| {
            state.refused = Some(format!(
                "{} is too long for the editor, which saves up to 64 KB: make it shorter.",
                names::shown(&path)
            ));
        });
        return;
    }
    page.send(message);
    draft::forget(&path);
    page.open.update(|open| {
        if let Some(open) = open {
            open.saved = Some(text);
            open.elsewhere = false;
        }
    });
}

/// What somebody else saved, in place of what stands here.
fn take(page: Page) {
    page.open.update(|open| {
        if let Some(open) = open {
            draft::forget(&open.path);
            open.draft = open.saved.clone().unwrap_or_default();
            open.elsewhere = false;
        }
    });
}

fn on_key(page: Page, leaving: StoredValue<bool>, event: &KeyboardEvent) {
    let control = event.ctrl_key() || event.meta_key();
    match event.key().as_str() {
        "s" if control => {
            event.prevent_default();
            save(page);
        }
        "Escape" => leaving.set_value(true),
        "Tab" if !event.shift_key() && !leaving.get_value() => {
            event.prevent_default();
            insert("    ");
        }
        "Enter" if !control => {
            leaving.set_value(false);
            if let Some(indent) = indent(event).filter(|indent| !indent.is_empty()) {
                event.prevent_default();
                insert(&format!("\n{indent}"));
            }
        }
        "Tab" | "Shift" => {}
        _ => leaving.set_value(false),
    }
}

/// Typed by the browser, so that it can be undone.
fn insert(text: &str) {
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let _ = document.exec_command_with_show_ui_and_value("insertText", false, text);
    }
}

/// The spaces that the cursor's line begins with.
fn indent(event: &KeyboardEvent) -> Option<String> {
    let field = event.target()?.dyn_into::<HtmlTextAreaElement>().ok()?;
    let at = usize::try_from(field.selection_start().ok()??).ok()?;
    // The browser counts in UTF-16.
    let before: Vec<u16> = field.value().encode_utf16().take(at).collect();
    let before = String::from_utf16_lossy(&before);
    let line = before.rsplit('\n').next()?;
    let spaces = line.len() - line.trim_start_matches([' ', '\t']).len();
    Some(line[..spaces].to_owned())
}

fn rename(page: Page, path: String) -> impl IntoView {
    let naming = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let name = names::shown(&path).to_owned();
    Effect::new(move || {
        if let Some(input) = input.get() {
            let _ = input.focus();
            input.select();
        }
    });
    let done = StoredValue::new(path);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        naming.set(false);
        let from = done.get_value();
        let to = input
            .get_untracked()
            .and_then(|input| names::path(&input.value()));
        let Some(to) = to.filter(|to| *to != from) else {
            return;
        };
        page.send(ClientMessage::RenameFile {
            from: from.clone(),
            to: to.clone(),
        });
        let text = page.open.with_untracked(|open| {
            open.as_ref()
                .filter(|open| open.is_changed())
                .map(|open| open.draft.clone())
        });
        draft::forget(&from);
        if let Some(text) = text {
            draft::keep(&to, &text);
        }
        super::open(page, &to);
    };
    move || {
        if naming.get() {
            view! {
                <form class="editor-rename" on:submit=submit on:keydown=move |event: KeyboardEvent| if event.key() == "Escape" { naming.set(false) }>
                    <label class="hidden" for="file-rename">"New name"</label>
                    <input id="file-rename" node_ref=input value=name.clone() autocomplete="off" spellcheck="false" />
                    <button class="editor-button" type="submit">"Rename"</button>
                </form>
            }
            .into_any()
        } else {
            view! { <button class="editor-button" on:click=move |_| naming.set(true)>"Rename"</button> }.into_any()
        }
    }
}

/// Asks once more on the button itself.
fn remove(page: Page, path: String) -> impl IntoView {
    let sure = RwSignal::new(false);
    let press = move |_| {
        if !sure.get_untracked() {
            sure.set(true);
            return;
        }
        draft::forget(&path);
        page.send(ClientMessage::RemoveFile { path: path.clone() });
        page.open.set(None);
    };
    view! {
        <button class="editor-button" class:danger=move || sure.get() on:click=press on:blur=move |_| sure.set(false)>
            {move || if sure.get() { "Really delete" } else { "Delete" }}
        </button>
    }
}
