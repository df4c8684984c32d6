//! A row of a terminal as runs of equal style, each with its CSS classes. It knows no browser.

use avt::{Color, Line, Pen};

/// Neighbouring characters of one style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub text: String,
    pub class: String,
}

/// The row's runs, blank ends left out. `cursor`: the column that is marked.
pub fn runs(line: &Line, cursor: Option<usize>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut column = 0;
    for cell in line.cells() {
        if cell.width() == 0 {
            continue;
        }
        let mut class = class(cell.pen());
        if cursor == Some(column) {
            class.push_str(" cursor");
        }
        column += usize::from(cell.width());
        match runs.last_mut() {
            Some(run) if run.class == class => run.text.push(cell.char()),
            _ => runs.push(Run {
                text: cell.char().to_string(),
                class,
            }),
        }
    }
    trim(&mut runs);
    runs
}

fn trim(runs: &mut Vec<Run>) {
    while let Some(last) = runs.last_mut() {
        if !last.class.is_empty() {
            return;
        }
        last.text.truncate(last.text.trim_end_matches(' ').len());
        if !last.text.is_empty() {
            return;
        }
        runs.pop();
    }
}

fn class(pen: &Pen) -> String {
    if pen.is_default() {
        return String::new();
    }
    let (mut front, mut back) = (pen.foreground(), pen.background());
    let mut class = String::new();
    if pen.is_inverse() {
        std::mem::swap(&mut front, &mut back);
        class.push_str(" inverse");
    }
    color(&mut class, " f", front);
    color(&mut class, " b", back);
    let styles = [
        (pen.is_bold(), " bold"),
        (pen.is_faint(), " faint"),
        (pen.is_italic(), " italic"),
        (pen.is_underline(), " underline"),
        (pen.is_strikethrough(), " strike"),
    ];
    for (_, name) in styles.into_iter().filter(|(is, _)| *is) {
        class.push_str(name);
    }
    class.trim_start().to_owned()
}

/// The sixteen colours of the theme; of the others the nearest, so that every text keeps its contrast.
fn color(class: &mut String, prefix: &str, color: Option<Color>) {
    let number = match color {
        None => return,
        Some(Color::Indexed(number @ 0..16)) => number,
        Some(Color::Indexed(number @ 16..232)) => {
            let cube = number - 16;
            nearest(cube / 36 * 51, cube / 6 % 6 * 51, cube % 6 * 51)
        }
        Some(Color::Indexed(gray)) => {
            let level = (gray - 232) * 10 + 8;
            nearest(level, level, level)
        }
        Some(Color::RGB(rgb)) => nearest(rgb.r, rgb.g, rgb.b),
    };
    class.push_str(prefix);
    class.push_str(&number.to_string());
}

fn nearest(r: u8, g: u8, b: u8) -> u8 {
    let strongest = r.max(g).max(b);
    if strongest < 48 {
        return 0;
    }
    let part = |value: u8| u8::from(value > strongest / 2);
    let number = part(r) + part(g) * 2 + part(b) * 4;
    match (number, strongest) {
        (7, 0..128) => 8,
        (7, 128..224) => 7,
        (number, 200..) => number + 8,
        (number, _) => number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expected: &[(&str, &str)]) {
        let mut terminal = avt::Terminal::new(20, 1).unwrap();
        terminal.feed(input);
        let got = runs(terminal.screen().line(0).unwrap(), None);
        let got: Vec<_> = got
            .iter()
            .map(|run| (run.text.as_str(), run.class.as_str()))
            .collect();
        assert_eq!(got, expected, "{input:?}");
    }

    #[test]
    fn a_row_is_cut_where_its_style_changes() {
        check("plain", &[("plain", "")]);
        check(
            "a \x1b[32mgreen\x1b[0m b",
            &[("a ", ""), ("green", "f2"), (" b", "")],
        );
        check("\x1b[1;31mx", &[("x", "f1 bold")]);
        check("\x1b[7mx", &[("x", "inverse")]);
        check("\x1b[38;5;196mx", &[("x", "f9")]);
        check("\x1b[38;2;10;10;10mx", &[("x", "f0")]);
        check("", &[]);
    }
}
