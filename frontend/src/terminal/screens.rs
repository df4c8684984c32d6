//! The terminals' screens: bytes in, rows out. Titles, the clipboard and window operations do nothing here,
//! and nothing is ever answered into a program's input.

use std::{cell::RefCell, collections::BTreeMap};

use avt::Terminal;
use lab::Size;
use session::wire::{TerminalId, WINDOW};

/// Rows that are kept above the screen.
const SCROLLBACK: usize = 5_000;

/// One screen for each terminal that was ever seen.
#[derive(Default)]
pub struct Screens {
    screens: RefCell<BTreeMap<TerminalId, Screen>>,
}

pub struct Screen {
    vt: Terminal,
    /// The beginning of a character whose rest has not come.
    rest: Vec<u8>,
    /// The next byte's place in the terminal's whole output.
    next: u64,
    /// Up to where the session was told that output is drawn.
    told: u64,
    /// Rises with every change that can be seen.
    version: u64,
}

impl Screen {
    fn new() -> Self {
        let size = Size::default();
        let vt = Terminal::with_scrollback(size.columns.into(), size.rows.into(), Some(SCROLLBACK));
        Self {
            vt: vt.expect("the default size has rows and columns"),
            rest: Vec::new(),
            next: 0,
            told: 0,
            version: 0,
        }
    }

    pub fn terminal(&self) -> &Terminal {
        &self.vt
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut bytes = [std::mem::take(&mut self.rest).as_slice(), bytes].concat();
        self.rest = bytes.split_off(whole(&bytes));
        self.vt.feed(&*String::from_utf8_lossy(&bytes));
        self.version += 1;
    }

    /// Up to where output is drawn, when it is time to tell it.
    fn untold(&mut self) -> Option<u64> {
        let tells = self.next >= self.told + WINDOW / 4;
        tells.then(|| {
            self.told = self.next;
            self.next
        })
    }
}

/// How many of these bytes are whole characters, or none that ever will be.
fn whole(bytes: &[u8]) -> usize {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => incomplete_tail(bytes),
        Ok(_) => bytes.len(),
    }
}

fn incomplete_tail(bytes: &[u8]) -> usize {
    let from = bytes.len().saturating_sub(3);
    (from..bytes.len())
        .find(|at| {
            std::str::from_utf8(&bytes[*at..])
                .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
        })
        .unwrap_or(bytes.len())
}

impl Screens {
    /// Draws what is new of these bytes, at once: nothing waits here, however much comes, and the browser itself takes no
    /// more from the agent meanwhile. The rows in view are put into the document once a frame.
    ///
    /// Gives up to where output is drawn, when it is time to tell the session.
    pub fn feed(&self, id: TerminalId, offset: u64, bytes: &[u8]) -> Option<u64> {
        let mut screens = self.screens.borrow_mut();
        let screen = screens.entry(id).or_insert_with(Screen::new);
        let end = offset + bytes.len() as u64;
        if end <= screen.next {
            return None;
        }
        // What overlaps was seen before; what is missing was skipped, and the session says so in the text.
        let seen = usize::try_from(screen.next.saturating_sub(offset))
            .unwrap_or(0)
            .min(bytes.len());
        screen.write(&bytes[seen..]);
        screen.next = end;
        screen.untold()
    }

    /// Bytes received so far, for a resume.
    pub fn offsets(&self) -> BTreeMap<TerminalId, u64> {
        self.screens
            .borrow()
            .iter()
            .map(|(id, screen)| (*id, screen.next))
            .collect()
    }

    /// A connection begins. Where it is to another run of the session, its output starts anew below what is here.
    pub fn welcome(&self, same_epoch: bool) {
        if same_epoch {
            return;
        }
        for screen in self.screens.borrow_mut().values_mut() {
            if screen.next > 0 {
                screen.rest.clear();
                screen.write(b"\r\n\x1b[33m-- the session was started again; what ran here has ended --\x1b[0m\r\n");
            }
            (screen.next, screen.told) = (0, 0);
        }
    }

    pub fn forget(&self, id: TerminalId) {
        self.screens.borrow_mut().remove(&id);
    }

    pub fn size(&self, id: TerminalId) -> Size {
        let screens = self.screens.borrow();
        screens.get(&id).map_or_else(Size::default, |screen| {
            let (columns, rows) = screen.vt.size();
            Size {
                columns: u16::try_from(columns).unwrap_or(u16::MAX),
                rows: u16::try_from(rows).unwrap_or(u16::MAX),
            }
        })
    }

    pub fn resize(&self, id: TerminalId, size: Size) {
        self.with(id, |screen| {
            screen.vt.resize(size.columns.into(), size.rows.into());
            screen.version += 1;
        });
    }

    pub fn with<T>(&self, id: TerminalId, use_screen: impl FnOnce(&mut Screen) -> T) -> T {
        use_screen(
            self.screens
                .borrow_mut()
                .entry(id)
                .or_insert_with(Screen::new),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: TerminalId = TerminalId(1);

    /// The lines that are not empty.
    fn drawn(screens: &Screens) -> Vec<String> {
        screens.with(ONE, |screen| {
            let lines = screen.terminal().screen().visible_lines();
            lines
                .map(|line| line.text().trim_end().to_owned())
                .filter(|line| !line.is_empty())
                .collect()
        })
    }

    #[test]
    fn bytes_that_come_twice_are_drawn_once() {
        let screens = Screens::default();
        screens.feed(ONE, 0, b"hello");
        screens.feed(ONE, 3, b"lo you");
        screens.feed(ONE, 0, b"hello");
        assert_eq!(drawn(&screens), ["hello you"]);
        assert_eq!(screens.offsets(), BTreeMap::from([(ONE, 9)]));
    }

    #[test]
    fn a_character_may_come_in_pieces() {
        let text = "→ 名前 🐳";
        for most in 1..8 {
            let screens = Screens::default();
            for (number, piece) in text.as_bytes().chunks(most).enumerate() {
                screens.feed(ONE, (number * most) as u64, piece);
            }
            assert_eq!(drawn(&screens), [text], "{most} bytes at a time");
        }
        let screens = Screens::default();
        screens.feed(ONE, 0, &"→".as_bytes()[..2]);
        assert_eq!(drawn(&screens), Vec::<String>::new());
        screens.feed(ONE, 2, &"→".as_bytes()[2..]);
        assert_eq!(drawn(&screens), ["→"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        let screens = Screens::default();
        screens.feed(ONE, 0, b"a\xffb\xe2\x82");
        screens.feed(ONE, 5, b"c");
        assert_eq!(drawn(&screens), ["a\u{fffd}b\u{fffd}c"]);
    }

    #[test]
    fn what_is_drawn_is_told_a_quarter_of_a_window_at_a_time() {
        let screens = Screens::default();
        let quarter = usize::try_from(WINDOW / 4).unwrap();
        let told = [
            (0, quarter - 1),
            (quarter - 1, 1),
            (quarter, 1),
            (quarter, quarter),
        ]
        .map(|(offset, length)| screens.feed(ONE, offset as u64, &vec![b'x'; length]));
        assert_eq!(told, [None, Some(WINDOW / 4), None, Some(WINDOW / 2)]);
    }

    #[test]
    fn titles_and_clipboard_writes_do_nothing() {
        let screens = Screens::default();
        screens.feed(
            ONE,
            0,
            b"a\x1b]0;title\x07b\x1b]52;c;cm0gLXJm\x07c\x1b[8;1;1t",
        );
        assert_eq!(drawn(&screens), ["abc"]);
    }
}
