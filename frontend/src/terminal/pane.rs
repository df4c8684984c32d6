//! One terminal on the page: its rows as text (so that they can be selected, copied and read aloud), and its input.
//!
//! Only the rows in view are in the document, and only those that changed are touched.

use std::{cell::RefCell, rc::Rc};

use bytes::Bytes;
use lab::Size;
use leptos::{html, prelude::*};
use session::wire::{ClientMessage, TerminalId};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::{
    keys,
    runs::{self, Run},
};
use crate::app::Page;

pub fn pane(page: Page, id: TerminalId) -> impl IntoView {
    let running = Memo::new(move |_| {
        page.state.with(|state| {
            state
                .terminals
                .get(&id)
                .and_then(|terminal| terminal.running.clone())
        })
    });
    let shown = move || page.terminal.get() == id;
    let screen = NodeRef::<html::Div>::new();
    let rows = NodeRef::<html::Pre>::new();
    let finding = RwSignal::new(None::<String>);
    Effect::new(move || {
        if let (Some(screen), Some(rows)) = (screen.get(), rows.get()) {
            Drawing::start(page, id, screen.unchecked_into(), rows.unchecked_into());
        }
    });
    let focus = KeptFocus::of(id, running);
    // Whether a key went to the program since the focus came: only then Tab is the program's, else it leads on.
    let typed = StoredValue::new(false);
    let on_key = move |event: KeyboardEvent| {
        on_key(
            page,
            id,
            running.get_untracked().is_some(),
            finding,
            typed,
            &event,
        );
    };
    let on_paste = move |event: web_sys::ClipboardEvent| {
        if running.get_untracked().is_none() {
            return;
        }
        if let Some(text) = pasted(&event) {
            event.prevent_default();
            page.send(ClientMessage::Input {
                terminal: id,
                bytes: Bytes::from(text),
            });
        }
    };
    view! {
        <div class="pane" id=format!("pane-{}", id.0) role="tabpanel" aria-labelledby=format!("tab-{}", id.0) hidden=move || !shown() on:keydown=on_key on:paste=on_paste on:focusin=move |_| focus.came() on:focusout=move |event| focus.went(&event)>
            {find_bar(page, id, finding)}
            <div class="screen" node_ref=screen tabindex="0" role="log" aria-label="Terminal output" on:focus=move |_| typed.set_value(false)>
                <pre class="rows" node_ref=rows></pre>
            </div>
            <div class="pane-foot">
                {move || match running.get() {
                    Some(line) => running_foot(page, id, line).into_any(),
                    None => prompt(page, id).into_any(),
                }}
            </div>
        </div>
    }
}

/// Where the focus goes when the terminal's foot becomes another one, which would lose it.
#[derive(Clone, Copy)]
struct KeptFocus(StoredValue<bool>);

impl KeptFocus {
    fn of(id: TerminalId, running: Memo<Option<String>>) -> Self {
        let here = StoredValue::new(false);
        Effect::new(move |before: Option<bool>| {
            let runs = running.get().is_some();
            if before.is_some_and(|before| before != runs) && here.get_value() {
                request_animation_frame(move || refocus(id, runs));
            }
            runs
        });
        Self(here)
    }

    fn came(self) {
        self.0.set_value(true);
    }

    /// An element that is taken out of the document leaves the focus nowhere: that is not a person who went elsewhere.
    fn went(self, event: &web_sys::FocusEvent) {
        if event.related_target().is_some() {
            self.0.set_value(false);
        }
    }
}

/// To the rows while something runs, so that keys go there; else to the line to type in.
fn refocus(id: TerminalId, runs: bool) {
    let lost = document()
        .active_element()
        .is_none_or(|active| active.tag_name() == "BODY");
    let to = if runs {
        format!("#pane-{} .screen", id.0)
    } else {
        format!("#line-{}", id.0)
    };
    let to = document().query_selector(&to).ok().flatten();
    if let Some(to) = to.and_then(|to| to.dyn_into::<HtmlElement>().ok())
        && (lost || !runs)
    {
        let _ = to.focus();
    }
}

fn running_foot(page: Page, id: TerminalId, line: String) -> impl IntoView {
    view! {
        <span class="running-line"><span class="spinner" aria-hidden="true"></span>{line}</span>
        <button class="stop" on:click=move |_| page.send(ClientMessage::Interrupt { terminal: id })>"Stop  Ctrl-C"</button>
    }
}

/// The line to type in, with history.
fn prompt(page: Page, id: TerminalId) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let history = Rc::new(RefCell::new(History::default()));
    let begun = Rc::clone(&history);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let Some(input) = input.get_untracked() else {
            return;
        };
        let line = input.value();
        if !line.trim().is_empty() {
            HISTORY.with_borrow_mut(|lines| lines.push(line.clone()));
            begun.borrow_mut().back = 0;
            page.run(id, &line);
            input.set_value("");
        }
    };
    let recall = move |event: KeyboardEvent| {
        let line = match event.key().as_str() {
            "ArrowUp" => history.borrow_mut().back(),
            "ArrowDown" => history.borrow_mut().forth(),
            _ => return,
        };
        event.prevent_default();
        if let (Some(input), Some(line)) = (input.get_untracked(), line) {
            input.set_value(&line);
        }
    };
    view! {
        <form class="prompt-line" on:submit=submit>
            <label class="prompt" for=format!("line-{}", id.0)><span class="hidden">"Command line"</span><span aria-hidden="true">"$"</span></label>
            <input
                node_ref=input
                id=format!("line-{}", id.0)
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                placeholder="docker …"
                on:keydown=recall
            />
        </form>
    }
}

thread_local! {
    /// Lines typed since the page was opened, shared by its terminals.
    static HISTORY: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// A place in the history, counted from its end.
#[derive(Default)]
struct History {
    back: usize,
}

impl History {
    fn back(&mut self) -> Option<String> {
        HISTORY.with_borrow(|lines| {
            self.back = (self.back + 1).min(lines.len());
            lines
                .len()
                .checked_sub(self.back)
                .and_then(|at| lines.get(at).cloned())
        })
    }

    fn forth(&mut self) -> Option<String> {
        self.back = self.back.saturating_sub(1);
        if self.back == 0 {
            return Some(String::new());
        }
        HISTORY.with_borrow(|lines| lines.get(lines.len() - self.back).cloned())
    }
}

fn on_key(
    page: Page,
    id: TerminalId,
    running: bool,
    finding: RwSignal<Option<String>>,
    typed: StoredValue<bool>,
    event: &KeyboardEvent,
) {
    let find = (event.ctrl_key() || event.meta_key()) && event.key() == "f";
    if find {
        event.prevent_default();
        finding.set(Some(String::new()));
        return;
    }
    let in_field = event
        .target()
        .is_some_and(|target| target.dyn_ref::<web_sys::HtmlInputElement>().is_some());
    let on_button = event
        .target()
        .is_some_and(|target| target.dyn_ref::<web_sys::HtmlButtonElement>().is_some());
    let copies = event.ctrl_key() && event.key() == "c" && has_selection();
    let leaves = event.key() == "Tab" && (event.shift_key() || !typed.get_value());
    if !running || in_field || on_button || copies || leaves {
        return;
    }
    let key = keys::Key {
        name: &event.key(),
        ctrl: event.ctrl_key(),
        alt: event.alt_key(),
        meta: event.meta_key(),
    };
    let application = page
        .screens
        .with_value(|screens| screens.with(id, |screen| screen.terminal().cursor_key_app_mode()));
    if let Some(bytes) = keys::bytes(&key, application) {
        event.prevent_default();
        typed.set_value(true);
        to_end(id);
        page.send(ClientMessage::Input {
            terminal: id,
            bytes: Bytes::from(bytes),
        });
    }
}

fn has_selection() -> bool {
    window()
        .get_selection()
        .ok()
        .flatten()
        .is_some_and(|selection| !selection.is_collapsed())
}

fn pasted(event: &web_sys::ClipboardEvent) -> Option<String> {
    event
        .clipboard_data()?
        .get_data("text")
        .ok()
        .filter(|text| !text.is_empty())
}

/// Finds text in all of the terminal's rows and scrolls to the newest that has it.
fn find_bar(page: Page, id: TerminalId, finding: RwSignal<Option<String>>) -> impl IntoView {
    let found = RwSignal::new(String::new());
    let field = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let close = move || {
        finding.set(None);
        let runs = page.state.with_untracked(|state| {
            state
                .terminals
                .get(&id)
                .is_some_and(|terminal| terminal.running.is_some())
        });
        request_animation_frame(move || refocus(id, runs));
    };
    let search = move |text: String| {
        let lines = page
            .screens
            .with_value(|screens| screens.with(id, |screen| matching(screen.terminal(), &text)));
        found.set(match lines.len() {
            0 if text.is_empty() => String::new(),
            0 => "not found".to_owned(),
            count => format!("{count} rows"),
        });
        if let Some(row) = lines.last() {
            scroll_to_row(id, *row);
        }
    };
    view! {
        <Show when=move || finding.with(Option::is_some)>
            <div class="find" role="search">
                <input
                    aria-label="Find in this terminal"
                    placeholder="Find"
                    node_ref=field
                    on:input=move |event| search(event_target_value(&event))
                    on:keydown=move |event: KeyboardEvent| if event.key() == "Escape" { close() }
                />
                <span aria-live="polite">{move || found.get()}</span>
                <button class="tab-close" aria-label="Close find" on:click=move |_| close()>"×"</button>
            </div>
        </Show>
    }
}

fn matching(terminal: &avt::Terminal, text: &str) -> Vec<usize> {
    if text.is_empty() {
        return Vec::new();
    }
    let text = text.to_lowercase();
    let lines = terminal.screen().all_lines().enumerate();
    lines
        .filter(|(_, line)| line.text().to_lowercase().contains(&text))
        .map(|(row, _)| row)
        .collect()
}

/// Back to the newest rows, as when something is typed.
pub fn to_end(id: TerminalId) {
    let selector = format!("#pane-{} .screen", id.0);
    if let Some(screen) = document().query_selector(&selector).ok().flatten() {
        screen.set_scroll_top(screen.scroll_height());
    }
}

fn scroll_to_row(id: TerminalId, row: usize) {
    let selector = format!("#pane-{} .screen", id.0);
    if let Some(screen) = document().query_selector(&selector).ok().flatten() {
        let height = row_height(&screen);
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
        // Whole pixels, a few thousand rows.
        screen
            .set_scroll_top((row as f64 * height - f64::from(screen.client_height()) / 2.0) as i32);
    }
}

/// Draws a terminal's rows as they change, one animation frame at a time, as long as its pane is in the document.
struct Drawing {
    page: Page,
    id: TerminalId,
    screen: HtmlElement,
    rows: HtmlElement,
    drawn: Vec<Vec<Run>>,
    first: usize,
    version: Option<u64>,
    seen: (i32, i32, i32),
    size: Size,
    at_end: bool,
}

impl Drawing {
    fn start(page: Page, id: TerminalId, screen: HtmlElement, rows: HtmlElement) {
        let mut drawing = Self {
            page,
            id,
            screen,
            rows,
            drawn: Vec::new(),
            first: 0,
            version: None,
            seen: (0, 0, 0),
            size: Size::default(),
            at_end: true,
        };
        let next = NextFrame::default();
        let again = Rc::clone(&next);
        *next.borrow_mut() = Some(Closure::new(move || {
            if drawing.screen.is_connected() {
                drawing.frame();
                request_frame(&again);
            } else {
                again.borrow_mut().take();
            }
        }));
        request_frame(&next);
    }

    fn frame(&mut self) {
        self.fit();
        let scroll = (
            self.screen.scroll_top(),
            self.screen.client_height(),
            self.screen.client_width(),
        );
        if scroll.0 != self.seen.0 {
            self.at_end = scroll.0 + scroll.1 >= self.screen.scroll_height() - 4;
        }
        let version = self
            .page
            .screens
            .with_value(|screens| screens.with(self.id, |screen| screen.version()));
        if self.version == Some(version) && scroll == self.seen {
            return;
        }
        self.version = Some(version);
        self.show();
        self.seen = (self.screen.scroll_top(), scroll.1, scroll.2);
    }

    /// As many columns and rows as there is room for; the program is told.
    fn fit(&mut self) {
        let (width, height) = (self.screen.client_width(), self.screen.client_height());
        if width < 40 || height < 20 || (self.seen.1, self.seen.2) == (height, width) {
            return;
        }
        let (cell_width, cell_height) = (cell_width(&self.screen), row_height(&self.screen));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // A screen's worth of cells.
        let size = Size {
            columns: ((f64::from(width) - 24.0) / cell_width).max(20.0) as u16,
            rows: (f64::from(height) / cell_height).max(3.0) as u16,
        };
        if size != self.size {
            self.size = size;
            self.page
                .screens
                .with_value(|screens| screens.resize(self.id, size));
            let terminal = self.id;
            let runs = self.page.state.with_untracked(|state| {
                state
                    .terminals
                    .get(&terminal)
                    .is_some_and(|terminal| terminal.running.is_some())
            });
            if runs {
                self.page.send(ClientMessage::Resize { terminal, size });
            }
        }
    }

    fn show(&mut self) {
        let height = row_height(&self.screen);
        let runs = self.page.state.with_untracked(|state| {
            state
                .terminals
                .get(&self.id)
                .is_some_and(|terminal| terminal.running.is_some())
        });
        let (total, first, rows) = self.page.screens.with_value(|screens| {
            screens.with(self.id, |screen| {
                let terminal = screen.terminal();
                let above = terminal.screen().all_lines().count() - terminal.size().1;
                let cursor = terminal
                    .cursor()
                    .position()
                    .filter(|_| runs)
                    .map(|(column, row)| (column, above + row));
                let total = used(terminal, above).max(cursor.map_or(0, |(_, row)| row + 1));
                let visible = self.visible_rows(height);
                let first = if self.at_end {
                    total.saturating_sub(visible)
                } else {
                    self.first_row(height).min(total)
                };
                let lines = terminal
                    .screen()
                    .all_lines()
                    .enumerate()
                    .skip(first)
                    .take(visible.min(total - first));
                let rows: Vec<Vec<Run>> = lines
                    .map(|(row, line)| {
                        runs::runs(
                            line,
                            cursor
                                .filter(|(_, at)| *at == row)
                                .map(|(column, _)| column),
                        )
                    })
                    .collect();
                (total, first, rows)
            })
        });
        self.place(total, first, height);
        self.write(rows);
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A screen's worth of rows.
    fn visible_rows(&self, height: f64) -> usize {
        (f64::from(self.screen.client_height()) / height).ceil() as usize + 1
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // As above.
    fn first_row(&self, height: f64) -> usize {
        (f64::from(self.screen.scroll_top()) / height).floor() as usize
    }

    /// The rows stand where they would if all of them were in the document.
    fn place(&mut self, total: usize, first: usize, height: f64) {
        self.first = first;
        #[allow(clippy::cast_precision_loss)] // A few thousand rows.
        let (above, below) = (first as f64 * height, total as f64 * height);
        let style = self.rows.style();
        // Properties set from code are not inline styles to the page's policy.
        let _ = style.set_property("padding-top", &format!("{above}px"));
        let _ = style.set_property("height", &format!("{below}px"));
        if self.at_end {
            self.screen.set_scroll_top(self.screen.scroll_height());
        }
    }

    fn write(&mut self, rows: Vec<Vec<Run>>) {
        let children = self.rows.children();
        for (place, row) in rows.iter().enumerate() {
            let element = match children.item(u32::try_from(place).unwrap_or(u32::MAX)) {
                Some(element) if self.drawn.get(place) == Some(row) => {
                    let _ = element;
                    continue;
                }
                Some(element) => element,
                None => new_row(&self.rows),
            };
            fill(&element, row);
        }
        while let Some(extra) = children.item(u32::try_from(rows.len()).unwrap_or(u32::MAX)) {
            extra.remove();
        }
        self.drawn = rows;
    }
}

/// Rows up to the last that has text.
fn used(terminal: &avt::Terminal, above: usize) -> usize {
    let (_, rows) = terminal.size();
    let written = |row: &usize| {
        terminal
            .screen()
            .line(*row)
            .is_some_and(|line| !line.text().trim_end().is_empty())
    };
    (0..rows)
        .rev()
        .find(written)
        .map_or(above, |row| above + row + 1)
}

fn new_row(rows: &HtmlElement) -> Element {
    let row = document()
        .create_element("div")
        .expect("a div can always be made");
    let _ = rows.append_child(&row);
    row
}

fn fill(row: &Element, runs: &[Run]) {
    row.set_text_content(None);
    if runs.is_empty() {
        // A row without text would have no height and would be lost in a copy.
        row.set_text_content(Some("\n"));
    }
    for run in runs {
        if run.class.is_empty() {
            let _ = row.append_child(&document().create_text_node(&run.text));
        } else if let Ok(span) = document().create_element("span") {
            span.set_class_name(&run.class);
            span.set_text_content(Some(&run.text));
            let _ = row.append_child(&span);
        }
    }
}

/// The style sheet sets both in pixels, so that they are the same for every row.
fn row_height(screen: &Element) -> f64 {
    css_pixels(screen, "line-height").unwrap_or(20.0)
}

fn cell_width(screen: &Element) -> f64 {
    let probe = document().create_element("span").ok();
    let measured = probe.and_then(|probe| {
        probe.set_class_name("cell-probe");
        probe.set_text_content(Some("0000000000"));
        screen.append_child(&probe).ok()?;
        let width = probe.get_bounding_client_rect().width() / 10.0;
        probe.remove();
        Some(width)
    });
    measured.filter(|width| *width > 1.0).unwrap_or(8.0)
}

fn css_pixels(element: &Element, property: &str) -> Option<f64> {
    let style = window().get_computed_style(element).ok().flatten()?;
    style
        .get_property_value(property)
        .ok()?
        .trim_end_matches("px")
        .parse()
        .ok()
}

/// The closure that asks for itself again; empty once the pane is gone.
type NextFrame = Rc<RefCell<Option<Closure<dyn FnMut()>>>>;

fn request_frame(closure: &NextFrame) {
    if let Some(closure) = closure.borrow().as_ref() {
        let _ = window().request_animation_frame(closure.as_ref().unchecked_ref());
    }
}
