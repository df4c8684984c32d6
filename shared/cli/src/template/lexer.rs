//! Go's template text cut into tokens, with Go's own words for what cannot be one.

/// Where it starts in the text, what it is, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub at: usize,
    pub is: Is,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Is {
    /// Not a token: its text says why.
    Error,
    Bool,
    /// Any other character of ASCII, a comma above all.
    Char,
    CharConstant,
    Assign,
    Declare,
    End,
    Field,
    Identifier,
    Left,
    LeftParen,
    Number,
    Pipe,
    RawString,
    Right,
    RightParen,
    Space,
    String,
    Text,
    Variable,
    Dot,
    Nil,
    Keyword,
}

const KEYWORDS: &[&str] = &[
    "block", "break", "continue", "define", "else", "end", "if", "range", "template", "with",
];
const LEFT: &str = "{{";
const RIGHT: &str = "}}";
const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

impl Token {
    /// As Go names it in messages.
    pub fn shown(&self) -> String {
        match self.is {
            Is::End => "EOF".to_owned(),
            Is::Error => self.text.clone(),
            Is::Keyword | Is::Dot | Is::Nil => format!("<{}>", self.text),
            _ if self.text.len() > 10 => {
                let start: String = self.text.chars().take(10).collect();
                format!("{}...", crate::go::quote(&start))
            }
            _ => crate::go::quote(&self.text),
        }
    }

    pub fn is_keyword(&self, word: &str) -> bool {
        self.is == Is::Keyword && self.text == word
    }
}

/// All tokens; the last is [`Is::End`] or [`Is::Error`].
pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        depth: 0,
        found: Vec::new(),
    };
    if let Err(why) = lexer.all() {
        let at = lexer.at;
        lexer.found.push(Token {
            at,
            is: Is::Error,
            text: why,
        });
    }
    lexer.found
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    found: Vec<Token>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, is: Is, length: usize) {
        let text = self.rest()[..length].to_owned();
        self.found.push(Token {
            at: self.at,
            is,
            text,
        });
        self.at += length;
    }

    fn all(&mut self) -> Result<(), String> {
        loop {
            let Some(before) = self.rest().find(LEFT) else {
                let length = self.rest().len();
                if length > 0 {
                    self.push(Is::Text, length);
                }
                self.push(Is::End, 0);
                return Ok(());
            };
            let action = &self.rest()[before + LEFT.len()..];
            let trims = trims_left(action);
            let mut shown = &self.rest()[..before];
            if trims {
                shown = shown.trim_end_matches(SPACES);
            }
            let length = shown.len();
            if length > 0 {
                self.push(Is::Text, length);
            }
            self.at += before - length;
            self.action(if trims { 2 } else { 0 })?;
        }
    }

    /// From `{{` to `}}`.
    fn action(&mut self, marker: usize) -> Result<(), String> {
        if self.rest()[LEFT.len() + marker..].starts_with("/*") {
            return self.comment(marker);
        }
        self.push(Is::Left, LEFT.len());
        self.at += marker;
        self.depth = 0;
        loop {
            if let Some(marker) = self.right_ahead() {
                if self.depth > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                self.at += marker;
                self.push(Is::Right, RIGHT.len());
                if marker > 0 {
                    self.skip_spaces();
                }
                return Ok(());
            }
            self.inside()?;
        }
    }

    fn comment(&mut self, marker: usize) -> Result<(), String> {
        let start = LEFT.len() + marker;
        let Some(end) = self.rest()[start..].find("*/") else {
            return Err("unclosed comment".to_owned());
        };
        self.at += start + end + 2;
        let Some(marker) = self.right_ahead() else {
            return Err("comment ends before closing delimiter".to_owned());
        };
        self.at += marker + RIGHT.len();
        if marker > 0 {
            self.skip_spaces();
        }
        Ok(())
    }

    fn skip_spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(SPACES).len();
    }

    /// `}}` or ` -}}` comes next: how long the marker before it is.
    fn right_ahead(&self) -> Option<usize> {
        let rest = self.rest();
        if rest.starts_with(RIGHT) {
            return Some(0);
        }
        let trimmed = rest.strip_prefix(SPACES)?.strip_prefix('-')?;
        trimmed.starts_with(RIGHT).then_some(2)
    }

    fn inside(&mut self) -> Result<(), String> {
        let Some(letter) = self.peek() else {
            return Err("unclosed action".to_owned());
        };
        match letter {
            letter if SPACES.contains(&letter) => self.space(),
            '=' => self.push(Is::Assign, 1),
            ':' if self.rest().starts_with(":=") => self.push(Is::Declare, 2),
            ':' => return Err("expected :=".to_owned()),
            '|' => self.push(Is::Pipe, 1),
            '"' => return self.quoted('"', Is::String, "unterminated quoted string"),
            '\'' => return self.quoted('\'', Is::CharConstant, "unterminated character constant"),
            '`' => {
                let end = self.rest()[1..].find('`');
                let end = end.ok_or("unterminated raw quoted string")?;
                self.push(Is::RawString, end + 2);
            }
            '(' => {
                self.push(Is::LeftParen, 1);
                self.depth += 1;
            }
            ')' if self.depth == 0 => return Err("unexpected right paren".to_owned()),
            ')' => {
                self.push(Is::RightParen, 1);
                self.depth -= 1;
            }
            '$' => return self.name(1, Is::Variable),
            '.' if !self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                return self.name(1, Is::Field);
            }
            '.' | '+' | '-' | '0'..='9' => return self.number(),
            letter if is_word(letter) => return self.name(0, Is::Identifier),
            ' '..='~' => self.push(Is::Char, 1),
            other => {
                return Err(format!(
                    "unrecognized character in action: {}",
                    named(other)
                ));
            }
        }
        Ok(())
    }

    fn space(&mut self) {
        let rest = self.rest();
        let mut length = rest.len() - rest.trim_start_matches(SPACES).len();
        // The last space belongs to ` -}}`.
        if rest[length..].starts_with("-}}") {
            length -= 1;
        }
        self.push(Is::Space, length.max(1));
    }

    fn quoted(&mut self, quote: char, is: Is, unterminated: &str) -> Result<(), String> {
        let mut escaped = false;
        for (index, letter) in self.rest().char_indices().skip(1) {
            match letter {
                '\n' => break,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                letter if letter == quote => {
                    self.push(is, index + 1);
                    return Ok(());
                }
                _ => {}
            }
        }
        Err(unterminated.to_owned())
    }

    /// A word, after `skip` characters that are not letters.
    fn name(&mut self, skip: usize, is: Is) -> Result<(), String> {
        let word = &self.rest()[skip..];
        let length = word.find(|c| !is_word(c)).unwrap_or(word.len());
        let after = word[length..].chars().next();
        let ends = after.is_none_or(|c| SPACES.contains(&c) || ".,|:)(=".contains(c))
            || word[length..].starts_with(RIGHT);
        if let Some(after) = after.filter(|_| !ends) {
            return Err(format!("bad character {}", named(after)));
        }
        let text = &self.rest()[..skip + length];
        let is = match (is, text) {
            (Is::Field, ".") => Is::Dot,
            (Is::Identifier, "true" | "false") => Is::Bool,
            (Is::Identifier, "nil") => Is::Nil,
            (Is::Identifier, word) if KEYWORDS.contains(&word) => Is::Keyword,
            (is, _) => is,
        };
        self.push(is, skip + length);
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        let rest = self.rest();
        let mut length = usize::from(rest.starts_with(['+', '-']));
        let radix = rest[length..].get(..2).unwrap_or_default().to_lowercase();
        let digits = match radix.as_str() {
            "0x" => "0123456789abcdefABCDEF_",
            "0o" => "01234567_",
            "0b" => "01_",
            _ => "0123456789_",
        };
        let prefixed = digits.len() != 11;
        length += if prefixed { 2 } else { 0 };
        let run = |from: usize, set: &str| {
            let end = rest[from..].find(|c| !set.contains(c));
            end.map_or(rest.len(), |end| from + end)
        };
        length = run(length, digits);
        if rest[length..].starts_with('.') {
            length = run(length + 1, digits);
        }
        if !prefixed && rest[length..].starts_with(['e', 'E']) {
            length += 1;
            length += usize::from(rest[length..].starts_with(['+', '-']));
            length = run(length, "0123456789_");
        }
        if let Some(after) = rest[length..].chars().next().filter(|c| is_word(*c)) {
            let shown = crate::go::quote(&rest[..length + after.len_utf8()]);
            return Err(format!("bad number syntax: {shown}"));
        }
        self.push(Is::Number, length);
        Ok(())
    }
}

/// A constant as it is written: `1`, `0x1f`, `1.5`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Int(i64),
    Float(f64),
}

pub fn read_number(text: &str) -> Option<Number> {
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, plain.strip_prefix('+').unwrap_or(&plain)),
    };
    let lower = digits.to_ascii_lowercase();
    let radix = [("0x", 16), ("0b", 2), ("0o", 8)];
    for (prefix, radix) in radix {
        if let Some(digits) = lower.strip_prefix(prefix) {
            let value = i64::from_str_radix(digits, radix).ok()?;
            return Some(Number::Int(sign * value));
        }
    }
    if !lower.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    match plain.parse::<i64>() {
        Ok(value) => Some(Number::Int(value)),
        Err(_) => plain.parse::<f64>().ok().map(Number::Float),
    }
}

fn trims_left(action: &str) -> bool {
    action
        .strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(SPACES))
}

fn is_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

/// `U+0040 '@'`
fn named(letter: char) -> String {
    let code = u32::from(letter);
    if letter.is_control() {
        format!("U+{code:04X}")
    } else {
        format!("U+{code:04X} '{letter}'")
    }
}
