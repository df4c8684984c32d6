//! Words: quotes, escapes, `$NAME`, `${…}`, `$(…)`, `$((…))`, backquotes.

use std::ops::Range;

use crate::{
    Mistake, Part, Use, What, Word,
    read::{Reader, ends_word, mistake, name_length},
    typographic::typographic,
    walk::{Visitor, walk},
};

/// What ends the text that is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// A space or an operator.
    Word,
    /// `}`, inside `${…}`.
    Brace,
    /// `))`
    Sum,
    /// The text's end: a here-document.
    End,
}

/// A word as it grows: text that was not split by anything else is one part.
#[derive(Default)]
struct Growing {
    parts: Vec<Part>,
}

impl Growing {
    fn text(&mut self, added: &str, in_quotes: bool) {
        if let Some(Part::Text { text, quoted }) = self.parts.last_mut()
            && *quoted == in_quotes
        {
            text.push_str(added);
        } else {
            self.parts.push(Part::Text {
                text: added.to_owned(),
                quoted: in_quotes,
            });
        }
    }
}

impl Reader<'_> {
    pub(crate) fn word(&mut self) -> Result<Word, Mistake> {
        self.parts(Until::Word)
    }

    /// A here-document's text: `$…` means something in it, quotes do not.
    pub(crate) fn here_text(mut self) -> Result<Word, Mistake> {
        self.parts(Until::End)
    }

    fn parts(&mut self, until: Until) -> Result<Word, Mistake> {
        let start = self.at;
        let mut word = Growing::default();
        let mut brackets = 0_usize;
        while let Some(letter) = self.rest().chars().next() {
            let quotes = until != Until::End;
            match letter {
                letter if until == Until::Word && ends_word(letter) => break,
                '}' if until == Until::Brace => break,
                ')' if until == Until::Sum && brackets == 0 && self.rest().starts_with("))") => {
                    break;
                }
                '\'' if quotes => {
                    let text = self.single_quoted()?;
                    word.text(&text, true);
                }
                '"' if quotes => self.double_quoted(&mut word)?,
                '\\' if until == Until::End => self.escape_in_quotes(&mut word),
                '\\' => self.escape(&mut word),
                '$' => self.dollar(&mut word, until == Until::End)?,
                '`' => self.backquotes(&mut word, until == Until::End)?,
                letter => {
                    brackets = match letter {
                        '(' => brackets + 1,
                        ')' => brackets.saturating_sub(1),
                        _ => brackets,
                    };
                    self.plain(letter, start, &mut word, until == Until::End)?;
                }
            }
        }
        Ok(Word {
            range: start..self.at,
            parts: word.parts,
        })
    }

    fn plain(
        &mut self,
        letter: char,
        start: usize,
        word: &mut Growing,
        quoted: bool,
    ) -> Result<(), Mistake> {
        let range = self.at..self.at + letter.len_utf8();
        if self.typed
            && !quoted
            && let Some(what) = typographic(letter, self.at == start, &self.text[range.end..])
        {
            return Err(mistake(range, what));
        }
        word.text(&self.text[range], quoted);
        self.at += letter.len_utf8();
        Ok(())
    }

    fn escape(&mut self, word: &mut Growing) {
        self.at += 1;
        match self.rest().chars().next() {
            None => word.text("\\", true),
            Some('\n') => self.at += 1,
            Some(escaped) => {
                word.text(&self.rest()[..escaped.len_utf8()], true);
                self.at += escaped.len_utf8();
            }
        }
    }

    fn escape_in_quotes(&mut self, word: &mut Growing) {
        let after = &self.rest()[1..];
        if after.starts_with('\n') {
            self.at += 2;
        } else if after.starts_with(['"', '\\', '$', '`']) {
            word.text(&after[..1], true);
            self.at += 2;
        } else {
            word.text("\\", true);
            self.at += 1;
        }
    }

    fn single_quoted(&mut self) -> Result<String, Mistake> {
        let start = self.at + 1;
        let Some(length) = self.text[start..].find('\'') else {
            return Err(mistake(self.at..start, What::Unclosed("'")));
        };
        self.at = start + length + 1;
        Ok(self.text[start..start + length].to_owned())
    }

    fn double_quoted(&mut self, word: &mut Growing) -> Result<(), Mistake> {
        let opened = self.at..self.at + 1;
        self.at += 1;
        // `""` is a word too.
        word.text("", true);
        loop {
            let Some(letter) = self.rest().chars().next() else {
                return Err(mistake(opened, What::Unclosed("\"")));
            };
            match letter {
                '"' => {
                    self.at += 1;
                    return Ok(());
                }
                '\\' => self.escape_in_quotes(word),
                '$' => self.dollar(word, true)?,
                '`' => self.backquotes(word, true)?,
                letter => {
                    word.text(&self.rest()[..letter.len_utf8()], true);
                    self.at += letter.len_utf8();
                }
            }
        }
    }

    fn dollar(&mut self, word: &mut Growing, quoted: bool) -> Result<(), Mistake> {
        let start = self.at;
        let rest = &self.rest()[1..];
        let length = name_length(rest);
        let variable = |name: &str| Part::Variable {
            name: name.to_owned(),
            usage: Use::Value,
            quoted,
        };
        let part = if rest.starts_with("((") {
            self.at += 3;
            self.deeper(start..start + 3)?;
            let text = self.parts(Until::Sum)?;
            self.close("))", "$((", start)?;
            self.depth -= 1;
            Part::Sum { text, quoted }
        } else if rest.starts_with('(') {
            self.at += 2;
            self.deeper(start..start + 2)?;
            let list = self.list()?;
            self.close(")", "$(", start)?;
            self.depth -= 1;
            Part::Output { list, quoted }
        } else if rest.starts_with('{') {
            self.at += 2;
            self.deeper(start..start + 2)?;
            let part = self.braces(start, quoted)?;
            self.close("}", "${", start)?;
            self.depth -= 1;
            part
        } else if length > 0 {
            self.at += 1 + length;
            variable(&rest[..length])
        } else if rest.starts_with(|c: char| c.is_ascii_digit() || "?#$!@*-".contains(c)) {
            self.at += 2;
            variable(&rest[..1])
        } else {
            word.text("$", quoted);
            self.at += 1;
            return Ok(());
        };
        word.parts.push(part);
        Ok(())
    }

    /// After `${`, up to its `}`.
    fn braces(&mut self, start: usize, quoted: bool) -> Result<Part, Mistake> {
        let rest = self.rest();
        if rest.is_empty() {
            return Err(mistake(start..start + 2, What::Unclosed("${")));
        }
        let length_of = rest.starts_with('#') && !rest.starts_with("#}");
        self.at += usize::from(length_of);
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let special = usize::from(rest.starts_with(|c: char| "?#$!@*-".contains(c)));
        let length = name_length(rest).max(digits).max(special);
        let name = rest[..length].to_owned();
        self.at += length;
        let usage = if length_of {
            Use::Length
        } else {
            self.usage()?
        };
        if name.is_empty() || !(self.rest().is_empty() || self.rest().starts_with('}')) {
            return Err(mistake(start..self.at, What::BadSubstitution));
        }
        Ok(Part::Variable {
            name,
            usage,
            quoted,
        })
    }

    fn usage(&mut self) -> Result<Use, Mistake> {
        let empty_too = self.rest().starts_with(':');
        let operator = self.rest()[usize::from(empty_too)..].chars().next();
        let operator = match operator {
            Some(operator @ ('-' | '=' | '?' | '+')) => operator,
            Some(operator @ ('#' | '%')) if !empty_too => operator,
            _ => return Ok(Use::Value),
        };
        self.at += 1 + usize::from(empty_too);
        let longest = matches!(operator, '#' | '%') && self.rest().starts_with(operator);
        self.at += usize::from(longest);
        let word = self.parts(Until::Brace)?;
        Ok(match operator {
            '-' => Use::Default { empty_too, word },
            '=' => Use::Assign { empty_too, word },
            '?' => Use::Need { empty_too, word },
            '+' => Use::Instead { empty_too, word },
            '#' => Use::WithoutPrefix {
                longest,
                pattern: word,
            },
            _ => Use::WithoutSuffix {
                longest,
                pattern: word,
            },
        })
    }

    /// The old spelling of `$(…)`: what is inside has a backslash before its own backquotes.
    fn backquotes(&mut self, word: &mut Growing, quoted: bool) -> Result<(), Mistake> {
        let opened = self.at..self.at + 1;
        self.deeper(opened.clone())?;
        self.at += 1;
        let mut inside = String::new();
        loop {
            let rest = self.rest();
            let Some(letter) = rest.chars().next() else {
                return Err(mistake(opened, What::Unclosed("`")));
            };
            self.at += letter.len_utf8();
            match letter {
                '`' => break,
                '\\' if rest[1..].starts_with(['`', '\\', '$']) => {
                    inside.push_str(&rest[1..2]);
                    self.at += 1;
                }
                letter => inside.push(letter),
            }
        }
        let range = opened.start..self.at;
        let mut reader = Reader::new(&inside, false);
        reader.depth = self.depth;
        let mut list = reader
            .all()
            .map_err(|wrong| mistake(range.clone(), wrong.what))?;
        self.depth -= 1;
        // Places in it are not places in the text.
        walk(&mut list, &mut Nowhere(range.start..range.start));
        word.parts.push(Part::Output { list, quoted });
        Ok(())
    }
}

/// Every place becomes this one.
struct Nowhere(Range<usize>);

impl Visitor for Nowhere {
    fn range(&mut self, range: &mut Range<usize>) {
        *range = self.0.clone();
    }
}
