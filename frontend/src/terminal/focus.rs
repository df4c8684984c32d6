//! Where the keyboard's focus is in a terminal: it is never left nowhere.

use leptos::prelude::*;
use session::wire::TerminalId;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Where the focus goes when the terminal's foot becomes another one, which would lose it.
#[derive(Clone, Copy)]
pub struct KeptFocus(StoredValue<bool>);

impl KeptFocus {
    pub fn of(id: TerminalId, running: Memo<Option<String>>) -> Self {
        let here = StoredValue::new(false);
        Effect::new(move |before: Option<bool>| {
            let runs = running.get().is_some();
            if before.is_some_and(|before| before != runs) && here.get_value() {
                request_animation_frame(move || refocus(id, runs));
            }
            runs
        });
        Self(here)
    }

    pub fn came(self) {
        self.0.set_value(true);
    }

    /// An element that is taken out of the document leaves the focus nowhere: that is not a person who went elsewhere.
    pub fn went(self, event: &web_sys::FocusEvent) {
        if event.related_target().is_some() {
            self.0.set_value(false);
        }
    }
}

/// To the rows while something runs, so that keys go there; else to the line to type in.
pub fn refocus(id: TerminalId, runs: bool) {
    let lost = document()
        .active_element()
        .is_none_or(|active| active.tag_name() == "BODY");
    let to = if runs {
        format!("#pane-{} .screen", id.0)
    } else {
        format!("#line-{}", id.0)
    };
    let to = document().query_selector(&to).ok().flatten();
    if let Some(to) = to.and_then(|to| to.dyn_into::<HtmlElement>().ok())
        && (lost || !runs)
    {
        let _ = to.focus();
    }
}
