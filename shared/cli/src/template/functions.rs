//! The functions of templates: Go's own, and those that docker adds.

use std::cmp::Ordering;

use super::{print, value::Value};

/// What a function takes in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    Any,
    /// Anything too, but nothing at all stays nothing.
    Raw,
    Text,
    Texts,
    Int,
}

pub struct Function {
    pub name: &'static str,
    pub takes: &'static [Takes],
    /// More of the last kind may follow, or none of it.
    pub more: bool,
    pub run: fn(&[Value]) -> Result<Value, String>,
}

use Takes::{Any, Int, Raw, Text, Texts};

macro_rules! functions {
    ($($name:literal [$($takes:ident),*] $more:literal $run:expr;)*) => {
        static FUNCTIONS: &[Function] = &[$(Function {
            name: $name, takes: &[$($takes),*], more: $more, run: $run,
        }),*];
    };
}

functions! {
    "and" [Raw, Raw] true |values| Ok(values[0].clone());
    "or" [Raw, Raw] true |values| Ok(values[0].clone());
    "not" [Raw] false |values| Ok(Value::Bool(!values[0].truth()));
    "call" [Raw, Raw] true |values| Err(format!("of type {}", values[0].held().type_name()));
    "index" [Raw, Raw] true index;
    "slice" [Raw, Raw] true slice;
    "len" [Raw] false length;
    "print" [Any] true |values| Ok(Value::text(print::print(values)));
    "println" [Any] true |values| Ok(Value::text(print::println(values)));
    "printf" [Text, Any] true |values| Ok(Value::text(print::printf(&text(&values[0]), &values[1..])));
    "html" [Any] true |values| Ok(Value::text(html(&print::print(values))));
    "js" [Any] true |values| Ok(Value::text(js(&print::print(values))));
    "urlquery" [Any] true |values| Ok(Value::text(urlquery(&print::print(values))));
    "eq" [Raw, Raw] true equal;
    "ne" [Raw, Raw] false |values| Ok(Value::Bool(!same(&values[0], &values[1])?));
    "lt" [Raw, Raw] false |values| ordered(values, Ordering::is_lt);
    "le" [Raw, Raw] false |values| ordered(values, Ordering::is_le);
    "gt" [Raw, Raw] false |values| ordered(values, Ordering::is_gt);
    "ge" [Raw, Raw] false |values| ordered(values, Ordering::is_ge);
    "json" [Any] false |values| Ok(Value::text(json(&values[0])));
    "split" [Text, Text] false |values| Ok(split(values));
    "join" [Texts, Text] false |values| Ok(join(values));
    "title" [Text] false |values| Ok(Value::text(title(&text(&values[0]))));
    "lower" [Text] false |values| Ok(Value::text(text(&values[0]).to_lowercase()));
    "upper" [Text] false |values| Ok(Value::text(text(&values[0]).to_uppercase()));
    "pad" [Text, Int, Int] false pad;
    "truncate" [Text, Int] false truncate;
}

pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// What these do to a table's header: they leave it as it is.
pub fn keeps_header(name: &str) -> bool {
    matches!(
        name,
        "json" | "split" | "join" | "title" | "lower" | "upper" | "truncate"
    )
}

/// `json.Encoder` without escaping for HTML.
pub fn json(value: &Value) -> String {
    let mut text = value.json().to_string();
    if let Value::Pointer(value) | Value::Struct(value) = value.held()
        && value.escaped
    {
        let escapes = [("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")];
        for (letter, escape) in escapes {
            text = text.replace(letter, escape);
        }
    }
    // Go writes these two as escapes, always.
    text.replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn text(value: &Value) -> String {
    match value.held() {
        Value::Text(text) => text.to_string(),
        _ => String::new(),
    }
}

fn number(value: &Value) -> i64 {
    match value.held() {
        Value::Int(number) => *number,
        _ => 0,
    }
}

fn index(values: &[Value]) -> Result<Value, String> {
    let mut item = values[0].clone();
    if matches!(item.held(), Value::Missing) {
        return Err("index of untyped nil".to_owned());
    }
    for index in &values[1..] {
        let index = index.held();
        item = match item.held() {
            Value::Nil(name) if name.starts_with("map[") => Value::Missing,
            Value::Nil(name) if !name.starts_with("[]") => {
                return Err("index of nil pointer".to_owned());
            }
            Value::Map(name, fields) => entry(name, fields, index)?,
            Value::List(_, items) => {
                let place = place(index, items.len(), "slice")?;
                items[place].clone()
            }
            Value::Nil(_) => return place(index, 0, "slice").map(|_| Value::Missing),
            Value::Text(text) => {
                let place = place(index, text.len(), "string")?;
                Value::Int(i64::from(text.as_bytes()[place]))
            }
            other => return Err(format!("can't index item of type {}", other.type_name())),
        };
    }
    Ok(item)
}

fn entry(
    name: &str,
    fields: &std::collections::BTreeMap<String, Value>,
    index: &Value,
) -> Result<Value, String> {
    let key = name
        .strip_prefix("map[")
        .and_then(|name| name.split(']').next())
        .unwrap_or("string");
    match index {
        Value::Text(index) if key == "string" => Ok(match fields.get(&**index) {
            Some(value) => value.clone(),
            None => zero(name.split_once(']').map_or("", |(_, element)| element)),
        }),
        Value::Missing => Err(format!("value is nil; should be of type {key}")),
        other => Err(format!(
            "value has type {}; should be {key}",
            other.type_name()
        )),
    }
}

/// What a map of this type gives for a key that it does not have.
fn zero(name: &str) -> Value {
    match name {
        "string" => Value::text(""),
        "bool" => Value::Bool(false),
        "int" => Value::Int(0),
        // Printed as Go prints an `any` that holds nothing.
        name => Value::Nil(name.into()),
    }
}

/// A place in what has this length; right behind the last is not seen before Go looks there.
fn place(index: &Value, length: usize, what: &str) -> Result<usize, String> {
    let index = match index {
        Value::Int(index) => *index,
        Value::Missing => return Err("cannot index slice/array with nil".to_owned()),
        other => {
            let name = other.type_name();
            return Err(format!("cannot index slice/array with type {name}"));
        }
    };
    match usize::try_from(index) {
        Ok(place) if place < length => Ok(place),
        Ok(place) if place == length && !what.is_empty() => {
            Err(format!("reflect: {what} index out of range"))
        }
        _ => Err(format!("index out of range: {index}")),
    }
}

fn slice(values: &[Value]) -> Result<Value, String> {
    let item = values[0].held();
    if matches!(item, Value::Missing) {
        return Err("slice of untyped nil".to_owned());
    }
    if values.len() > 4 {
        return Err(format!("too many slice indexes: {}", values.len() - 1));
    }
    let length = match item {
        Value::Text(_) if values.len() == 4 => {
            return Err("cannot 3-index slice a string".to_owned());
        }
        Value::Text(text) => text.len(),
        Value::List(_, items) => items.len(),
        other => return Err(format!("can't slice item of type {}", other.type_name())),
    };
    let mut ends = [0, length, length];
    for (end, index) in ends.iter_mut().zip(&values[1..]) {
        // An end may be right after the last one.
        *end = place(index.held(), length + 1, "")?;
    }
    if ends[0] > ends[1] {
        return Err(format!("invalid slice index: {} > {}", ends[0], ends[1]));
    }
    Ok(match item {
        Value::Text(text) => {
            let bytes = &text.as_bytes()[ends[0]..ends[1]];
            Value::text(String::from_utf8_lossy(bytes).into_owned())
        }
        Value::List(name, items) => {
            Value::List(name.clone(), items[ends[0]..ends[1]].to_vec().into())
        }
        other => other.clone(),
    })
}

fn length(values: &[Value]) -> Result<Value, String> {
    let length = match values[0].held() {
        Value::Text(text) | Value::Named(_, text) => text.len(),
        Value::List(_, items) => items.len(),
        Value::Map(_, fields) => fields.len(),
        Value::Missing => {
            return Err("reflect: call of reflect.Value.Type on zero Value".to_owned());
        }
        Value::Nil(name) if name.starts_with("[]") || name.starts_with("map[") => 0,
        Value::Nil(_) => return Err("len of nil pointer".to_owned()),
        other => return Err(format!("len of type {}", other.type_name())),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn same(one: &Value, other: &Value) -> Result<bool, String> {
    use Value::{Bool, Float, Int, List, Map, Missing, Named, Nil, Pointer, Struct, Text};
    match (one.held(), other.held()) {
        (Missing | Nil(_), Missing | Nil(_)) => Ok(true),
        (Bool(one), Bool(other)) => Ok(one == other),
        (Int(one), Int(other)) => Ok(one == other),
        (Float(one), Float(other)) => Ok(one.total_cmp(other).is_eq()),
        (Text(one) | Named(_, one), Text(other) | Named(_, other)) => Ok(one == other),
        (List(..) | Map(..) | Pointer(_) | Struct(_), Missing | Nil(_))
        | (Missing | Nil(_), List(..) | Map(..) | Pointer(_) | Struct(_)) => Ok(false),
        (List(name, _) | Map(name, _), _) | (_, List(name, _) | Map(name, _)) => Err(format!(
            "non-comparable type {}: {name}",
            print::plain(one, true)
        )),
        _ => Err("incompatible types for comparison".to_owned()),
    }
}

fn equal(values: &[Value]) -> Result<Value, String> {
    if values.len() < 2 {
        return Err("missing argument for comparison".to_owned());
    }
    for other in &values[1..] {
        if same(&values[0], other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn ordered(values: &[Value], wanted: fn(Ordering) -> bool) -> Result<Value, String> {
    let order = match (values[0].held(), values[1].held()) {
        (Value::Int(one), Value::Int(other)) => one.cmp(other),
        (Value::Float(one), Value::Float(other)) => one.total_cmp(other),
        (Value::Text(one) | Value::Named(_, one), Value::Text(other) | Value::Named(_, other)) => {
            one.cmp(other)
        }
        (one, other) => {
            let basic = |value: &Value| {
                use Value::{Bool, Float, Int, Named, Text};
                matches!(value, Bool(_) | Int(_) | Float(_) | Text(_) | Named(..))
            };
            let why = if basic(one) && basic(other) && one.type_name() != other.type_name() {
                "incompatible types for comparison"
            } else {
                "invalid type for comparison"
            };
            return Err(why.to_owned());
        }
    };
    Ok(Value::Bool(wanted(order)))
}

fn split(values: &[Value]) -> Value {
    let (text, separator) = (text(&values[0]), text(&values[1]));
    let parts: Vec<Value> = if separator.is_empty() {
        text.chars()
            .map(|letter| Value::text(letter.to_string()))
            .collect()
    } else {
        text.split(&separator).map(Value::text).collect()
    };
    Value::List("[]string".into(), parts.into())
}

fn join(values: &[Value]) -> Value {
    let items: Vec<String> = match values[0].held() {
        Value::List(_, items) => items.iter().map(text).collect(),
        _ => Vec::new(),
    };
    Value::text(items.join(&text(&values[1])))
}

fn title(text: &str) -> String {
    let mut titled = String::with_capacity(text.len());
    let mut inside = false;
    for letter in text.chars() {
        if inside {
            titled.push(letter);
        } else {
            titled.extend(letter.to_uppercase());
        }
        inside = letter.is_alphanumeric() || letter == '_' || letter == '\'';
    }
    titled
}

fn pad(values: &[Value]) -> Result<Value, String> {
    let text = text(&values[0]);
    let spaces = |value: &Value| match usize::try_from(number(value)) {
        Ok(count) => Ok(" ".repeat(count.min(10_000))),
        Err(_) => Err("strings: negative Repeat count".to_owned()),
    };
    if text.is_empty() {
        return Ok(Value::text(""));
    }
    Ok(Value::text(
        spaces(&values[1])? + &text + &spaces(&values[2])?,
    ))
}

fn truncate(values: &[Value]) -> Result<Value, String> {
    let (text, most) = (text(&values[0]), number(&values[1]));
    let Ok(most) = usize::try_from(most) else {
        return Err(format!(
            "runtime error: slice bounds out of range [:{most}]"
        ));
    };
    let bytes = text.as_bytes();
    let kept = &bytes[..most.min(bytes.len())];
    Ok(Value::text(String::from_utf8_lossy(kept).into_owned()))
}

fn html(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => safe.push_str("&#34;"),
            '\'' => safe.push_str("&#39;"),
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\0' => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

fn js(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => safe.push_str("\\\\"),
            '\'' => safe.push_str("\\'"),
            '"' => safe.push_str("\\\""),
            '<' | '>' | '&' | '=' => safe.extend([format!("\\u{:04X}", u32::from(letter))]),
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => {
                safe.extend([format!("\\u{:04X}", u32::from(letter))]);
            }
            letter => safe.push(letter),
        }
    }
    safe
}

fn urlquery(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => safe.push('+'),
            b'-' | b'_' | b'.' | b'~' => safe.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => safe.push(char::from(byte)),
            byte => safe.extend([format!("%{byte:02X}")]),
        }
    }
    safe
}
