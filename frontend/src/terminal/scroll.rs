//! Where a terminal is scrolled to, by its place in the document: whoever scrolls it need not know how it is drawn.

use leptos::prelude::*;
use session::wire::TerminalId;

/// Back to the newest rows, as when something is typed.
pub fn to_end(id: TerminalId) {
    let selector = format!("#pane-{} .screen", id.0);
    if let Some(screen) = document().query_selector(&selector).ok().flatten() {
        screen.set_scroll_top(screen.scroll_height());
    }
}
