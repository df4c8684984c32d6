//! What is wrong with a line, in one sentence: what, where, and what to type instead.

use sh::{Mistake, What};

pub fn told(mistake: &Mistake, line: &str) -> String {
    let at = place(line, mistake.range.start);
    match &mistake.what {
        What::TooLong => {
            let size = line.len() / 1024;
            format!(
                "This line is {size} KiB long; a line may have 64 KiB, so put what is long into a file or an image."
            )
        }
        What::TooDeep => {
            "This is nested too deep to be read; run the inner commands first.".to_owned()
        }
        What::Nul => format!(
            "Character {at} is a NUL, which cannot be typed or passed to a program; remove it."
        ),
        What::Unclosed(quote @ ("'" | "\"" | "`")) => format!(
            "The quote {quote} at character {at} is not closed; add another {quote} where it ends."
        ),
        What::Unclosed(opening) => {
            let closing = match *opening {
                "${" => "}",
                "$((" => "))",
                _ => ")",
            };
            format!("The {opening} at character {at} is not closed; add a {closing}.")
        }
        What::Missing { after, before } => missing(*after, before),
        What::Expected(keyword) => format!(
            "The line ends where a {keyword} was still to come; add it after a ; or on a line of its own."
        ),
        What::Unexpected(token) => unexpected(token, at),
        What::BadSubstitution => format!(
            "What is between ${{ and }} at character {at} is not a variable's name; in single quotes it is taken as it is."
        ),
        What::Typographic {
            letter,
            what,
            instead,
        } => typographic(*letter, what, instead, at),
    }
}

fn missing(after: Option<&str>, before: &str) -> String {
    match (after, before) {
        (Some(">" | ">>" | "<" | "&>" | "<<" | "<<<" | ">|" | ">&" | "<&"), _) => {
            let after = after.unwrap_or_default();
            format!("A file's name is missing after {after}.")
        }
        (Some(after), _) => format!("A command is missing after {after}."),
        (None, "\n" | "") => "A command is missing here.".to_owned(),
        (None, before) => format!("A command is missing before {before}."),
    }
}

fn unexpected(token: &str, at: usize) -> String {
    match token {
        "(" | ")" => {
            "Round brackets have no meaning here; put them in quotes if a program is to get them."
                .to_owned()
        }
        "\n" => "The line ends too early here.".to_owned(),
        token => format!(
            "{token} at character {at} cannot stand here; put it in quotes if a program is to get it."
        ),
    }
}

fn typographic(letter: char, what: &str, instead: &str, at: usize) -> String {
    let remedy = match instead {
        "" => "remove it".to_owned(),
        instead => format!("type {instead} instead"),
    };
    if letter.is_whitespace() || instead.is_empty() {
        format!("Character {at} is {what}, as web pages have them: {remedy}.")
    } else {
        format!("{letter} at character {at} is {what}, as web pages have them: {remedy}.")
    }
}

/// Which character (not byte) of the line this is, counted from one.
fn place(line: &str, at: usize) -> usize {
    line.get(..at).unwrap_or(line).chars().count() + 1
}
