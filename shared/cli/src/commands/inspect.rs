//! `docker inspect`, `docker container inspect`, `docker image inspect`: the engine's own JSON, indented.

use async_trait::async_trait;
use lab::{Error, options::InspectNetworkOptions};
use serde_json::Value;

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    flags::{Flag, Given},
    go,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Inspect;
pub struct InspectContainer;
pub struct InspectImage;

pub const FORMAT: Flag = Flag::one(
    "format",
    "string",
    "Show one field: '{{.State.Status}}', or json",
)
.short('f');
const SIZE: Flag = Flag::switch("size", "Say how big a container is").short('s');

static FLAGS: &[Flag] = &[
    FORMAT,
    SIZE,
    Flag::one(
        "type",
        "string",
        "Only things of this kind: container, image, network",
    ),
];
static CONTAINER_FLAGS: &[Flag] = &[FORMAT, SIZE];
static IMAGE_FLAGS: &[Flag] = &[FORMAT];

/// Docker's kinds, in the order in which it looks.
const KINDS: [&str; 10] = [
    "config",
    "container",
    "image",
    "network",
    "node",
    "plugin",
    "secret",
    "service",
    "task",
    "volume",
];

static GRAMMAR: Grammar = Grammar {
    names: &["inspect"],
    usage: "[OPTIONS] NAME|ID [NAME|ID...]",
    about: "Show everything about containers, images, networks",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["name or id"],
    program_from: None,
};

static CONTAINER: Grammar = Grammar {
    names: &["container inspect"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    about: "Show everything about containers",
    flags: CONTAINER_FLAGS,
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

static IMAGE: Grammar = Grammar {
    names: &["image inspect"],
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    about: "Show everything about images",
    flags: IMAGE_FLAGS,
    count: Count::AtLeast(1),
    arguments: &["image"],
    program_from: None,
};

#[async_trait]
impl Command for Inspect {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let kind = call.given.one("type").unwrap_or_default();
        let kinds = KINDS.join("\", \"");
        if call.given.has("type") && kind.is_empty() {
            return Err(Failure::new(
                1,
                format!("type is empty: must be one of \"{kinds}\""),
            ));
        }
        if !kind.is_empty() && !KINDS.contains(&kind) {
            return Err(Failure::new(
                1,
                format!(
                    "unknown type: {}: must be one of \"{kinds}\"",
                    go::quote(kind)
                ),
            ));
        }
        let mut found = Vec::new();
        for name in &call.given.arguments {
            found.push(anything(name, kind, call.given.on("size"), context).await);
        }
        show(found, &call.given, console).await
    }
}

#[async_trait]
impl Command for InspectContainer {
    fn grammar(&self) -> &'static Grammar {
        &CONTAINER
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let mut found = Vec::new();
        for name in &call.given.arguments {
            found.push(
                of_kind(name, "container", call.given.on("size"), context)
                    .await
                    .map_err(|error| told(&error)),
            );
        }
        show(found, &call.given, console).await
    }
}

#[async_trait]
impl Command for InspectImage {
    fn grammar(&self) -> &'static Grammar {
        &IMAGE
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let mut found = Vec::new();
        for name in &call.given.arguments {
            found.push(
                of_kind(name, "image", false, context)
                    .await
                    .map_err(|error| told(&error)),
            );
        }
        show(found, &call.given, console).await
    }
}

/// Prints what was found, then what was not.
pub async fn show(
    found: Vec<Result<String, String>>,
    given: &Given,
    console: &mut Console,
) -> Result<u8, Failure> {
    let mut jsons = Vec::new();
    let mut wrong = Vec::new();
    for one in found {
        match one {
            Ok(json) => jsons.push(json),
            Err(why) => wrong.push(why),
        }
    }
    match given.text("format").as_deref() {
        None => {
            console
                .line(&go::indent(&format!("[{}]", jsons.join(","))))
                .await;
        }
        Some("json") => {
            let compact = jsons
                .iter()
                .filter_map(|json| serde_json::from_str::<Value>(json).ok());
            console
                .line(&Value::Array(compact.collect()).to_string())
                .await;
        }
        Some(format) => {
            let mut text = String::new();
            for json in &jsons {
                text.push_str(&field_by_field(format, json)?);
                text.push('\n');
            }
            console
                .out(if text.is_empty() {
                    "\n".to_owned()
                } else {
                    text
                })
                .await;
        }
    }
    Failure::all(&wrong)?;
    Ok(0)
}

async fn anything(name: &str, kind: &str, size: bool, context: &Context) -> Result<String, String> {
    if !kind.is_empty() {
        return of_kind(name, kind, size, context)
            .await
            .map_err(|error| told(&error));
    }
    for kind in ["container", "image", "network"] {
        match of_kind(name, kind, size, context).await {
            Ok(json) => return Ok(json),
            Err(error) if may_be_another(&error) => {}
            Err(error) => return Err(told(&error)),
        }
    }
    Err(format!("Error: No such object: {name}"))
}

async fn of_kind(name: &str, kind: &str, size: bool, context: &Context) -> lab::Result<String> {
    let engine = &context.engine;
    match kind {
        "container" => engine
            .inspect_container(name, size)
            .await
            .map(|raw| raw.json().to_owned()),
        "image" => engine
            .inspect_image(name)
            .await
            .map(|raw| raw.json().to_owned()),
        "network" => {
            let options = InspectNetworkOptions {
                verbose: false,
                scope: None,
            };
            engine
                .inspect_network(name, options)
                .await
                .map(|raw| raw.json().to_owned())
        }
        other => Err(Error::NotAllowed(format!(
            "a {other} is not part of a lab, so it is not shown here"
        ))),
    }
}

fn may_be_another(error: &Error) -> bool {
    let says =
        |text: &str| matches!(error, Error::Refused { message, .. } if message.contains(text));
    error.is_not_found() || says("not supported") || says("invalid reference format")
}

/// `{{.State.Status}}` and `{{json .Config}}`: of Go's templates, paths to a field.
fn field_by_field(format: &str, json: &str) -> Result<String, Failure> {
    let value: Value = serde_json::from_str(json)
        .map_err(|_| Failure::new(1, "causeway: the engine's answer is no JSON"))?;
    let mut text = String::new();
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((action, after)) = after.split_once("}}") else {
            return Err(Failure::new(
                64,
                "template parsing error: template: :1: unclosed action",
            ));
        };
        let as_json = action.trim().strip_prefix("json ").map(str::trim);
        let path = as_json.unwrap_or(action.trim());
        let known = path.starts_with('.')
            && path
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
        if !known {
            let why = format!(
                "causeway: --format: {{{{{action}}}}} is not understood here; a path to a field is, as in '{{{{.State.Status}}}}'."
            );
            return Err(Failure::new(64, why));
        }
        let mut names = path.split('.').filter(|name| !name.is_empty());
        let field = names
            .clone()
            .try_fold(&value, |value, name| value.get(name));
        let Some(field) = field else {
            let last = names.next_back().unwrap_or_default();
            let why = format!(
                "template parsing error: template: :1:3: executing \"\" at <{path}>: map has no entry for key {}",
                go::quote(last)
            );
            return Err(Failure::new(1, why));
        };
        text.push_str(before);
        text.push_str(&match field {
            field if as_json.is_some() => field.to_string(),
            Value::String(text) => text.clone(),
            Value::Null => "<no value>".to_owned(),
            field => as_go(field),
        });
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// As Go prints maps and lists.
fn as_go(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "<nil>".to_owned(),
        Value::Array(items) => format!(
            "[{}]",
            items.iter().map(as_go).collect::<Vec<_>>().join(" ")
        ),
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{name}:{}", as_go(value)))
                .collect();
            fields.sort_unstable();
            format!("map[{}]", fields.join(" "))
        }
        other => other.to_string(),
    }
}
