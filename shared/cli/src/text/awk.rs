//! `awk`, as far as columns need it: `/…/ { print $1, $NF }`, `NR > 1`, `BEGIN`, `END`, sums, `printf`.

use std::collections::BTreeMap;

use regex_lite::Regex;

use async_trait::async_trait;

use super::{
    Filter, filter,
    regex::{Style, regex},
    text,
};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    programs::{Call, Program},
    shell::Ended,
};

pub struct Awk;

static AWK: Grammar = Grammar {
    names: &["awk"],
    usage: "[-F TEXT] [-v NAME=VALUE] PROGRAM [FILE...]",
    about: "Picks columns: awk '{print $1}'",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["program", "file"],
    program_from: None,
};

#[async_trait]
impl Program for Awk {
    fn grammar(&self) -> &'static Grammar {
        &AWK
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&AWK, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let Some((program, files)) = given.arguments.split_first() else {
            console
                .err_line("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]")
                .await;
            return Ended::with(2);
        };
        let rules = match Reader::new(program).rules() {
            Ok(rules) => rules,
            Err(why) => {
                let why = format!(
                    "causeway: awk: {why}; this awk knows patterns, print, printf, if and sums."
                );
                console.err_line(&why).await;
                return Ended::with(2);
            }
        };
        let mut run = Run {
            separator: given
                .text("field-separator")
                .map(|text| text.replace("\\t", "\t")),
            ..Run::default()
        };
        for setting in given.all("assign") {
            if let Some((name, value)) = setting.split_once('=') {
                run.variables.insert(name.to_owned(), Value::of(value));
            }
        }
        let mut begun = Vec::new();
        let columns = Columns { rules, run };
        let columns = columns.begin(&mut begun);
        console.out(begun).await;
        filter("awk", columns, files, 2, context, console).await
    }
}

static FLAGS: &[Flag] = &[
    Flag::one("field-separator", "text", "What divides the columns").short('F'),
    Flag::many("assign", "name=value", "A variable").short('v'),
];

#[derive(Clone, Debug)]
enum Value {
    Number(f64),
    Text(String),
    /// Read from the input: a number if it looks like one.
    Read(String),
}

impl Value {
    fn of(text: &str) -> Self {
        Self::Read(text.to_owned())
    }

    fn number(&self) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Text(text) | Self::Read(text) => leading(text),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Number(number) => shown(*number),
            Self::Text(text) | Self::Read(text) => text.clone(),
        }
    }

    fn is_true(&self) -> bool {
        match self {
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Read(text) => match text.trim().parse::<f64>() {
                Ok(number) => number != 0.0,
                Err(_) => !text.is_empty(),
            },
        }
    }

    fn is_number(&self) -> bool {
        match self {
            Self::Number(_) => true,
            Self::Text(_) => false,
            Self::Read(text) => text.trim().parse::<f64>().is_ok(),
        }
    }
}

fn shown(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 {
        return format!("{number:.0}");
    }
    let text = format!("{number:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn leading(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .unwrap_or(text.len());
    text[..end].parse().unwrap_or_default()
}

enum Pattern {
    Always,
    Begin,
    End,
    Where(Sum),
}

struct Rule {
    pattern: Pattern,
    acts: Vec<Act>,
}

enum Act {
    Print(Vec<Sum>),
    Printf(Vec<Sum>),
    Do(Sum),
    If(Sum, Vec<Act>, Vec<Act>),
    Next,
    Exit,
}

enum Sum {
    Number(f64),
    Text(String),
    Found(Regex),
    Name(String),
    Field(Box<Sum>),
    Not(Box<Sum>),
    Minus(Box<Sum>),
    Two(&'static str, Box<Sum>, Box<Sum>),
    Set(&'static str, Box<Sum>, Box<Sum>),
    Call(String, Vec<Sum>),
    Element(String, Box<Sum>),
}

struct Reader<'p> {
    rest: &'p str,
    depth: usize,
    /// Inside the brackets of a `print`, `>` compares.
    plain: bool,
}

type Read<T> = Result<T, String>;

impl<'p> Reader<'p> {
    fn new(rest: &'p str) -> Self {
        Self {
            rest,
            depth: 0,
            plain: true,
        }
    }

    fn rules(mut self) -> Read<Vec<Rule>> {
        let mut rules = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\n', ';', '\t']);
            if self.rest.is_empty() {
                return Ok(rules);
            }
            let pattern = if self.word("BEGIN") {
                Pattern::Begin
            } else if self.word("END") {
                Pattern::End
            } else if self.rest.starts_with('{') {
                Pattern::Always
            } else {
                Pattern::Where(self.sum(0)?)
            };
            self.skip();
            let acts = if self.rest.starts_with('{') {
                self.block()?
            } else {
                vec![Act::Print(Vec::new())]
            };
            rules.push(Rule { pattern, acts });
        }
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn word(&mut self, word: &str) -> bool {
        let after = self.rest.strip_prefix(word);
        let whole =
            after.filter(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        if let Some(after) = whole {
            self.rest = after;
            self.skip();
        }
        whole.is_some()
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let after = self.rest.strip_prefix(symbol);
        if let Some(after) = after {
            self.rest = after;
            self.skip();
        }
        after.is_some()
    }

    fn block(&mut self) -> Read<Vec<Act>> {
        self.deeper()?;
        self.symbol("{");
        let mut acts = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\n', ';', '\t']);
            if self.symbol("}") {
                self.depth -= 1;
                return Ok(acts);
            }
            if self.rest.is_empty() {
                return Err("a } is missing".to_owned());
            }
            acts.push(self.act()?);
        }
    }

    fn deeper(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > 40 {
            Err("it is nested too deep".to_owned())
        } else {
            Ok(())
        }
    }

    fn act(&mut self) -> Read<Act> {
        if self.word("print") {
            return Ok(Act::Print(self.list()?));
        }
        if self.word("printf") {
            return Ok(Act::Printf(self.list()?));
        }
        if self.word("next") {
            return Ok(Act::Next);
        }
        if self.word("exit") {
            return Ok(Act::Exit);
        }
        if self.word("if") {
            if !self.symbol("(") {
                return Err("a ( is missing after if".to_owned());
            }
            let condition = self.sum(0)?;
            if !self.symbol(")") {
                return Err("a ) is missing".to_owned());
            }
            let body = self.body()?;
            self.rest = self.rest.trim_start_matches([' ', '\n', ';']);
            let otherwise = if self.word("else") {
                self.body()?
            } else {
                Vec::new()
            };
            return Ok(Act::If(condition, body, otherwise));
        }
        Ok(Act::Do(self.sum(0)?))
    }

    fn body(&mut self) -> Read<Vec<Act>> {
        self.rest = self.rest.trim_start();
        if self.rest.starts_with('{') {
            self.block()
        } else {
            Ok(vec![self.act()?])
        }
    }

    fn list(&mut self) -> Read<Vec<Sum>> {
        let mut sums = Vec::new();
        self.plain = false;
        while !(self.rest.is_empty() || self.rest.starts_with([';', '}', '\n', '>', '|', ')'])) {
            sums.push(self.sum(0)?);
            if !self.symbol(",") {
                break;
            }
        }
        self.plain = true;
        if self.rest.starts_with(['>', '|']) {
            return Err("print writes to no file or pipe".to_owned());
        }
        Ok(sums)
    }

    fn sum(&mut self, level: usize) -> Read<Sum> {
        const LEVELS: [&[&str]; 6] = [
            &["||"],
            &["&&"],
            &["!~", "~"],
            &["==", "!=", "<=", ">=", "<", ">"],
            &["+", "-"],
            &["*", "/", "%"],
        ];
        self.skip();
        if level == 0 {
            self.deeper()?;
            let left = self.sum(1)?;
            let found = ["+=", "-=", "*=", "="]
                .into_iter()
                .find(|operator| self.rest.starts_with(operator) && !self.rest.starts_with("=="));
            self.depth -= 1;
            if let Some(operator) = found {
                self.symbol(operator);
                let right = self.sum(0)?;
                return Ok(Sum::Set(operator, Box::new(left), Box::new(right)));
            }
            return Ok(left);
        }
        // Between comparing and adding: texts beside each other are one.
        if level == 5 {
            let mut left = self.levels(level, LEVELS[4])?;
            while self.begins_value() {
                let right = self.levels(level, LEVELS[4])?;
                left = Sum::Two("", Box::new(left), Box::new(right));
            }
            return Ok(left);
        }
        match LEVELS.get(level - 1) {
            Some(operators) => self.levels(level, operators),
            None => self.value(),
        }
    }

    fn levels(&mut self, level: usize, operators: &[&'static str]) -> Read<Sum> {
        let mut left = self.sum(level + 1)?;
        loop {
            self.skip();
            let found = operators
                .iter()
                .find(|operator| self.rest.starts_with(**operator));
            let Some(operator) = found else {
                return Ok(left);
            };
            let sets = operator.len() == 1
                && "+-*/".contains(*operator)
                && self.rest[1..].starts_with('=');
            let redirects = *operator == ">" && !self.plain;
            let counts = self.rest.starts_with("++") || self.rest.starts_with("--");
            if sets || redirects || counts {
                return Ok(left);
            }
            self.symbol(operator);
            let right = self.sum(level + 1)?;
            left = Sum::Two(operator, Box::new(left), Box::new(right));
        }
    }

    fn begins_value(&self) -> bool {
        let word_operator = self.rest.starts_with("in ");
        self.rest
            .starts_with(|c: char| c.is_alphanumeric() || "\"$(_".contains(c))
            && !word_operator
    }

    fn value(&mut self) -> Read<Sum> {
        self.deeper()?;
        self.skip();
        let value = self.one()?;
        self.depth -= 1;
        for (operator, sign) in [("++", 1.0), ("--", -1.0)] {
            if self.symbol(operator) {
                return Ok(Sum::Set(
                    "post",
                    Box::new(value),
                    Box::new(Sum::Number(sign)),
                ));
            }
        }
        Ok(value)
    }

    fn one(&mut self) -> Read<Sum> {
        if self.symbol("(") {
            let plain = std::mem::replace(&mut self.plain, true);
            let inside = self.sum(0)?;
            self.plain = plain;
            return if self.symbol(")") {
                Ok(inside)
            } else {
                Err("a ) is missing".to_owned())
            };
        }
        if self.symbol("!") {
            return Ok(Sum::Not(Box::new(self.value()?)));
        }
        if self.symbol("-") {
            return Ok(Sum::Minus(Box::new(self.value()?)));
        }
        if self.symbol("$") {
            return Ok(Sum::Field(Box::new(self.one()?)));
        }
        if self.rest.starts_with(['"', '/']) {
            let mark = if self.rest.starts_with('"') { '"' } else { '/' };
            let text = self.until(mark)?;
            return if mark == '"' {
                Ok(Sum::Text(crate::programs::unescape(&text).0))
            } else {
                Ok(Sum::Found(regex(&text, Style::Extended, false)?))
            };
        }
        let end = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            let shown: String = self.rest.chars().take(10).collect();
            return Err(format!("'{shown}' is not understood"));
        }
        self.rest = rest;
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            self.skip();
            return word
                .parse()
                .map(Sum::Number)
                .map_err(|_| format!("{word} is no number"));
        }
        if self.symbol("(") {
            let mut arguments = Vec::new();
            while !self.symbol(")") {
                arguments.push(self.sum(0)?);
                if !self.symbol(",") && !self.rest.starts_with(')') {
                    return Err("a ) is missing".to_owned());
                }
            }
            return Ok(Sum::Call(word.to_owned(), arguments));
        }
        if self.symbol("[") {
            let key = self.sum(0)?;
            return if self.symbol("]") {
                Ok(Sum::Element(word.to_owned(), Box::new(key)))
            } else {
                Err("a ] is missing".to_owned())
            };
        }
        self.skip();
        Ok(Sum::Name(word.to_owned()))
    }

    fn until(&mut self, mark: char) -> Read<String> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                letter if letter == mark => {
                    self.rest = &self.rest[at + 1..];
                    self.skip();
                    return Ok(text);
                }
                '\\' => match letters.next() {
                    Some((_, escaped)) if escaped == mark => text.push(mark),
                    Some((_, escaped)) => text.extend(['\\', escaped]),
                    None => break,
                },
                letter => text.push(letter),
            }
        }
        Err(format!("the {mark} is not closed"))
    }
}

#[derive(Default)]
struct Run {
    separator: Option<String>,
    variables: BTreeMap<String, Value>,
    line: String,
    fields: Vec<String>,
    number: usize,
    next: bool,
    exit: bool,
}

impl Run {
    fn read(&mut self, line: String) {
        self.fields = match self.separator.as_deref() {
            None | Some(" ") => line.split_whitespace().map(str::to_owned).collect(),
            Some(_) if line.is_empty() => Vec::new(),
            Some(separator) if separator.chars().count() == 1 => {
                line.split(separator).map(str::to_owned).collect()
            }
            Some(pattern) => match regex(pattern, Style::Extended, false) {
                Ok(regex) => regex.split(&line).map(str::to_owned).collect(),
                Err(_) => vec![line.clone()],
            },
        };
        self.line = line;
        self.number += 1;
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "numbers of columns and lines"
    )]
    fn value(&mut self, sum: &Sum) -> Value {
        let truth = |so: bool| Value::Number(f64::from(u8::from(so)));
        match sum {
            Sum::Number(number) => Value::Number(*number),
            Sum::Text(text) => Value::Text(text.clone()),
            Sum::Found(regex) => truth(regex.is_match(&self.line)),
            Sum::Name(name) => match name.as_str() {
                "NF" => Value::Number(self.fields.len() as f64),
                "NR" | "FNR" => Value::Number(self.number as f64),
                name => self
                    .variables
                    .get(name)
                    .cloned()
                    .unwrap_or(Value::Read(String::new())),
            },
            Sum::Field(sum) => match self.value(sum).number() as usize {
                0 => Value::of(&self.line),
                field => Value::of(
                    self.fields
                        .get(field - 1)
                        .map(String::as_str)
                        .unwrap_or_default(),
                ),
            },
            Sum::Element(name, key) => {
                let key = format!("{name}[{}]", self.value(key).text());
                self.variables
                    .get(&key)
                    .cloned()
                    .unwrap_or(Value::Read(String::new()))
            }
            Sum::Not(sum) => truth(!self.value(sum).is_true()),
            Sum::Minus(sum) => Value::Number(-self.value(sum).number()),
            Sum::Two("&&", left, right) => {
                truth(self.value(left).is_true() && self.value(right).is_true())
            }
            Sum::Two("||", left, right) => {
                truth(self.value(left).is_true() || self.value(right).is_true())
            }
            Sum::Two(operator @ ("~" | "!~"), left, right) => {
                let left = self.value(left).text();
                let found = match &**right {
                    Sum::Found(regex) => regex.is_match(&left),
                    other => regex(&self.value(other).text(), Style::Extended, false)
                        .is_ok_and(|regex| regex.is_match(&left)),
                };
                truth(found == (*operator == "~"))
            }
            Sum::Two(operator, left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                two(operator, &left, &right)
            }
            Sum::Set(operator, place, right) => {
                let right = self.value(right);
                let before = self.value(place);
                let new = match *operator {
                    "=" => right,
                    "-=" => Value::Number(before.number() - right.number()),
                    "*=" => Value::Number(before.number() * right.number()),
                    _ => Value::Number(before.number() + right.number()),
                };
                self.set(place, new.clone());
                if *operator == "post" {
                    Value::Number(before.number())
                } else {
                    new
                }
            }
            Sum::Call(name, arguments) => {
                let values: Vec<Value> = arguments
                    .iter()
                    .map(|argument| self.value(argument))
                    .collect();
                let text = |index: usize| values.get(index).map(Value::text).unwrap_or_default();
                match name.as_str() {
                    "length" if values.is_empty() => {
                        Value::Number(self.line.chars().count() as f64)
                    }
                    "length" => Value::Number(text(0).chars().count() as f64),
                    "toupper" => Value::Text(text(0).to_uppercase()),
                    "tolower" => Value::Text(text(0).to_lowercase()),
                    "int" => Value::Number(
                        values
                            .first()
                            .map(Value::number)
                            .unwrap_or_default()
                            .trunc(),
                    ),
                    "substr" => {
                        let from =
                            (values.get(1).map_or(1.0, Value::number) as usize).saturating_sub(1);
                        let count = values
                            .get(2)
                            .map_or(usize::MAX, |count| count.number() as usize);
                        Value::Text(text(0).chars().skip(from).take(count).collect())
                    }
                    "index" => {
                        let place = text(0)
                            .find(&text(1))
                            .map_or(0, |at| text(0)[..at].chars().count() + 1);
                        Value::Number(place as f64)
                    }
                    _ => Value::Text(String::new()),
                }
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a column's number"
    )]
    fn set(&mut self, place: &Sum, value: Value) {
        match place {
            Sum::Name(name) if name == "FS" => self.separator = Some(value.text()),
            Sum::Name(name) => drop(self.variables.insert(name.clone(), value)),
            Sum::Element(name, key) => {
                let key = format!("{name}[{}]", self.value(key).text());
                self.variables.insert(key, value);
            }
            Sum::Field(sum) => {
                let field = (self.value(sum).number() as usize).min(1000);
                if field == 0 {
                    self.number -= 1;
                    self.read(value.text());
                    return;
                }
                if self.fields.len() < field {
                    self.fields.resize(field, String::new());
                }
                self.fields[field - 1] = value.text();
                self.line = self.fields.join(" ");
            }
            _ => {}
        }
    }

    fn act(&mut self, act: &Act, out: &mut Vec<u8>) {
        match act {
            Act::Print(sums) => {
                let between = self
                    .variables
                    .get("OFS")
                    .map_or(" ".to_owned(), Value::text);
                let texts: Vec<String> = sums.iter().map(|sum| self.value(sum).text()).collect();
                let line = if sums.is_empty() {
                    self.line.clone()
                } else {
                    texts.join(&between)
                };
                out.extend_from_slice(line.as_bytes());
                out.push(b'\n');
            }
            Act::Printf(sums) => {
                let texts: Vec<String> = sums.iter().map(|sum| self.value(sum).text()).collect();
                if let Some((format, words)) = texts.split_first() {
                    out.extend_from_slice(crate::programs::formatted(format, words).as_bytes());
                }
            }
            Act::Do(sum) => drop(self.value(sum)),
            Act::If(condition, then, otherwise) => {
                let acts = if self.value(condition).is_true() {
                    then
                } else {
                    otherwise
                };
                self.acts(acts, out);
            }
            Act::Next => self.next = true,
            Act::Exit => self.exit = true,
        }
    }

    fn acts(&mut self, acts: &[Act], out: &mut Vec<u8>) {
        for act in acts {
            if self.next || self.exit {
                return;
            }
            self.act(act, out);
        }
    }
}

fn two(operator: &str, left: &Value, right: &Value) -> Value {
    let (a, b) = (left.number(), right.number());
    let order = if left.is_number() && right.is_number() {
        a.total_cmp(&b)
    } else {
        left.text().cmp(&right.text())
    };
    let truth = |so: bool| Value::Number(f64::from(u8::from(so)));
    match operator {
        "" => Value::Text(left.text() + &right.text()),
        "+" => Value::Number(a + b),
        "-" => Value::Number(a - b),
        "*" => Value::Number(a * b),
        "/" => Value::Number(a / b),
        "%" => Value::Number(a % b),
        "==" => truth(order.is_eq()),
        "!=" => truth(order.is_ne()),
        "<" => truth(order.is_lt()),
        "<=" => truth(order.is_le()),
        ">" => truth(order.is_gt()),
        _ => truth(order.is_ge()),
    }
}

struct Columns {
    rules: Vec<Rule>,
    run: Run,
}

impl Columns {
    fn begin(mut self, out: &mut Vec<u8>) -> Self {
        for rule in &self.rules {
            if matches!(rule.pattern, Pattern::Begin) {
                self.run.acts(&rule.acts, out);
            }
        }
        // Without rules for lines, none are read.
        self.run.exit |= self
            .rules
            .iter()
            .all(|rule| matches!(rule.pattern, Pattern::Begin));
        self
    }
}

impl Filter for Columns {
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.run.read(text(line));
        self.run.next = false;
        for rule in &self.rules {
            let wanted = match &rule.pattern {
                Pattern::Always => true,
                Pattern::Begin | Pattern::End => false,
                Pattern::Where(sum) => self.run.value(sum).is_true(),
            };
            if wanted {
                self.run.acts(&rule.acts, out);
            }
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        (self.run.next, self.run.exit) = (false, false);
        for rule in &self.rules {
            if matches!(rule.pattern, Pattern::End) {
                self.run.acts(&rule.acts, out);
            }
        }
    }

    fn done(&self) -> bool {
        self.run.exit
    }
}
