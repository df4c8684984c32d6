//! A terminal's last bytes, each with its place in the whole output, so that a page can go on where it was.

use std::collections::VecDeque;

use bytes::Bytes;

/// Bytes that are kept of each terminal.
pub const KEPT: usize = 2 * 1024 * 1024;

#[derive(Default)]
pub struct Ring {
    bytes: VecDeque<u8>,
    start: u64,
    lines_before_start: u64,
}

impl Ring {
    /// Where the first byte that is still kept stands.
    pub fn start(&self) -> u64 {
        self.start
    }

    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Line ends before `start`.
    pub fn lines_before_start(&self) -> u64 {
        self.lines_before_start
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let over = self.bytes.len().saturating_sub(KEPT);
        if over > 0 {
            let lines = self
                .bytes
                .drain(..over)
                .filter(|byte| *byte == b'\n')
                .count();
            self.start += over as u64;
            self.lines_before_start += lines as u64;
        }
    }

    /// At most `most` bytes from this place on, which must be kept still.
    pub fn read(&self, from: u64, most: usize) -> Bytes {
        let from = usize::try_from(from.saturating_sub(self.start))
            .unwrap_or(usize::MAX)
            .min(self.bytes.len());
        let to = self.bytes.len().min(from.saturating_add(most));
        self.bytes.range(from..to).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_bytes_are_kept_and_what_went_is_counted() {
        let mut ring = Ring::default();
        ring.push(b"one\ntwo\n");
        ring.push(&vec![b'x'; KEPT - 4]);
        assert_eq!((ring.start(), ring.lines_before_start()), (4, 1));
        assert_eq!(ring.end(), 4 + KEPT as u64);
        assert_eq!(ring.read(4, 5).as_ref(), b"two\nx");
        assert_eq!(ring.read(ring.end() - 1, 100).as_ref(), b"x");
        assert_eq!(ring.read(ring.end(), 100).as_ref(), b"");
    }
}
