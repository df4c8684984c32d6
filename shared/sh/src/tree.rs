//! The tree that a text is read into. Everything that has a place in the text keeps it: bytes, from and to.

use std::ops::Range;

pub type List = Vec<Item>;

/// A pipeline, and what is between it and the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub when: When,
    /// Where the operator before it stands; empty before the first.
    pub operator: Range<usize>,
    pub pipeline: Pipeline,
    /// Its `&`.
    pub background: Option<Range<usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// `&&`
    Success,
    /// `||`
    Failure,
}

/// Commands with a `|` between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// The `!` before it.
    pub not: Option<Range<usize>>,
    pub commands: Vec<Command>,
    pub pipes: Vec<Range<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub kind: Kind,
    pub redirects: Vec<Redirect>,
    /// `for`, `in`, `do`, `done` and the like, each with its place.
    pub keywords: Vec<(&'static str, Range<usize>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `A=1 docker ps`
    Simple {
        assignments: Vec<Assignment>,
        words: Vec<Word>,
    },
    /// `( … )`
    Subshell(List),
    /// `{ …; }`
    Group(List),
    /// Without `in …` it goes over the arguments.
    For {
        variable: String,
        words: Option<Vec<Word>>,
        body: List,
    },
    While {
        until: bool,
        condition: List,
        body: List,
    },
    If {
        /// Condition and what follows, `elif`s too.
        branches: Vec<(List, List)>,
        otherwise: Option<List>,
    },
    Case {
        word: Word,
        arms: Vec<Arm>,
    },
    Function {
        name: String,
        body: Box<Command>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arm {
    pub patterns: Vec<Word>,
    pub body: List,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub range: Range<usize>,
    pub name: String,
    pub value: Word,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    pub range: Range<usize>,
    /// The number before it; `None`: 0 for `<`, 1 for `>`.
    pub fd: Option<u32>,
    pub direction: Direction,
    /// The file; the number after `>&`; a here-document's text.
    pub target: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `<`
    Read,
    /// `>` and `>|`
    Write,
    /// `>>`
    Append,
    /// `<>`
    Both,
    /// `&>`: standard output and error.
    WriteAll,
    /// `&>>`
    AppendAll,
    /// `>&` and `<&`: where another one leads.
    Copy,
    /// `<<END` and `<<<text`: the target is what is read.
    Text,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    pub range: Range<usize>,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// In quotes, `*` and `~` are only characters.
    Text { text: String, quoted: bool },
    /// `$NAME`, `${NAME:-…}`, `$?`, `$1`, `$@`.
    Variable {
        name: String,
        usage: Use,
        quoted: bool,
    },
    /// `$(…)` and backquotes.
    Output { list: List, quoted: bool },
    /// `$((…))`: see [`crate::sum`].
    Sum { text: Word, quoted: bool },
}

/// What of a variable is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    Value,
    /// `${#NAME}`
    Length,
    /// `${NAME:-…}`, and without the colon.
    Default {
        empty_too: bool,
        word: Word,
    },
    /// `${NAME:=…}`
    Assign {
        empty_too: bool,
        word: Word,
    },
    /// `${NAME:?…}`
    Need {
        empty_too: bool,
        word: Word,
    },
    /// `${NAME:+…}`
    Instead {
        empty_too: bool,
        word: Word,
    },
    /// `${NAME#…}`, `${NAME##…}`
    WithoutPrefix {
        longest: bool,
        pattern: Word,
    },
    /// `${NAME%…}`, `${NAME%%…}`
    WithoutSuffix {
        longest: bool,
        pattern: Word,
    },
}

impl Word {
    /// The text, where nothing has to run or be looked up to know it.
    pub fn literal(&self) -> Option<String> {
        let text = |part: &Part| match part {
            Part::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        self.parts.iter().map(text).collect()
    }

    /// The text as it is shown: what is not known yet is `$NAME` or `$(…)`.
    pub fn shown(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text { text, .. } => text.clone(),
            Part::Variable { name, .. } => format!("${name}"),
            Part::Output { .. } => "$(…)".to_owned(),
            Part::Sum { .. } => "$((…))".to_owned(),
        };
        self.parts.iter().map(text).collect()
    }

    /// Nothing in it was quoted: only such a word can be a keyword.
    pub(crate) fn bare(&self) -> Option<&str> {
        match &self.parts[..] {
            [
                Part::Text {
                    text,
                    quoted: false,
                },
            ] => Some(text),
            _ => None,
        }
    }
}
