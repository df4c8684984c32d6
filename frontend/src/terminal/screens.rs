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
    /// Bytes that came but are not drawn yet: the pane feeds them bit by bit.
    waiting: std::collections::VecDeque<u8>,
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
            waiting: std::collections::VecDeque::new(),
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

    /// Up to where output is drawn, when it is time to tell it: no more than a window comes untold, so that what waits
    /// stays small and a key's echo does not stand in a long line.
    pub fn untold(&mut self) -> Option<u64> {
        let drawn = self.next.saturating_sub(self.waiting.len() as u64);
        let told = drawn >= self.told + WINDOW / 4;
        told.then(|| {
            self.told = drawn;
            drawn
        })
    }

    /// Draws at most `most` of the bytes that wait. True if some still do.
    pub fn draw(&mut self, most: usize) -> bool {
        if self.waiting.is_empty() {
            return false;
        }
        let take = self.waiting.len().min(most);
        let bytes: Vec<u8> = self.waiting.drain(..take).collect();
        let (text, rest) = decode(&bytes, self.waiting.is_empty());
        for byte in rest.iter().rev() {
            self.waiting.push_front(*byte);
        }
        self.vt.feed(text.as_str());
        self.version += 1;
        !self.waiting.is_empty() && take > rest.len()
    }
}

/// Text of the bytes, and those at the end that are the beginning of a character whose rest has not come.
fn decode(bytes: &[u8], may_be_cut: bool) -> (String, Vec<u8>) {
    let cut = match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) if may_be_cut => incomplete_tail(bytes),
        _ => bytes.len(),
    };
    (
        String::from_utf8_lossy(&bytes[..cut]).into_owned(),
        bytes[cut..].to_vec(),
    )
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
    pub fn feed(&self, id: TerminalId, offset: u64, bytes: &[u8]) {
        let mut screens = self.screens.borrow_mut();
        let screen = screens.entry(id).or_insert_with(Screen::new);
        let end = offset + bytes.len() as u64;
        if end <= screen.next {
            return;
        }
        // What overlaps was seen before; what is missing was skipped, and the session says so in the text.
        let seen = usize::try_from(screen.next.saturating_sub(offset))
            .unwrap_or(0)
            .min(bytes.len());
        screen.waiting.extend(&bytes[seen..]);
        screen.next = end;
        screen.version += 1;
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
                screen.waiting.extend(b"\r\n\x1b[33m-- the session was started again; what ran here has ended --\x1b[0m\r\n");
                screen.version += 1;
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

    /// Draws everything, `most` bytes at a time, and gives the lines that are not empty.
    fn drawn(screens: &Screens, most: usize) -> Vec<String> {
        screens.with(ONE, |screen| {
            while screen.draw(most) {}
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
        assert_eq!(drawn(&screens, 100), ["hello you"]);
        assert_eq!(screens.offsets(), BTreeMap::from([(ONE, 9)]));
    }

    #[test]
    fn a_character_may_come_in_pieces() {
        for most in 1..8 {
            let screens = Screens::default();
            screens.feed(ONE, 0, "→ 名前".as_bytes());
            assert_eq!(
                drawn(&screens, most.max(4)),
                ["→ 名前"],
                "{most} bytes at a time"
            );
        }
        let screens = Screens::default();
        screens.feed(ONE, 0, &"→".as_bytes()[..2]);
        assert_eq!(drawn(&screens, 100), Vec::<String>::new());
        screens.feed(ONE, 2, &"→".as_bytes()[2..]);
        assert_eq!(drawn(&screens, 100), ["→"]);
    }

    #[test]
    fn what_is_drawn_is_told_a_quarter_of_a_window_at_a_time() {
        let screens = Screens::default();
        let quarter = usize::try_from(WINDOW / 4).unwrap();
        let told = || screens.with(ONE, Screen::untold);
        screens.feed(ONE, 0, &vec![b'x'; 2 * quarter]);
        assert_eq!(told(), None);
        screens.with(ONE, |screen| screen.draw(quarter));
        assert_eq!((told(), told()), (Some(WINDOW / 4), None));
        screens.with(ONE, |screen| screen.draw(quarter));
        assert_eq!(told(), Some(WINDOW / 2));
    }

    #[test]
    fn titles_and_clipboard_writes_do_nothing() {
        let screens = Screens::default();
        screens.feed(
            ONE,
            0,
            b"a\x1b]0;title\x07b\x1b]52;c;cm0gLXJm\x07c\x1b[8;1;1t",
        );
        assert_eq!(drawn(&screens, 100), ["abc"]);
    }
}
