//! The lab's files on the page: a list of them, and an editor for one.

pub mod draft;
mod editor;
mod list;
mod names;

use leptos::prelude::*;
use session::wire::{ClientMessage, TerminalId};

use crate::page::Page;

/// The files' tab stands among the terminals' and has the number that no terminal has.
pub const TAB: TerminalId = TerminalId(0);

/// The file that is open, and what became of it here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    pub path: String,
    /// As the session has it; `None` until it has come.
    pub saved: Option<String>,
    /// As it stands in the editor.
    pub draft: String,
    /// Somebody else saved another text while this one was being changed.
    pub elsewhere: bool,
}

impl Open {
    pub fn is_changed(&self) -> bool {
        self.saved
            .as_ref()
            .is_some_and(|saved| *saved != self.draft)
    }
}

/// Shows a file in the editor.
pub fn open(page: Page, path: &str) {
    page.terminal.set(TAB);
    let here = page
        .open
        .with_untracked(|open| open.as_ref().is_some_and(|open| open.path == path));
    if !here {
        page.open.set(Some(Open {
            path: path.to_owned(),
            ..Open::default()
        }));
    }
    page.send(ClientMessage::ReadFile {
        path: path.to_owned(),
    });
}

/// A file's text has come: first, or because somebody changed it.
pub fn received(page: Page, path: &str, text: Option<String>) {
    page.open.update(|open| {
        let Some(file) = open.as_mut().filter(|file| file.path == path) else {
            return;
        };
        match text {
            // It is new, or was removed: what stands in the editor is all there is of it.
            None => {
                file.draft = draft::load(path).unwrap_or(std::mem::take(&mut file.draft));
                file.saved = Some(String::new());
            }
            Some(text) => {
                if file.saved.is_none() {
                    file.draft = draft::load(path).unwrap_or_else(|| text.clone());
                } else if !file.is_changed() {
                    file.draft.clone_from(&text);
                } else if file.saved.as_ref() != Some(&text) && file.draft != text {
                    file.elsewhere = true;
                }
                file.saved = Some(text);
            }
        }
    });
}

/// Asks for the open file again whenever the session holds another text of it.
pub fn follow(page: Page) {
    let version = Memo::new(move |_| {
        let path = page
            .open
            .with(|open| open.as_ref().map(|open| open.path.clone()))?;
        page.state.with(|state| {
            let file = state.files.iter().find(|file| file.path == path);
            file.map(|file| (path, file.version))
        })
    });
    Effect::new(move || {
        if let Some((path, _)) = version.get() {
            page.send(ClientMessage::ReadFile { path });
        }
    });
}

pub fn pane(page: Page) -> impl IntoView {
    let shown = move || page.terminal.get() == TAB;
    view! {
        <div class="files" id="pane-0" role="tabpanel" aria-labelledby="tab-0" hidden=move || !shown()>
            {list::list(page)}
            {editor::editor(page)}
        </div>
    }
}
