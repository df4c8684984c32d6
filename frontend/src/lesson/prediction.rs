//! "What will happen?": asked once, before the command; a wrong answer stays beside what really happened.

use course::{Answer, Prediction};
use leptos::prelude::*;
use session::wire::ClientMessage;

use super::prose;
use crate::app::Page;

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
    let text = prose::spans(&answer.text);
    let why = answer.why;
    view! {
        <label class=class>
            <input type="radio" name=name prop:checked=mine disabled=move || chosen.get().is_some() on:change=predict />
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
