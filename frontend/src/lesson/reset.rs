//! Reset lab: says what it will remove, and removes exactly that.

use leptos::prelude::*;
use session::wire::ClientMessage;

use crate::{app::Page, state::ResetPlan};

pub fn dialog(page: Page) -> impl IntoView {
    let plan = Memo::new(move |_| page.state.with(|state| state.reset_plan.clone()));
    move || plan.get().map(|plan| open_dialog(page, plan))
}

fn open_dialog(page: Page, plan: ResetPlan) -> impl IntoView {
    // The browser's own dialog keeps the focus inside, closes with Escape and gives the focus back.
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
        <dialog class="veil" node_ref=dialog role="alertdialog" aria-labelledby="reset-title" aria-describedby="reset-what" on:close=closed>
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

fn names(what: &'static str, names: Vec<String>) -> impl IntoView {
    (!names.is_empty()).then(|| {
        view! {
            <h3>{what}</h3>
            <ul>{names.into_iter().map(|name| view! { <li><code>{name}</code></li> }).collect_view()}</ul>
        }
    })
}
