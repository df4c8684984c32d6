//! The lesson's goal: its checks, live, as the engine answers them.

use course::Check;
use leptos::prelude::*;

use crate::{page::Page, route::Route};

#[derive(Clone, PartialEq)]
struct Line {
    check: Check,
    met: bool,
    reached: bool,
    seen: String,
}

pub fn goal(page: Page) -> impl IntoView {
    let lines = Memo::new(move |_| lines(page));
    view! {
        <section class="goal" aria-label="Goal of this lesson">
            <h2 class="eyebrow quiet">"Goal of this lesson"</h2>
            <ul aria-live="polite">{move || lines.get().into_iter().map(line).collect_view()}</ul>
        </section>
    }
}

fn lines(page: Page) -> Vec<Line> {
    let Route::Lesson { id, .. } = page.route.get() else {
        return Vec::new();
    };
    page.state.with(|state| {
        let Some(lesson) = state.lesson(&id) else {
            return Vec::new();
        };
        let goal = state.goal.as_ref().filter(|goal| goal.lesson == id);
        let mut lines = Vec::new();
        for (number, step) in lesson.steps.iter().enumerate() {
            for (place, check) in step.checks.iter().enumerate() {
                let now = goal.and_then(|goal| goal.steps.get(number)?.get(place));
                lines.push(Line {
                    check: check.clone(),
                    met: now.is_some_and(|now| now.met),
                    reached: state.progress.reached(&id, number),
                    seen: now.map(|now| now.seen.clone()).unwrap_or_default(),
                });
            }
        }
        lines
    })
}

fn line(line: Line) -> impl IntoView {
    let (class, mark, word) = match (line.met, line.reached) {
        (true, _) => ("check met", "✓", "holds: "),
        (false, true) => ("check was", "✓", "was reached: "),
        (false, false) => ("check", "", "not yet: "),
    };
    let seen = (!line.met && !line.seen.is_empty())
        .then(|| view! { <span class="seen">{line.seen}</span> });
    view! {
        <li class=class>
            <span class="check-mark" aria-hidden="true">{mark}</span>
            <span><span class="hidden">{word}</span>{sentence(&line.check)}{seen}</span>
        </li>
    }
}

fn sentence(check: &Check) -> AnyView {
    match check.clone() {
        Check::Network { name, driver } => {
            let driver = driver.map(|driver| format!(", driver {driver}"));
            view! { "network "<code>{name}</code>" exists"{driver} }.into_any()
        }
        Check::Runs { container, network } => {
            let network = network.map(|network| view! { " on "<code>{network}</code> });
            view! { <code>{container}</code>" runs"{network} }.into_any()
        }
        Check::Reaches { from, to } => {
            let by = if to.parse::<std::net::IpAddr>().is_ok() {
                " by address"
            } else {
                " by name"
            };
            view! { <code>{from}</code>" reaches "<code>{to}</code>{by} }.into_any()
        }
    }
}
