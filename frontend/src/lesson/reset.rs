//! Reset lab: says what it will remove, and removes exactly that.

use leptos::prelude::*;
use session::wire::ClientMessage;

use crate::{app::Page, state::ResetPlan};

pub fn dialog(page: Page) -> impl IntoView {
    let plan = Memo::new(move |_| page.state.with(|state| state.reset_plan.clone()));
    move || plan.get().map(|plan| open_dialog(page, plan))
}

fn open_dialog(page: Page, plan: ResetPlan) -> impl IntoView {
    let close = move || page.state.update(|state| state.reset_plan = None);
    let number = plan.number;
    let confirm = move |_| {
        page.send(ClientMessage::Reset { plan: number });
        close();
    };
    let cancel = NodeRef::<leptos::html::Button>::new();
    Effect::new(move || {
        if let Some(button) = cancel.get() {
            let _ = button.focus();
        }
    });
    let empty = plan.containers.is_empty() && plan.networks.is_empty();
    view! {
        <div class="veil" on:keydown=move |event| if event.key() == "Escape" { close() }>
            <div class="dialog" role="alertdialog" aria-modal="true" aria-labelledby="reset-title" aria-describedby="reset-what">
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
                    <button class="button" node_ref=cancel on:click=move |_| close()>{if empty { "Close" } else { "Keep everything" }}</button>
                    {(!empty).then(|| view! { <button class="button danger" on:click=confirm>"Remove these"</button> })}
                </div>
            </div>
        </div>
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
