//! Values as Go's `fmt` writes them: `%v` in templates, and `printf`'s other verbs.

use std::fmt::Write as _;

use super::value::{Struct, Value};
use crate::go;

/// More than this, a width or a precision is not taken: a template is not a way to fill a screen with spaces.
const WIDEST: usize = 1000;

/// What `{{.}}` shows.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Missing => "<no value>".to_owned(),
        Value::Pointer(value) => structure(value),
        value => plain(value, true),
    }
}

/// `%v`.
pub fn plain(value: &Value, outermost: bool) -> String {
    match value {
        Value::Missing | Value::Nil(_) => nothing(value),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => float(*value),
        Value::Text(text) | Value::Named(_, text) | Value::Shown(_, text) => text.to_string(),
        Value::List(_, items) => {
            let items: Vec<String> = items.iter().map(|item| plain(item, false)).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Map(_, fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}:{}", plain(value, false)))
                .collect();
            format!("map[{}]", fields.join(" "))
        }
        Value::Struct(value) => structure(value),
        Value::Pointer(value) if outermost => format!("&{}", structure(value)),
        // Where it is in Docker's memory is different each time.
        Value::Pointer(_) | Value::Label(_) => "0xc000000000".to_owned(),
        Value::Any(value) => plain(value, outermost),
    }
}

fn nothing(value: &Value) -> String {
    match value {
        Value::Nil(name) if name.starts_with("[]") => "[]".to_owned(),
        Value::Nil(name) if name.starts_with("map[") => "map[]".to_owned(),
        _ => "<nil>".to_owned(),
    }
}

fn structure(value: &Struct) -> String {
    let fields = value.fields.iter();
    let fields: Vec<String> = fields.map(|field| plain(&field.value, false)).collect();
    format!("{{{}}}", fields.join(" "))
}

/// Go's `%v` of a float: the shortest form, with an exponent for what is very large or very small.
fn float(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) {
        return exponent(&format!("{value:e}"));
    }
    value.to_string()
}

/// Rust's `1.5e7` as Go's `1.5e+07`.
fn exponent(text: &str) -> String {
    let Some((digits, power)) = text.split_once('e') else {
        return text.to_owned();
    };
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    format!("{digits}e{sign}{power:0>2}")
}

/// `fmt.Sprint`: spaces only between two that are no strings.
pub fn print(values: &[Value]) -> String {
    let mut text = String::new();
    for (index, value) in values.iter().enumerate() {
        let string = |value: &Value| matches!(value.held(), Value::Text(_) | Value::Named(..));
        if index > 0 && !string(value) && !string(&values[index - 1]) {
            text.push(' ');
        }
        text.push_str(&plain(value, true));
    }
    text
}

/// `fmt.Sprintln`.
pub fn println(values: &[Value]) -> String {
    let texts: Vec<String> = values.iter().map(|value| plain(value, true)).collect();
    texts.join(" ") + "\n"
}

/// What stands between `%` and the verb.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each of Go's flags")]
struct Spec {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// `fmt.Sprintf`.
pub fn printf(format: &str, values: &[Value]) -> String {
    let mut text = String::new();
    let mut values = values.iter();
    let mut rest = format.chars().peekable();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let mut spec = Spec::default();
        while let Some(flag) = rest.next_if(|c| "-+# 0".contains(*c)) {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                _ => spec.zero = true,
            }
        }
        spec.width = number(&mut rest, &mut values);
        if rest.next_if_eq(&'.').is_some() {
            spec.precision = Some(number(&mut rest, &mut values).unwrap_or_default());
        }
        match rest.next() {
            None => text.push_str("%!(NOVERB)"),
            Some('%') => text.push('%'),
            Some(verb) => match values.next() {
                None => text.extend(["%!", &verb.to_string(), "(MISSING)"]),
                Some(value) => text.push_str(&formatted(verb, value, &spec)),
            },
        }
    }
    let extra: Vec<String> = values
        .map(|value| match value {
            Value::Missing => "<nil>".to_owned(),
            value => format!("{}={}", value.held().type_name(), plain(value, true)),
        })
        .collect();
    if !extra.is_empty() {
        text.extend(["%!(EXTRA ", &extra.join(", "), ")"]);
    }
    text
}

fn number<'v>(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    values: &mut impl Iterator<Item = &'v Value>,
) -> Option<usize> {
    if rest.next_if_eq(&'*').is_some() {
        return match values.next().map(Value::held) {
            Some(Value::Int(value)) => usize::try_from(*value).ok(),
            _ => None,
        };
    }
    let mut digits = String::new();
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    digits.parse().ok().map(|number: usize| number.min(WIDEST))
}

fn formatted(verb: char, value: &Value, spec: &Spec) -> String {
    let value = value.held();
    if verb == 'T' {
        return spec.pad(&value.type_name(), false);
    }
    let wrong = || match value {
        Value::Missing | Value::Nil(_) => format!("%!{verb}(<nil>)"),
        value => format!("%!{verb}({}={})", value.type_name(), plain(value, true)),
    };
    match (value, verb) {
        (Value::List(_, items), _) if verb != 'v' => {
            let items: Vec<String> = items
                .iter()
                .map(|item| formatted(verb, item, spec))
                .collect();
            format!("[{}]", items.join(" "))
        }
        (Value::Map(_, fields), _) if verb != 'v' => {
            let name = |name: &str| formatted(verb, &Value::text(name), spec);
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}:{}", name(key), formatted(verb, value, spec)))
                .collect();
            format!("map[{}]", fields.join(" "))
        }
        (Value::Int(number), _) => integer(verb, *number, spec).unwrap_or_else(wrong),
        (Value::Float(number), _) => decimal(verb, *number, spec).unwrap_or_else(wrong),
        (Value::Text(text) | Value::Named(_, text) | Value::Shown(_, text), _) => {
            string(verb, text, spec).unwrap_or_else(wrong)
        }
        (Value::Bool(_), 't') | (_, 'v') => spec.pad(&plain(value, true), false),
        _ => wrong(),
    }
}

fn string(verb: char, text: &str, spec: &Spec) -> Option<String> {
    let cut: String = match spec.precision {
        Some(most) => text.chars().take(most).collect(),
        None => text.to_owned(),
    };
    let text = match verb {
        'v' if spec.sharp => go::quote(&cut),
        's' | 'v' => cut,
        'q' => go::quote(&cut),
        'x' | 'X' => {
            let mut digits = String::new();
            for byte in cut.bytes() {
                let _ = write!(digits, "{byte:02x}");
            }
            if verb == 'X' {
                digits.to_uppercase()
            } else {
                digits
            }
        }
        _ => return None,
    };
    Some(spec.pad(&text, false))
}

fn integer(verb: char, number: i64, spec: &Spec) -> Option<String> {
    let size = number.unsigned_abs();
    let digits = match verb {
        'd' | 'v' => size.to_string(),
        'b' => format!("{size:b}"),
        'o' if spec.sharp => format!("0{size:o}"),
        'o' => format!("{size:o}"),
        'O' => format!("0o{size:o}"),
        'x' if spec.sharp => format!("{size:#x}"),
        'x' => format!("{size:x}"),
        'X' if spec.sharp => format!("0X{size:X}"),
        'X' => format!("{size:X}"),
        'U' => return Some(spec.pad(&format!("U+{size:04X}"), false)),
        'c' | 'q' => {
            let letter = u32::try_from(number).ok().and_then(char::from_u32);
            let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
            let text = if verb == 'q' {
                format!("'{}'", letter.escape_default())
            } else {
                letter.to_string()
            };
            return Some(spec.pad(&text, false));
        }
        _ => return None,
    };
    let digits = match spec.precision {
        Some(least) => format!("{digits:0>least$}"),
        None => digits,
    };
    Some(spec.pad(&(spec.sign(number < 0) + &digits), spec.precision.is_none()))
}

fn decimal(verb: char, number: f64, spec: &Spec) -> Option<String> {
    let size = number.abs();
    let text = match verb {
        'f' | 'F' => format!("{size:.*}", spec.precision.unwrap_or(6)),
        'e' | 'E' => exponent(&format!("{size:.*e}", spec.precision.unwrap_or(6))),
        'g' | 'G' | 'v' => match spec.precision {
            Some(digits) => crate::units::significant(size, digits.max(1)),
            None => float(size),
        },
        _ => return None,
    };
    let text = if verb.is_uppercase() {
        text.to_uppercase()
    } else {
        text
    };
    Some(spec.pad(&(spec.sign(number < 0.0) + &text), true))
}

impl Spec {
    fn sign(&self, negative: bool) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        sign.to_owned()
    }

    fn pad(&self, text: &str, number: bool) -> String {
        let missing = self
            .width
            .unwrap_or_default()
            .saturating_sub(text.chars().count());
        if missing == 0 {
            return text.to_owned();
        }
        if self.minus {
            return format!("{text}{}", " ".repeat(missing));
        }
        if self.zero {
            let signed = number && text.starts_with(['-', '+', ' ']);
            let (sign, digits) = text.split_at(usize::from(signed));
            return format!("{sign}{}{digits}", "0".repeat(missing));
        }
        format!("{}{text}", " ".repeat(missing))
    }
}
