//! A lot of coloured text, as `ls` and logs are, always the same.

use std::fmt::Write as _;

use bytes::Bytes;

/// What stands in the last row of a flood.
pub const END: &str = "that-was-all";
/// Bytes in one message, as a session sends them.
const PIECE: usize = 32 * 1024;

/// Pieces of text, about 90 columns wide, over and over.
pub struct Flood {
    block: Bytes,
    at: usize,
}

impl Default for Flood {
    fn default() -> Self {
        Self {
            block: block().into(),
            at: 0,
        }
    }
}

impl Flood {
    /// The next bytes, at most as many as one message has.
    pub fn piece(&mut self) -> Bytes {
        let end = self.block.len().min(self.at + PIECE);
        let piece = self.block.slice(self.at..end);
        self.at = end % self.block.len();
        piece
    }
}

/// About 1 MB of whole lines.
fn block() -> String {
    let mut text = String::new();
    for number in 0..4000 {
        if number / 20 % 2 == 0 {
            listed(&mut text, number);
        } else {
            logged(&mut text, number);
        }
    }
    text
}

fn listed(text: &mut String, number: u32) {
    let (size, day, colour) = (number * 977 % 90_000, number % 28 + 1, number % 6 + 31);
    let _ = write!(
        text,
        "\x1b[0m-rw-r--r-- 1 root root \x1b[32m{size:6}\x1b[0m Nov {day:2} 09:41 \x1b[01;{colour}mresult-{number:05}.txt\x1b[0m \
         \x1b[38;5;{}m{:<28}\x1b[0m\r\n",
        number % 240 + 16,
        "→ kept until it is read",
    );
}

fn logged(text: &mut String, number: u32) {
    let (millis, status) = (
        number % 1000,
        if number.is_multiple_of(7) { 404 } else { 200 },
    );
    let _ = write!(
        text,
        "\x1b[90m2026-11-24T09:41:{:02}.{millis:03}Z\x1b[0m \x1b[1;32mINFO\x1b[0m \x1b[38;5;39mweb::request\x1b[0m GET \
         \x1b[4m/page/{number:05}\x1b[0m \x1b[33m{status}\x1b[0m took \x1b[38;5;{}m{millis:3}ms\x1b[0m\r\n",
        number % 60,
        number % 200 + 20,
    );
}
