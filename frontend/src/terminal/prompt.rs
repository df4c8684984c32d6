//! The line to type in below a terminal that runs nothing: with the lines typed before, what could follow, and marks.

use std::{cell::RefCell, rc::Rc};

use cli::Completion;
use leptos::{html, prelude::*};
use session::wire::TerminalId;
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlInputElement, KeyboardEvent};

use super::suggest::{self, Hint};
use crate::page::Page;

/// Candidates that are shown at once.
const SHOWN: usize = 60;

/// The line's parts that its keys change.
#[derive(Clone, Copy)]
struct Line {
    page: Page,
    id: TerminalId,
    input: NodeRef<html::Input>,
    list: RwSignal<Option<List>>,
    hint: RwSignal<Hint>,
    text: RwSignal<String>,
    /// After Escape, Tab leads on instead of completing.
    leaving: StoredValue<bool>,
}

/// What could follow, and which of it is chosen.
#[derive(Clone, PartialEq, Eq)]
struct List {
    found: Completion,
    chosen: usize,
}

/// The line to type in, with history.
pub fn prompt(page: Page, id: TerminalId) -> impl IntoView {
    let line = Line {
        page,
        id,
        input: NodeRef::new(),
        list: RwSignal::new(None),
        hint: RwSignal::new(Hint::default()),
        text: RwSignal::new(String::new()),
        leaving: StoredValue::new(false),
    };
    let history = Rc::new(RefCell::new(History::default()));
    let begun = Rc::clone(&history);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        line.submit(&mut begun.borrow_mut());
    };
    let on_key = move |event: KeyboardEvent| line.key(&event, &mut history.borrow_mut());
    let number = id.0;
    view! {
        <form class="prompt-line" on:submit=submit>
            {list(line)}
            <label class="prompt" for=format!("line-{number}")><span class="hidden">"Command line"</span><span aria-hidden="true">"$"</span></label>
            <span class="line-field">
                {marks(line)}
                <input
                    node_ref=line.input
                    id=format!("line-{number}")
                    role="combobox"
                    aria-autocomplete="list"
                    aria-expanded=move || line.list.with(Option::is_some).to_string()
                    aria-controls=format!("list-{number}")
                    aria-activedescendant=move || line.list.with(|list| list.as_ref().map(|list| format!("option-{number}-{}", list.chosen)))
                    aria-describedby=format!("hint-{number}")
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    placeholder="docker …"
                    on:keydown=on_key
                    on:keyup=move |_| line.look()
                    on:click=move |_| line.look()
                    on:input=move |_| { line.list.set(None); line.leaving.set_value(false); line.look(); }
                    on:blur=move |_| line.list.set(None)
                />
            </span>
            <span class="line-hint" class:wrong=move || line.hint.with(|hint| hint.wrong.is_some()) id=format!("hint-{number}")>{move || line.hint.with(|hint| hint.text.clone())}</span>
        </form>
    }
}

/// The same text below the line's own, invisible but for the mark under what is wrong.
fn marks(line: Line) -> impl IntoView {
    let parts = Memo::new(move |_| {
        let text = line.text.get();
        let (from, to) = line.hint.with(|hint| hint.wrong)?;
        Some((text.get(..from)?.to_owned(), text.get(from..to)?.to_owned()))
    });
    view! {
        <span class="line-marks" aria-hidden="true">
            {move || parts.get().map(|(before, wrong)| view! { {before}<span class="line-mark">{wrong}</span> })}
        </span>
    }
}

fn list(line: Line) -> impl IntoView {
    let number = line.id.0;
    move || {
        line.list.get().map(|list| {
            let List { found, chosen } = list;
            let options = found.candidates.into_iter().take(SHOWN).enumerate();
            let options = options.map(|(index, candidate)| {
                view! {
                    <li role="option" id=format!("option-{number}-{index}") class:chosen=index == chosen aria-selected=(index == chosen).to_string() on:mousedown=move |event| { event.prevent_default(); line.take(index); }>
                        <span>{candidate.text}</span><span class="about">{candidate.about}</span>
                    </li>
                }
            });
            view! { <ul class="line-list" role="listbox" id=format!("list-{number}") aria-label="What could follow">{options.collect_view()}</ul> }
        })
    }
}

impl Line {
    fn submit(self, history: &mut History) {
        let Some(input) = self.input.get_untracked() else {
            return;
        };
        let line = input.value();
        if !line.trim().is_empty() {
            HISTORY.with_borrow_mut(|lines| lines.push(line.clone()));
            history.back = 0;
            self.list.set(None);
            self.page.run(self.id, &line);
            input.set_value("");
        }
    }

    fn key(self, event: &KeyboardEvent, history: &mut History) {
        let key = event.key();
        let open = self.list.with_untracked(Option::is_some);
        let leaves =
            self.leaving.get_value() || event.shift_key() || event.ctrl_key() || event.alt_key();
        match key.as_str() {
            "Tab" if open && event.shift_key() => self.choose(-1),
            "Tab" if leaves => {
                self.list.set(None);
                return;
            }
            "Tab" if open => self.take(
                self.list
                    .with_untracked(|list| list.as_ref().map_or(0, |list| list.chosen)),
            ),
            "Tab" => {
                // An empty line has nothing to complete: the focus goes on.
                if !self.complete() {
                    return;
                }
            }
            "Enter" if open => self.take(
                self.list
                    .with_untracked(|list| list.as_ref().map_or(0, |list| list.chosen)),
            ),
            "ArrowDown" if open => self.choose(1),
            "ArrowUp" if open => self.choose(-1),
            "Escape" if open => self.list.set(None),
            "Escape" => {
                self.leaving.set_value(true);
                return;
            }
            "ArrowUp" => self.recall(history.back()),
            "ArrowDown" => self.recall(history.forth()),
            _ => return,
        }
        event.prevent_default();
    }

    fn recall(self, line: Option<String>) {
        if let (Some(input), Some(line)) = (self.input.get_untracked(), line) {
            input.set_value(&line);
            self.look();
        }
    }

    /// True if there was anything to complete.
    fn complete(self) -> bool {
        let Some(input) = self.input.get_untracked() else {
            return false;
        };
        let (line, cursor) = (input.value(), cursor(&input));
        if line.trim().is_empty() {
            return false;
        }
        let found = suggest::complete(self.page, &line, cursor);
        match &found.candidates[..] {
            [] => {}
            [one] => {
                let end = if one.goes_on { "" } else { " " };
                let text = format!("{}{end}", one.text);
                self.put(&input, &found, &text);
            }
            _ => {
                let common = found.common().to_owned();
                if common.len() > found.range.len() {
                    self.put(&input, &found, &common);
                } else {
                    self.list.set(Some(List { found, chosen: 0 }));
                }
            }
        }
        true
    }

    fn choose(self, step: isize) {
        self.list.update(|list| {
            if let Some(list) = list {
                let count = list.found.candidates.len().min(SHOWN);
                list.chosen = list
                    .chosen
                    .checked_add_signed(step)
                    .map_or(count - 1, |chosen| chosen % count);
            }
        });
        let id = self.list.with_untracked(|list| {
            list.as_ref()
                .map(|list| format!("option-{}-{}", self.id.0, list.chosen))
        });
        request_animation_frame(move || {
            if let Some(option) = id.and_then(|id| document().get_element_by_id(&id)) {
                let nearest = web_sys::ScrollIntoViewOptions::new();
                nearest.set_block(web_sys::ScrollLogicalPosition::Nearest);
                option.scroll_into_view_with_scroll_into_view_options(&nearest);
            }
        });
    }

    fn take(self, index: usize) {
        let Some(List { found, .. }) = self.list.get_untracked() else {
            return;
        };
        self.list.set(None);
        if let (Some(input), Some(one)) = (self.input.get_untracked(), found.candidates.get(index))
        {
            let end = if one.goes_on { "" } else { " " };
            self.put(&input, &found, &format!("{}{end}", one.text));
        }
    }

    fn put(self, input: &HtmlInputElement, found: &Completion, text: &str) {
        let mut line = input.value();
        if line.get(found.range.clone()).is_none() {
            return;
        }
        line.replace_range(found.range.clone(), text);
        let end = line[..found.range.start + text.len()]
            .encode_utf16()
            .count();
        input.set_value(&line);
        let end = u32::try_from(end).unwrap_or_default();
        let _ = input.set_selection_range(end, end);
        self.look();
    }

    /// What is to be said of the line as it is now.
    fn look(self) {
        let Some(input) = self.input.get_untracked() else {
            return;
        };
        let line = input.value();
        let hint = suggest::hint(&line, cursor(&input));
        if self.hint.with_untracked(|now| *now != hint) {
            self.hint.set(hint);
        }
        if self.text.with_untracked(|now| *now != line) {
            self.text.set(line);
        }
        let marks = input
            .previous_element_sibling()
            .and_then(|marks| marks.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(marks) = marks {
            marks.set_scroll_left(input.scroll_left());
        }
    }
}

/// Where the cursor is, in bytes: the browser counts in UTF-16.
fn cursor(input: &HtmlInputElement) -> usize {
    let line = input.value();
    let at = input
        .selection_end()
        .ok()
        .flatten()
        .and_then(|at| usize::try_from(at).ok());
    let before: Vec<u16> = line.encode_utf16().take(at.unwrap_or(usize::MAX)).collect();
    String::from_utf16_lossy(&before).len().min(line.len())
}

thread_local! {
    /// Lines typed since the page was opened, shared by its terminals.
    static HISTORY: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A place in the history, counted from its end.
#[derive(Default)]
struct History {
    back: usize,
}

impl History {
    fn back(&mut self) -> Option<String> {
        HISTORY.with_borrow(|lines| {
            self.back = (self.back + 1).min(lines.len());
            lines
                .len()
                .checked_sub(self.back)
                .and_then(|at| lines.get(at).cloned())
        })
    }

    fn forth(&mut self) -> Option<String> {
        self.back = self.back.saturating_sub(1);
        if self.back == 0 {
            return Some(String::new());
        }
        HISTORY.with_borrow(|lines| lines.get(lines.len() - self.back).cloned())
    }
}
