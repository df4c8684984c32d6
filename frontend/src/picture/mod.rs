//! The live topology as rails: networks are bars, containers hang from them. The same facts stand below it as text.

mod facts;
mod shapes;

use lab::{layout::Layout, topology::Topology};
use leptos::prelude::*;

use crate::page::Page;

pub fn picture(page: Page) -> impl IntoView {
    let topology = Memo::new(move |_| page.state.with(|state| state.topology.clone()));
    // The layout before is part of the next one, so that nothing moves that did not change.
    let layout: Memo<Layout> =
        Memo::new(move |previous| lab::layout::layout(&topology.get(), previous));
    let drawn = Memo::new(move |_| (topology.get(), layout.get()));
    let view_box = move || layout.with(|layout| format!("0 0 {} {}", layout.width, layout.height));
    let networks = move || drawn.with(|(topology, layout)| shapes::rails(topology, layout));
    let containers = move || drawn.with(|(topology, layout)| shapes::containers(topology, layout));
    view! {
        <svg class="rails" viewBox=view_box preserveAspectRatio="xMidYMin meet" aria-hidden="true">
            {move || drawn.with(|(topology, layout)| shapes::surroundings(topology, layout))}
            <For each=networks key=Clone::clone children=shapes::rail />
            <For each=containers key=Clone::clone children=move |container| shapes::container(page, container) />
        </svg>
        {facts::facts(page, topology)}
        {announcements(topology)}
    }
}

/// What changed, in a few words, for those who do not see it.
fn announcements(topology: Memo<Topology>) -> impl IntoView {
    let said = Memo::new(move |previous: Option<&(Topology, String)>| {
        let now = topology.get();
        let words = previous
            .map(|(before, _)| facts::changes(before, &now))
            .unwrap_or_default();
        (now, words)
    });
    view! { <p class="hidden" aria-live="polite">{move || said.with(|(_, words)| words.clone())}</p> }
}
