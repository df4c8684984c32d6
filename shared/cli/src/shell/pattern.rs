//! Patterns of a shell: `*`, `?`, `[a-z]`. In quotes they are only characters.

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
    Set {
        not: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    pub fn push(&mut self, text: &str, quoted: bool) {
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let piece = match letter {
                letter if quoted => Piece::Letter(letter),
                '*' => Piece::Any,
                '?' => Piece::One,
                '[' => {
                    let rest: String = letters.clone().collect();
                    match set(&rest) {
                        Some((piece, length)) => {
                            letters.nth(length - 1);
                            piece
                        }
                        None => Piece::Letter('['),
                    }
                }
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
            Self::Set { not, ranges } => {
                ranges
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&letter))
                    != *not
            }
        }
    }
}

/// After a `[`: what it means, and its letters up to the `]`.
fn set(rest: &str) -> Option<(Piece, usize)> {
    let letters: Vec<char> = rest.chars().collect();
    let not = matches!(letters.first(), Some('!' | '^'));
    let mut at = usize::from(not);
    let first = at;
    let mut ranges = Vec::new();
    loop {
        let letter = *letters.get(at)?;
        if letter == ']' && at > first {
            return Some((Piece::Set { not, ranges }, at + 1));
        }
        match (letters.get(at + 1), letters.get(at + 2)) {
            (Some('-'), Some(to)) if *to != ']' => {
                ranges.push((letter, *to));
                at += 3;
            }
            _ => {
                ranges.push((letter, letter));
                at += 1;
            }
        }
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
    }
}
