//! The language of a shell, read into a tree: words and quotes, pipes and lists, loops, redirections, here-documents.
//!
//! Two shells read with it: the one that a learner types docker commands into, and `sh` inside simulated containers. It
//! runs nothing and knows no command. Depth and length are bounded, so that nothing that is typed or pasted can exhaust
//! whoever reads it. What it leaves out of a shell's language: functions named with a keyword, `case`'s `;&`, arrays,
//! `[[ … ]]` and `(( … ))`.

mod mistake;
mod pattern;
mod read;
mod sum;
mod tree;
mod typographic;
mod walk;
mod word;

pub use mistake::{Mistake, What};
pub use pattern::Pattern;
pub use sum::sum;
pub use tree::{
    Arm, Assignment, Command, Direction, Item, Kind, List, Part, Pipeline, Redirect, Use, When,
    Word,
};

/// A text longer than this is not read.
pub const LIMIT: usize = 64 * 1024;
/// Commands inside commands and words, at most.
pub const DEPTH: usize = 24;

/// Reads a text: one line or many.
pub fn read(text: &str) -> Result<List, Mistake> {
    read::Reader::new(text, false).all()
}

/// The same, for what a person types: characters that web pages put in place of the keyboard's are mistakes.
pub fn read_typed(text: &str) -> Result<List, Mistake> {
    read::Reader::new(text, true).all()
}
