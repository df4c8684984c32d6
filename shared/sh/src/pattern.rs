//! Patterns of a shell: `*`, `?`, `[a-z]`, `[[:digit:]]`. In quotes they are only characters.

/// A pattern; each piece says whether it was quoted.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Letter(char),
    One,
    Any,
    Set { not: bool, members: Vec<Member> },
}

#[derive(Clone, Debug)]
enum Member {
    Range(char, char),
    /// `[:digit:]`
    Class(String),
}

impl Pattern {
    /// As a shell keeps it between reading and matching: a backslash takes the meaning of what follows.
    pub fn with_escapes(text: &str) -> Self {
        let mut pattern = Self::default();
        pattern.read(text, true);
        pattern
    }

    pub fn push(&mut self, text: &str, quoted: bool) {
        if quoted {
            self.pieces.extend(text.chars().map(Piece::Letter));
        } else {
            self.read(text, false);
        }
    }

    fn read(&mut self, text: &str, escapes: bool) {
        let mut letters = text.chars();
        while let Some(letter) = letters.next() {
            let piece = match letter {
                '*' => Piece::Any,
                '?' => Piece::One,
                '\\' if escapes => Piece::Letter(letters.next().unwrap_or('\\')),
                '[' => match set(letters.as_str()) {
                    Some((piece, length)) => {
                        letters.nth(length - 1);
                        piece
                    }
                    None => Piece::Letter('['),
                },
                letter => Piece::Letter(letter),
            };
            self.pieces.push(piece);
        }
    }

    pub fn is_plain(&self) -> bool {
        self.pieces
            .iter()
            .all(|piece| matches!(piece, Piece::Letter(_)))
    }

    /// Split at `/`, for paths.
    pub fn steps(&self) -> Vec<Self> {
        let steps = self
            .pieces
            .split(|piece| matches!(piece, Piece::Letter('/')));
        steps
            .map(|pieces| Self {
                pieces: pieces.to_vec(),
            })
            .collect()
    }

    /// The text, if it is plain.
    pub fn text(&self) -> String {
        let letters = self.pieces.iter().map(|piece| match piece {
            Piece::Letter(letter) => *letter,
            _ => '?',
        });
        letters.collect()
    }

    pub fn begins_with_dot(&self) -> bool {
        matches!(self.pieces.first(), Some(Piece::Letter('.')))
    }

    pub fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        // Where to go on if this way fails: after the last `*`, with one letter more in it.
        let (mut piece, mut letter) = (0, 0);
        let mut again: Option<(usize, usize)> = None;
        while letter < letters.len() || piece < self.pieces.len() {
            match self.pieces.get(piece) {
                Some(Piece::Any) => {
                    again = Some((piece, letter));
                    piece += 1;
                    continue;
                }
                Some(one) if letter < letters.len() && one.is(letters[letter]) => {
                    piece += 1;
                    letter += 1;
                    continue;
                }
                _ => {}
            }
            match &mut again {
                Some((star, from)) if *from < letters.len() => {
                    *from += 1;
                    (piece, letter) = (*star + 1, *from);
                }
                _ => return false,
            }
        }
        true
    }
}

impl Piece {
    fn is(&self, letter: char) -> bool {
        match self {
            Self::Letter(own) => *own == letter,
            Self::One => true,
            Self::Any => false,
            Self::Set { not, members } => members.iter().any(|member| member.has(letter)) != *not,
        }
    }
}

impl Member {
    fn has(&self, letter: char) -> bool {
        match self {
            Self::Range(from, to) => (*from..=*to).contains(&letter),
            Self::Class(name) => in_class(name, letter),
        }
    }
}

/// Whether a letter is one of `[:digit:]`, …
fn in_class(class: &str, letter: char) -> bool {
    match class {
        "alpha" => letter.is_alphabetic(),
        "digit" => letter.is_ascii_digit(),
        "alnum" => letter.is_alphanumeric(),
        "upper" => letter.is_uppercase(),
        "lower" => letter.is_lowercase(),
        "space" => letter.is_whitespace(),
        "blank" => matches!(letter, ' ' | '\t'),
        "punct" => letter.is_ascii_punctuation(),
        "xdigit" => letter.is_ascii_hexdigit(),
        "print" => !letter.is_control(),
        "cntrl" => letter.is_control(),
        _ => false,
    }
}

/// After a `[`: what it means, and its letters up to the `]`.
fn set(rest: &str) -> Option<(Piece, usize)> {
    let letters: Vec<char> = rest.chars().collect();
    let not = matches!(letters.first(), Some('!' | '^'));
    let mut at = usize::from(not);
    let first = at;
    let mut members = Vec::new();
    loop {
        let letter = *letters.get(at)?;
        if letter == ']' && at > first {
            return Some((Piece::Set { not, members }, at + 1));
        }
        if let ['[', ':', inside @ ..] = &letters[at..] {
            let length = inside.windows(2).position(|two| two == [':', ']'])?;
            members.push(Member::Class(inside[..length].iter().collect()));
            at += length + 4;
            continue;
        }
        let (last, length) = match letters.get(at + 1..at + 3) {
            Some(['-', last]) if *last != ']' => (*last, 3),
            _ => (letter, 1),
        };
        members.push(Member::Range(letter, last));
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expected: bool) {
        let mut read = Pattern::default();
        read.push(pattern, false);
        assert_eq!(read.matches(text), expected, "{pattern} {text}");
    }

    #[test]
    fn patterns_match_as_a_shells_do() {
        check("*.py", "app.py", true);
        check("*.py", "app.pyc", false);
        check("a*b*c", "aXbYbZc", true);
        check("a?c", "abc", true);
        check("a?c", "ac", false);
        check("[a-c]x", "bx", true);
        check("[!a-c]x", "bx", false);
        check("[]]", "]", true);
        check("[a", "[a", true);
        check("*", "", true);
        check("", "a", false);
        check("*a*a*a*a*a*b", &"a".repeat(200), false);
        check("[[:digit:]]*", "4web", true);
        check("[[:digit:]]*", "web", false);
        check("[[:digit:", "[[:digit:", true);
    }

    #[test]
    fn a_backslash_takes_a_meaning_away() {
        let check = |pattern: &str, text: &str, expected: bool| {
            let read = Pattern::with_escapes(pattern);
            assert_eq!(read.matches(text), expected, "{pattern} {text}");
        };
        check("\\*", "*", true);
        check("\\*", "a", false);
        check("a\\", "a\\", true);
        // In a set it is a letter.
        check("[\\]]", "\\]", true);
    }
}
