//! `*`, `?` and `[…]`, and the names that match them. A backslash before a letter takes its meaning away.

use sh::Pattern;

use crate::{fs::join, process::Process};

pub fn matches(pattern: &str, text: &str) -> bool {
    Pattern::with_escapes(pattern).matches(text)
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
    let pattern = Pattern::with_escapes(step);
    names.retain(|name| name.starts_with('.') == step.starts_with('.') && pattern.matches(name));
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
