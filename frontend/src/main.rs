//! The page: lessons beside a live topology and terminals. It knows the wire's messages, not who answers them.

mod app;
mod course_map;
mod files;
mod header;
mod lesson;
mod link;
mod page;
mod picture;
mod route;
mod state;
mod terminal;

fn main() {
    console_error_panic_hook::set_once();
    let page = page::open();
    leptos::mount::mount_to_body(move || app::app(page));
}
