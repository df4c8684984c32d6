//! Variables and quotes in an instruction.

use std::iter::Peekable;
use std::str::Chars;

/// With `$A`, `${A}`, `${A:-x}` and `${A:+x}` put in their place, and quotes taken away.
pub fn expand(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut shown = String::new();
    let mut quote = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None | Some('"'), '\\') => shown.extend(letters.next()),
            (None | Some('"'), '$') => shown.push_str(&variable(&mut letters, text, value)?),
            (_, letter) => shown.push(letter),
        }
    }
    Ok(shown)
}

fn variable(
    letters: &mut Peekable<Chars<'_>>,
    text: &str,
    value: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let braces = letters.next_if_eq(&'{').is_some();
    let mut name = String::new();
    while let Some(letter) = letters.next_if(|it| it.is_ascii_alphanumeric() || *it == '_') {
        name.push(letter);
    }
    let known = value(&name);
    if !braces {
        return Ok(if name.is_empty() {
            "$".to_owned()
        } else {
            known.unwrap_or_default()
        });
    }
    let rest: String = letters.by_ref().take_while(|it| *it != '}').collect();
    let set = known.clone().filter(|known| !known.is_empty());
    match rest.split_at_checked(2) {
        _ if rest.is_empty() => Ok(known.unwrap_or_default()),
        Some((":-", other)) => Ok(set.unwrap_or_else(|| other.to_owned())),
        Some((":+", other)) => Ok(set.map(|_| other.to_owned()).unwrap_or_default()),
        Some((":?", why)) => {
            set.ok_or_else(|| format!("failed to process \"{text}\": {name}: {why}"))
        }
        _ => Err(format!(
            "failed to process \"{text}\": unsupported modifier in substitution"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables() {
        let value = |name: &str| (name == "A").then(|| "x".to_owned());
        let check = |text: &str, expected: Result<&str, &str>| {
            let expanded = expand(text, &value);
            assert_eq!(expanded, expected.map(str::to_owned).map_err(str::to_owned));
        };
        check(
            "$A ${A}y $B ${B:-z} ${A:+w} \\$A '$A' \"$A\"",
            Ok("x xy  z w $A $A x"),
        );
        check("${B:?no}", Err("failed to process \"${B:?no}\": B: no"));
    }
}
