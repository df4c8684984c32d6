//! The few filters that a pipe may lead into: `grep head tail wc sort`. Each works on lines as they come.
//!
//! `grep` looks for plain text, not for patterns; what it cannot do it says.

use crate::flags::{self, Cause, Flag};

/// A running filter.
pub struct Filter {
    program: Program,
    /// The last line, as far as it has come.
    partial: Vec<u8>,
    lines: usize,
    words: usize,
    bytes: usize,
    kept: Vec<Vec<u8>>,
    matched: bool,
}

enum Program {
    Grep {
        text: String,
        ignore_case: bool,
        invert: bool,
        count: bool,
    },
    Head(usize),
    Tail(usize),
    Wc {
        lines: bool,
        words: bool,
        bytes: bool,
    },
    Sort {
        reverse: bool,
        unique: bool,
        numeric: bool,
    },
}

/// Lines that `tail` and `sort` keep at most.
const KEPT: usize = 100_000;
/// A line longer than this is taken as several.
const LINE: usize = 64 * 1024;

static GREP: &[Flag] = &[
    Flag::switch("ignore-case", "").short('i'),
    Flag::switch("invert-match", "").short('v'),
    Flag::switch("count", "").short('c'),
    Flag::switch("fixed-strings", "").short('F'),
];
static LINES: &[Flag] = &[Flag::number("lines", "").short('n')];
static WC: &[Flag] = &[
    Flag::switch("lines", "").short('l'),
    Flag::switch("words", "").short('w'),
    Flag::switch("bytes", "").short('c'),
];
static SORT: &[Flag] = &[
    Flag::switch("reverse", "").short('r'),
    Flag::switch("unique", "").short('u'),
    Flag::switch("numeric-sort", "").short('n'),
];

impl Filter {
    /// Reads a filter's words; an error is one sentence.
    pub fn new(name: &str, words: &[String]) -> Result<Self, String> {
        let flags = match name {
            "grep" => GREP,
            "head" | "tail" => LINES,
            "wc" => WC,
            "sort" => SORT,
            _ => {
                return Err(format!(
                    "causeway: {name}: a pipe leads into grep, head, tail, wc or sort here, nothing else."
                ));
            }
        };
        // The old way to write a number of lines: `head -5`.
        let words: Vec<String> = words.iter().map(|word| old_number(name, word)).collect();
        let given = flags::parse(flags, &words, true).map_err(|error| match error.cause {
            Cause::Wrong(why) => format!("{name}: {why}"),
            _ => format!("causeway: {name}: its help is not here; look it up with 'man {name}' on your machine."),
        })?;
        let wanted = usize::from(name == "grep");
        if given.arguments.len() != wanted {
            return Err(match name {
                "grep" if given.arguments.is_empty() => {
                    "causeway: grep: what to look for is missing: … | grep TEXT".to_owned()
                }
                _ => format!(
                    "causeway: {name}: it reads what comes through the pipe here, no files."
                ),
            });
        }
        let lines = || usize::try_from(given.number("lines").unwrap_or(10)).unwrap_or_default();
        let program = match name {
            "grep" => {
                let ignore_case = given.on("ignore-case");
                let text = given.arguments[0].clone();
                if !given.on("fixed-strings") && text.contains(['*', '[', '\\', '^', '$', '|']) {
                    return Err(format!(
                        "causeway: grep: '{text}' is a pattern, and grep finds plain text here; with -F it is taken as it is."
                    ));
                }
                let text = if ignore_case {
                    text.to_lowercase()
                } else {
                    text
                };
                Program::Grep {
                    text,
                    ignore_case,
                    invert: given.on("invert-match"),
                    count: given.on("count"),
                }
            }
            "head" => Program::Head(lines()),
            "tail" => Program::Tail(lines().min(KEPT)),
            "wc" => {
                let all = !(given.on("lines") || given.on("words") || given.on("bytes"));
                Program::Wc {
                    lines: all || given.on("lines"),
                    words: all || given.on("words"),
                    bytes: all || given.on("bytes"),
                }
            }
            _ => Program::Sort {
                reverse: given.on("reverse"),
                unique: given.on("unique"),
                numeric: given.on("numeric-sort"),
            },
        };
        Ok(Self {
            program,
            partial: Vec::new(),
            lines: 0,
            words: 0,
            bytes: 0,
            kept: Vec::new(),
            matched: false,
        })
    }

    /// Takes some output; gives what is let through.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut through = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.partial.len() > LINE {
                let line = std::mem::take(&mut self.partial);
                self.line(line, &mut through);
            }
        }
        through
    }

    /// There is no more output; gives what was still to come.
    pub fn finish(&mut self) -> Vec<u8> {
        let mut through = Vec::new();
        let last = std::mem::take(&mut self.partial);
        if !last.is_empty() {
            self.line(last, &mut through);
        }
        match &self.program {
            Program::Grep { count: true, .. } => {
                through.extend_from_slice(format!("{}\n", self.lines).as_bytes());
            }
            Program::Wc {
                lines,
                words,
                bytes,
            } => {
                let columns = [
                    (*lines, self.lines),
                    (*words, self.words),
                    (*bytes, self.bytes),
                ];
                let shown: Vec<usize> = columns
                    .iter()
                    .filter(|(shown, _)| *shown)
                    .map(|(_, number)| *number)
                    .collect();
                let line = match shown[..] {
                    [one] => format!("{one}\n"),
                    _ => {
                        shown
                            .iter()
                            .map(|number| format!("{number:>7}"))
                            .collect::<Vec<_>>()
                            .join(" ")
                            + "\n"
                    }
                };
                through.extend_from_slice(line.as_bytes());
            }
            Program::Sort {
                reverse,
                unique,
                numeric,
            } => {
                if *numeric {
                    self.kept
                        .sort_by(|a, b| number(a).total_cmp(&number(b)).then_with(|| a.cmp(b)));
                } else {
                    self.kept.sort();
                }
                if *reverse {
                    self.kept.reverse();
                }
                if *unique {
                    self.kept.dedup();
                }
                through.extend(self.kept.drain(..).flatten());
            }
            Program::Tail(_) => through.extend(self.kept.drain(..).flatten()),
            Program::Grep { .. } | Program::Head(_) => {}
        }
        through
    }

    /// It takes nothing more.
    pub fn done(&self) -> bool {
        matches!(self.program, Program::Head(lines) if self.lines >= lines)
    }

    /// Its exit code, once finished.
    pub fn code(&self) -> u8 {
        u8::from(matches!(self.program, Program::Grep { .. }) && !self.matched)
    }

    fn line(&mut self, mut line: Vec<u8>, through: &mut Vec<u8>) {
        match &self.program {
            Program::Grep {
                text,
                ignore_case,
                invert,
                count,
            } => {
                let shown = String::from_utf8_lossy(&line);
                let shown = if *ignore_case {
                    shown.to_lowercase().into()
                } else {
                    shown
                };
                if shown.trim_end_matches('\n').contains(text.as_str()) != *invert {
                    self.matched = true;
                    self.lines += 1;
                    if !*count {
                        end_line(&mut line);
                        through.append(&mut line);
                    }
                }
            }
            Program::Head(lines) => {
                if self.lines < *lines {
                    self.lines += 1;
                    through.append(&mut line);
                }
            }
            Program::Wc { .. } => {
                self.lines += usize::from(line.ends_with(b"\n"));
                self.bytes += line.len();
                self.words += String::from_utf8_lossy(&line).split_whitespace().count();
            }
            Program::Tail(lines) => {
                self.kept.push(line);
                // Cut now and then, not each time.
                if self.kept.len() >= lines.saturating_mul(2).max(64) {
                    self.kept.drain(..self.kept.len() - lines);
                }
            }
            Program::Sort { .. } => {
                end_line(&mut line);
                if self.kept.len() < KEPT {
                    self.kept.push(line);
                }
            }
        }
        if let Program::Tail(lines) = self.program {
            let surplus = self.kept.len().saturating_sub(lines);
            if surplus > 0 && lines <= 64 {
                self.kept.drain(..surplus);
            }
        }
    }
}

fn old_number(name: &str, word: &str) -> String {
    match word.strip_prefix('-') {
        Some(number) if matches!(name, "head" | "tail") && number.parse::<usize>().is_ok() => {
            format!("-n{number}")
        }
        _ => word.to_owned(),
    }
}

fn end_line(line: &mut Vec<u8>) {
    if !line.ends_with(b"\n") {
        line.push(b'\n');
    }
}

/// The number that a line begins with, as `sort -n` reads it.
fn number(line: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_start();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .unwrap_or(text.len());
    text[..end].parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filter: &str, input: &str, expected: &str) {
        let words: Vec<String> = filter.split(' ').map(str::to_owned).collect();
        let output = Filter::new(&words[0], &words[1..]).map(|mut filter| {
            // In pieces, as output comes.
            let pieces = input.as_bytes().chunks(3);
            let mut output: Vec<u8> = pieces.flat_map(|piece| filter.push(piece)).collect();
            output.extend(filter.finish());
            String::from_utf8_lossy(&output).into_owned()
        });
        assert_eq!(output.unwrap_or_else(|error| error), expected, "{filter}");
    }

    #[test]
    fn filters_work_on_lines() {
        let input = "web 10\ndb 9\nWeb 2\nlast";
        check("grep web", input, "web 10\n");
        check("grep -i web", input, "web 10\nWeb 2\n");
        check("grep -vi web", input, "db 9\nlast\n");
        check("grep -c b", input, "3\n");
        check("head -2", input, "web 10\ndb 9\n");
        check("head -n 1", input, "web 10\n");
        check("tail -2", input, "Web 2\nlast");
        check("wc -l", input, "3\n");
        check("wc", input, "      3       7      22\n");
        check("sort", input, "Web 2\ndb 9\nlast\nweb 10\n");
        check("sort -rn", "9\n10\n1\n", "10\n9\n1\n");
    }

    #[test]
    fn what_a_filter_cannot_do_it_says() {
        check(
            "less",
            "",
            "causeway: less: a pipe leads into grep, head, tail, wc or sort here, nothing else.",
        );
        check("grep -x a", "", "grep: unknown shorthand flag: 'x' in -x");
        check(
            "wc file",
            "",
            "causeway: wc: it reads what comes through the pipe here, no files.",
        );
    }
}
