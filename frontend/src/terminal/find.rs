//! Finding text in all of a terminal's rows, also those that are not in view.

use leptos::{html, prelude::*};
use session::wire::TerminalId;
use web_sys::KeyboardEvent;

use super::{drawing::scroll_to_row, focus::refocus};
use crate::page::Page;

/// Finds text in all of the terminal's rows and scrolls to the newest that has it.
pub fn find_bar(page: Page, id: TerminalId, finding: RwSignal<Option<String>>) -> impl IntoView {
    let found = RwSignal::new(String::new());
    let field = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let close = move || {
        finding.set(None);
        let runs = page.state.with_untracked(|state| {
            state
                .terminals
                .get(&id)
                .is_some_and(|terminal| terminal.running.is_some())
        });
        request_animation_frame(move || refocus(id, runs));
    };
    let search = move |text: String| {
        let lines = page
            .screens
            .with_value(|screens| screens.with(id, |screen| matching(screen.terminal(), &text)));
        found.set(match lines.len() {
            0 if text.is_empty() => String::new(),
            0 => "not found".to_owned(),
            count => format!("{count} rows"),
        });
        if let Some(row) = lines.last() {
            scroll_to_row(id, *row);
        }
    };
    view! {
        <Show when=move || finding.with(Option::is_some)>
            <div class="find" role="search">
                <input
                    aria-label="Find in this terminal"
                    placeholder="Find"
                    node_ref=field
                    on:input=move |event| search(event_target_value(&event))
                    on:keydown=move |event: KeyboardEvent| if event.key() == "Escape" { close() }
                />
                <span aria-live="polite">{move || found.get()}</span>
                <button class="tab-close" aria-label="Close find" on:click=move |_| close()>"×"</button>
            </div>
        </Show>
    }
}

fn matching(terminal: &avt::Terminal, text: &str) -> Vec<usize> {
    if text.is_empty() {
        return Vec::new();
    }
    let text = text.to_lowercase();
    let lines = terminal.screen().all_lines().enumerate();
    lines
        .filter(|(_, line)| line.text().to_lowercase().contains(&text))
        .map(|(row, _)| row)
        .collect()
}
