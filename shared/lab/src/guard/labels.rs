//! The lab's label in an engine's answers: read for the guard, and left out for the learner, who reads what docker alone
//! would have printed.

use std::collections::HashMap;

use super::LABEL;

type Labels = HashMap<String, String>;

/// The nonce in these labels.
pub(super) fn nonce(labels: Option<&Labels>) -> Option<&str> {
    labels?.get(LABEL).map(String::as_str)
}

pub(super) fn remove(labels: Option<&mut Labels>) {
    if let Some(labels) = labels {
        labels.remove(LABEL);
    }
}

/// The JSON without our label, every other byte as the engine sent it.
///
/// A quote inside a JSON string always has a backslash before it, so `"label":"` is found as a key only.
pub(super) fn without(json: &str) -> String {
    let key = format!("\"{LABEL}\":\"");
    let mut left = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(start) = rest.find(&key) {
        let value = &rest[start + key.len()..];
        let Some(end) = end_of_string(value) else {
            break;
        };
        let (before, after) = (&rest[..start], &value[end..]);
        if let Some(after) = after.strip_prefix(',') {
            left.push_str(before);
            rest = after;
        } else {
            left.push_str(before.strip_suffix(',').unwrap_or(before));
            rest = after;
        }
    }
    left.push_str(rest);
    left
}

/// Where the text after an opening quote goes on after its closing quote.
fn end_of_string(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(labels: &str, expected: &str) {
        let json = |labels: &str| format!(r#"{{"Id":"1","Labels":{{{labels}}},"Created":1.50e3}}"#);
        assert_eq!(without(&json(labels)), json(expected));
    }

    #[test]
    fn only_the_label_goes() {
        check("", "");
        check(r#""dev.causeway.lab":"ab12""#, "");
        check(r#""a":"1","dev.causeway.lab":"ab12""#, r#""a":"1""#);
        check(r#""dev.causeway.lab":"ab12","z":"2""#, r#""z":"2""#);
        check(
            r#""a":"1","dev.causeway.lab":"ab12","z":"2""#,
            r#""a":"1","z":"2""#,
        );
        check(
            r#""dev.causeway.lab":"with \" and \\","z":"2""#,
            r#""z":"2""#,
        );
    }

    #[test]
    fn what_only_looks_like_the_label_stays() {
        let said = r#""a":"{\"dev.causeway.lab\":\"ab12\"}","b":"dev.causeway.lab","dev.causeway.labs":"x""#;
        check(said, said);
    }
}
