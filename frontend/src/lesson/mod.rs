//! A lesson: its step on the left, the picture on the right, terminals below the picture.

mod command;
mod goal;
mod prediction;
mod prose;
pub mod reset;

use course::{Block, Step};
use leptos::prelude::*;

use crate::{
    page::Page,
    picture,
    route::{self, Route},
    terminal,
};

/// The open step, as the views below need it.
#[derive(Clone, Debug, PartialEq)]
struct OpenStep {
    lesson: String,
    number: usize,
    of: usize,
    step: Step,
}

pub fn workbench(page: Page) -> impl IntoView {
    view! {
        <main id="main" class="workbench">
            <section class="lesson" aria-label="Lesson">{step(page)} {goal::goal(page)}</section>
            <section class="picture" aria-label="Topology">{picture::picture(page)}</section>
            <section class="terminals" aria-label="Terminals">{terminal::terminals(page)}</section>
        </main>
    }
}

fn step(page: Page) -> impl IntoView {
    let open = Memo::new(move |_| {
        let Route::Lesson { id, step } = page.route.get() else {
            return None;
        };
        page.state.with(|state| {
            let lesson = state.lesson(&id)?;
            let number = step.min(lesson.steps.len().checked_sub(1)?);
            Some(OpenStep {
                lesson: id,
                number,
                of: lesson.steps.len(),
                step: lesson.steps[number].clone(),
            })
        })
    });
    move || {
        match open.get() {
        Some(open) => open_step(page, open).into_any(),
        None => view! { <p>"There is no lesson of this name here. "<a href="#/">"See the course"</a></p> }.into_any(),
    }
    }
}

fn open_step(page: Page, open: OpenStep) -> impl IntoView {
    let OpenStep {
        lesson,
        number,
        of,
        step,
    } = open;
    let eyebrow = eyebrow(&step, number, of);
    let blocks = step
        .blocks
        .into_iter()
        .map(|block| block_view(page, &lesson, number, block))
        .collect_view();
    view! {
        <article class="step">
            <p class="eyebrow">{eyebrow}</p>
            <h1 tabindex="-1">{prose::spans(&step.title)}</h1>
            {blocks}
            {turn(lesson, number, of)}
        </article>
    }
}

fn eyebrow(step: &Step, number: usize, of: usize) -> String {
    let asks = step
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Predict(_)));
    let then = if asks { " · predict, then look" } else { "" };
    format!("Step {} of {of}{then}", number + 1)
}

fn block_view(page: Page, lesson: &str, step: usize, block: Block) -> AnyView {
    match block {
        Block::Prose { paragraphs } => prose::prose(&paragraphs).into_any(),
        Block::Run { command } => command::command(page, command).into_any(),
        Block::Predict(prediction) => {
            prediction::prediction(page, lesson.to_owned(), step, prediction).into_any()
        }
        Block::Hint { text } => view! {
            <details class="hint"><summary>"A hint"</summary>{prose::prose(&text)}</details>
        }
        .into_any(),
    }
}

/// To the step before and the one after.
fn turn(lesson: String, number: usize, of: usize) -> impl IntoView {
    let to = move |step: usize| {
        let id = lesson.clone();
        move |_| {
            route::go(&Route::Lesson {
                id: id.clone(),
                step,
            });
        }
    };
    view! {
        <nav class="turn" aria-label="Steps">
            {(number > 0).then(|| view! { <button class="button" on:click=to(number - 1)>"◀ Back"</button> })}
            {(number + 1 < of).then(|| view! { <button class="button primary" on:click=to(number + 1)>"Next ▶"</button> })}
            {(number + 1 == of).then(|| view! { <a class="button" href="#/">"To the course"</a> })}
        </nav>
    }
}
