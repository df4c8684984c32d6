//! The bar on top: where in the course, which engine, reset.

use leptos::prelude::*;
use session::wire::{ClientMessage, EngineKind};

use crate::{lesson::reset, page::Page, route::Route};

pub fn header(page: Page) -> impl IntoView {
    view! {
        <header class="bar">
            <a class="brand" href="#/">{mark()}<span>"Causeway"</span></a>
            {crumbs(page)}
            {segments(page)}
            <span class="bar-space"></span>
            <Show when=move || page.cut.get()>
                <span class="sign" role="status">"Reconnecting …"</span>
            </Show>
            {engine(page)}
            <button class="button" on:click=move |_| page.send(ClientMessage::PlanReset {})>"Reset lab"</button>
        </header>
        {notices(page)}
        {reset::dialog(page)}
    }
}

/// The causeway: a deck on piles above water.
fn mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 28 20" width="28" height="20" aria-hidden="true">
            <rect x="1" y="2" width="26" height="3" rx="1.5"></rect>
            <path d="M5 5v9M11 5v9M17 5v9M23 5v9"></path>
            <path class="water" d="M1 17q3-3 6 0t6 0t6 0t6 0"></path>
        </svg>
    }
}

fn crumbs(page: Page) -> impl IntoView {
    let here = Memo::new(move |_| match page.route.get() {
        Route::Map => None,
        Route::Lesson { id, .. } => page.state.with(|state| {
            let number = state
                .course
                .lessons
                .iter()
                .position(|lesson| lesson.id == id)?;
            let lesson = &state.course.lessons[number];
            Some((
                format!("{:?}", lesson.level),
                format!("{} · {}", number + 1, lesson.title),
            ))
        }),
    });
    view! {
        <nav class="crumbs" aria-label="Where you are">
            {move || match here.get() {
                None => view! { <span>"Docker networking, by doing it and seeing it"</span> }.into_any(),
                Some((level, lesson)) => view! {
                    <a href="#/">{level}</a><span aria-hidden="true">" → "</span><strong>{lesson}</strong>
                }
                .into_any(),
            }}
        </nav>
    }
}

/// One mark for each step of the lesson.
fn segments(page: Page) -> impl IntoView {
    let steps = Memo::new(move |_| {
        let Route::Lesson { id, step: current } = page.route.get() else {
            return Vec::new();
        };
        page.state.with(|state| {
            let count = state.lesson(&id).map_or(0, |lesson| lesson.steps.len());
            (0..count)
                .map(|step| {
                    if state.progress.reached(&id, step) {
                        "segment reached"
                    } else if step == current {
                        "segment current"
                    } else {
                        "segment"
                    }
                })
                .collect()
        })
    });
    let reached = move || {
        steps
            .get()
            .iter()
            .filter(|class| class.ends_with("reached"))
            .count()
    };
    view! {
        <Show when=move || !steps.get().is_empty()>
            <span class="segments" role="img" aria-label=move || format!("{} of {} steps reached", reached(), steps.get().len())>
                {move || steps.get().into_iter().map(|class| view! { <span class=class></span> }).collect_view()}
            </span>
        </Show>
    }
}

fn engine(page: Page) -> impl IntoView {
    let engine = Memo::new(move |_| page.state.with(|state| state.engine.clone()));
    let class = move || {
        let engine = engine.get();
        match (engine.gone.is_some(), engine.kind) {
            (true, _) => "dot gone",
            (false, EngineKind::Docker) => "dot docker",
            (false, EngineKind::Simulated) => "dot simulated",
        }
    };
    view! {
        <span class="pill engine" role="status">
            <span class=class aria-hidden="true"></span>
            <span>{move || engine.get().name}</span>
        </span>
    }
}

/// What a person must know now, one sentence each.
fn notices(page: Page) -> impl IntoView {
    let engine = Memo::new(move |_| page.state.with(|state| state.engine.clone()));
    let refused = Memo::new(move |_| page.state.with(|state| state.refused.clone()));
    view! {
        <div class="notices" aria-live="polite">
            {move || engine.get().gone.map(|sentence| view! { <p class="notice bad">{sentence}</p> })}
            {move || engine.get().why.map(|sentence| view! { <p class="notice">{sentence}</p> })}
            {move || refused.get().map(|sentence| view! {
                <p class="notice bad">
                    <span>{sentence}</span>
                    <button class="link" on:click=move |_| page.state.update(|state| state.refused = None)>"Close"</button>
                </p>
            })}
        </div>
    }
}
