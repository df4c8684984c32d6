//! `*`, `?` and `[…]`, and the names that match them. A backslash before a letter takes its meaning away.

use crate::{fs::join, process::Process};

pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    all(&pattern, &text)
}

fn all(pattern: &[char], text: &[char]) -> bool {
    // As far as the last `*`, and where the text was then.
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        if pattern.get(at) == Some(&'*') {
            star = Some((at, place));
            at += 1;
            continue;
        }
        if let Some(length) = one(&pattern[at..], text[place]) {
            at += length;
            place += 1;
            continue;
        }
        let Some((starred, begun)) = star else {
            return false;
        };
        star = Some((starred, begun + 1));
        at = starred + 1;
        place = begun + 1;
    }
    pattern[at..].iter().all(|left| *left == '*')
}

/// How much of the pattern matched this letter.
fn one(pattern: &[char], letter: char) -> Option<usize> {
    match pattern {
        [] => None,
        ['?', ..] => Some(1),
        ['\\', escaped, ..] => (*escaped == letter).then_some(2),
        ['[', rest @ ..] => match set(rest, letter) {
            Some((found, length)) => found.then_some(length + 1),
            None => (letter == '[').then_some(1),
        },
        [plain, ..] => (*plain == letter).then_some(1),
    }
}

/// Whether the set has the letter, and how long it is with its `]`.
fn set(pattern: &[char], letter: char) -> Option<(bool, usize)> {
    let not = matches!(pattern.first(), Some('!' | '^'));
    let mut at = usize::from(not);
    let start = at;
    let mut found = false;
    loop {
        match pattern.get(at)? {
            ']' if at > start => return Some((found != not, at + 1)),
            '[' if pattern.get(at + 1) == Some(&':') => {
                let end = pattern[at..].windows(2).position(|two| two == [':', ']'])?;
                let class: String = pattern[at + 2..at + end].iter().collect();
                found |= in_class(&class, letter);
                at += end + 2;
            }
            first => {
                let range = pattern.get(at + 1) == Some(&'-')
                    && pattern.get(at + 2).is_some_and(|last| *last != ']');
                let last = if range { pattern[at + 2] } else { *first };
                found |= (*first..=last).contains(&letter);
                at += if range { 3 } else { 1 };
            }
        }
    }
}

pub fn in_class(class: &str, letter: char) -> bool {
    match class {
        "alpha" => letter.is_alphabetic(),
        "digit" => letter.is_ascii_digit(),
        "alnum" => letter.is_alphanumeric(),
        "upper" => letter.is_uppercase(),
        "lower" => letter.is_lowercase(),
        "space" => letter.is_whitespace(),
        "blank" => matches!(letter, ' ' | '\t'),
        "punct" => letter.is_ascii_punctuation(),
        "xdigit" => letter.is_ascii_hexdigit(),
        "print" => !letter.is_control(),
        "cntrl" => letter.is_control(),
        _ => false,
    }
}

pub fn has_meaning(pattern: &str) -> bool {
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

pub fn without_escapes(pattern: &str) -> String {
    let mut text = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '\\' => letters.next().unwrap_or('\\'),
            letter => letter,
        });
    }
    text
}

/// The paths that match, in order; none where nothing does.
pub fn paths(process: &Process, pattern: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    if pattern.starts_with('/') {
        "/".clone_into(&mut found[0]);
    }
    let steps: Vec<&str> = pattern.split('/').filter(|step| !step.is_empty()).collect();
    for (index, step) in steps.iter().enumerate() {
        let last = index + 1 == steps.len();
        let mut next = Vec::new();
        for folder in &found {
            for name in names(process, folder, step) {
                let path = if folder.is_empty() {
                    name
                } else {
                    join(folder, &name)
                };
                if last || process.is_folder(&path) {
                    next.push(path);
                }
            }
        }
        found = next;
    }
    found
}

fn names(process: &Process, folder: &str, step: &str) -> Vec<String> {
    if !has_meaning(step) {
        let name = without_escapes(step);
        let path = if folder.is_empty() {
            name.clone()
        } else {
            join(folder, &name)
        };
        return if process.stat(&path, false).is_ok() {
            vec![name]
        } else {
            Vec::new()
        };
    }
    let folder = if folder.is_empty() { "." } else { folder };
    let mut names = process.list(folder).unwrap_or_default();
    names.retain(|name| name.starts_with('.') == step.starts_with('.') && matches(step, name));
    names
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }

    #[test]
    fn patterns_match_as_a_shell_s_do() {
        check("*.conf", "nginx.conf", true);
        check("*.conf", "nginx.conf.bak", false);
        check("a?c", "abc", true);
        check("[a-c]x", "bx", true);
        check("[!a-c]x", "bx", false);
        check("[[:digit:]]*", "4web", true);
        check("\\*", "*", true);
        check("\\*", "a", false);
        check("[", "[", true);
        check("*a*b", "xaxxb", true);
        check("-*", "web", false);
    }
}
