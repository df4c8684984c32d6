//! A terminal's rows in the document. Only those in view are there, and only those that changed are touched.

use std::{cell::RefCell, rc::Rc};

use lab::Size;
use leptos::prelude::*;
use session::wire::{ClientMessage, TerminalId};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement};

use super::runs::{self, Run};
use crate::page::Page;

/// Draws a terminal's rows as they change, one animation frame at a time, as long as its pane is in the document.
pub struct Drawing {
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
    pub fn start(page: Page, id: TerminalId, screen: HtmlElement, rows: HtmlElement) {
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

pub fn scroll_to_row(id: TerminalId, row: usize) {
    let selector = format!("#pane-{} .screen", id.0);
    if let Some(screen) = document().query_selector(&selector).ok().flatten() {
        let height = row_height(&screen);
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
        // Whole pixels, a few thousand rows.
        screen
            .set_scroll_top((row as f64 * height - f64::from(screen.client_height()) / 2.0) as i32);
    }
}
