//! Commands: lists, pipelines, loops, redirections. Words are in `word`.

use std::{collections::BTreeMap, ops::Range};

use crate::{
    Arm, Assignment, Command, DEPTH, Direction, Item, Kind, LIMIT, List, Mistake, Part, Pipeline,
    Redirect, What, When, Word,
    walk::{Visitor, walk},
};

/// Operators, the longest first.
const OPERATORS: [&str; 19] = [
    "&>>", "<<<", "<<-", "&&", "||", ";;", "&>", ">>", ">&", ">|", "<<", "<&", "<>", ";", "|", "&",
    ">", "<", "\n",
];

const REDIRECTS: [&str; 12] = [
    "&>>", "<<<", "<<-", "&>", ">>", ">&", ">|", "<<", "<&", "<>", ">", "<",
];

/// Words that end a list where a command could begin.
const ENDS: [&str; 8] = ["do", "done", "then", "elif", "else", "fi", "esac", "}"];

pub struct Reader<'t> {
    pub(crate) text: &'t str,
    pub(crate) at: usize,
    pub(crate) depth: usize,
    pub(crate) typed: bool,
    /// Here-documents whose text begins after the next line end.
    pending: Vec<Pending>,
    /// The texts of those that were read, by number.
    texts: BTreeMap<usize, Word>,
    here: usize,
}

struct Pending {
    number: usize,
    end: String,
    quoted: bool,
    strip_tabs: bool,
}

/// The start of a place that is only a here-document's number, until its text is known.
const HERE: usize = usize::MAX;

impl<'t> Reader<'t> {
    pub fn new(text: &'t str, typed: bool) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            typed,
            pending: Vec::new(),
            texts: BTreeMap::new(),
            here: 0,
        }
    }

    pub fn all(mut self) -> Result<List, Mistake> {
        if self.text.len() > LIMIT {
            return Err(mistake(0..0, What::TooLong));
        }
        if let Some(at) = self.text.find('\0') {
            return Err(mistake(at..at + 1, What::Nul));
        }
        let mut list = self.list()?;
        if self.at < self.text.len() {
            let (range, token) = self.token();
            return Err(mistake(range, What::Unexpected(token)));
        }
        // What was still to come at the text's end is empty.
        self.here_documents();
        walk(&mut list, &mut Fill(self.texts));
        Ok(list)
    }

    /// One deeper, or a mistake with this place.
    pub(crate) fn deeper(&mut self, range: Range<usize>) -> Result<(), Mistake> {
        if self.depth == DEPTH {
            return Err(mistake(range, What::TooDeep));
        }
        self.depth += 1;
        Ok(())
    }

    pub(crate) fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Commands up to the end, a closing bracket, `;;` or a word that ends them.
    pub(crate) fn list(&mut self) -> Result<List, Mistake> {
        let mut list = List::new();
        let mut when = When::Always;
        let mut operator = self.at..self.at;
        loop {
            self.skip();
            if self.ends_here() {
                if when != When::Always {
                    return Err(self.missing(Some(name_of(when))));
                }
                return Ok(list);
            }
            let pipeline = self.pipeline(when)?;
            self.spaces();
            let start = self.at;
            let mut item = Item {
                when,
                operator: operator.clone(),
                pipeline,
                background: None,
            };
            match self.operator() {
                Some("&&") => when = When::Success,
                Some("||") => when = When::Failure,
                Some("&") => {
                    item.background = Some(start..self.at);
                    when = When::Always;
                }
                Some(";") => when = When::Always,
                Some("\n") => {
                    self.here_documents();
                    when = When::Always;
                }
                _ => {
                    self.at = start;
                    list.push(item);
                    if self.rest().is_empty() || self.ends_here() {
                        return Ok(list);
                    }
                    let (range, token) = self.token();
                    return Err(mistake(range, What::Unexpected(token)));
                }
            }
            operator = start..self.at;
            list.push(item);
        }
    }

    fn pipeline(&mut self, when: When) -> Result<Pipeline, Mistake> {
        let mut pipeline = Pipeline::default();
        let mut before = match when {
            When::Always => None,
            other => Some(name_of(other)),
        };
        if self.keyword("!") {
            pipeline.not = Some(self.at..self.at + 1);
            self.at += 1;
            self.spaces();
            before = Some("!");
        }
        loop {
            let command = self.command(before)?;
            pipeline.commands.push(command);
            self.spaces();
            let start = self.at;
            if self.operator() != Some("|") {
                self.at = start;
                return Ok(pipeline);
            }
            if self.rest().starts_with('&') {
                return Err(self.unexpected("&"));
            }
            pipeline.pipes.push(start..self.at);
            self.skip();
            before = Some("|");
        }
    }

    fn command(&mut self, before: Option<&'static str>) -> Result<Command, Mistake> {
        let start = self.at;
        if self.rest().is_empty() || self.ends_here() {
            return Err(self.missing(before));
        }
        if let Some(operator) = self.operator() {
            self.at = start;
            if !REDIRECTS.contains(&operator) {
                return Err(self.missing(before));
            }
        }
        self.deeper(start..(start + 1).min(self.text.len()))?;
        let mut keywords = Vec::new();
        let kind = if self.rest().starts_with('(') {
            self.at += 1;
            let list = self.list()?;
            self.close(")", "(", start)?;
            Kind::Subshell(list)
        } else if self.take_keyword("{", &mut keywords) {
            let list = self.list()?;
            self.need("}", &mut keywords)?;
            Kind::Group(list)
        } else if self.take_keyword("for", &mut keywords) {
            self.for_loop(&mut keywords)?
        } else if self.take_keyword("while", &mut keywords) {
            self.while_loop(false, &mut keywords)?
        } else if self.take_keyword("until", &mut keywords) {
            self.while_loop(true, &mut keywords)?
        } else if self.take_keyword("if", &mut keywords) {
            self.choice(&mut keywords)?
        } else if self.take_keyword("case", &mut keywords) {
            self.case(&mut keywords)?
        } else if let Some(name) = self.function_name() {
            self.skip();
            let body = Box::new(self.command(None)?);
            Kind::Function { name, body }
        } else {
            let simple = self.simple()?;
            self.depth -= 1;
            return Ok(simple);
        };
        self.depth -= 1;
        let mut redirects = Vec::new();
        self.spaces();
        while let Some(redirect) = self.redirect()? {
            redirects.push(redirect);
            self.spaces();
        }
        Ok(Command {
            kind,
            redirects,
            keywords,
        })
    }

    fn simple(&mut self) -> Result<Command, Mistake> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.spaces();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            let rest = self.rest();
            if rest.is_empty() || rest.starts_with([')', '\n', ';', '|', '&']) {
                break;
            }
            if rest.starts_with('(') {
                return Err(self.unexpected("("));
            }
            if words.is_empty()
                && let Some(assignment) = self.assignment()?
            {
                assignments.push(assignment);
                continue;
            }
            words.push(self.word()?);
        }
        Ok(Command {
            kind: Kind::Simple { assignments, words },
            redirects,
            keywords: Vec::new(),
        })
    }

    fn assignment(&mut self) -> Result<Option<Assignment>, Mistake> {
        let (start, rest) = (self.at, self.rest());
        let length = name_length(rest);
        if length == 0 || !rest[length..].starts_with('=') {
            return Ok(None);
        }
        let name = rest[..length].to_owned();
        self.at += length + 1;
        let here = self.at;
        let value = match self.rest().chars().next() {
            Some(letter) if !ends_word(letter) => self.word()?,
            _ => Word {
                range: here..here,
                parts: Vec::new(),
            },
        };
        Ok(Some(Assignment {
            range: start..self.at,
            name,
            value,
        }))
    }

    fn redirect(&mut self) -> Result<Option<Redirect>, Mistake> {
        let (start, rest) = (self.at, self.rest());
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = &rest[digits..];
        let Some(operator) = REDIRECTS
            .into_iter()
            .find(|operator| after.starts_with(operator))
        else {
            return Ok(None);
        };
        if digits > 0 && operator.starts_with('&') {
            return Ok(None);
        }
        let fd = rest[..digits].parse().ok();
        self.at += digits + operator.len();
        self.spaces();
        let direction = match operator {
            "<" => Direction::Read,
            ">" | ">|" => Direction::Write,
            ">>" => Direction::Append,
            "<>" => Direction::Both,
            "&>" => Direction::WriteAll,
            "&>>" => Direction::AppendAll,
            ">&" | "<&" => Direction::Copy,
            _ => Direction::Text,
        };
        if self.rest().chars().next().is_none_or(ends_word) {
            let before = self.next_operator();
            let after = Some(operator);
            let range = self.at..self.at + before.len();
            // A line end is no word either: more text would not mend that.
            let before = if before.is_empty() {
                "\n".to_owned()
            } else {
                before
            };
            return Err(mistake(range, What::Missing { after, before }));
        }
        let mut target = self.word()?;
        if operator == "<<<" {
            let text = "\n".to_owned();
            target.parts.push(Part::Text { text, quoted: true });
        }
        if matches!(operator, "<<" | "<<-") {
            let quoted =
                !matches!(target.bare(), Some(bare) if self.text[target.range.clone()] == *bare);
            self.here += 1;
            self.pending.push(Pending {
                number: self.here,
                end: target.shown(),
                quoted,
                strip_tabs: operator == "<<-",
            });
            target.range = HERE..self.here;
        }
        Ok(Some(Redirect {
            range: start..self.at,
            fd,
            direction,
            target,
        }))
    }

    /// At a line's beginning: the texts that were announced before it.
    fn here_documents(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let start = self.at;
            let mut text = String::new();
            while self.at < self.text.len() {
                let rest = self.rest();
                let line = rest.split_inclusive('\n').next().unwrap_or_default();
                self.at += line.len();
                let shown = if pending.strip_tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                if shown.trim_end_matches(['\n', '\r']) == pending.end {
                    break;
                }
                text.push_str(shown);
            }
            let mut word = if pending.quoted {
                Word {
                    range: 0..0,
                    parts: vec![Part::Text { text, quoted: true }],
                }
            } else {
                // What cannot be read in it stays as it is.
                Reader::new(&text, false)
                    .here_text()
                    .unwrap_or_else(|_| Word {
                        range: 0..0,
                        parts: vec![Part::Text {
                            text: text.clone(),
                            quoted: true,
                        }],
                    })
            };
            word.range = start..self.at;
            self.texts.insert(pending.number, word);
        }
    }

    fn for_loop(
        &mut self,
        keywords: &mut Vec<(&'static str, Range<usize>)>,
    ) -> Result<Kind, Mistake> {
        self.spaces();
        let length = name_length(self.rest());
        if length == 0 {
            let (range, token) = self.token();
            return Err(mistake(range, What::Unexpected(token)));
        }
        let variable = self.rest()[..length].to_owned();
        self.at += length;
        self.skip();
        let mut words = None;
        if self.take_keyword("in", keywords) {
            let mut found = Vec::new();
            loop {
                self.spaces();
                if self.rest().chars().next().is_none_or(ends_word) {
                    break;
                }
                found.push(self.word()?);
            }
            words = Some(found);
        }
        self.separator();
        let body = self.body(keywords)?;
        Ok(Kind::For {
            variable,
            words,
            body,
        })
    }

    fn while_loop(
        &mut self,
        until: bool,
        keywords: &mut Vec<(&'static str, Range<usize>)>,
    ) -> Result<Kind, Mistake> {
        let condition = self.some("do")?;
        let body = self.body(keywords)?;
        Ok(Kind::While {
            until,
            condition,
            body,
        })
    }

    fn body(&mut self, keywords: &mut Vec<(&'static str, Range<usize>)>) -> Result<List, Mistake> {
        self.skip();
        self.need("do", keywords)?;
        let body = self.some("done")?;
        self.need("done", keywords)?;
        Ok(body)
    }

    fn choice(
        &mut self,
        keywords: &mut Vec<(&'static str, Range<usize>)>,
    ) -> Result<Kind, Mistake> {
        let mut branches = Vec::new();
        loop {
            let condition = self.some("then")?;
            self.need("then", keywords)?;
            branches.push((condition, self.some("fi")?));
            if !self.take_keyword("elif", keywords) {
                break;
            }
        }
        let otherwise = if self.take_keyword("else", keywords) {
            Some(self.some("fi")?)
        } else {
            None
        };
        self.need("fi", keywords)?;
        Ok(Kind::If {
            branches,
            otherwise,
        })
    }

    fn case(&mut self, keywords: &mut Vec<(&'static str, Range<usize>)>) -> Result<Kind, Mistake> {
        self.spaces();
        if self.rest().chars().next().is_none_or(ends_word) {
            return Err(self.missing(Some("case")));
        }
        let word = self.word()?;
        self.skip();
        self.need("in", keywords)?;
        let mut arms = Vec::new();
        loop {
            self.skip();
            if self.take_keyword("esac", keywords) {
                return Ok(Kind::Case { word, arms });
            }
            if self.rest().starts_with('(') {
                self.at += 1;
            }
            let mut patterns = Vec::new();
            loop {
                self.spaces();
                if self.rest().is_empty() {
                    return Err(mistake(self.at..self.at, What::Expected("esac")));
                }
                if self.rest().chars().next().is_none_or(ends_word) {
                    let (range, token) = self.token();
                    return Err(mistake(range, What::Unexpected(token)));
                }
                patterns.push(self.word()?);
                self.spaces();
                if self.rest().starts_with('|') {
                    self.at += 1;
                } else {
                    break;
                }
            }
            let start = self.at;
            self.close(")", "(", start)?;
            let body = self.list()?;
            arms.push(Arm { patterns, body });
            self.skip();
            if self.rest().starts_with(";;") {
                self.at += 2;
            }
        }
    }

    /// A list that is not empty, before this keyword.
    fn some(&mut self, before: &'static str) -> Result<List, Mistake> {
        let list = self.list()?;
        if list.is_empty() {
            let (range, token) = self.token();
            let what = if token.is_empty() {
                What::Expected(before)
            } else {
                What::Unexpected(token)
            };
            return Err(mistake(range, what));
        }
        Ok(list)
    }

    fn need(
        &mut self,
        keyword: &'static str,
        keywords: &mut Vec<(&'static str, Range<usize>)>,
    ) -> Result<(), Mistake> {
        if self.take_keyword(keyword, keywords) {
            return Ok(());
        }
        let (range, token) = self.token();
        let what = if token.is_empty() {
            What::Expected(keyword)
        } else {
            What::Unexpected(token)
        };
        Err(mistake(range, what))
    }

    pub(crate) fn close(
        &mut self,
        closing: &str,
        opening: &'static str,
        opened: usize,
    ) -> Result<(), Mistake> {
        if self.rest().starts_with(closing) {
            self.at += closing.len();
            return Ok(());
        }
        if !self.rest().is_empty() {
            let (range, token) = self.token();
            return Err(mistake(range, What::Unexpected(token)));
        }
        let end = (opened + opening.len()).min(self.text.len());
        Err(mistake(opened..end, What::Unclosed(opening)))
    }

    fn function_name(&mut self) -> Option<String> {
        let rest = self.rest();
        let length = name_length(rest);
        let after = rest[length..].trim_start_matches([' ', '\t']);
        let inside = after.strip_prefix('(')?.trim_start_matches([' ', '\t']);
        let body = inside.strip_prefix(')')?;
        (length > 0).then(|| {
            self.at = self.text.len() - body.len();
            rest[..length].to_owned()
        })
    }

    fn take_keyword(
        &mut self,
        keyword: &'static str,
        keywords: &mut Vec<(&'static str, Range<usize>)>,
    ) -> bool {
        let there = self.keyword(keyword);
        if there {
            keywords.push((keyword, self.at..self.at + keyword.len()));
            self.at += keyword.len();
        }
        there
    }

    /// This word stands here, whole and without quotes.
    fn keyword(&self, keyword: &str) -> bool {
        self.rest()
            .strip_prefix(keyword)
            .is_some_and(|after| after.chars().next().is_none_or(ends_word))
    }

    fn ends_here(&self) -> bool {
        let rest = self.rest();
        rest.is_empty()
            || rest.starts_with(')')
            || rest.starts_with(";;")
            || ENDS.iter().any(|end| self.keyword(end))
    }

    /// Spaces, comments and escaped line ends.
    pub(crate) fn spaces(&mut self) {
        loop {
            let rest = self.rest();
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

    /// Spaces and line ends.
    fn skip(&mut self) {
        loop {
            self.spaces();
            if !self.rest().starts_with('\n') {
                return;
            }
            self.at += 1;
            self.here_documents();
        }
    }

    /// One `;` or line end.
    fn separator(&mut self) {
        self.spaces();
        if self.rest().starts_with(';') && !self.rest().starts_with(";;") {
            self.at += 1;
        }
        self.skip();
    }

    fn operator(&mut self) -> Option<&'static str> {
        let rest = self.rest();
        let found = OPERATORS
            .into_iter()
            .find(|operator| rest.starts_with(operator))?;
        self.at += found.len();
        Some(found)
    }

    fn next_operator(&self) -> String {
        let rest = self.rest();
        let found = OPERATORS
            .into_iter()
            .find(|operator| rest.starts_with(operator));
        let bracket = rest
            .chars()
            .next()
            .filter(|letter| matches!(letter, '(' | ')'));
        match (found, bracket) {
            (Some(operator), _) => operator.to_owned(),
            (_, Some(bracket)) => bracket.to_string(),
            _ => String::new(),
        }
    }

    /// What stands here, to be named in a mistake.
    pub(crate) fn token(&self) -> (Range<usize>, String) {
        let mut token = self.next_operator();
        if token.is_empty() {
            token = self
                .rest()
                .chars()
                .take_while(|letter| !ends_word(*letter))
                .collect();
        }
        (self.at..self.at + token.len(), token)
    }

    fn missing(&self, after: Option<&'static str>) -> Mistake {
        let (range, before) = self.token();
        mistake(range, What::Missing { after, before })
    }

    fn unexpected(&self, token: &str) -> Mistake {
        mistake(
            self.at..self.at + token.len(),
            What::Unexpected(token.to_owned()),
        )
    }
}

pub(crate) fn mistake(range: Range<usize>, what: What) -> Mistake {
    Mistake { range, what }
}

/// Ends a word that has no quotes.
pub(crate) fn ends_word(letter: char) -> bool {
    matches!(
        letter,
        ' ' | '\t' | '\r' | '\n' | ';' | '|' | '&' | '<' | '>' | '(' | ')'
    )
}

/// Bytes of the name that a text begins with.
pub(crate) fn name_length(text: &str) -> usize {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
        .unwrap_or(text.len())
}

fn name_of(when: When) -> &'static str {
    match when {
        When::Always => ";",
        When::Success => "&&",
        When::Failure => "||",
    }
}

/// Gives the here-documents their texts.
struct Fill(BTreeMap<usize, Word>);

impl Visitor for Fill {
    fn redirect(&mut self, redirect: &mut Redirect) {
        if redirect.target.range.start == HERE {
            let text = self.0.remove(&redirect.target.range.end);
            redirect.target = text.unwrap_or_default();
        }
    }
}
