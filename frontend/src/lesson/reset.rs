//! Reset lab: says what it will remove, and removes exactly that.

use leptos::prelude::*;
use session::wire::ClientMessage;
use wasm_bindgen::JsCast as _;

use crate::{page::Page, state::ResetPlan};

pub fn dialog(page: Page) -> impl IntoView {
    let plan = Memo::new(move |_| page.state.with(|state| state.reset_plan.clone()));
    move || plan.get().map(|plan| open_dialog(page, plan))
}

fn open_dialog(page: Page, plan: ResetPlan) -> impl IntoView {
    // The browser's own dialog takes the focus, closes with Escape and gives the focus back.
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move || {
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let number = plan.number;
    let confirm = move |_| {
        page.send(ClientMessage::Reset { plan: number });
        close();
    };
    let closed = move |_| page.state.update(|state| state.reset_plan = None);
    let empty = plan.containers.is_empty() && plan.networks.is_empty();
    view! {
        <dialog class="veil" node_ref=dialog role="alertdialog" aria-labelledby="reset-title" aria-describedby="reset-what" on:close=closed on:keydown=stay_inside>
            <div class="dialog">
                <h2 id="reset-title">"Reset the lab"</h2>
                <div id="reset-what">
                    {if empty {
                        view! { <p>"The lab is empty: there is nothing to remove."</p> }.into_any()
                    } else {
                        view! {
                            <p>"This removes from your engine, and nothing else:"</p>
                            {names("Containers", plan.containers)}
                            {names("Networks", plan.networks)}
                        }
                        .into_any()
                    }}
                </div>
                <div class="dialog-buttons">
                    <button class="button" autofocus on:click=move |_| close()>{if empty { "Close" } else { "Keep everything" }}</button>
                    {(!empty).then(|| view! { <button class="button danger" on:click=confirm>"Remove these"</button> })}
                </div>
            </div>
        </dialog>
    }
}

/// Tab goes round among the dialog's buttons; the browser's own way leads out of the page after the last one.
fn stay_inside(event: web_sys::KeyboardEvent) {
    let dialog = event
        .current_target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    let Some(buttons) = dialog.and_then(|dialog| dialog.query_selector_all("button").ok()) else {
        return;
    };
    if event.key() != "Tab" || buttons.length() == 0 {
        return;
    }
    event.prevent_default();
    let count = buttons.length();
    let button = |place: u32| buttons.get(place)?.dyn_into::<web_sys::HtmlElement>().ok();
    let here = (0..count).find(|place| {
        button(*place).is_some_and(|button| button.matches(":focus").unwrap_or_default())
    });
    let next = match (here, event.shift_key()) {
        (Some(here), true) => (here + count - 1) % count,
        (Some(here), false) => (here + 1) % count,
        (None, _) => 0,
    };
    if let Some(next) = button(next) {
        let _ = next.focus();
    }
}

fn names(what: &'static str, names: Vec<String>) -> impl IntoView {
    (!names.is_empty()).then(|| {
        view! {
            <h3>{what}</h3>
            <ul>{names.into_iter().map(|name| view! { <li><code>{name}</code></li> }).collect_view()}</ul>
        }
    })
}
