//! The view for each route, below the header.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;

use crate::{
    course_map, files, header, lesson,
    page::Page,
    route::{self, Route},
    state::State,
};

pub fn app(page: Page) -> impl IntoView {
    provide_context(page);
    Effect::new(move || {
        if page.state.with(State::is_ready) {
            page.route.track();
            page.tell_step();
        }
    });
    files::follow(page);
    begin_at_the_heading(page);
    go_on_where_it_was(page);
    // Only which view it is: a new step must not build the terminals anew.
    let on_map = Memo::new(move |_| page.route.with(|route| *route == Route::Map));
    view! {
        <a class="skip" href="#main">"Skip to the lesson"</a>
        {header::header(page)}
        <Show when=move || page.state.with(State::is_ready) fallback=waiting>
            {move || if on_map.get() {
                course_map::course_map(page).into_any()
            } else {
                lesson::workbench(page).into_any()
            }}
        </Show>
    }
}

fn waiting() -> impl IntoView {
    view! { <main id="main" class="waiting" aria-busy="true"><p>"Opening the lab …"</p></main> }
}

/// What a link or button led to begins at its heading: what was pressed is gone, and the focus with it.
fn begin_at_the_heading(page: Page) {
    Effect::new(move |before: Option<()>| {
        page.route.track();
        if before.is_some() {
            request_animation_frame(|| {
                let heading = document().query_selector("main h1").ok().flatten();
                if let Some(heading) =
                    heading.and_then(|heading| heading.dyn_into::<web_sys::HtmlElement>().ok())
                {
                    let _ = heading.focus();
                }
            });
        }
    });
}

/// Opened without a place in the URL: the last lesson that was open, else the first.
fn go_on_where_it_was(page: Page) {
    let ready = Memo::new(move |_| page.state.with(State::is_ready));
    let fragment = window().location().hash().unwrap_or_default();
    let has_place = fragment.starts_with("#/");
    Effect::new(move || {
        if !ready.get() || has_place {
            return;
        }
        let place = page.state.with_untracked(|state| {
            state
                .progress
                .last_opened()
                .map(|(id, step)| (id.to_owned(), step))
                .or_else(|| {
                    state
                        .course
                        .lessons
                        .first()
                        .map(|lesson| (lesson.id.clone(), 0))
                })
        });
        if let Some((id, step)) = place {
            route::go(&Route::Lesson { id, step });
        }
    });
}
