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
    template::{self, Options, Template},
    typed::typed,
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
        let size = call.given.on("size");
        for name in &call.given.arguments {
            let one = anything(name, kind, size, context).await;
            if let Ok((of, _)) = &one
                && let Some(kind) = without_size(of).filter(|_| size)
            {
                let warning = format!("WARNING: --size ignored for {kind}");
                console.err_line(&warning).await;
            }
            found.push(one);
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
            found.push(of_kind(name, "container", call.given.on("size"), context).await);
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
            found.push(of_kind(name, "image", false, context).await);
        }
        show(found, &call.given, console).await
    }
}

/// Prints what was found, then what was not. It is known what each is to Go, a type of [`crate::typed`] (or `any`), and its JSON.
pub async fn show(
    found: Vec<Result<(&str, String), String>>,
    given: &Given,
    console: &mut Console,
) -> Result<u8, Failure> {
    let template = match given.text("format").as_deref() {
        None | Some("json") => None,
        Some(format) => Some(
            Template::parse(format)
                .map_err(|why| Failure::new(64, format!("template parsing error: {why}")))?,
        ),
    };
    let mut shown = Vec::new();
    let mut wrong = Vec::new();
    for one in found {
        let done = one.and_then(|(kind, json)| match &template {
            Some(template) => formatted(template, kind, &json),
            None => Ok(json),
        });
        match done {
            Ok(text) => shown.push(text),
            Err(why) => wrong.push(why),
        }
    }
    let array = || format!("[{}]", shown.join(","));
    match (&template, given.one("format")) {
        (Some(_), _) => console.line(&shown.join("\n")).await,
        (None, Some("json")) => console.line(&array()).await,
        (None, _) => console.line(&go::indent(&array())).await,
    }
    Failure::all(&wrong)?;
    Ok(0)
}

/// As docker does it: as the struct that it is, and if that does not work, as the JSON that came.
fn formatted(template: &Template, kind: &str, json: &str) -> Result<String, String> {
    let json: Value = serde_json::from_str(json)
        .map_err(|_| "causeway: the engine's answer is no JSON".to_owned())?;
    if kind != "any"
        && let Ok(text) = template.execute(&typed(kind, &json), Options::default())
    {
        return Ok(text);
    }
    template
        .execute(&template::Value::untyped(&json), Options::STRICT)
        .map_err(|broken| format!("template parsing error: {}", broken.why))
}

async fn anything(
    name: &str,
    kind: &str,
    size: bool,
    context: &Context,
) -> Result<(&'static str, String), String> {
    if !kind.is_empty() {
        return of_kind(name, kind, size, context).await;
    }
    for kind in ["container", "image", "network"] {
        match json(name, kind, size, context).await {
            Ok(json) => return Ok((type_of(kind), json)),
            Err(error) if may_be_another(&error) => {}
            Err(error) => return Err(told(&error)),
        }
    }
    Err(format!("Error: No such object: {name}"))
}

async fn of_kind(
    name: &str,
    kind: &str,
    size: bool,
    context: &Context,
) -> Result<(&'static str, String), String> {
    match json(name, kind, size, context).await {
        Ok(json) => Ok((type_of(kind), json)),
        Err(error) => Err(told(&error)),
    }
}

/// The kind of a thing that has no size of its own.
fn without_size(of: &str) -> Option<&'static str> {
    ["image", "network"]
        .into_iter()
        .find(|kind| type_of(kind) == of)
}

/// What it is to Go.
pub fn type_of(kind: &str) -> &'static str {
    match kind {
        "container" => "container.InspectResponse",
        "image" => "image.InspectResponse",
        "network" => "network.Inspect",
        _ => "any",
    }
}

async fn json(name: &str, kind: &str, size: bool, context: &Context) -> lab::Result<String> {
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
