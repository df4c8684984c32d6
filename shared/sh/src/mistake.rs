//! What is wrong with a text. Each shell says it in its own words.

use std::ops::Range;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the text.
    pub range: Range<usize>,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    TooLong,
    TooDeep,
    Nul,
    /// A quote, `$(`, `${`, `$((`, a backquote or `(` that does not end.
    Unclosed(&'static str),
    /// A command is missing after or before this operator.
    Missing {
        after: Option<&'static str>,
        before: String,
    },
    /// The text ended where this keyword was still to come: `done`, `fi`, `esac`, `}`.
    Expected(&'static str),
    /// This word or operator cannot stand here.
    Unexpected(String),
    /// Not a name: `${a b}`.
    BadSubstitution,
    /// As web pages have it; with what to type instead, which may be nothing.
    Typographic {
        letter: char,
        what: &'static str,
        instead: &'static str,
    },
}

impl Mistake {
    /// More text could mend it: whoever reads lines asks for another one.
    pub fn is_unfinished(&self) -> bool {
        match &self.what {
            What::Unclosed(_) | What::Expected(_) => true,
            What::Missing { after, before } => after.is_some() && before.is_empty(),
            _ => false,
        }
    }
}
