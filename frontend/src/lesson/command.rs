//! A command of the lesson: run by click or key, each word explained.

use cli::{Word, WordKind};
use leptos::prelude::*;

use crate::{page::Page, state::LineState};

pub fn command(page: Page, line: String) -> impl IntoView {
    let words = explained(&line);
    let state = {
        let line = line.clone();
        Memo::new(move |_| page.state.with(|state| state.lines.get(&line).copied()))
    };
    let run = {
        let line = line.clone();
        move |_| {
            if state.get_untracked() != Some(LineState::Running) {
                page.run(page.terminal.get_untracked(), &line);
            }
        }
    };
    let label = format!("Run {line}");
    view! {
        <div class="command">
            <code><span class="prompt" aria-hidden="true">"$ "</span>{words}</code>
            <span class="command-side">
                {move || match state.get() {
                    Some(LineState::Ended(0)) => view! { <span class="done">"✓ done"</span> }.into_any(),
                    Some(LineState::Ended(exit)) => view! { <span class="failed">{format!("exit {exit}")}</span> }.into_any(),
                    Some(LineState::Running) => view! { <span class="running">"runs"</span> }.into_any(),
                    None => ().into_any(),
                }}
                // Not `disabled`: that would take the focus away from who has just pressed it.
                <button class="run" aria-label=label aria-disabled=move || (state.get() == Some(LineState::Running)).to_string() on:click=run>
                    "Run ⏎"
                </button>
            </span>
        </div>
    }
}

/// The line's words, those with something to say underlined, and what lies between them.
fn explained(line: &str) -> Vec<AnyView> {
    let mut views = Vec::new();
    let mut at = 0;
    for word in cli::explain(line) {
        let Some(text) = line.get(word.range.clone()) else {
            continue;
        };
        views.push(
            line.get(at..word.range.start)
                .unwrap_or_default()
                .to_owned()
                .into_any(),
        );
        at = word.range.end;
        views.push(explained_word(text.to_owned(), word));
    }
    views.push(line.get(at..).unwrap_or_default().to_owned().into_any());
    views
}

fn explained_word(text: String, word: Word) -> AnyView {
    let class = match word.kind {
        WordKind::Command => "word command-word",
        WordKind::Flag | WordKind::Value => "word flag-word",
        _ => "word",
    };
    if word.text.is_empty() {
        return view! { <span class=class>{text}</span> }.into_any();
    }
    view! {
        <span class=format!("{class} explained") tabindex="0">
            {text}<span class="tip" role="tooltip">{word.text}</span>
        </span>
    }
    .into_any()
}
