//! `jq`, a part of it: paths, `[]`, `|`, `,`, `select`, `map`, comparisons, objects and lists, `-r`, `-c`, `-s`.
//!
//! The kept crate for all of jq (jaq) would be 212 KB of a page; this is what `docker inspect` needs.

use serde_json::{Map, Value};

use async_trait::async_trait;

use super::{Filter, filter};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    programs::{Call, Program},
    shell::Ended,
};

pub struct Jq;

static JQ: Grammar = Grammar {
    names: &["jq"],
    usage: "[-r] [-c] [-s] [-e] FILTER [FILE...]",
    about: "Picks from JSON: jq '.[0].Name'",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["filter", "file"],
    program_from: None,
};

#[async_trait]
impl Program for Jq {
    fn grammar(&self) -> &'static Grammar {
        &JQ
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&JQ, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let default = ".".to_owned();
        let (program, files) = given.arguments.split_first().unwrap_or((&default, &[]));
        let term = match read(program) {
            Ok(term) => term,
            Err(why) => {
                let why = format!(
                    "causeway: jq: {why}; this jq knows paths, [], |, select, map, keys, length and the like."
                );
                console.err_line(&why).await;
                return Ended::with(3);
            }
        };
        let picked = Picked {
            term,
            raw: given.on("raw-output"),
            compact: given.on("compact-output"),
            slurp: given.on("slurp"),
            status: given.on("exit-status"),
            text: Vec::new(),
            failure: None,
            code: 0,
        };
        filter("jq", picked, files, 2, context, console).await
    }
}

static FLAGS: &[Flag] = &[
    Flag::switch("compact-output", "Each value in one line").short('c'),
    Flag::switch("exit-status", "Fail if the last value is null or false").short('e'),
    Flag::switch("raw-output", "Texts without quotes").short('r'),
    Flag::switch("slurp", "All values as one list").short('s'),
    Flag::switch("monochrome-output", "").short('M'),
    Flag::switch("color-output", "").short('C'),
];

/// Values that a filter gives at most.
const MOST: usize = 100_000;
/// What it reads at most.
const LARGEST: usize = 16 * 1024 * 1024;

enum Term {
    Same,
    Field(String),
    Index(i64),
    Slice(Option<i64>, Option<i64>),
    Each,
    Literal(Value),
    Optional(Box<Term>),
    Pipe(Box<Term>, Box<Term>),
    Comma(Box<Term>, Box<Term>),
    Two(&'static str, Box<Term>, Box<Term>),
    List(Option<Box<Term>>),
    Object(Vec<(Term, Term)>),
    Call(String, Vec<Term>),
}

type Values = Result<Vec<Value>, String>;

fn read(program: &str) -> Result<Term, String> {
    let mut reader = Reader {
        rest: program.trim(),
        depth: 0,
    };
    if reader.rest.is_empty() {
        return Ok(Term::Same);
    }
    let term = reader.pipe()?;
    if reader.rest.is_empty() {
        Ok(term)
    } else {
        Err(format!("'{}' is not understood", reader.rest))
    }
}

struct Reader<'p> {
    rest: &'p str,
    depth: usize,
}

impl Reader<'_> {
    fn symbol(&mut self, symbol: &str) -> bool {
        let after = self.rest.strip_prefix(symbol);
        if let Some(after) = after {
            self.rest = after.trim_start();
        }
        after.is_some()
    }

    fn need(&mut self, symbol: &str) -> Result<(), String> {
        if self.symbol(symbol) {
            Ok(())
        } else {
            Err(format!("a {symbol} is missing"))
        }
    }

    fn pipe(&mut self) -> Result<Term, String> {
        self.depth += 1;
        if self.depth > 40 {
            return Err("it is nested too deep".to_owned());
        }
        let mut left = self.comma()?;
        while self.symbol("|") {
            left = Term::Pipe(Box::new(left), Box::new(self.comma()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn comma(&mut self) -> Result<Term, String> {
        let mut left = self.level(0)?;
        while self.symbol(",") {
            left = Term::Comma(Box::new(left), Box::new(self.level(0)?));
        }
        Ok(left)
    }

    fn level(&mut self, level: usize) -> Result<Term, String> {
        const LEVELS: [&[&str]; 6] = [
            &["//"],
            &["or "],
            &["and "],
            &["==", "!=", "<=", ">=", "<", ">"],
            &["+", "-"],
            &["*", "/", "%"],
        ];
        let Some(operators) = LEVELS.get(level) else {
            return self.postfix();
        };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| {
            self.rest.starts_with(**operator) && !(**operator == "/" && self.rest.starts_with("//"))
        }) {
            self.symbol(operator);
            left = Term::Two(operator, Box::new(left), Box::new(self.level(level + 1)?));
        }
        Ok(left)
    }

    fn postfix(&mut self) -> Result<Term, String> {
        let mut term = self.one()?;
        loop {
            let next = if self.symbol("?") {
                term = Term::Optional(Box::new(term));
                continue;
            } else if self.rest.starts_with('[') {
                self.brackets()?
            } else if self.rest.starts_with('.') {
                self.rest = &self.rest[1..];
                if self.rest.starts_with('[') {
                    self.brackets()?
                } else {
                    self.field()?
                }
            } else {
                return Ok(term);
            };
            term = Term::Pipe(Box::new(term), Box::new(next));
        }
    }

    fn field(&mut self) -> Result<Term, String> {
        if self.rest.starts_with('"') {
            return Ok(Term::Field(self.text()?));
        }
        match self.name() {
            name if name.is_empty() => Err("a name is missing after .".to_owned()),
            name => Ok(Term::Field(name)),
        }
    }

    fn name(&mut self) -> String {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(self.rest.len());
        let name = self.rest[..end].to_owned();
        self.rest = self.rest[end..].trim_start();
        name
    }

    fn text(&mut self) -> Result<String, String> {
        let mut values = serde_json::Deserializer::from_str(self.rest).into_iter::<String>();
        let text = values
            .next()
            .and_then(Result::ok)
            .ok_or("a text in quotes is not closed")?;
        let used = values.byte_offset();
        self.rest = self.rest[used..].trim_start();
        Ok(text)
    }

    fn number(&mut self) -> Option<i64> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_digit() || c == '-'))
            .unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().ok()?;
        self.rest = self.rest[end..].trim_start();
        Some(number)
    }

    fn brackets(&mut self) -> Result<Term, String> {
        self.need("[")?;
        if self.symbol("]") {
            return Ok(Term::Each);
        }
        let term = if self.rest.starts_with('"') {
            Term::Field(self.text()?)
        } else {
            let from = self.number();
            if self.symbol(":") {
                Term::Slice(from, self.number())
            } else {
                Term::Index(from.ok_or("a number is missing in [ ]")?)
            }
        };
        self.need("]")?;
        Ok(term)
    }

    fn one(&mut self) -> Result<Term, String> {
        let rest = self.rest;
        if self.symbol("(") {
            let term = self.pipe()?;
            self.need(")")?;
            return Ok(term);
        }
        if rest.starts_with("..") {
            self.symbol("..");
            return Ok(Term::Call("recurse".to_owned(), Vec::new()));
        }
        if rest.starts_with(".[") {
            self.rest = &rest[1..];
            return self.brackets();
        }
        if let Some(after) = rest.strip_prefix('.') {
            let field =
                after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '"');
            self.rest = if field { after } else { after.trim_start() };
            return if field { self.field() } else { Ok(Term::Same) };
        }
        if rest.starts_with('"') {
            return Ok(Term::Literal(Value::String(self.text()?)));
        }
        if self.symbol("[") {
            if self.symbol("]") {
                return Ok(Term::List(None));
            }
            let inside = self.pipe()?;
            self.need("]")?;
            return Ok(Term::List(Some(Box::new(inside))));
        }
        if self.symbol("{") {
            return self.object();
        }
        if rest.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            let end = rest
                .find(|c: char| !(c.is_ascii_digit() || ".-eE".contains(c)))
                .unwrap_or(rest.len());
            self.rest = rest[end..].trim_start();
            let number = serde_json::from_str(&rest[..end]);
            return number
                .map(Term::Literal)
                .map_err(|_| format!("{} is no number", &rest[..end]));
        }
        let at = self.symbol("@");
        let name = self.name();
        let literal = match name.as_str() {
            "" => {
                return Err(if rest.is_empty() {
                    "it ends too early".to_owned()
                } else {
                    format!("'{rest}' is not understood")
                });
            }
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        };
        if let Some(literal) = literal {
            return Ok(Term::Literal(literal));
        }
        let mut arguments = Vec::new();
        if self.symbol("(") {
            arguments.push(self.pipe()?);
            while self.symbol(";") {
                arguments.push(self.pipe()?);
            }
            self.need(")")?;
        }
        let name = if at { format!("@{name}") } else { name };
        if !KNOWN.contains(&(name.as_str(), arguments.len())) {
            return Err(format!("{name}/{} is not known", arguments.len()));
        }
        Ok(Term::Call(name, arguments))
    }

    fn object(&mut self) -> Result<Term, String> {
        let mut entries = Vec::new();
        while !self.symbol("}") {
            let (key, short) = if self.symbol("(") {
                let key = self.pipe()?;
                self.need(")")?;
                (key, None)
            } else {
                let name = if self.rest.starts_with('"') {
                    self.text()?
                } else {
                    self.name()
                };
                (Term::Literal(Value::String(name.clone())), Some(name))
            };
            let value = match (self.symbol(":"), short) {
                (true, _) => self.level(0)?,
                (false, Some(name)) if !name.is_empty() => Term::Field(name),
                _ => return Err("a : is missing in { }".to_owned()),
            };
            entries.push((key, value));
            if !self.symbol(",") && !self.rest.starts_with('}') {
                return Err("a } is missing".to_owned());
            }
        }
        Ok(Term::Object(entries))
    }
}

const KNOWN: &[(&str, usize)] = &[
    ("length", 0),
    ("keys", 0),
    ("values", 0),
    ("not", 0),
    ("type", 0),
    ("empty", 0),
    ("first", 0),
    ("last", 0),
    ("sort", 0),
    ("unique", 0),
    ("add", 0),
    ("to_entries", 0),
    ("tostring", 0),
    ("tonumber", 0),
    ("recurse", 0),
    ("reverse", 0),
    ("any", 0),
    ("all", 0),
    ("min", 0),
    ("max", 0),
    ("ascii_downcase", 0),
    ("ascii_upcase", 0),
    ("@csv", 0),
    ("@tsv", 0),
    ("@json", 0),
    ("@text", 0),
    ("select", 1),
    ("map", 1),
    ("has", 1),
    ("join", 1),
    ("split", 1),
    ("startswith", 1),
    ("endswith", 1),
    ("contains", 1),
    ("test", 1),
    ("sort_by", 1),
    ("ltrimstr", 1),
    ("rtrimstr", 1),
    ("any", 1),
    ("all", 1),
];

fn run(term: &Term, value: &Value) -> Values {
    Ok(match term {
        Term::Same => vec![value.clone()],
        Term::Literal(literal) => vec![literal.clone()],
        Term::Field(name) => vec![field(value, name)?],
        Term::Index(index) => vec![match value {
            Value::Array(list) => at(list.len(), *index)
                .and_then(|at| list.get(at))
                .cloned()
                .unwrap_or_default(),
            Value::Null => Value::Null,
            other => return Err(format!("Cannot index {} with number", kind(other))),
        }],
        Term::Slice(from, to) => vec![slice(value, *from, *to)?],
        Term::Each => match value {
            Value::Array(list) => list.clone(),
            Value::Object(map) => map.values().cloned().collect(),
            other => return Err(format!("Cannot iterate over {}", with_value(other))),
        },
        Term::Optional(term) => run(term, value).unwrap_or_default(),
        Term::Pipe(left, right) => {
            let mut all = Vec::new();
            for value in run(left, value)? {
                all.extend(run(right, &value)?);
                if all.len() > MOST {
                    return Err("too many values".to_owned());
                }
            }
            all
        }
        Term::Comma(left, right) => {
            let mut all = run(left, value)?;
            all.extend(run(right, value)?);
            all
        }
        Term::Two("//", left, right) => {
            let left: Vec<Value> = run(left, value)
                .unwrap_or_default()
                .into_iter()
                .filter(is_true)
                .collect();
            if left.is_empty() {
                run(right, value)?
            } else {
                left
            }
        }
        Term::Two(operator, left, right) => {
            let mut all = Vec::new();
            for right in run(right, value)? {
                for left in run(left, value)? {
                    all.push(two(operator, &left, &right)?);
                }
            }
            all
        }
        Term::List(None) => vec![Value::Array(Vec::new())],
        Term::List(Some(term)) => vec![Value::Array(run(term, value)?)],
        Term::Object(entries) => {
            let mut maps = vec![Map::new()];
            for (key, term) in entries {
                let mut next = Vec::new();
                for key in run(key, value)? {
                    let Value::String(key) = key else {
                        return Err("Object keys must be strings".to_owned());
                    };
                    for new in run(term, value)? {
                        for map in &maps {
                            let mut map = map.clone();
                            map.insert(key.clone(), new.clone());
                            next.push(map);
                        }
                    }
                }
                maps = next;
            }
            maps.into_iter().map(Value::Object).collect()
        }
        Term::Call(name, arguments) => call(name, arguments, value)?,
    })
}

fn call(name: &str, arguments: &[Term], value: &Value) -> Values {
    let list = || match value {
        Value::Array(list) => Ok(list.clone()),
        Value::Object(map) => Ok(map.values().cloned().collect()),
        other => Err(format!("Cannot iterate over {}", with_value(other))),
    };
    let text = || {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| format!("{} cannot be used as a text", with_value(value)))
    };
    let one = match (name, arguments) {
        ("empty", _) => return Ok(Vec::new()),
        ("not", _) => Value::Bool(!is_true(value)),
        ("type", _) => kind(value).into(),
        ("length", _) => match value {
            Value::Null => 0.into(),
            Value::String(text) => text.chars().count().into(),
            Value::Array(list) => list.len().into(),
            Value::Object(map) => map.len().into(),
            Value::Number(_) => value.clone(),
            Value::Bool(_) => return Err(format!("{} has no length", with_value(value))),
        },
        ("keys", _) => match value {
            Value::Object(map) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort();
                keys.into_iter().cloned().collect::<Vec<String>>().into()
            }
            Value::Array(list) => (0..list.len()).collect::<Vec<_>>().into(),
            other => return Err(format!("{} has no keys", with_value(other))),
        },
        ("values", _) => {
            return Ok(if value.is_null() {
                Vec::new()
            } else {
                vec![value.clone()]
            });
        }
        ("first", _) => list()?.first().cloned().unwrap_or_default(),
        ("last", _) => list()?.last().cloned().unwrap_or_default(),
        ("reverse", _) => list()?.into_iter().rev().collect::<Vec<_>>().into(),
        ("sort" | "unique" | "min" | "max", _) => {
            let mut list = list()?;
            list.sort_by(order);
            match name {
                "min" => list.first().cloned().unwrap_or_default(),
                "max" => list.last().cloned().unwrap_or_default(),
                "unique" => {
                    list.dedup();
                    list.into()
                }
                _ => list.into(),
            }
        }
        ("sort_by", [by]) => {
            let mut keyed = Vec::new();
            for value in list()? {
                keyed.push((Value::Array(run(by, &value)?), value));
            }
            keyed.sort_by(|a, b| order(&a.0, &b.0));
            keyed
                .into_iter()
                .map(|(_, value)| value)
                .collect::<Vec<_>>()
                .into()
        }
        ("add", _) => {
            let mut sum = Value::Null;
            for value in list()? {
                sum = two("+", &sum, &value)?;
            }
            sum
        }
        ("any" | "all", arguments) => {
            let mut truths = Vec::new();
            for value in list()? {
                match arguments {
                    [term] => truths.extend(run(term, &value)?.iter().map(is_true)),
                    _ => truths.push(is_true(&value)),
                }
            }
            Value::Bool(if name == "any" {
                truths.contains(&true)
            } else {
                !truths.contains(&false)
            })
        }
        ("to_entries", _) => match value {
            Value::Object(map) => {
                let entries = map
                    .iter()
                    .map(|(key, value)| serde_json::json!({"key": key, "value": value}));
                Value::Array(entries.collect())
            }
            other => return Err(format!("{} has no keys", with_value(other))),
        },
        ("tostring" | "@text", _) => match value {
            Value::String(_) => value.clone(),
            other => other.to_string().into(),
        },
        ("@json", _) => value.to_string().into(),
        ("@csv" | "@tsv", _) => {
            let shown = |value: &Value| match value {
                Value::String(text) if name == "@csv" => {
                    format!("\"{}\"", text.replace('"', "\"\""))
                }
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let between = if name == "@csv" { "," } else { "\t" };
            list()?
                .iter()
                .map(shown)
                .collect::<Vec<_>>()
                .join(between)
                .into()
        }
        ("tonumber", _) => match value {
            Value::String(text) => serde_json::from_str::<serde_json::Number>(text.trim())
                .map(Value::Number)
                .map_err(|_| format!("{} cannot be parsed as a number", with_value(value)))?,
            _ => value.clone(),
        },
        ("ascii_downcase", _) => text()?.to_ascii_lowercase().into(),
        ("ascii_upcase", _) => text()?.to_ascii_uppercase().into(),
        ("recurse", _) => {
            let mut all = Vec::new();
            recurse(value, &mut all);
            return Ok(all);
        }
        ("select", [term]) => {
            let wanted = run(term, value)?.into_iter().filter(is_true);
            return Ok(wanted.map(|_| value.clone()).collect());
        }
        ("map", [term]) => {
            let mut all = Vec::new();
            for value in list()? {
                all.extend(run(term, &value)?);
            }
            all.into()
        }
        (name, [term]) => {
            let mut all = Vec::new();
            for argument in run(term, value)? {
                all.push(with(name, value, &argument)?);
            }
            return Ok(all);
        }
        _ => return Err(format!("{name} is not known")),
    };
    Ok(vec![one])
}

/// What takes a value beside its input.
fn with(name: &str, value: &Value, argument: &Value) -> Result<Value, String> {
    let texts = || match (value, argument) {
        (Value::String(value), Value::String(argument)) => Ok((value.clone(), argument.clone())),
        _ => Err(format!("{name}() requires string inputs")),
    };
    Ok(match name {
        "has" => match (value, argument) {
            (Value::Object(map), Value::String(key)) => map.contains_key(key).into(),
            (Value::Array(list), Value::Number(index)) => index
                .as_u64()
                .is_some_and(|index| index < list.len() as u64)
                .into(),
            _ => {
                return Err(format!(
                    "Cannot check whether {} has a {} key",
                    kind(value),
                    kind(argument)
                ));
            }
        },
        "join" => {
            let (Value::Array(list), Value::String(between)) = (value, argument) else {
                return Err(format!("Cannot iterate over {}", with_value(value)));
            };
            let shown = |value: &Value| match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            list.iter()
                .map(shown)
                .collect::<Vec<_>>()
                .join(between)
                .into()
        }
        "split" => {
            let (value, by) = texts()?;
            let parts: Vec<Value> = value.split(&by).map(Into::into).collect();
            parts.into()
        }
        "startswith" => texts().map(|(value, start)| value.starts_with(&start).into())?,
        "endswith" => texts().map(|(value, end)| value.ends_with(&end).into())?,
        "ltrimstr" => match (value, argument) {
            (Value::String(text), Value::String(start)) => {
                text.strip_prefix(start.as_str()).unwrap_or(text).into()
            }
            _ => value.clone(),
        },
        "rtrimstr" => match (value, argument) {
            (Value::String(text), Value::String(end)) => {
                text.strip_suffix(end.as_str()).unwrap_or(text).into()
            }
            _ => value.clone(),
        },
        "contains" => contains(value, argument).into(),
        "test" => {
            let (value, pattern) = texts()?;
            let regex = super::regex::regex(&pattern, super::regex::Style::Extended, false)?;
            regex.is_match(&value).into()
        }
        name => return Err(format!("{name} is not known")),
    })
}

fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::String(value), Value::String(part)) => value.contains(part.as_str()),
        (Value::Array(list), Value::Array(parts)) => parts
            .iter()
            .all(|part| list.iter().any(|value| contains(value, part))),
        (Value::Object(map), Value::Object(parts)) => parts
            .iter()
            .all(|(key, part)| map.get(key).is_some_and(|value| contains(value, part))),
        (value, part) => value == part,
    }
}

fn recurse(value: &Value, all: &mut Vec<Value>) {
    if all.len() > MOST {
        return;
    }
    all.push(value.clone());
    match value {
        Value::Array(list) => list.iter().for_each(|value| recurse(value, all)),
        Value::Object(map) => map.values().for_each(|value| recurse(value, all)),
        _ => {}
    }
}

fn field(value: &Value, name: &str) -> Result<Value, String> {
    match value {
        Value::Object(map) => Ok(map.get(name).cloned().unwrap_or_default()),
        Value::Null => Ok(Value::Null),
        other => Err(format!("Cannot index {} with \"{name}\"", kind(other))),
    }
}

fn at(length: usize, index: i64) -> Option<usize> {
    if index < 0 {
        length.checked_sub(usize::try_from(-index).ok()?)
    } else {
        usize::try_from(index).ok()
    }
}

fn slice(value: &Value, from: Option<i64>, to: Option<i64>) -> Result<Value, String> {
    let place = |length: usize, index: i64| at(length, index).unwrap_or(0).min(length);
    let range = |length: usize| {
        let from = from.map_or(0, |from| place(length, from));
        from..to.map_or(length, |to| place(length, to)).max(from)
    };
    match value {
        Value::Array(list) => Ok(list[range(list.len())].to_vec().into()),
        Value::String(text) => {
            let letters: Vec<char> = text.chars().collect();
            Ok(letters[range(letters.len())]
                .iter()
                .collect::<String>()
                .into())
        }
        Value::Null => Ok(Value::Null),
        other => Err(format!("Cannot index {} with object", kind(other))),
    }
}

fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn with_value(value: &Value) -> String {
    if value.is_null() {
        "null".to_owned()
    } else {
        format!("{} ({value})", kind(value))
    }
}

/// In jq's order of kinds, then by value.
fn order(left: &Value, right: &Value) -> std::cmp::Ordering {
    let rank = |value: &Value| match value {
        Value::Null => 0,
        Value::Bool(false) => 1,
        Value::Bool(true) => 2,
        Value::Number(_) => 3,
        Value::String(_) => 4,
        Value::Array(_) => 5,
        Value::Object(_) => 6,
    };
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left
            .as_f64()
            .unwrap_or_default()
            .total_cmp(&right.as_f64().unwrap_or_default()),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Array(left), Value::Array(right)) => {
            let orders = left
                .iter()
                .zip(right)
                .map(|(left, right)| order(left, right));
            orders
                .into_iter()
                .find(|order| order.is_ne())
                .unwrap_or(left.len().cmp(&right.len()))
        }
        _ => rank(left).cmp(&rank(right)),
    }
}

fn two(operator: &str, left: &Value, right: &Value) -> Result<Value, String> {
    let ordering = order(left, right);
    Ok(match operator {
        "==" => Value::Bool(left == right),
        "!=" => Value::Bool(left != right),
        "<" => Value::Bool(ordering.is_lt()),
        "<=" => Value::Bool(ordering.is_le()),
        ">" => Value::Bool(ordering.is_gt()),
        ">=" => Value::Bool(ordering.is_ge()),
        "and " => Value::Bool(is_true(left) && is_true(right)),
        "or " => Value::Bool(is_true(left) || is_true(right)),
        "+" => match (left, right) {
            (Value::Null, other) | (other, Value::Null) => other.clone(),
            (Value::String(left), Value::String(right)) => format!("{left}{right}").into(),
            (Value::Array(left), Value::Array(right)) => [&left[..], right].concat().into(),
            (Value::Object(left), Value::Object(right)) => {
                let mut map = left.clone();
                map.extend(right.clone());
                Value::Object(map)
            }
            _ => sum(operator, left, right)?,
        },
        _ => sum(operator, left, right)?,
    })
}

fn sum(operator: &str, left: &Value, right: &Value) -> Result<Value, String> {
    let (Some(a), Some(b)) = (left.as_f64(), right.as_f64()) else {
        let what = match operator {
            "+" => "added",
            "-" => "subtracted",
            "*" => "multiplied",
            _ => "divided",
        };
        return Err(format!(
            "{} and {} cannot be {what}",
            with_value(left),
            with_value(right)
        ));
    };
    let result = match operator {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        _ if b == 0.0 => {
            return Err(format!(
                "{} and {} cannot be divided because the divisor is zero",
                with_value(left),
                with_value(right)
            ));
        }
        "/" => a / b,
        _ => a % b,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    if result.fract() == 0.0 && result.abs() < 9e15 {
        return Ok((result as i64).into());
    }
    Ok(result.into())
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
struct Picked {
    term: Term,
    raw: bool,
    compact: bool,
    slurp: bool,
    status: bool,
    text: Vec<u8>,
    failure: Option<String>,
    code: u8,
}

impl Picked {
    fn show(&self, value: &Value, out: &mut Vec<u8>) {
        match value {
            Value::String(text) if self.raw => out.extend_from_slice(text.as_bytes()),
            value if self.compact => out.extend_from_slice(value.to_string().as_bytes()),
            value => out.extend_from_slice(
                serde_json::to_string_pretty(value)
                    .unwrap_or_default()
                    .as_bytes(),
            ),
        }
        out.push(b'\n');
    }

    fn pick(&mut self, value: &Value, out: &mut Vec<u8>) {
        match run(&self.term, value) {
            Ok(values) => {
                for value in &values {
                    self.show(value, out);
                }
                if self.status {
                    self.code = match values.last() {
                        Some(value) => u8::from(!is_true(value)),
                        None => 4,
                    };
                }
            }
            Err(why) => {
                self.code = 5;
                self.failure = Some(format!("jq: error (at <stdin>:0): {why}\n"));
            }
        }
    }
}

impl Filter for Picked {
    fn line(&mut self, line: &[u8], _: &mut Vec<u8>) {
        if self.text.len() < LARGEST {
            self.text.extend_from_slice(line);
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        let text = std::mem::take(&mut self.text);
        let mut all = Vec::new();
        for value in serde_json::Deserializer::from_slice(&text).into_iter::<Value>() {
            match value {
                Ok(value) if self.slurp => all.push(value),
                Ok(value) => self.pick(&value, out),
                Err(error) => {
                    self.failure = Some(format!("jq: parse error: {error}\n"));
                    self.code = 2;
                    return;
                }
            }
        }
        if self.slurp {
            self.pick(&Value::Array(all), out);
        }
    }

    fn failure(&mut self) -> Option<String> {
        self.failure.take()
    }

    fn code(&self) -> u8 {
        self.code
    }
}
