//! The line to type in below a terminal that runs nothing, with the lines typed before.

use std::{cell::RefCell, rc::Rc};

use leptos::{html, prelude::*};
use session::wire::TerminalId;
use web_sys::KeyboardEvent;

use crate::page::Page;

/// The line to type in, with history.
pub fn prompt(page: Page, id: TerminalId) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let history = Rc::new(RefCell::new(History::default()));
    let begun = Rc::clone(&history);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(input) = input.get_untracked() else {
            return;
        };
        let line = input.value();
        if !line.trim().is_empty() {
            HISTORY.with_borrow_mut(|lines| lines.push(line.clone()));
            begun.borrow_mut().back = 0;
            page.run(id, &line);
            input.set_value("");
        }
    };
    let recall = move |event: KeyboardEvent| {
        let line = match event.key().as_str() {
            "ArrowUp" => history.borrow_mut().back(),
            "ArrowDown" => history.borrow_mut().forth(),
            _ => return,
        };
        event.prevent_default();
        if let (Some(input), Some(line)) = (input.get_untracked(), line) {
            input.set_value(&line);
        }
    };
    view! {
        <form class="prompt-line" on:submit=submit>
            <label class="prompt" for=format!("line-{}", id.0)><span class="hidden">"Command line"</span><span aria-hidden="true">"$"</span></label>
            <input
                node_ref=input
                id=format!("line-{}", id.0)
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder="docker …"
                on:keydown=recall
            />
        </form>
    }
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
