//! The keys that leave a container running: ctrl-p ctrl-q, or those of `--detach-keys`.

/// What they are where nothing else is said.
const USUAL: [u8; 2] = [0x10, 0x11];

/// Holds back the first keys until it is clear that the others do not follow.
pub struct DetachKeys {
    keys: Vec<u8>,
    held: usize,
}

impl DetachKeys {
    /// As `--detach-keys` names them; what is no name the engine refuses.
    pub fn read(named: Option<&str>) -> Self {
        let keys = named
            .filter(|named| !named.is_empty())
            .and_then(|named| named.split(',').map(key).collect());
        Self {
            keys: keys.unwrap_or_else(|| USUAL.to_vec()),
            held: 0,
        }
    }

    /// What is to be passed on; `None`: the keys were typed.
    pub fn pass(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut passed = Vec::with_capacity(bytes.len() + self.held);
        for byte in bytes {
            if self.keys[self.held] == *byte {
                self.held += 1;
                if self.held == self.keys.len() {
                    return None;
                }
                continue;
            }
            passed.extend_from_slice(&self.keys[..self.held]);
            self.held = usize::from(self.keys[0] == *byte);
            if self.held == 0 {
                passed.push(*byte);
            }
        }
        Some(passed)
    }
}

/// `a`, `ctrl-a`, `ctrl-@`, `DEL`.
fn key(name: &str) -> Option<u8> {
    if name == "DEL" {
        return Some(127);
    }
    if let [byte] = name.as_bytes() {
        return Some(*byte);
    }
    match name.strip_prefix("ctrl-")?.as_bytes() {
        [letter @ (b'a'..=b'z')] => Some(letter - b'a' + 1),
        [b'@'] => Some(0),
        [sign @ (b'[' | b'\\' | b']' | b'^' | b'_')] => Some(sign - b'@'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(named: Option<&str>, typed: &[&[u8]], expected: &[Option<&[u8]>]) {
        let mut keys = DetachKeys::read(named);
        let passed: Vec<Option<Vec<u8>>> = typed.iter().map(|bytes| keys.pass(bytes)).collect();
        let expected: Vec<Option<Vec<u8>>> = expected
            .iter()
            .map(|bytes| bytes.map(<[u8]>::to_vec))
            .collect();
        assert_eq!(passed, expected, "{named:?}");
    }

    #[test]
    fn keys_are_held_back_until_they_are_clear() {
        check(
            None,
            &[b"a\x10", b"b\x11", b"\x10\x10", b"\x11"],
            &[Some(b"a"), Some(b"\x10b\x11"), Some(b"\x10"), None],
        );
        check(Some(""), &[b"\x10\x11"], &[None]);
        check(
            Some("ctrl-x,q"),
            &[b"q\x18", b"x", b"\x18q"],
            &[Some(b"q"), Some(b"\x18x"), None],
        );
        check(Some("ctrl-]"), &[b"\x1d"], &[None]);
        check(Some("DEL"), &[b"\x7f"], &[None]);
    }
}
