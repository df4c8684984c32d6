//! "What will happen?": asked once, before the command; a wrong answer stays beside what really happened.

use course::{Answer, Prediction};
use leptos::prelude::*;
use session::wire::ClientMessage;
use wasm_bindgen::JsCast as _;

use super::prose;
use crate::page::Page;

pub fn prediction(
    page: Page,
    lesson: String,
    step: usize,
    prediction: Prediction,
) -> impl IntoView {
    let Prediction { question, answers } = prediction;
    let chosen = {
        let lesson = lesson.clone();
        Memo::new(move |_| {
            page.state
                .with(|state| state.progress.predicted(&lesson, step))
        })
    };
    let seen = {
        let lesson = lesson.clone();
        Memo::new(move |_| {
            page.state
                .with(|state| state.progress.reached(&lesson, step))
        })
    };
    let right = answers.iter().position(|answer| answer.right);
    let answers = answers
        .into_iter()
        .enumerate()
        .map(|(number, answer)| answer_view(page, &lesson, step, number, answer, chosen, seen))
        .collect_view();
    view! {
        <fieldset class="prediction">
            <legend>{question}</legend>
            {answers}
            <p class="prediction-note" aria-live="polite">
                {move || match (chosen.get(), seen.get()) {
                    (None, _) => "Choose before you run it.",
                    (Some(_), false) => "Kept. Now run it and see.",
                    (Some(mine), true) if right == Some(mine) => "It happened as you said.",
                    (Some(_), true) => "It happened otherwise: look at what came, and why.",
                }}
            </p>
        </fieldset>
    }
}

fn answer_view(
    page: Page,
    lesson: &str,
    step: usize,
    number: usize,
    answer: Answer,
    chosen: Memo<Option<usize>>,
    seen: Memo<bool>,
) -> impl IntoView + use<> {
    let lesson = lesson.to_owned();
    let name = format!("predict-{lesson}-{step}");
    let right = answer.right;
    let mine = move || chosen.get() == Some(number);
    let class = move || match (seen.get() && chosen.get().is_some(), right, mine()) {
        (true, true, _) => "answer right",
        (true, false, true) => "answer wrong",
        (false, _, true) => "answer chosen",
        _ => "answer",
    };
    let predict = move |_| {
        page.send(ClientMessage::Predict {
            lesson: lesson.clone(),
            step,
            answer: number,
        });
    };
    let settled = move || chosen.get().is_some();
    let keep = move |event: web_sys::MouseEvent| {
        if chosen.get_untracked().is_some() {
            event.prevent_default();
        }
    };
    let text = prose::spans(&answer.text);
    let why = answer.why;
    view! {
        <label class=class>
            // Not `disabled`: that would take the focus away from who has just chosen.
            <input
                type="radio"
                name=name
                prop:checked=mine
                aria-disabled=move || settled().to_string()
                on:click=keep
                on:keydown=look_at_next
                on:change=predict
            />
            <span>
                {text}
                {move || (seen.get() && mine()).then(|| view! {
                    <span class="verdict">{if right { " · you, rightly" } else { " · you" }}</span>
                })}
                {move || (seen.get() && chosen.get().is_some() && (right || mine())).then(|| view! {
                    <span class="why">{prose::spans(&why)}</span>
                })}
            </span>
        </label>
    }
}

/// An arrow key shows the next answer without choosing it: a choice is final, so that Space has to make it.
fn look_at_next(event: web_sys::KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => 1,
        "ArrowUp" | "ArrowLeft" => -1,
        _ => return,
    };
    event.prevent_default();
    let answers = radios(&event).unwrap_or_default();
    let here = answers
        .iter()
        .position(|answer| answer.matches(":focus").unwrap_or_default());
    let count = answers.len().cast_signed();
    let next = here.map(|here| {
        (here.cast_signed() + step)
            .rem_euclid(count)
            .cast_unsigned()
    });
    if let Some(answer) = next.and_then(|next| answers.get(next)) {
        let _ = answer.focus();
    }
}

/// All radio buttons of the prediction that the event comes from.
fn radios(event: &web_sys::KeyboardEvent) -> Option<Vec<web_sys::HtmlElement>> {
    let own = event.target()?.dyn_into::<web_sys::Element>().ok()?;
    let all = own
        .closest("fieldset")
        .ok()??
        .query_selector_all("input")
        .ok()?;
    let all = (0..all.length()).filter_map(|place| all.get(place)?.dyn_into().ok());
    Some(all.collect())
}
