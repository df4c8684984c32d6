//! The lab's files, to be opened; and a new one.

use leptos::{html, prelude::*};
use session::wire::{ClientMessage, FileState};

use super::names;
use crate::page::Page;

pub fn list(page: Page) -> impl IntoView {
    let files = Memo::new(move |_| page.state.with(|state| state.files.clone()));
    view! {
        <nav class="file-list" aria-label="Files of the lab">
            <ul>
                <For each=move || files.get() key=|file| (file.path.clone(), file.size) children=move |file| entry(page, file) />
            </ul>
            {move || files.get().is_empty().then(|| view! {
                <p class="file-hint">"No files yet. A lesson's Dockerfile or app.py comes here, and what you write with > or the editor."</p>
            })}
            {new_file(page)}
        </nav>
    }
}

fn entry(page: Page, file: FileState) -> impl IntoView {
    let name = names::shown(&file.path).to_owned();
    if file.path.ends_with('/') {
        return view! { <li class="file-folder">{name}</li> }.into_any();
    }
    let path = file.path.clone();
    let here = {
        let path = path.clone();
        Memo::new(move |_| {
            page.open
                .with(|open| open.as_ref().is_some_and(|open| open.path == path))
        })
    };
    view! {
        <li>
            <button class="file" class:selected=move || here.get() aria-current=move || here.get().then_some("true") on:click=move |_| super::open(page, &path)>
                <span class="file-name">{name}</span>
                <span class="file-size">{names::size(file.size)}</span>
            </button>
        </li>
    }
    .into_any()
}

fn new_file(page: Page) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let make = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(input) = input.get_untracked() else {
            return;
        };
        let Some(path) = names::path(&input.value()) else {
            return;
        };
        input.set_value("");
        let there = page
            .state
            .with_untracked(|state| state.files.iter().any(|file| file.path == path));
        if !there {
            page.send(ClientMessage::SaveFile {
                path: path.clone(),
                text: String::new(),
            });
        }
        super::open(page, &path);
    };
    view! {
        <form class="file-new" on:submit=make>
            <label class="hidden" for="file-new">"Name of a new file"</label>
            <input id="file-new" node_ref=input placeholder="new file" autocomplete="off" spellcheck="false" />
            <button type="submit">"Add"</button>
        </form>
    }
}
