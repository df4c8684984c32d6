//! What each word of a line is and says, for the page: hover texts and marks, from the same grammar that runs it.

use std::ops::Range;

/// One word of a line, explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Bytes of the line.
    pub range: Range<usize>,
    pub kind: Kind,
    /// One sentence.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Command,
    Flag,
    /// A flag's value.
    Value,
    Argument,
    /// `;`, `&&`, `||`, `|`
    Operator,
    /// What runs inside the container, and its arguments.
    Program,
    Unknown,
}

/// What is wrong with a line before it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the line.
    pub range: Range<usize>,
    /// One sentence: what is wrong, and what to type instead.
    pub text: String,
}

/// Words of a line for the page: what each is and says. Never fails.
pub fn explain(_line: &str) -> Vec<Word> {
    Vec::new()
}

/// What is wrong with the line before it is run, if anything.
pub fn mistake(_line: &str) -> Option<Mistake> {
    None
}
