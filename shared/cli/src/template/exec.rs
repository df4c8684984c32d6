//! Runs a template's tree over a value, with Go's own words for what goes wrong on the way.

use std::sync::Arc;

use super::{
    Template,
    functions::{self, Function, Takes},
    lexer::Number,
    parser::{Branch, Kind, Node, Pipe, Term, command},
    print,
    value::{ANY, Value},
};
use crate::go;

/// Templates within templates, at most: this calls itself.
const DEPTH: usize = 100;
/// Steps of one run, and bytes that it writes, at most: `range` can go on for ever.
const STEPS: usize = 200_000;
const OUTPUT: usize = 8 * 1024 * 1024;

/// How it is run.
#[derive(Clone, Copy, Default)]
pub struct Options {
    /// A key that a map does not have is an error.
    pub strict: bool,
    /// It makes a table's header: docker's functions leave what they get as it is.
    pub header: bool,
}

impl Options {
    pub const HEADER: Self = Self {
        strict: false,
        header: true,
    };
    pub const STRICT: Self = Self {
        strict: true,
        header: false,
    };
}

/// What was written before it went wrong, and what went wrong.
pub struct Broken {
    pub written: String,
    pub why: String,
}

pub fn execute(template: &Template, data: &Value, options: Options) -> Result<String, Broken> {
    let mut run = Run {
        template,
        options,
        name: &template.name,
        out: String::new(),
        variables: vec![("$".to_owned(), data.clone())],
        at: None,
        depth: 0,
        steps: 0,
    };
    let done = run.walk(data, &template.tree.root);
    match done {
        Ok(_) => Ok(run.out),
        Err(why) => Err(Broken {
            written: run.out,
            why,
        }),
    }
}

struct Run<'t> {
    template: &'t Template,
    options: Options,
    /// Of the template that runs now.
    name: &'t str,
    out: String,
    variables: Vec<(String, Value)>,
    /// Where it is in the text, and how that is written.
    at: Option<(usize, String)>,
    depth: usize,
    steps: usize,
}

#[derive(PartialEq, Eq)]
enum Flow {
    On,
    Break,
    Continue,
}

type Done<T> = Result<T, String>;

impl<'t> Run<'t> {
    fn at(&mut self, place: usize, shown: impl ToString) {
        self.at = Some((place, shown.to_string()));
    }

    fn fail<T>(&self, why: &str) -> Done<T> {
        let name = &self.template.name;
        let Some((place, context)) = &self.at else {
            return Err(format!("template: {name}: {why}"));
        };
        let before = &self.template.text[..*place];
        let line = 1 + before.matches('\n').count();
        let column = place - before.rfind('\n').map_or(0, |newline| newline + 1);
        let running = go::quote(self.name);
        Err(format!(
            "template: {name}:{line}:{column}: executing {running} at <{context}>: {why}"
        ))
    }

    fn step(&mut self) -> Done<()> {
        self.steps += 1;
        if self.steps > STEPS || self.out.len() > OUTPUT {
            return self.fail("causeway: it goes on for too long");
        }
        Ok(())
    }

    fn walk(&mut self, dot: &Value, nodes: &'t [Node]) -> Done<Flow> {
        for node in nodes {
            self.step()?;
            let flow = match node {
                Node::Text(text) => {
                    self.out.push_str(text);
                    Flow::On
                }
                Node::Action(pipe) => {
                    let value = self.pipe(dot, pipe)?;
                    if pipe.declares.is_empty() {
                        self.show(pipe, &value)?;
                    }
                    Flow::On
                }
                Node::If(branch) => self.branch(dot, branch, false)?,
                Node::With(branch) => self.branch(dot, branch, true)?,
                Node::Range(branch) => self.range(dot, branch)?,
                Node::Template { at, name, pipe } => self.call(dot, *at, name, pipe.as_ref())?,
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if flow != Flow::On {
                return Ok(flow);
            }
        }
        Ok(Flow::On)
    }

    fn show(&mut self, pipe: &Pipe, value: &Value) -> Done<()> {
        if let Value::Label(_) = value {
            self.at(pipe.at, format!("{{{{{pipe}}}}}"));
            let name = value.type_name();
            return self.fail(&format!("can't print {{{{{pipe}}}}} of type {name}"));
        }
        self.out.push_str(&print::shown(value));
        Ok(())
    }

    fn branch(&mut self, dot: &Value, branch: &'t Branch, with: bool) -> Done<Flow> {
        let mark = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let flow = if value.truth() {
            self.walk(if with { &value } else { dot }, &branch.list)
        } else {
            match &branch.otherwise {
                Some(list) => self.walk(dot, list),
                None => Ok(Flow::On),
            }
        };
        self.variables.truncate(mark);
        flow
    }

    fn range(&mut self, dot: &Value, branch: &'t Branch) -> Done<Flow> {
        let mark = self.variables.len();
        let value = self.pipe(dot, &branch.pipe)?;
        let items: Vec<(Value, Value)> = match value.held() {
            Value::List(_, items) => (0..).map(Value::Int).zip(items.iter().cloned()).collect(),
            Value::Map(_, fields) => fields
                .iter()
                .map(|(name, value)| (Value::text(name.as_str()), value.clone()))
                .collect(),
            Value::Int(count) => {
                if branch.pipe.declares.len() > 1 {
                    let why = format!("can't use {count} to iterate over more than one variable");
                    return self.fail(&why);
                }
                let most = i64::try_from(STEPS).unwrap_or(i64::MAX);
                (0..(*count).min(most))
                    .map(|number| (Value::Int(number), Value::Int(number)))
                    .collect()
            }
            Value::Missing | Value::Nil(_) => Vec::new(),
            other => {
                let shown = print::plain(other, true);
                return self.fail(&format!("range can't iterate over {shown}"));
            }
        };
        let inner = self.variables.len();
        let declared = branch.pipe.declares.len();
        let none = items.is_empty();
        for (key, item) in items {
            self.step()?;
            self.set(branch, inner, declared, key, &item);
            let flow = self.walk(&item, &branch.list)?;
            self.variables.truncate(inner);
            if flow == Flow::Break {
                break;
            }
        }
        let flow = match &branch.otherwise {
            Some(list) if none => self.walk(dot, list),
            _ => Ok(Flow::On),
        };
        self.variables.truncate(mark);
        flow
    }

    /// The variables of a `range`, for one of its items.
    fn set(&mut self, branch: &Branch, inner: usize, declared: usize, key: Value, item: &Value) {
        let mut values = vec![item.clone()];
        if declared > 1 {
            values.insert(0, key);
        }
        if branch.pipe.assigns {
            for (name, value) in branch.pipe.declares.iter().zip(values) {
                self.assign(name, value);
            }
        } else if declared > 0 {
            for (variable, value) in self.variables[inner - declared..].iter_mut().zip(values) {
                variable.1 = value;
            }
        }
    }

    fn assign(&mut self, name: &str, value: Value) {
        let found = self
            .variables
            .iter_mut()
            .rev()
            .find(|(known, _)| known == name);
        if let Some(variable) = found {
            variable.1 = value;
        }
    }

    fn call(
        &mut self,
        dot: &Value,
        at: usize,
        name: &'t str,
        pipe: Option<&'t Pipe>,
    ) -> Done<Flow> {
        let shown = match pipe {
            Some(pipe) => format!("{{{{template {} {pipe}}}}}", go::quote(name)),
            None => format!("{{{{template {}}}}}", go::quote(name)),
        };
        self.at(at, shown);
        let Some(list) = self.template.tree.defined.get(name) else {
            return self.fail(&format!("template {} not defined", go::quote(name)));
        };
        if self.depth == DEPTH {
            return self.fail("exceeded maximum template depth (100000)");
        }
        let dot = match pipe {
            Some(pipe) => self.pipe(dot, pipe)?,
            None => Value::Missing,
        };
        let outer = std::mem::replace(&mut self.variables, vec![("$".to_owned(), dot.clone())]);
        let outer_name = std::mem::replace(&mut self.name, name);
        self.depth += 1;
        self.walk(&dot, list)?;
        self.depth -= 1;
        self.name = outer_name;
        self.variables = outer;
        Ok(Flow::On)
    }

    fn pipe(&mut self, dot: &Value, pipe: &'t Pipe) -> Done<Value> {
        self.at(pipe.at, pipe);
        let mut value = None;
        for terms in &pipe.commands {
            let result = self.command(dot, terms, value)?;
            value = Some(match result {
                Value::Any(inner) => (*inner).clone(),
                Value::Nil(kind) if &*kind == ANY => Value::Missing,
                result => result,
            });
        }
        let value = value.unwrap_or(Value::Missing);
        for name in &pipe.declares {
            if pipe.assigns {
                self.assign(name, value.clone());
            } else {
                self.variables.push((name.clone(), value.clone()));
            }
        }
        Ok(value)
    }

    /// One command of a pipeline; `last` is what the one before it gave.
    fn command(&mut self, dot: &Value, terms: &'t [Term], last: Option<Value>) -> Done<Value> {
        let (first, arguments) = (&terms[0], &terms[1..]);
        let alone = arguments.is_empty() && last.is_none();
        let no_function = || format!("can't give argument to non-function {first}");
        match &first.kind {
            Kind::Field(names) => {
                self.at(first.at, first);
                self.chain(dot, dot.clone(), first, names, arguments, last)
            }
            Kind::Chain(inner, names) => {
                self.at(first.at, first);
                if let Kind::Nil = inner.kind {
                    return self.fail(&format!("indirection through explicit nil in {first}"));
                }
                let receiver = self.term(dot, inner)?;
                self.chain(dot, receiver, first, names, arguments, last)
            }
            Kind::Variable(names) => {
                self.at(first.at, first);
                let value = self.variable(&names[0]);
                match &names[1..] {
                    [] if alone => Ok(value),
                    [] => self.fail(&no_function()),
                    fields => self.chain(dot, value, first, fields, arguments, last),
                }
            }
            Kind::Function(name) => {
                self.at(first.at, first);
                self.function(dot, first.at, name, terms, last)
            }
            Kind::Pipe(_) if !alone => {
                self.at(first.at, first);
                self.fail(&no_function())
            }
            Kind::Pipe(pipe) => self.pipe(dot, pipe),
            _ if !alone => {
                self.at(first.at, first);
                self.fail(&no_function())
            }
            Kind::Nil => {
                self.at(first.at, first);
                self.fail("nil is not a command")
            }
            _ => self.term(dot, first),
        }
    }

    fn variable(&self, name: &str) -> Value {
        let found = self.variables.iter().rev().find(|(known, _)| known == name);
        found.map_or(Value::Missing, |(_, value)| value.clone())
    }

    /// A term where anything may stand.
    fn term(&mut self, dot: &Value, term: &'t Term) -> Done<Value> {
        self.at(term.at, term);
        Ok(match &term.kind {
            Kind::Dot => dot.clone(),
            Kind::Nil => Value::Missing,
            Kind::Bool(value) => Value::Bool(*value),
            Kind::Number(Number::Int(value), _) => Value::Int(*value),
            Kind::Number(Number::Float(value), _) => Value::Float(*value),
            Kind::String(text, _) => Value::text(text.as_str()),
            Kind::Pipe(pipe) => return self.pipe(dot, pipe),
            _ => return self.command(dot, std::slice::from_ref(term), None),
        })
    }

    fn chain(
        &mut self,
        dot: &Value,
        mut receiver: Value,
        term: &Term,
        names: &[String],
        arguments: &'t [Term],
        last: Option<Value>,
    ) -> Done<Value> {
        let Some((final_name, before)) = names.split_last() else {
            return Ok(receiver);
        };
        for name in before {
            receiver = self.field(dot, &receiver, name, term, &[], None)?;
        }
        self.field(dot, &receiver, final_name, term, arguments, last)
    }

    fn field(
        &mut self,
        dot: &Value,
        receiver: &Value,
        name: &str,
        term: &Term,
        arguments: &'t [Term],
        last: Option<Value>,
    ) -> Done<Value> {
        let type_name = receiver.type_name();
        let has_arguments = !arguments.is_empty() || last.is_some();
        match receiver.held() {
            Value::Missing if self.options.strict => {
                let key = go::quote(name);
                self.fail(&format!("nil data; no entry for key {key}"))
            }
            Value::Missing => Ok(Value::Missing),
            Value::Struct(value) | Value::Pointer(value) => match value.field(name) {
                Some(Value::Label(labels)) => {
                    let labels = Arc::clone(labels);
                    let key = self.label(dot, term, arguments, last)?;
                    Ok(Value::text(labels.get(&key).cloned().unwrap_or_default()))
                }
                Some(_) if has_arguments => {
                    self.arguments_unwanted(name, &value.name, arguments, last.as_ref())
                }
                Some(value) => Ok(value.clone()),
                None => self.fail(&format!("can't evaluate field {name} in type {type_name}")),
            },
            Value::Map(kind, _) if &**kind == HEADER && name == "Label" => {
                let key = self.label(dot, term, arguments, last)?;
                let last = key.rsplit('.').next().unwrap_or_default();
                Ok(Value::text(last.replace(['-', '_'], " ")))
            }
            Value::Map(..) if has_arguments => {
                self.fail(&format!("{name} is not a method but has arguments"))
            }
            Value::Map(_, fields) => match fields.get(name) {
                Some(value) => Ok(value.clone()),
                None if self.options.strict => {
                    let key = go::quote(name);
                    self.fail(&format!("map has no entry for key {key}"))
                }
                None => Ok(Value::Missing),
            },
            Value::Nil(kind) if kind.starts_with('*') || &**kind == ANY => {
                self.fail(&format!("nil pointer evaluating {type_name}.{name}"))
            }
            Value::Nil(kind) if kind.starts_with("map[") => Ok(Value::Missing),
            _ => self.fail(&format!("can't evaluate field {name} in type {type_name}")),
        }
    }

    /// A row's fields are methods to Go, what an engine tells are fields.
    fn arguments_unwanted<T>(
        &mut self,
        name: &str,
        kind: &str,
        arguments: &[Term],
        last: Option<&Value>,
    ) -> Done<T> {
        if kind.ends_with("Context") {
            let got = arguments.len() + usize::from(last.is_some());
            return self.fail(&format!(
                "wrong number of args for {name}: want 0 got {got}"
            ));
        }
        self.fail(&format!(
            "{name} has arguments but cannot be invoked as function"
        ))
    }

    fn label(
        &mut self,
        dot: &Value,
        term: &Term,
        arguments: &'t [Term],
        last: Option<Value>,
    ) -> Done<String> {
        let got = arguments.len() + usize::from(last.is_some());
        if got != 1 {
            return self.fail(&format!("wrong number of args for Label: want 1 got {got}"));
        }
        let value = match arguments.first() {
            Some(argument) => self.argument(dot, Takes::Text, argument)?,
            None => self.fits(last.unwrap_or(Value::Missing), Takes::Text)?,
        };
        self.at(term.at, term);
        Ok(print::plain(&value, true))
    }

    fn function(
        &mut self,
        dot: &Value,
        at: usize,
        name: &str,
        terms: &'t [Term],
        last: Option<Value>,
    ) -> Done<Value> {
        let arguments = &terms[1..];
        let Some(function) = functions::find(name) else {
            return self.fail(&format!("{} is not a defined function", go::quote(name)));
        };
        self.count(function, arguments.len(), last.is_some())?;
        if matches!(name, "and" | "or") {
            return self.lazily(dot, name == "or", arguments, last);
        }
        let takes = |place: usize| {
            *function
                .takes
                .get(place)
                .unwrap_or(&function.takes[function.takes.len() - 1])
        };
        let mut values = Vec::new();
        for (place, argument) in arguments.iter().enumerate() {
            values.push(self.argument(dot, takes(place), argument)?);
        }
        if let Some(last) = last {
            values.push(self.fits(last, takes(values.len()))?);
        }
        if self.options.header && functions::keeps_header(name) {
            return Ok(values.swap_remove(0));
        }
        (function.run)(&values).or_else(|why| {
            self.at(at, command(terms));
            let why = match (name, arguments.first()) {
                ("call", Some(_)) if matches!(values[0], Value::Missing) => {
                    "call of nil".to_owned()
                }
                ("call", Some(term)) => format!("non-function {term} {why}"),
                _ => why,
            };
            self.fail(&format!("error calling {name}: {why}"))
        })
    }

    fn count(&self, function: &Function, arguments: usize, last: bool) -> Done<()> {
        let got = arguments + usize::from(last);
        let (name, wanted) = (function.name, function.takes.len());
        if function.more {
            if got < wanted - 1 {
                let why = format!(
                    "wrong number of args for {name}: want at least {} got {arguments}",
                    wanted - 1
                );
                return self.fail(&why);
            }
        } else if got != wanted {
            let why = format!("wrong number of args for {name}: want {wanted} got {got}");
            return self.fail(&why);
        }
        Ok(())
    }

    /// `and`, `or`: no more is looked at than has to be.
    fn lazily(
        &mut self,
        dot: &Value,
        until: bool,
        arguments: &'t [Term],
        last: Option<Value>,
    ) -> Done<Value> {
        let mut value = Value::Missing;
        for argument in arguments {
            value = self.argument(dot, Takes::Raw, argument)?;
            if value.truth() == until {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn argument(&mut self, dot: &Value, takes: Takes, term: &'t Term) -> Done<Value> {
        self.at(term.at, term);
        match (&term.kind, takes) {
            (Kind::Nil, Takes::Text) => self.fail("cannot assign nil to string"),
            (Kind::Nil, Takes::Int) => self.fail("cannot assign nil to int"),
            (Kind::Bool(_) | Kind::Number(..) | Kind::String(..), Takes::Texts) => {
                self.fail(&format!("can't handle {term} for arg of type []string"))
            }
            (Kind::Bool(_) | Kind::Number(..), Takes::Text) => {
                self.fail(&format!("expected string; found {term}"))
            }
            (Kind::Bool(_) | Kind::String(..) | Kind::Number(Number::Float(_), _), Takes::Int) => {
                self.fail(&format!("expected integer; found {term}"))
            }
            _ => {
                let value = self.term(dot, term)?;
                self.fits(value, takes)
            }
        }
    }

    /// A value where only some kinds may stand.
    fn fits(&self, value: Value, takes: Takes) -> Done<Value> {
        let (wanted, fine) = match takes {
            Takes::Any | Takes::Raw => return Ok(value),
            Takes::Text => ("string", matches!(value.held(), Value::Text(_))),
            Takes::Int => ("int", matches!(value.held(), Value::Int(_))),
            Takes::Texts => {
                let texts = matches!(value.held(), Value::List(kind, _) | Value::Nil(kind) if &**kind == "[]string");
                ("[]string", texts)
            }
        };
        if fine {
            return Ok(value.held().clone());
        }
        if let Value::Missing = value {
            return self.fail(&format!("invalid value; expected {wanted}"));
        }
        let got = value.held().type_name();
        self.fail(&format!(
            "wrong type for value; expected {wanted}; got {got}"
        ))
    }
}

/// Go's name for what a table's header is made of.
pub const HEADER: &str = "formatter.SubHeaderContext";
