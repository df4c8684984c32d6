//! Characters that web pages and word processors put in place of those on the keyboard.

use crate::What;

/// What this character is, if it is one of them. `at_start`: a word begins with it; `rest`: what follows.
pub fn typographic(letter: char, at_start: bool, rest: &str) -> Option<What> {
    let name = rest.chars().take_while(char::is_ascii_alphanumeric).count();
    let (what, instead) = match letter {
        '“' | '”' | '„' | '«' | '»' => ("a typographic quote", "\""),
        '‘' | '’' | '‚' => ("a typographic quote", "'"),
        '–' if at_start && name <= 2 => ("a typographic dash", "-"),
        '—' | '–' if at_start => ("a typographic dash", "--"),
        '—' | '–' | '−' => ("a typographic dash", "-"),
        '\u{a0}' | '\u{2009}' | '\u{202f}' => (
            "a typographic space, which looks like an ordinary one",
            "an ordinary space",
        ),
        '\u{200b}' | '\u{feff}' => ("a character without width, which cannot be seen", ""),
        _ => return None,
    };
    Some(What::Typographic {
        letter,
        what,
        instead,
    })
}
