//! Keys as the bytes that a program in a terminal expects (xterm's).

/// What was pressed, as the browser names it.
pub struct Key<'a> {
    /// `KeyboardEvent.key`
    pub name: &'a str,
    pub ctrl: bool,
    pub alt: bool,
    pub meta: bool,
}

/// The bytes, or `None` where the key is the browser's.
///
/// `application`: the program asked for application cursor keys.
pub fn bytes(key: &Key<'_>, application: bool) -> Option<Vec<u8>> {
    if key.meta {
        return None;
    }
    let mut chars = key.name.chars();
    let bytes = match (chars.next(), chars.next()) {
        (Some(char), None) => character(char, key.ctrl)?,
        _ => named(key.name, application)?,
    };
    Some(if key.alt {
        [b"\x1b".to_vec(), bytes].concat()
    } else {
        bytes
    })
}

fn character(char: char, ctrl: bool) -> Option<Vec<u8>> {
    if !ctrl {
        return Some(char.to_string().into_bytes());
    }
    match char.to_ascii_lowercase() {
        letter @ 'a'..='z' => Some(vec![letter as u8 - b'a' + 1]),
        '[' => Some(vec![0x1b]),
        '\\' => Some(vec![0x1c]),
        ']' => Some(vec![0x1d]),
        _ => None,
    }
}

fn named(name: &str, application: bool) -> Option<Vec<u8>> {
    let cursor = |letter: u8| vec![0x1b, if application { b'O' } else { b'[' }, letter];
    Some(match name {
        "Enter" => b"\r".to_vec(),
        "Backspace" => vec![0x7f],
        "Tab" => b"\t".to_vec(),
        "Escape" => vec![0x1b],
        "ArrowUp" => cursor(b'A'),
        "ArrowDown" => cursor(b'B'),
        "ArrowRight" => cursor(b'C'),
        "ArrowLeft" => cursor(b'D'),
        "Home" => cursor(b'H'),
        "End" => cursor(b'F'),
        "Delete" => b"\x1b[3~".to_vec(),
        "PageUp" => b"\x1b[5~".to_vec(),
        "PageDown" => b"\x1b[6~".to_vec(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, ctrl: bool, expected: Option<&[u8]>) {
        let key = Key {
            name,
            ctrl,
            alt: false,
            meta: false,
        };
        assert_eq!(bytes(&key, false).as_deref(), expected, "{name}");
    }

    #[test]
    fn keys_are_what_xterm_sends() {
        check("a", false, Some(b"a"));
        check("é", false, Some("é".as_bytes()));
        check("c", true, Some(b"\x03"));
        check("D", true, Some(b"\x04"));
        check("Enter", false, Some(b"\r"));
        check("ArrowUp", false, Some(b"\x1b[A"));
        check("F5", false, None);
        check("Shift", false, None);
    }
}
