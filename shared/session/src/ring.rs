//! A terminal's last bytes, each with its place in the whole output, so that a page can go on where it was.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Bytes that are kept of each terminal.
pub const KEPT: usize = 2 * 1024 * 1024;
/// How far a line's end is looked for.
const LONG_LINE: usize = 4096;

#[derive(Default)]
pub struct Ring {
    bytes: VecDeque<u8>,
    origin: u64,
    start: u64,
    lines_before_start: u64,
}

impl Ring {
    /// Begins at this place: a page may still have bytes before it from an earlier terminal of the same id.
    pub fn beginning_at(origin: u64) -> Self {
        Self {
            origin,
            start: origin,
            ..Self::default()
        }
    }

    /// Where the very first byte stood.
    pub fn origin(&self) -> u64 {
        self.origin
    }

    /// Where the first byte that is still kept stands.
    pub fn start(&self) -> u64 {
        self.start
    }

    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Line ends before this place, if it is still kept.
    pub fn lines_before(&self, place: u64) -> Option<u64> {
        if place < self.start {
            return None;
        }
        let kept = self.bytes.range(..self.index(place));
        let lines = kept.filter(|byte| **byte == b'\n').count();
        Some(self.lines_before_start + lines as u64)
    }

    /// Where the next line begins, or the same place if none does soon.
    pub fn next_line(&self, place: u64) -> u64 {
        let from = self.index(place);
        let to = self.bytes.len().min(from + LONG_LINE);
        let end = self.bytes.range(from..to).position(|byte| *byte == b'\n');
        self.start + (end.map_or(from, |end| from + end + 1)) as u64
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let over = self.bytes.len().saturating_sub(KEPT);
        if over > 0 {
            let gone = self.bytes.drain(..over);
            let lines = gone.filter(|byte| *byte == b'\n').count();
            self.start += over as u64;
            self.lines_before_start += lines as u64;
        }
    }

    /// At most `most` bytes from this place on.
    pub fn read(&self, from: u64, most: usize) -> Bytes {
        let from = self.index(from);
        let to = self.bytes.len().min(from.saturating_add(most));
        let (front, back) = self.bytes.as_slices();
        let mut read = BytesMut::with_capacity(to - from);
        for (slice, before) in [(front, 0), (back, front.len())] {
            let within = |place: usize| place.saturating_sub(before).min(slice.len());
            read.extend_from_slice(&slice[within(from)..within(to)]);
        }
        read.freeze()
    }

    fn index(&self, place: u64) -> usize {
        usize::try_from(place.saturating_sub(self.start))
            .unwrap_or(usize::MAX)
            .min(self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_last_bytes_are_kept_and_what_went_is_counted() {
        let mut ring = Ring::default();
        ring.push(b"one\ntwo\n");
        ring.push(&vec![b'x'; KEPT - 4]);
        assert_eq!((ring.start(), ring.end()), (4, 4 + KEPT as u64));
        assert_eq!(
            (ring.lines_before(3), ring.lines_before(4)),
            (None, Some(1))
        );
        assert_eq!(ring.lines_before(ring.end()), Some(2));
        assert_eq!(ring.read(4, 5).as_ref(), b"two\nx");
        assert_eq!(ring.read(ring.end() - 1, 100).as_ref(), b"x");
        assert_eq!(ring.read(ring.end(), 100).as_ref(), b"");
    }

    #[test]
    fn a_line_that_does_not_end_soon_has_no_next_one() {
        let mut ring = Ring::beginning_at(100);
        ring.push(b"one\ntwo\n");
        ring.push(&[b'x'; 2 * LONG_LINE]);
        let next = [100, 103, 104, 108].map(|place| ring.next_line(place));
        assert_eq!(next, [104, 104, 108, 108]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        /// Also where the bytes go round the ring's end.
        #[test]
        fn what_is_read_is_what_was_pushed(sizes in prop::collection::vec(0..KEPT, 1..5), from in 0..3 * KEPT) {
            let mut ring = Ring::default();
            let mut all = Vec::new();
            for (number, size) in sizes.iter().enumerate() {
                let piece: Vec<u8> = (0..*size).map(|at| u8::try_from((at * 7 + number) % 251).unwrap_or(0)).collect();
                ring.push(&piece);
                all.extend(piece);
            }
            let start = all.len().saturating_sub(KEPT);
            prop_assert_eq!((ring.start(), ring.end()), (start as u64, all.len() as u64));
            let from = from.clamp(start, all.len());
            let to = all.len().min(from + 1000);
            let read = ring.read(from as u64, 1000);
            prop_assert_eq!(read.as_ref(), &all[from..to]);
        }
    }
}
