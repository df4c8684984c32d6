//! Go's templates, as `--format` takes them: read, and run over what an engine said.
//!
//! Messages are Go's own, byte for byte, with the places that they name: people look them up. It knows no command and no
//! engine.

mod exec;
mod functions;
mod lexer;
mod parser;
mod print;
#[cfg(test)]
mod tests;
mod value;

pub use exec::{Broken, HEADER, Options};
pub use value::{ANY, Field, Struct, Value};

pub struct Template {
    /// What messages call it; docker's have no name but one.
    name: String,
    text: String,
    tree: parser::Tree,
}

impl Template {
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::named("", text)
    }

    pub fn named(name: &str, text: &str) -> Result<Self, String> {
        let tree = parser::parse(name, text, &|name| functions::find(name).is_some())?;
        Ok(Self {
            name: name.to_owned(),
            text: text.to_owned(),
            tree,
        })
    }

    pub fn execute(&self, data: &Value, options: Options) -> Result<String, Broken> {
        exec::execute(self, data, options)
    }
}
