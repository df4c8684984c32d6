//! How Go's standard library writes things, where docker's output depends on it: quoted strings, tables, JSON indents,
//! natural order.

use std::{cmp::Ordering, fmt::Write as _};

/// `strconv.Quote`, and `%q`.
pub fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\u{7}' => quoted.push_str("\\a"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{b}' => quoted.push_str("\\v"),
            '\u{c}' => quoted.push_str("\\f"),
            letter if letter < ' ' || letter == '\u{7f}' => {
                let _ = write!(quoted, "\\x{:02x}", u32::from(letter));
            }
            letter if letter.is_control() || (letter.is_whitespace() && letter != ' ') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// `text/tabwriter`: cells end with a tab; a column is as wide as its widest cell among neighbouring lines, the last cell of
/// a line has no width.
pub fn tabwriter(text: &str, least: usize, padding: usize) -> String {
    let lines: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let mut written = String::new();
    columns(&lines, &mut Vec::new(), (least, padding), &mut written);
    written
}

/// Rows of cells, three apart.
pub fn table(rows: &[Vec<String>], least: usize) -> String {
    let lines: Vec<String> = rows.iter().map(|row| row.join("\t") + "\n").collect();
    tabwriter(&lines.concat(), least, 3)
}

/// Writes lines whose first columns have these widths.
fn columns(
    mut lines: &[Vec<&str>],
    widths: &mut Vec<usize>,
    (least, padding): (usize, usize),
    written: &mut String,
) {
    let column = widths.len();
    let has = |line: &Vec<&str>| column + 1 < line.len();
    while let Some(start) = lines.iter().position(has) {
        for line in &lines[..start] {
            cells(line, widths, written);
        }
        let block = lines[start..].iter().take_while(|line| has(line)).count();
        let (block, rest) = lines[start..].split_at(block);
        let width = block
            .iter()
            .map(|line| line[column].chars().count() + padding);
        widths.push(width.max().unwrap_or_default().max(least));
        columns(block, widths, (least, padding), written);
        widths.pop();
        lines = rest;
    }
    for line in lines {
        cells(line, widths, written);
    }
}

fn cells(line: &[&str], widths: &[usize], written: &mut String) {
    for (column, cell) in line.iter().enumerate() {
        written.push_str(cell);
        if let Some(width) = widths.get(column) {
            let missing = width.saturating_sub(cell.chars().count());
            written.extend(std::iter::repeat_n(' ', missing));
        }
    }
    written.push('\n');
}

/// `json.Indent` with four spaces: whitespace and nothing else changes.
pub fn indent(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    // Written when something follows, so that `{}` and `[]` stay closed up.
    let mut opened = false;
    for letter in json.chars() {
        if in_string {
            text.push(letter);
            in_string = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        if letter.is_ascii_whitespace() {
            continue;
        }
        if opened && !matches!(letter, '}' | ']') {
            depth += 1;
            new_line(&mut text, depth);
        }
        let was_opened = std::mem::take(&mut opened);
        match letter {
            '{' | '[' => {
                opened = true;
                text.push(letter);
            }
            '}' | ']' => {
                if !was_opened {
                    depth = depth.saturating_sub(1);
                    new_line(&mut text, depth);
                }
                text.push(letter);
            }
            ',' => {
                text.push(letter);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            letter => {
                in_string = letter == '"';
                text.push(letter);
            }
        }
    }
    text
}

/// Names with numbers in them in the order that people expect: `web2` before `web10`.
pub fn natural_order(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let (Some(&a), Some(&b)) = (left.first(), right.first()) {
        if a.is_ascii_digit() && b.is_ascii_digit() {
            let (number_a, rest_a) = digits(left);
            let (number_b, rest_b) = digits(right);
            let order = number_a
                .len()
                .cmp(&number_b.len())
                .then_with(|| number_a.cmp(number_b));
            // Equal numbers: the one with fewer zeros before it comes first.
            let order =
                order.then_with(|| (left.len() - rest_a.len()).cmp(&(right.len() - rest_b.len())));
            if order.is_ne() {
                return order;
            }
            (left, right) = (rest_a, rest_b);
        } else if a == b {
            (left, right) = (&left[1..], &right[1..]);
        } else {
            return a.cmp(&b);
        }
    }
    left.len().cmp(&right.len())
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    (&number[zeros..], rest)
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("    ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted() {
        assert_eq!(
            quote("sleep \"1\"\n\u{1b}…"),
            "\"sleep \\\"1\\\"\\n\\x1b…\""
        );
    }

    #[test]
    fn tables_have_columns_three_apart() {
        let rows = [
            ["NETWORK ID", "NAME", "DRIVER"],
            ["a0073a6cf382", "bridge", "bridge"],
            ["33a66f8d7256", "a-long-network", ""],
        ];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let expected = "NETWORK ID     NAME             DRIVER\n\
                        a0073a6cf382   bridge           bridge\n\
                        33a66f8d7256   a-long-network   \n";
        assert_eq!(table(&rows, 10), expected);
    }

    #[test]
    fn json_keeps_its_bytes() {
        let expected = "[\n    {\n        \"a\": 1.0,\n        \"b\": {},\n        \"c\": [\n            \"x, {y} \\\" \\u00e9\",\n            []\n        ]\n    }\n]";
        assert_eq!(
            indent("[{\"a\":1.0,\"b\":{ },\"c\":[\"x, {y} \\\" \\u00e9\",[]]}\n]"),
            expected
        );
        assert_eq!(indent("[]"), "[]");
    }

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = ["web10", "web2", "db", "web", "web02", "Web"];
        names.sort_by(|a, b| natural_order(a, b));
        assert_eq!(names, ["Web", "db", "web", "web2", "web02", "web10"]);
    }
}
