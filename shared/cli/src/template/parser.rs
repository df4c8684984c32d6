//! Tokens to a tree, with Go's own words for what is wrong.

use std::collections::BTreeMap;

use super::lexer::{Is, Number, Token, read_number, tokens};
use crate::go;

/// Deeper than this, nothing is read: the reader calls itself.
const DEPTH: usize = 100;

#[derive(Clone, Debug)]
pub enum Node {
    Text(String),
    Action(Pipe),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template {
        at: usize,
        name: String,
        pipe: Option<Pipe>,
    },
    Break,
    Continue,
}

#[derive(Clone, Debug)]
pub struct Branch {
    pub pipe: Pipe,
    pub list: Vec<Node>,
    pub otherwise: Option<Vec<Node>>,
}

#[derive(Clone, Debug, Default)]
pub struct Pipe {
    pub at: usize,
    pub assigns: bool,
    pub declares: Vec<String>,
    pub commands: Vec<Vec<Term>>,
}

#[derive(Clone, Debug)]
pub struct Term {
    pub at: usize,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Dot,
    Nil,
    Bool(bool),
    Number(Number, String),
    /// What it says, and how it is written.
    String(String, String),
    Field(Vec<String>),
    /// `$x.A.B`: the variable first.
    Variable(Vec<String>),
    Function(String),
    Pipe(Pipe),
    Chain(Box<Term>, Vec<String>),
}

/// The template itself, and those that it defines.
#[derive(Clone, Debug)]
pub struct Tree {
    pub root: Vec<Node>,
    pub defined: BTreeMap<String, Vec<Node>>,
}

/// Reads a template; `known` says which functions there are.
pub fn parse(name: &str, text: &str, known: &dyn Fn(&str) -> bool) -> Result<Tree, String> {
    let mut parser = Parser {
        name,
        text,
        tokens: tokens(text),
        next: 0,
        variables: vec!["$".to_owned()],
        known,
        ranges: 0,
        depth: 0,
        action: 0,
        defined: BTreeMap::new(),
    };
    let mut root = Vec::new();
    while parser.peek().is != Is::End {
        if parser.peek().is == Is::Left && parser.after_left().is_keyword("define") {
            parser.definition()?;
            continue;
        }
        match parser.text_or_action()? {
            Item::Node(node) => root.push(node),
            Item::End => return parser.fail("unexpected {{end}}"),
            Item::Else => return parser.fail("unexpected {{else}}"),
        }
    }
    Ok(Tree {
        root,
        defined: parser.defined,
    })
}

enum Item {
    Node(Node),
    End,
    Else,
}

struct Parser<'t> {
    name: &'t str,
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    variables: Vec<String>,
    known: &'t dyn Fn(&str) -> bool,
    ranges: usize,
    depth: usize,
    /// The line on which the current action starts.
    action: usize,
    defined: BTreeMap<String, Vec<Node>>,
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        let last = self.tokens.len() - 1;
        &self.tokens[self.next.min(last)]
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn skip_space(&mut self) {
        while self.peek().is == Is::Space {
            self.next += 1;
        }
    }

    fn take_word(&mut self) -> Token {
        self.skip_space();
        self.take()
    }

    fn peek_word(&mut self) -> &Token {
        self.skip_space();
        self.peek()
    }

    fn after_left(&self) -> Token {
        let after = self.tokens.iter().skip(self.next + 1);
        let mut words = after.filter(|token| token.is != Is::Space);
        words.next().unwrap_or(self.peek()).clone()
    }

    fn line(&self, token: &Token) -> usize {
        1 + self.text[..token.at].matches('\n').count()
    }

    fn fail<T>(&self, why: &str) -> Result<T, String> {
        let last = self.next.clamp(1, self.tokens.len()) - 1;
        let line = self.line(&self.tokens[last]);
        Err(format!("template: {}:{line}: {why}", self.name))
    }

    fn unexpected<T>(&self, token: &Token, context: &str) -> Result<T, String> {
        if token.is != Is::Error {
            return self.fail(&format!("unexpected {} in {context}", token.shown()));
        }
        let started = if self.action != 0 && self.action != self.line(token) {
            let what = if token.text.ends_with(" action") {
                ""
            } else {
                " in action"
            };
            format!("{what} started at {}:{}", self.name, self.action)
        } else {
            String::new()
        };
        self.fail(&format!("{}{started}", token.shown()))
    }

    fn expect(&mut self, is: Is, context: &str) -> Result<Token, String> {
        let token = self.take_word();
        if token.is == is {
            Ok(token)
        } else {
            self.unexpected(&token, context)
        }
    }

    fn deeper(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.fail("max expression depth exceeded");
        }
        Ok(())
    }

    fn definition(&mut self) -> Result<(), String> {
        const CONTEXT: &str = "define clause";
        self.next += 1;
        self.take_word();
        let name = self.template_name(CONTEXT)?.0;
        self.expect(Is::Right, CONTEXT)?;
        let outer = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let (list, end) = self.list()?;
        self.variables = outer;
        if !matches!(end, Item::End) {
            return self.fail(&format!("unexpected {{{{else}}}} in {CONTEXT}"));
        }
        self.define(name, list)
    }

    fn define(&mut self, name: String, list: Vec<Node>) -> Result<(), String> {
        let has_text = |list: &[Node]| {
            let blank = |node: &Node| matches!(node, Node::Text(text) if text.trim().is_empty());
            !list.iter().all(blank)
        };
        match self.defined.get(&name) {
            Some(old) if has_text(old) && has_text(&list) => {
                let quoted = go::quote(&name);
                self.fail(&format!(
                    "template: multiple definition of template {quoted}"
                ))
            }
            Some(old) if has_text(old) => Ok(()),
            _ => {
                self.defined.insert(name, list);
                Ok(())
            }
        }
    }

    /// Up to `{{end}}` or `{{else}}`.
    fn list(&mut self) -> Result<(Vec<Node>, Item), String> {
        self.deeper()?;
        let mut list = Vec::new();
        while self.peek_word().is != Is::End {
            match self.text_or_action()? {
                Item::Node(node) => list.push(node),
                end => {
                    self.depth -= 1;
                    return Ok((list, end));
                }
            }
        }
        self.next += 1;
        self.fail("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Result<Item, String> {
        let token = self.take_word();
        match token.is {
            Is::Text => Ok(Item::Node(Node::Text(token.text))),
            Is::Left => {
                self.action = self.line(&token);
                let item = self.one_action();
                self.action = 0;
                item
            }
            _ => self.unexpected(&token, "input"),
        }
    }

    fn one_action(&mut self) -> Result<Item, String> {
        let token = self.peek_word().clone();
        if token.is == Is::Keyword {
            self.next += 1;
            return match token.text.as_str() {
                "block" => self.block(),
                "break" | "continue" => self.jump(&token.text),
                "else" => self.otherwise(),
                "end" => self.expect(Is::Right, "end").map(|_| Item::End),
                "if" => Ok(Item::Node(Node::If(self.branch("if")?))),
                "with" => Ok(Item::Node(Node::With(self.branch("with")?))),
                "range" => Ok(Item::Node(Node::Range(self.branch("range")?))),
                "template" => self.template(),
                _ => self.unexpected(&token, "command"),
            };
        }
        let pipe = self.pipe("command", Is::Right)?;
        Ok(Item::Node(Node::Action(pipe)))
    }

    fn jump(&mut self, word: &str) -> Result<Item, String> {
        let token = self.take_word();
        if token.is != Is::Right {
            return self.unexpected(&token, &format!("{{{{{word}}}}}"));
        }
        if self.ranges == 0 {
            return self.fail(&format!("{{{{{word}}}}} outside {{{{range}}}}"));
        }
        Ok(Item::Node(if word == "break" {
            Node::Break
        } else {
            Node::Continue
        }))
    }

    fn otherwise(&mut self) -> Result<Item, String> {
        let next = self.peek_word();
        if !(next.is_keyword("if") || next.is_keyword("with")) {
            self.expect(Is::Right, "else")?;
        }
        Ok(Item::Else)
    }

    fn branch(&mut self, word: &str) -> Result<Branch, String> {
        let variables = self.variables.len();
        let pipe = self.pipe(word, Is::Right)?;
        let ranges = usize::from(word == "range");
        self.ranges += ranges;
        let (list, end) = self.list()?;
        self.ranges -= ranges;
        let otherwise = match end {
            Item::Else if word != "range" && self.peek().is_keyword(word) => {
                self.next += 1;
                self.deeper()?;
                let inner = self.branch(word)?;
                self.depth -= 1;
                Some(vec![if word == "if" {
                    Node::If(inner)
                } else {
                    Node::With(inner)
                }])
            }
            Item::Else => {
                let (list, end) = self.list()?;
                if !matches!(end, Item::End) {
                    return self.fail("expected end; found {{else}}");
                }
                Some(list)
            }
            _ => None,
        };
        self.variables.truncate(variables);
        Ok(Branch {
            pipe,
            list,
            otherwise,
        })
    }

    fn template_name(&mut self, context: &str) -> Result<(String, usize), String> {
        let token = self.take_word();
        match token.is {
            Is::String | Is::RawString => match unquote(&token.text) {
                Some(name) => Ok((name, token.at)),
                None => self.fail("invalid syntax"),
            },
            _ => self.unexpected(&token, context),
        }
    }

    fn template(&mut self) -> Result<Item, String> {
        const CONTEXT: &str = "template clause";
        let (name, at) = self.template_name(CONTEXT)?;
        let pipe = if self.peek_word().is == Is::Right {
            self.next += 1;
            None
        } else {
            Some(self.pipe(CONTEXT, Is::Right)?)
        };
        Ok(Item::Node(Node::Template { at, name, pipe }))
    }

    fn block(&mut self) -> Result<Item, String> {
        const CONTEXT: &str = "block clause";
        let (name, at) = self.template_name(CONTEXT)?;
        let pipe = self.pipe(CONTEXT, Is::Right)?;
        let outer = std::mem::replace(&mut self.variables, vec!["$".to_owned()]);
        let (list, end) = self.list()?;
        self.variables = outer;
        if !matches!(end, Item::End) {
            return self.fail(&format!("unexpected {{{{else}}}} in {CONTEXT}"));
        }
        self.define(name.clone(), list)?;
        Ok(Item::Node(Node::Template {
            at,
            name,
            pipe: Some(pipe),
        }))
    }

    fn pipe(&mut self, context: &str, end: Is) -> Result<Pipe, String> {
        let mut pipe = Pipe {
            at: self.peek_word().at,
            ..Pipe::default()
        };
        self.declarations(&mut pipe, context)?;
        loop {
            let token = self.peek_word().clone();
            match token.is {
                is if is == end => {
                    self.next += 1;
                    self.check(&pipe, context)?;
                    return Ok(pipe);
                }
                Is::Bool
                | Is::CharConstant
                | Is::Dot
                | Is::Field
                | Is::Identifier
                | Is::Number
                | Is::Nil
                | Is::RawString
                | Is::String
                | Is::Variable
                | Is::LeftParen => {
                    let command = self.command()?;
                    pipe.commands.push(command);
                }
                _ => {
                    self.next += 1;
                    return self.unexpected(&token, context);
                }
            }
        }
    }

    fn declarations(&mut self, pipe: &mut Pipe, context: &str) -> Result<(), String> {
        while self.peek_word().is == Is::Variable {
            let start = self.next;
            let variable = self.take().text;
            let next = self.take_word();
            let comma = next.is == Is::Char && next.text == ",";
            if !(comma || matches!(next.is, Is::Assign | Is::Declare)) {
                self.next = start;
                return Ok(());
            }
            pipe.declares.push(variable.clone());
            self.variables.push(variable);
            if !comma {
                pipe.assigns = next.is == Is::Assign;
                return Ok(());
            }
            if context != "range" || pipe.declares.len() > 1 {
                return self.fail(&format!("too many declarations in {context}"));
            }
            if !matches!(
                self.peek_word().is,
                Is::Variable | Is::Right | Is::RightParen
            ) {
                return self.fail("range can only initialize variables");
            }
        }
        Ok(())
    }

    fn check(&self, pipe: &Pipe, context: &str) -> Result<(), String> {
        if pipe.commands.is_empty() {
            return self.fail(&format!("missing value for {context}"));
        }
        for (index, command) in pipe.commands.iter().enumerate().skip(1) {
            use Kind::{Bool, Dot, Nil, Number, String};
            let first = command.first().map(|term| &term.kind);
            if let Some(Bool(_) | Dot | Nil | Number(..) | String(..)) = first {
                let stage = index + 1;
                return self.fail(&format!("non executable command in pipeline stage {stage}"));
            }
        }
        Ok(())
    }

    fn command(&mut self) -> Result<Vec<Term>, String> {
        let mut terms = Vec::new();
        loop {
            self.skip_space();
            terms.extend(self.operand()?);
            let token = self.peek().clone();
            match token.is {
                Is::Space => {}
                Is::Right | Is::RightParen => break,
                Is::Pipe => {
                    self.next += 1;
                    break;
                }
                _ => {
                    self.next += 1;
                    return self.unexpected(&token, "operand");
                }
            }
        }
        if terms.is_empty() {
            return self.fail("empty command");
        }
        Ok(terms)
    }

    /// A term, and the fields that follow it.
    fn operand(&mut self) -> Result<Option<Term>, String> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        if self.peek().is != Is::Field {
            return Ok(Some(term));
        }
        // Go places it where the second field is.
        let at = self.peek().at;
        let mut fields = Vec::new();
        while self.peek().is == Is::Field {
            fields.push(self.take().text[1..].to_owned());
        }
        let kind = match term.kind {
            Kind::Field(mut names) => {
                names.append(&mut fields);
                Kind::Field(names)
            }
            Kind::Variable(mut names) => {
                names.append(&mut fields);
                Kind::Variable(names)
            }
            Kind::Pipe(_) | Kind::Function(_) => Kind::Chain(Box::new(term), fields),
            _ => {
                let quoted = go::quote(&term.to_string());
                return self.fail(&format!("unexpected . after term {quoted}"));
            }
        };
        Ok(Some(Term { at, kind }))
    }

    fn term(&mut self) -> Result<Option<Term>, String> {
        let token = self.peek().clone();
        let text = token.text.clone();
        self.next += 1;
        let kind = match token.is {
            Is::Identifier if (self.known)(&text) => Kind::Function(text),
            Is::Identifier => {
                let quoted = go::quote(&text);
                return self.fail(&format!("function {quoted} not defined"));
            }
            Is::Dot => Kind::Dot,
            Is::Nil => Kind::Nil,
            Is::Variable if self.variables.contains(&text) => Kind::Variable(vec![text]),
            Is::Variable => {
                let quoted = go::quote(&text);
                return self.fail(&format!("undefined variable {quoted}"));
            }
            Is::Field => Kind::Field(vec![text[1..].to_owned()]),
            Is::Bool => Kind::Bool(text == "true"),
            Is::Number => match read_number(&text) {
                Some(number) => Kind::Number(number, text),
                None => return self.fail(&format!("illegal number syntax: {}", go::quote(&text))),
            },
            Is::CharConstant => match unquote(&text).and_then(only_letter) {
                Some(letter) => Kind::Number(Number::Int(i64::from(u32::from(letter))), text),
                None => return self.fail(&format!("malformed character constant: {text}")),
            },
            Is::LeftParen => {
                self.deeper()?;
                let pipe = self.pipe("parenthesized pipeline", Is::RightParen)?;
                self.depth -= 1;
                Kind::Pipe(pipe)
            }
            Is::String | Is::RawString => match unquote(&text) {
                Some(said) => Kind::String(said, text),
                None => return self.fail("invalid syntax"),
            },
            _ => {
                self.next -= 1;
                return Ok(None);
            }
        };
        Ok(Some(Term { at: token.at, kind }))
    }
}

fn only_letter(text: String) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|_| letters.next().is_none())
}

/// `strconv.Unquote`, for the three kinds of quotes.
fn unquote(quoted: &str) -> Option<String> {
    let inner = quoted.get(1..quoted.len().checked_sub(1)?)?;
    if quoted.starts_with('`') {
        return Some(inner.replace('\r', ""));
    }
    let mut text = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            text.push(letter);
            continue;
        }
        text.push(match letters.next()? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'v' => '\u{b}',
            same @ ('\\' | '"' | '\'') => same,
            'x' => hex(&mut letters, 2)?,
            'u' => hex(&mut letters, 4)?,
            'U' => hex(&mut letters, 8)?,
            _ => return None,
        });
    }
    Some(text)
}

fn hex(letters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let digits: String = letters.take(digits).collect();
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

impl std::fmt::Display for Term {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.kind {
            Kind::Dot => f.write_str("."),
            Kind::Nil => f.write_str("nil"),
            Kind::Bool(value) => write!(f, "{value}"),
            Kind::Number(_, text) | Kind::String(_, text) | Kind::Function(text) => {
                f.write_str(text)
            }
            Kind::Field(names) => write!(f, ".{}", names.join(".")),
            Kind::Variable(names) => f.write_str(&names.join(".")),
            Kind::Pipe(pipe) => write!(f, "({pipe})"),
            Kind::Chain(term, names) => write!(f, "{term}.{}", names.join(".")),
        }
    }
}

impl std::fmt::Display for Pipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.declares.is_empty() {
            let sign = if self.assigns { "=" } else { ":=" };
            write!(f, "{} {sign} ", self.declares.join(", "))?;
        }
        let commands: Vec<String> = self.commands.iter().map(|terms| command(terms)).collect();
        f.write_str(&commands.join(" | "))
    }
}

/// A command as Go writes it.
pub fn command(terms: &[Term]) -> String {
    let terms: Vec<String> = terms.iter().map(Term::to_string).collect();
    terms.join(" ")
}
