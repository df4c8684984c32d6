//! What is typed and not saved survives a reload: kept in the window's own storage until it is saved.

fn storage() -> Option<web_sys::Storage> {
    leptos::prelude::window().session_storage().ok().flatten()
}

fn key(path: &str) -> String {
    format!("causeway.draft.{path}")
}

pub fn load(path: &str) -> Option<String> {
    storage()?.get_item(&key(path)).ok().flatten()
}

/// Private windows may refuse to keep anything.
pub fn keep(path: &str, text: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&key(path), text);
    }
}

pub fn forget(path: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(&key(path));
    }
}
