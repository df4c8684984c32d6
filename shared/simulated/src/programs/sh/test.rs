//! `test` and `[`

use crate::{fs::Kind, process::Process};

/// Whether it holds; or what is wrong with the question.
pub fn test(process: &Process, arguments: &[String]) -> Result<bool, String> {
    let mut words: Vec<&str> = arguments[1..].iter().map(String::as_str).collect();
    let name = arguments[0].rsplit('/').next().unwrap_or_default();
    if name.starts_with('[') {
        let closing = if name == "[[" { "]]" } else { "]" };
        if words.pop() != Some(closing) {
            return Err(format!("missing {closing}"));
        }
    }
    let mut question = Question {
        process,
        words: &words,
    };
    let holds = question.or()?;
    match question.words.first() {
        None => Ok(holds),
        Some(left) => Err(format!("{left}: unknown operand")),
    }
}

struct Question<'a> {
    process: &'a Process,
    words: &'a [&'a str],
}

const BINARY: [&str; 15] = [
    "=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef", "=~",
];

impl<'a> Question<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take(&mut self, names: &[&str]) -> bool {
        let found = self.words.first().is_some_and(|word| names.contains(word));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn or(&mut self) -> Result<bool, String> {
        if self.words.is_empty() {
            return Ok(false);
        }
        let mut holds = self.and()?;
        while self.take(&["-o", "||"]) {
            holds |= self.and()?;
        }
        Ok(holds)
    }

    fn and(&mut self) -> Result<bool, String> {
        let mut holds = self.not()?;
        while self.take(&["-a", "&&"]) {
            holds &= self.not()?;
        }
        Ok(holds)
    }

    fn not(&mut self) -> Result<bool, String> {
        if self.words.len() > 1 && !self.binary_follows() && self.take(&["!"]) {
            return Ok(!self.not()?);
        }
        self.primary()
    }

    fn binary_follows(&self) -> bool {
        self.words.len() > 2 && BINARY.contains(&self.words[1])
    }

    fn primary(&mut self) -> Result<bool, String> {
        if self.binary_follows() {
            let (left, operator, right) = (self.words[0], self.words[1], self.words[2]);
            self.words = &self.words[3..];
            return self.compare(left, operator, right);
        }
        let first = self.next().ok_or("argument expected")?;
        if first == "(" {
            let holds = self.or()?;
            return if self.take(&[")"]) {
                Ok(holds)
            } else {
                Err("closing paren expected".to_owned())
            };
        }
        let is_operator = first.len() == 2
            && first.starts_with('-')
            && "bcdefghkLnprsStuwxz".contains(&first[1..]);
        match self.words.first() {
            Some(word) if is_operator => {
                let word = *word;
                self.words = &self.words[1..];
                Ok(self.about(&first[1..], word))
            }
            _ => Ok(!first.is_empty()),
        }
    }

    fn compare(&self, left: &str, operator: &str, right: &str) -> Result<bool, String> {
        Ok(match operator {
            "=" | "==" => left == right,
            "!=" => left != right,
            "<" => left < right,
            ">" => left > right,
            "-nt" | "-ot" => {
                let time =
                    |path: &str| self.process.stat(path, true).map(|node| node.modified).ok();
                if operator == "-nt" {
                    time(left) > time(right)
                } else {
                    time(left) < time(right)
                }
            }
            "-ef" => self.process.real_path(left) == self.process.real_path(right),
            "=~" => return Err("=~: unknown operand".to_owned()),
            operator => {
                let number = |word: &str| {
                    let parsed = word.trim().parse::<i64>();
                    parsed.map_err(|_| {
                        if word.is_empty() {
                            "out of range".to_owned()
                        } else {
                            format!("{word}: bad number")
                        }
                    })
                };
                let (left, right) = (number(left)?, number(right)?);
                match operator {
                    "-eq" => left == right,
                    "-ne" => left != right,
                    "-lt" => left < right,
                    "-le" => left <= right,
                    "-gt" => left > right,
                    _ => left >= right,
                }
            }
        })
    }

    fn about(&self, what: &str, word: &str) -> bool {
        let node = self.process.stat(word, !matches!(what, "L" | "h"));
        match what {
            "n" => !word.is_empty(),
            "z" => word.is_empty(),
            "t" => word
                .parse()
                .is_ok_and(|number| self.process.is_terminal(number)),
            "e" | "r" | "w" => node.is_ok(),
            "f" => node.is_ok_and(|node| matches!(node.kind, Kind::File(_))),
            "d" => node.is_ok_and(|node| node.is_folder()),
            "L" | "h" => node.is_ok_and(|node| matches!(node.kind, Kind::Link(_))),
            "s" => node.is_ok_and(|node| node.size() > 0),
            "x" => node.is_ok_and(|node| node.mode & 0o111 != 0),
            _ => false,
        }
    }
}
