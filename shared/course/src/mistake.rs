//! What is wrong with a lesson file, said so that its author finds the place.

use std::fmt;

/// One mistake, with the line it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    /// Both counted from 1; the column in characters.
    pub line: usize,
    pub column: usize,
    /// What is wrong and what to write instead: one sentence.
    pub message: String,
    /// The line's text.
    pub source: String,
}

impl Mistake {
    /// A mistake at this byte of the text.
    pub fn at(file: &str, text: &str, offset: usize, message: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
            message: message.into(),
            source: text[start..].lines().next().unwrap_or_default().to_owned(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )?;
        // A very long line would hide its own caret.
        let shown: String = self.source.chars().take(160).collect();
        writeln!(f, "  {shown}")?;
        write!(f, "  {}^", " ".repeat((self.column - 1).min(160)))
    }
}
