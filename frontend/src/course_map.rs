//! The course at one look: what is done and what is next.

use course::{Lesson, Progress};
use leptos::prelude::*;

use crate::{page::Page, route::Route};

pub fn course_map(page: Page) -> impl IntoView {
    let lessons = Memo::new(move |_| {
        page.state
            .with(|state| (state.course.lessons.clone(), state.progress.clone()))
    });
    view! {
        <main id="main" class="map">
            <p class="eyebrow">"Your way"</p>
            <h1 tabindex="-1">"The course"</h1>
            {move || {
                let (lessons, progress) = lessons.get();
                levels(&lessons)
                    .into_iter()
                    .map(|(level, lessons)| view! {
                        <section class="level">
                            <h2>{level}</h2>
                            <ol class="cards">
                                {lessons.into_iter().map(|lesson| card(lesson, &progress)).collect_view()}
                            </ol>
                        </section>
                    })
                    .collect_view()
            }}
        </main>
    }
}

fn levels(lessons: &[Lesson]) -> Vec<(String, Vec<&Lesson>)> {
    lessons
        .chunk_by(|one, next| one.level == next.level)
        .map(|lessons| (format!("{:?}", lessons[0].level), lessons.iter().collect()))
        .collect()
}

fn card(lesson: &Lesson, progress: &Progress) -> impl IntoView + use<> {
    let reached = (0..lesson.steps.len())
        .filter(|step| progress.reached(&lesson.id, *step))
        .count();
    let step = match progress.last_opened() {
        Some((id, step)) if id == lesson.id => step,
        _ => 0,
    };
    let place = Route::Lesson {
        id: lesson.id.clone(),
        step,
    };
    view! {
        <li>
            <a class="card" href=place.fragment()>
                <strong>{lesson.title.clone()}</strong>
                <span>{lesson.summary.clone()}</span>
                <span class="count">{format!("{reached} of {} steps", lesson.steps.len())}</span>
            </a>
        </li>
    }
}
