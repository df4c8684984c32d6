//! What ash says of a text that it cannot read.

use sh::{Mistake, What};

use super::{Place, Shell, run::line_of};

impl Shell {
    pub(super) fn say_mistake(&mut self, text: &str, mistake: &Mistake) {
        if let Place::File(line) = &mut self.place {
            *line = line_of(text, mistake.range.start);
        }
        self.complain(&words(mistake));
        self.status = 2;
    }
}

fn words(mistake: &Mistake) -> String {
    match &mistake.what {
        What::Unclosed("\"" | "'") => "syntax error: unterminated quoted string".to_owned(),
        What::Unclosed("`") => "syntax error: EOF in backquote substitution".to_owned(),
        What::Unclosed("${") => "syntax error: missing '}'".to_owned(),
        What::Unclosed("$((") => "syntax error: missing '))'".to_owned(),
        What::Unclosed(_) => "syntax error: unexpected end of file (expecting \")\")".to_owned(),
        What::Expected(keyword) => {
            format!("syntax error: unexpected end of file (expecting \"{keyword}\")")
        }
        What::Missing { before, .. } if before.is_empty() => {
            "syntax error: unexpected end of file".to_owned()
        }
        What::Missing { before, .. } if before == "\n" => {
            "syntax error: unexpected newline".to_owned()
        }
        What::Missing { before: token, .. } | What::Unexpected(token) => match token.as_str() {
            // Ash names its tokens, and calls every other word so.
            "do" | "done" | "elif" | "else" | "esac" | "fi" | "then" | "}" | ")" | ";" | "|"
            | "&" | "&&" | "||" | ";;" | "!" | "case" | "for" | "if" | "in" | "until" | "while"
            | "{" | "(" => format!("syntax error: unexpected \"{token}\""),
            _ => "syntax error: unexpected word".to_owned(),
        },
        What::BadSubstitution => "syntax error: bad substitution".to_owned(),
        What::TooLong | What::TooDeep => {
            "causeway: not simulated: a text as long or as deep as this".to_owned()
        }
        What::Nul => "syntax error: unexpected end of file".to_owned(),
        What::Typographic { .. } => "syntax error".to_owned(),
    }
}
