//! A line, read as a small shell reads it: words, quotes, `$(…)`, `;`, `&&`, `||`, `|`.
//!
//! It knows no command. What it does not understand it says in one sentence, with the place.

use std::ops::Range;

/// A line longer than this is not read.
pub const LIMIT: usize = 64 * 1024;
/// `$(…)` inside `$(…)`, at most.
const DEPTH: usize = 8;

/// What is wrong with a line before it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Bytes of the line.
    pub range: Range<usize>,
    /// One sentence: what is wrong, and what to type instead.
    pub text: String,
}

/// Pipelines, and what is between each and the one before it.
pub type List = Vec<(Connector, Pipeline)>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connector {
    pub when: When,
    /// Where it stands; empty before the first.
    pub range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Always,
    /// `&&`
    Success,
    /// `||`
    Failure,
}

/// Commands with a `|` between them (its place is kept).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    pub commands: Vec<Vec<ShellWord>>,
    pub pipes: Vec<Range<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShellWord {
    pub range: Range<usize>,
    pub parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(String),
    /// `$?`
    Code,
    /// `$(…)`; in quotes it stays one word.
    Output {
        list: List,
        quoted: bool,
    },
}

impl ShellWord {
    /// As it is written, where nothing has to run to know it.
    pub fn text(&self) -> String {
        let text = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Code => "$?".to_owned(),
            Part::Output { .. } => "$(…)".to_owned(),
        };
        self.parts.iter().map(text).collect()
    }
}

/// Reads a line.
pub fn read(line: &str) -> Result<List, Mistake> {
    if line.len() > LIMIT {
        let size = line.len() / 1024;
        let text = format!(
            "This line is {size} KiB long; a line may have 64 KiB, so put what is long into a file or an image."
        );
        return Err(Mistake { range: 0..0, text });
    }
    if let Some(at) = line.find('\0') {
        let text = format!(
            "Character {} is a NUL, which cannot be typed or passed to a program; remove it.",
            place(line, at)
        );
        return Err(Mistake {
            range: at..at + 1,
            text,
        });
    }
    Reader {
        line,
        at: 0,
        depth: 0,
    }
    .list(None)
}

struct Reader<'l> {
    line: &'l str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn list(&mut self, until: Option<(char, usize)>) -> Result<List, Mistake> {
        let mut list = List::new();
        let mut connector = Connector {
            when: When::Always,
            range: self.at..self.at,
        };
        let mut pipeline = Pipeline::default();
        let mut words = Vec::new();
        loop {
            self.spaces();
            let start = self.at;
            let operator = self.operator(until.is_some())?;
            if let Some(operator) = operator {
                let range = start..self.at;
                let ends = matches!(operator, ";" | "\n" | "" | ")");
                if words.is_empty()
                    && !(ends && pipeline.commands.is_empty() && connector.when == When::Always)
                {
                    let text = format!(
                        "A command is missing {}.",
                        missing_at(operator, &connector, &pipeline, self.line)
                    );
                    return Err(Mistake { range, text });
                }
                if !words.is_empty() {
                    pipeline.commands.push(std::mem::take(&mut words));
                }
                if operator == "|" {
                    pipeline.pipes.push(range);
                    continue;
                }
                if !pipeline.commands.is_empty() {
                    list.push((connector, std::mem::take(&mut pipeline)));
                }
                let when = match operator {
                    "&&" => When::Success,
                    "||" => When::Failure,
                    _ => When::Always,
                };
                connector = Connector { when, range };
                match (operator, until) {
                    ("", None) | (")", Some(_)) => return Ok(list),
                    ("", Some((_, opened))) => {
                        let text = format!(
                            "The $( at character {} is not closed; add a ).",
                            place(self.line, opened)
                        );
                        return Err(Mistake {
                            range: opened..opened + 2,
                            text,
                        });
                    }
                    _ => continue,
                }
            }
            words.push(self.word()?);
        }
    }

    fn spaces(&mut self) {
        loop {
            let rest = &self.line[self.at..];
            if rest.starts_with([' ', '\t', '\r']) {
                self.at += 1;
            } else if rest.starts_with("\\\n") {
                self.at += 2;
            } else if rest.starts_with("\\\r\n") {
                self.at += 3;
            } else if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                return;
            }
        }
    }

    /// The operator here, the empty one being the end; `None`: a word begins.
    fn operator(&mut self, nested: bool) -> Result<Option<&'static str>, Mistake> {
        let rest = &self.line[self.at..];
        if rest.is_empty() {
            return Ok(Some(""));
        }
        if nested && rest.starts_with(')') {
            self.at += 1;
            return Ok(Some(")"));
        }
        for operator in ["&&", "||", ";", "\n", "|"] {
            if rest.starts_with(operator) {
                self.at += operator.len();
                return Ok(Some(operator));
            }
        }
        let refused = match rest.chars().next() {
            Some('&') => {
                "& would run the command in the background; use docker run -d, or a second terminal."
            }
            Some('>' | '<') => {
                "Files of your machine are not read or written here; leave out the > or <."
            }
            Some('(' | ')') => {
                "Round brackets have no meaning here; put them in quotes if a program is to get them."
            }
            _ => return Ok(None),
        };
        Err(Mistake {
            range: self.at..self.at + 1,
            text: refused.to_owned(),
        })
    }

    fn word(&mut self) -> Result<ShellWord, Mistake> {
        let start = self.at;
        let mut parts = Vec::new();
        let mut text = String::new();
        // `''` is a word too.
        let mut quoted = false;
        while let Some(letter) = self.line[self.at..].chars().next() {
            match letter {
                ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '<' | '>' | '(' | ')' => break,
                '\'' => {
                    quoted = true;
                    text.push_str(self.single_quoted()?);
                }
                '"' => {
                    quoted = true;
                    self.double_quoted(&mut text, &mut parts)?;
                }
                '\\' => {
                    self.at += 1;
                    let Some(escaped) = self.line[self.at..].chars().next() else {
                        break;
                    };
                    self.at += escaped.len_utf8();
                    if escaped != '\n' {
                        text.push(escaped);
                    }
                }
                '$' => self.dollar(&mut text, &mut parts, false)?,
                '`' => {
                    let range = self.at..self.at + 1;
                    return Err(Mistake {
                        range,
                        text: "Backquotes are an old spelling; write $(…) instead.".to_owned(),
                    });
                }
                letter => {
                    if let Some(text) = typographic(self.line, start, self.at, letter) {
                        return Err(Mistake {
                            range: self.at..self.at + letter.len_utf8(),
                            text,
                        });
                    }
                    text.push(letter);
                    self.at += letter.len_utf8();
                }
            }
        }
        if !text.is_empty() || (quoted && parts.is_empty()) {
            parts.push(Part::Text(text));
        }
        Ok(ShellWord {
            range: start..self.at,
            parts,
        })
    }

    fn single_quoted(&mut self) -> Result<&str, Mistake> {
        let start = self.at + 1;
        let Some(length) = self.line[start..].find('\'') else {
            return Err(self.unclosed('\''));
        };
        self.at = start + length + 1;
        Ok(&self.line[start..start + length])
    }

    fn double_quoted(&mut self, text: &mut String, parts: &mut Vec<Part>) -> Result<(), Mistake> {
        let unclosed = self.unclosed('"');
        self.at += 1;
        loop {
            let rest = &self.line[self.at..];
            let Some(letter) = rest.chars().next() else {
                return Err(unclosed);
            };
            match letter {
                '"' => {
                    self.at += 1;
                    return Ok(());
                }
                '\\' if rest[1..].starts_with(['"', '\\', '$', '`']) => {
                    text.push_str(&rest[1..2]);
                    self.at += 2;
                }
                '\\' if rest[1..].starts_with('\n') => self.at += 2,
                '$' => self.dollar(text, parts, true)?,
                letter => {
                    text.push(letter);
                    self.at += letter.len_utf8();
                }
            }
        }
    }

    fn dollar(
        &mut self,
        text: &mut String,
        parts: &mut Vec<Part>,
        quoted: bool,
    ) -> Result<(), Mistake> {
        let start = self.at;
        let rest = &self.line[start + 1..];
        let name_length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let part = if rest.starts_with('(') {
            if self.depth == DEPTH {
                let text =
                    format!("$(…) is nested more than {DEPTH} deep; run the inner commands first.");
                return Err(Mistake {
                    range: start..start + 2,
                    text,
                });
            }
            self.at += 2;
            self.depth += 1;
            let list = self.list(Some((')', start)))?;
            self.depth -= 1;
            Part::Output { list, quoted }
        } else if rest.starts_with('?') {
            self.at += 2;
            Part::Code
        } else if rest.starts_with('{')
            || (name_length > 0 && !rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            let name = rest[..name_length.max(1)].to_owned();
            let text = format!(
                "There are no variables of your machine here, so ${name} has no value; write the value itself, or '${name}' in single quotes for a container's shell."
            );
            return Err(Mistake {
                range: start..start + 1 + name.len(),
                text,
            });
        } else {
            text.push('$');
            self.at += 1;
            return Ok(());
        };
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(text)));
        }
        parts.push(part);
        Ok(())
    }

    fn unclosed(&self, quote: char) -> Mistake {
        let text = format!(
            "The quote {quote} at character {} is not closed; add another {quote} where it ends.",
            place(self.line, self.at)
        );
        Mistake {
            range: self.at..self.at + 1,
            text,
        }
    }
}

/// Characters that web pages and word processors put in place of those on the keyboard.
fn typographic(line: &str, word: usize, at: usize, letter: char) -> Option<String> {
    let rest = &line[at + letter.len_utf8()..];
    let name = rest.chars().take_while(char::is_ascii_alphanumeric).count();
    let (what, instead) = match letter {
        '“' | '”' | '„' | '«' | '»' => ("a typographic quote", "\""),
        '‘' | '’' | '‚' => ("a typographic quote", "'"),
        '–' if at == word && name <= 2 => ("a typographic dash", "-"),
        '—' | '–' if at == word => ("a typographic dash", "--"),
        '—' | '–' | '−' => ("a typographic dash", "-"),
        '\u{a0}' | '\u{2009}' | '\u{202f}' => (
            "a typographic space, which looks like an ordinary one",
            "an ordinary space",
        ),
        '\u{200b}' | '\u{feff}' => ("a character without width, which cannot be seen", "nothing"),
        _ => return None,
    };
    let shown = if letter.is_whitespace() || what.contains("width") {
        String::new()
    } else {
        format!("{letter} ")
    };
    let verb = if instead == "nothing" {
        "remove it".to_owned()
    } else {
        format!("type {instead} instead")
    };
    let at = place(line, at);
    Some(if shown.is_empty() {
        format!("Character {at} is {what}, as web pages have them: {verb}.")
    } else {
        format!("{shown}at character {at} is {what}, as web pages have them: {verb}.")
    })
}

fn missing_at(operator: &str, connector: &Connector, pipeline: &Pipeline, line: &str) -> String {
    let before = match connector.when {
        _ if !pipeline.pipes.is_empty() => Some("|"),
        When::Success => Some("&&"),
        When::Failure => Some("||"),
        When::Always => None,
    };
    match (before, operator) {
        (Some(before), _) => format!("after {before}"),
        (None, ";") if line[connector.range.clone()].starts_with(';') => {
            "between ; and ;".to_owned()
        }
        (None, operator) => format!("before {operator}"),
    }
}

/// Which character (not byte) of the line this is, counted from one.
fn place(line: &str, at: usize) -> usize {
    line[..at].chars().count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(list: &List) -> String {
        let mut text = String::new();
        for (index, (connector, pipeline)) in list.iter().enumerate() {
            let operator = match connector.when {
                When::Success => " && ",
                When::Failure => " || ",
                When::Always if index == 0 => "",
                When::Always => " ; ",
            };
            text.push_str(operator);
            let commands = pipeline.commands.iter().map(|words| {
                let words = words.iter().map(|word| {
                    let parts = word.parts.iter().map(|part| match part {
                        Part::Text(text) => text.clone(),
                        Part::Code => "{code}".to_owned(),
                        Part::Output { list, quoted } => {
                            format!("{{{}{}}}", if *quoted { "quoted " } else { "" }, show(list))
                        }
                    });
                    format!("[{}]", parts.collect::<String>())
                });
                words.collect::<String>()
            });
            text.push_str(&commands.collect::<Vec<_>>().join(" | "));
        }
        text
    }

    fn check(line: &str, expected: &str) {
        let shown = match read(line) {
            Ok(list) => show(&list),
            Err(mistake) => format!("{:?} {}", mistake.range, mistake.text),
        };
        assert_eq!(shown, expected, "{line}");
    }

    #[test]
    fn words_and_quotes() {
        check("docker ps  -a", "[docker][ps][-a]");
        check(
            r#"sh -c 'echo "$HOME"' "a \"b\" \n" c\ d ''"#,
            r#"[sh][-c][echo "$HOME"][a "b" \n][c d][]"#,
        );
        check("docker run \\\n  -d nginx", "[docker][run][-d][nginx]");
        check("a'b'\"c\"", "[abc]");
        check("docker ps # all of them", "[docker][ps]");
        check("", "");
        check("echo a$ $", "[echo][a$][$]");
    }

    #[test]
    fn commands_one_after_the_other() {
        check("a; b && c || d\ne;", "[a] ; [b] && [c] || [d] ; [e]");
        check(
            "docker ps | grep web | wc -l",
            "[docker][ps] | [grep][web] | [wc][-l]",
        );
        check(
            "rm $(ps -q) \"$(a; b)\" $?",
            "[rm][{[ps][-q]}][{quoted [a] ; [b]}][{code}]",
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        check(
            "echo \"a",
            "5..6 The quote \" at character 6 is not closed; add another \" where it ends.",
        );
        check(
            "echo 'a",
            "5..6 The quote ' at character 6 is not closed; add another ' where it ends.",
        );
        check(
            "echo $(ps",
            "5..7 The $( at character 6 is not closed; add a ).",
        );
        check("a &&", "4..4 A command is missing after &&.");
        check("| a", "0..1 A command is missing before |.");
        check("a | ", "4..4 A command is missing after |.");
        check(
            "a &",
            "2..3 & would run the command in the background; use docker run -d, or a second terminal.",
        );
        check(
            "a > b",
            "2..3 Files of your machine are not read or written here; leave out the > or <.",
        );
        check(
            "a\0b",
            "1..2 Character 2 is a NUL, which cannot be typed or passed to a program; remove it.",
        );
        check(
            "a `b`",
            "2..3 Backquotes are an old spelling; write $(…) instead.",
        );
        check(
            "run -e A=$HOME",
            "9..14 There are no variables of your machine here, so $HOME has no value; write the value itself, or '$HOME' in single quotes for a container's shell.",
        );
        let long = "a".repeat(1024 * 1024);
        check(
            &long,
            "0..0 This line is 1024 KiB long; a line may have 64 KiB, so put what is long into a file or an image.",
        );
        check(
            &"$(".repeat(30_000),
            "16..18 $(…) is nested more than 8 deep; run the inner commands first.",
        );
    }

    #[test]
    fn characters_of_web_pages() {
        check(
            "docker run “nginx”",
            "11..14 “ at character 12 is a typographic quote, as web pages have them: type \" instead.",
        );
        check(
            "sh ‘a’",
            "3..6 ‘ at character 4 is a typographic quote, as web pages have them: type ' instead.",
        );
        check(
            "é –d",
            "3..6 – at character 3 is a typographic dash, as web pages have them: type - instead.",
        );
        check(
            "run –name web",
            "4..7 – at character 5 is a typographic dash, as web pages have them: type -- instead.",
        );
        check(
            "run —rm",
            "4..7 — at character 5 is a typographic dash, as web pages have them: type -- instead.",
        );
        check(
            "docker\u{a0}ps",
            "6..8 Character 7 is a typographic space, which looks like an ordinary one, as web pages have them: type an ordinary space instead.",
        );
        check("echo 'a – “b”'", "[echo][a – “b”]");
    }
}
