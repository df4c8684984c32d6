//! A page as the session sees it: what it was sent, and how much more it may be sent now.

use std::collections::BTreeMap;

use crate::{
    connection::ToClient,
    ring::Ring,
    terminal::Terminal,
    wire::{Resume, ServerMessage, TerminalId, Update, WINDOW},
};

/// Output bytes in one message.
const PIECE: usize = 32 * 1024;
/// Room for the line that says what was skipped.
const SKIPPED: u64 = 64;

pub struct Page {
    to: ToClient,
    /// Has said hello: before that it is told nothing.
    greeted: bool,
    /// Was not told something because too much waited: a fresh snapshot comes once it has taken that.
    behind: bool,
    sent: BTreeMap<TerminalId, Sent>,
}

/// How much of a terminal a page was sent.
#[derive(Clone, Copy, Default)]
struct Sent {
    bytes: u64,
    /// What of them the page has drawn, as far as it told.
    drawn: u64,
    /// Line ends in them, as far as that is known.
    lines: Option<u64>,
}

impl Page {
    pub fn new(to: ToClient) -> Self {
        Self {
            to,
            greeted: false,
            behind: false,
            sent: BTreeMap::new(),
        }
    }

    pub fn is_greeted(&self) -> bool {
        self.greeted
    }

    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// It said hello, with what it has already of this session's terminals.
    pub fn greet(&mut self, resume: Option<&Resume>, terminals: &BTreeMap<TerminalId, Terminal>) {
        self.greeted = true;
        let offsets = resume.into_iter().flat_map(|resume| &resume.offsets);
        let sent = offsets.filter_map(|(id, bytes)| {
            let ring = &terminals.get(id)?.ring;
            let bytes = (*bytes).min(ring.end());
            let lines = ring.lines_before(bytes);
            let drawn = bytes;
            let sent = Sent {
                bytes,
                drawn,
                lines,
            };
            Some((*id, sent))
        });
        self.sent = sent.collect();
    }

    /// An answer to what this page alone asked.
    pub fn answer(&self, message: ServerMessage) {
        // One that asks and asks and never reads goes without.
        let _ = self.to.send(message);
    }

    pub fn welcome(&mut self, welcome: ServerMessage) {
        self.behind = !self.to.send(welcome);
    }

    pub fn tell(&mut self, seq: u64, update: &Update) {
        if self.greeted && !self.behind {
            let update = update.clone();
            self.behind = !self.to.send(ServerMessage::Update { seq, update });
        }
    }

    pub fn forget(&mut self, id: TerminalId) {
        self.sent.remove(&id);
    }

    /// It has drawn a terminal's output up to this place.
    pub fn drawn(&mut self, id: TerminalId, offset: u64) {
        if let Some(sent) = self.sent.get_mut(&id) {
            sent.drawn = offset.clamp(sent.drawn, sent.bytes);
        }
    }

    /// Sends what there is room for of a terminal's output; the rest when the page has taken some.
    pub fn show(&mut self, id: TerminalId, ring: &Ring) {
        if !self.greeted {
            return;
        }
        let sent = self.sent.entry(id).or_default();
        if sent.bytes <= ring.origin() {
            *sent = Sent {
                bytes: ring.origin(),
                drawn: ring.origin(),
                lines: Some(0),
            };
        }
        while sent.bytes < ring.end() {
            let room = PIECE.min(self.to.room()).min(sent.room());
            if room == 0 {
                return;
            }
            let (offset, bytes) = if sent.bytes < ring.start() {
                skip(sent, ring)
            } else {
                next(sent, ring, room)
            };
            self.to.send(ServerMessage::Output {
                terminal: id,
                offset,
                bytes,
            });
        }
    }
}

impl Sent {
    fn room(&self) -> usize {
        let room = WINDOW.saturating_sub(self.bytes - self.drawn);
        usize::try_from(room).unwrap_or(usize::MAX)
    }
}

fn next(sent: &mut Sent, ring: &Ring, most: usize) -> (u64, bytes::Bytes) {
    let (offset, bytes) = (sent.bytes, ring.read(sent.bytes, most));
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    sent.bytes += bytes.len() as u64;
    sent.lines = sent.lines.map(|before| before + lines);
    (offset, bytes)
}

/// Goes on where a line that is still kept begins, and says what is left out. That takes the place of the last bytes that
/// were.
fn skip(sent: &mut Sent, ring: &Ring) -> (u64, bytes::Bytes) {
    let place = ring.next_line(ring.start().max(sent.bytes + SKIPPED));
    let lines = ring.lines_before(place);
    let skipped = match (sent.lines, lines) {
        (Some(before), Some(lines)) if lines > before => counted(lines - before, "line"),
        _ => counted(place - sent.bytes, "byte"),
    };
    let said = format!("\x1b[0m\r\n\x1b[33m… {skipped} skipped\x1b[0m\r\n");
    sent.bytes = place;
    sent.lines = lines;
    (place - said.len() as u64, said.into())
}

/// `1 line`, `4,112 lines`
fn counted(number: u64, thing: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let s = if number == 1 { "" } else { "s" };
    format!("{grouped} {thing}{s}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        let numbers = [0, 1, 999, 4112, 12_345_678];
        assert_eq!(
            numbers.map(|number| counted(number, "line")),
            [
                "0 lines",
                "1 line",
                "999 lines",
                "4,112 lines",
                "12,345,678 lines"
            ]
        );
    }
}
