//! The keys that leave a container running (Ctrl-P Ctrl-Q): found in what is typed, wherever it is cut.

/// As docker writes them: `ctrl-p,ctrl-q`.
pub(super) struct DetachKeys {
    keys: Vec<u8>,
    /// How many of them have come, and are kept back.
    come: usize,
}

/// What is to be handed on, and whether the keys have all come.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Typed {
    pub bytes: Vec<u8>,
    pub detached: bool,
}

impl DetachKeys {
    /// Docker's own where none are named; `None` for what docker would not understand.
    pub fn read(named: Option<&str>) -> Option<Self> {
        let named = named.filter(|keys| !keys.is_empty());
        let keys = named.unwrap_or("ctrl-p,ctrl-q").split(',');
        let keys: Option<Vec<u8>> = keys.map(key).collect();
        Some(Self {
            keys: keys?,
            come: 0,
        })
    }

    pub fn push(&mut self, typed: &[u8]) -> Typed {
        let mut bytes = Vec::with_capacity(typed.len());
        for &byte in typed {
            if byte != self.keys[self.come] {
                bytes.extend_from_slice(&self.keys[..self.come]);
                self.come = 0;
            }
            if byte == self.keys[self.come] {
                self.come += 1;
            } else {
                bytes.push(byte);
            }
            if self.come == self.keys.len() {
                return Typed {
                    bytes,
                    detached: true,
                };
            }
        }
        Typed {
            bytes,
            detached: false,
        }
    }
}

fn key(name: &str) -> Option<u8> {
    let letter = |text: &str| match text.as_bytes() {
        [letter] => Some(*letter),
        _ => None,
    };
    match name.strip_prefix("ctrl-") {
        None => letter(name),
        Some(key) => match letter(key)?.to_ascii_lowercase() {
            letter @ b'a'..=b'z' => Some(letter - b'a' + 1),
            b'@' => Some(0),
            sign @ b'['..=b'_' => Some(sign - b'[' + 27),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(named: Option<&str>, typed: &[&[u8]], expected: &[u8], detached: bool) {
        let mut keys = DetachKeys::read(named).unwrap();
        let mut all = Vec::new();
        let mut is_detached = false;
        for typed in typed {
            let typed = keys.push(typed);
            all.extend(typed.bytes);
            is_detached |= typed.detached;
        }
        assert_eq!((all.as_slice(), is_detached), (expected, detached));
    }

    #[test]
    fn the_keys_detach_and_nothing_else_is_lost() {
        check(None, &[b"ls\n"], b"ls\n", false);
        check(None, &[b"ls\x10\x11"], b"ls", true);
        check(None, &[b"ls\x10", b"\x11"], b"ls", true);
        check(None, &[b"\x10", b"x"], b"\x10x", false);
        check(None, &[b"\x10\x10\x11"], b"\x10", true);
        check(Some("ctrl-a,q"), &[b"\x01q"], b"", true);
        assert!(DetachKeys::read(Some("ctrl-")).is_none());
    }
}
