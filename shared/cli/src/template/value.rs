//! What a template works on: Go's values as far as Docker's answers need them, with the names of their types, since
//! messages tell them.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value as Json;

#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing at all, as a key that a map does not have.
    Missing,
    /// A nil pointer, slice or map of this type.
    Nil(Arc<str>),
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    /// A string of a type of its own, as `json.Number`.
    Named(&'static str, Arc<str>),
    /// What prints as one thing and is a number or a time to Go.
    Shown(&'static str, Arc<str>),
    List(Arc<str>, Arc<Vec<Value>>),
    Map(Arc<str>, Arc<BTreeMap<String, Value>>),
    Struct(Arc<Struct>),
    Pointer(Arc<Struct>),
    /// What an `any` holds.
    Any(Arc<Value>),
    /// The method `Label`.
    Label(Arc<BTreeMap<String, String>>),
}

#[derive(Debug, Default)]
pub struct Struct {
    pub name: Arc<str>,
    pub fields: Vec<Field>,
    /// As JSON, where that is not simply its fields.
    pub json: Option<Json>,
    /// Its JSON is safe within HTML, as Go has it unless told otherwise.
    pub escaped: bool,
}

#[derive(Debug)]
pub struct Field {
    pub name: Arc<str>,
    /// What of it is found as if it were here.
    pub embedded: bool,
    pub value: Value,
}

pub const ANY: &str = "interface {}";

impl Value {
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// JSON as Go reads it without knowing what it is.
    pub fn untyped(json: &Json) -> Self {
        match json {
            Json::Null => Self::Nil(ANY.into()),
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Named("json.Number", number.to_string().into()),
            Json::String(text) => Self::text(text.as_str()),
            Json::Array(items) => {
                let items = items.iter().map(|item| Self::any(Self::untyped(item)));
                Self::List("[]interface {}".into(), Arc::new(items.collect()))
            }
            Json::Object(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::any(Self::untyped(value))));
                Self::Map("map[string]interface {}".into(), Arc::new(fields.collect()))
            }
        }
    }

    fn any(value: Self) -> Self {
        match value {
            Self::Nil(_) => value,
            value => Self::Any(Arc::new(value)),
        }
    }

    /// What an `any` holds, and whether that is nothing.
    pub fn held(&self) -> &Self {
        match self {
            Self::Any(value) => value.held(),
            value => value,
        }
    }

    pub fn type_name(&self) -> String {
        match self {
            Self::Missing => "<nil>".to_owned(),
            Self::Nil(name) | Self::List(name, _) | Self::Map(name, _) => name.to_string(),
            Self::Bool(_) => "bool".to_owned(),
            Self::Int(_) => "int".to_owned(),
            Self::Float(_) => "float64".to_owned(),
            Self::Text(_) => "string".to_owned(),
            Self::Named(name, _) | Self::Shown(name, _) => (*name).to_owned(),
            Self::Struct(value) => value.name.to_string(),
            Self::Pointer(value) => format!("*{}", value.name),
            Self::Any(_) => ANY.to_owned(),
            Self::Label(_) => "func(string) string".to_owned(),
        }
    }

    /// Whether `if` takes it for true.
    pub fn truth(&self) -> bool {
        match self.held() {
            Self::Missing | Self::Nil(_) => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) | Self::Named(_, text) => !text.is_empty(),
            Self::Shown(_, text) => &**text != "0s",
            Self::List(_, items) => !items.is_empty(),
            Self::Map(_, fields) => !fields.is_empty(),
            Self::Struct(_) | Self::Pointer(_) | Self::Any(_) | Self::Label(_) => true,
        }
    }

    /// As `json.Marshal` writes it.
    pub fn json(&self) -> Json {
        match self {
            Self::Missing | Self::Nil(_) | Self::Label(_) => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Int(value) => Json::from(*value),
            Self::Float(value) => Json::from(*value),
            Self::Named("json.Number", text) => serde_json::from_str(text).unwrap_or(Json::Null),
            Self::Text(text) | Self::Shown(_, text) | Self::Named(_, text) => Json::from(&**text),
            Self::List(_, items) => items.iter().map(Self::json).collect(),
            Self::Map(_, fields) => fields
                .iter()
                .map(|(name, value)| (name.clone(), value.json()))
                .collect(),
            Self::Struct(value) | Self::Pointer(value) => value.as_json(),
            Self::Any(value) => value.json(),
        }
    }
}

impl Struct {
    pub fn field(&self, name: &str) -> Option<&Value> {
        let own = self.fields.iter().find(|field| &*field.name == name);
        own.map(|field| &field.value).or_else(|| {
            let mut inner = self.fields.iter().filter(|field| field.embedded);
            inner.find_map(|field| match &field.value {
                Value::Struct(value) | Value::Pointer(value) => value.field(name),
                _ => None,
            })
        })
    }

    fn as_json(&self) -> Json {
        match &self.json {
            Some(json) => json.clone(),
            None => self
                .fields
                .iter()
                .filter(|field| !matches!(field.value, Value::Label(_)))
                .map(|field| (field.name.to_string(), field.value.json()))
                .collect(),
        }
    }
}
