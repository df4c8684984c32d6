//! Prose as text nodes: nothing of a lesson is ever read as HTML.

use course::{Paragraph, Span};
use leptos::prelude::*;

pub fn prose(paragraphs: &[Paragraph]) -> impl IntoView + use<> {
    let is_item = |paragraph: &Paragraph| matches!(paragraph, Paragraph::Item(_));
    paragraphs
        .chunk_by(|one, next| is_item(one) && is_item(next))
        .map(|group| {
            if is_item(&group[0]) {
                view! { <ul>{group.iter().map(paragraph).collect_view()}</ul> }.into_any()
            } else {
                group.iter().map(paragraph).collect_view().into_any()
            }
        })
        .collect_view()
}

pub fn spans(spans: &[Span]) -> impl IntoView + use<> {
    spans
        .iter()
        .map(|span| match span.clone() {
            Span::Plain(text) => text.into_any(),
            Span::Strong(text) => view! { <strong>{text}</strong> }.into_any(),
            Span::Emphasis(text) => view! { <em>{text}</em> }.into_any(),
            Span::Code(text) => view! { <code>{text}</code> }.into_any(),
        })
        .collect_view()
}

fn paragraph(paragraph: &Paragraph) -> AnyView {
    match paragraph {
        Paragraph::Text(text) => view! { <p>{spans(text)}</p> }.into_any(),
        Paragraph::Item(text) => view! { <li>{spans(text)}</li> }.into_any(),
        Paragraph::Code(text) => view! { <pre><code>{text.clone()}</code></pre> }.into_any(),
    }
}
