//! `docker events`: what the engine says it did, as it does it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::{
    StreamExt,
    future::{Either, select},
};
use jiff::Timestamp;
use lab::{models::EventMessage, options::EventsOptions};
use serde_json::{Value as Json, json};

use crate::{
    Context, Input,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    streams::INTERRUPTED,
    template::{Options, Template},
    typed::typed,
    values::{filter, filters, moment},
};

pub struct Events;

static FLAGS: &[Flag] = &[
    Flag::many(
        "filter",
        "filter",
        "Only those that fit: type=network, container=web, event=die",
    )
    .short('f')
    .checked(filter),
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.Type}} {{.Action}}', or json",
    ),
    Flag::one(
        "since",
        "string",
        "Begin with what was then: a time, or how long ago (10m)",
    ),
    Flag::one("until", "string", "End then: a time, or how long ago (10m)"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["events", "system events"],
    usage: "[OPTIONS]",
    about: "Show what the engine does, as it does it, until Ctrl-C",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

#[async_trait]
impl Command for Events {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let given = &call.given;
        let template = template(given.text("format"))?;
        let now = context.clock.now();
        let time = |name| match given.text(name) {
            Some(value) => moment(&value, now)
                .map(Some)
                .map_err(|why| Failure::new(1, why)),
            None => Ok(None),
        };
        let options = EventsOptions {
            since: time("since")?,
            until: time("until")?,
            filters: filters(&given.all("filter")),
        };
        let mut events = context.engine.events(options).await?;
        loop {
            let next = match select(Box::pin(console.next_signal()), events.next()).await {
                Either::Left((signal, _)) => Either::Left(signal),
                Either::Right((event, _)) => Either::Right(event),
            };
            match next {
                Either::Left(Input::Interrupt) => return Err(Failure::silent(INTERRUPTED)),
                Either::Left(_) => {}
                Either::Right(None) => return Ok(0),
                Either::Right(Some(event)) => {
                    let text = shown(&event?, template.as_ref())?;
                    console.out(text).await;
                }
            }
            if console.closed() {
                return Ok(0);
            }
        }
    }
}

/// The format, tried on an event of which nothing is known.
fn template(format: Option<String>) -> Result<Option<Template>, Failure> {
    let wrong = |why: String| Failure::new(64, format!("Error parsing format: {why}"));
    let text = match format.as_deref() {
        None => return Ok(None),
        Some("json") => "{{json .}}",
        Some(text) => text,
    };
    let template = Template::parse(text).map_err(wrong)?;
    let nothing = typed("*events.Message", &json!({}));
    let tried = template.execute(&nothing, Options::default());
    tried.map_err(|broken| wrong(broken.why))?;
    Ok(Some(template))
}

fn shown(event: &EventMessage, template: Option<&Template>) -> Result<String, Failure> {
    let Some(template) = template else {
        return Ok(line(event));
    };
    let event = typed("events.Message", &as_docker(event));
    match template.execute(&event, Options::default()) {
        Ok(text) => Ok(text + "\n"),
        Err(broken) => Err(Failure::new(1, broken.why)),
    }
}

/// With the fields of old, which Docker still sends for containers and images.
fn as_docker(event: &EventMessage) -> Json {
    let kind = event.typ.map(|kind| kind.to_string()).unwrap_or_default();
    let actor = event.actor.clone().unwrap_or_default();
    let attributes: BTreeMap<String, String> =
        actor.attributes.unwrap_or_default().into_iter().collect();
    let mut fields = serde_json::Map::new();
    let mut say = |name: &str, value: Json| {
        if !(value.is_null() || value == json!("") || value == json!(0)) {
            fields.insert(name.to_owned(), value);
        }
    };
    if matches!(kind.as_str(), "container" | "image") {
        say("status", json!(event.action));
        say("id", json!(actor.id));
    }
    if kind == "container" {
        say("from", json!(attributes.get("image")));
    }
    let scope = event.scope.map(|scope| scope.to_string());
    fields.insert("Type".to_owned(), json!(kind));
    fields.insert(
        "Action".to_owned(),
        json!(event.action.clone().unwrap_or_default()),
    );
    fields.insert(
        "Actor".to_owned(),
        json!({"ID": actor.id.unwrap_or_default(), "Attributes": attributes}),
    );
    for (name, value) in [
        ("scope", json!(scope)),
        ("time", json!(event.time)),
        ("timeNano", json!(event.time_nano)),
    ] {
        if !value.is_null() {
            fields.insert(name.to_owned(), value);
        }
    }
    Json::Object(fields)
}

/// `2026-01-02T03:04:05.000000006Z container start 1f… (image=nginx, name=web)`
fn line(event: &EventMessage) -> String {
    let nanoseconds = match (event.time_nano, event.time) {
        (Some(nanoseconds), _) if nanoseconds != 0 => Some(i128::from(nanoseconds)),
        (_, Some(seconds)) if seconds != 0 => Some(i128::from(seconds) * 1_000_000_000),
        _ => None,
    };
    let time = nanoseconds.and_then(|time| Timestamp::from_nanosecond(time).ok());
    let time = time
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S.%9fZ ").to_string())
        .unwrap_or_default();
    let kind = event.typ.map(|kind| kind.to_string()).unwrap_or_default();
    let action = event.action.as_deref().unwrap_or_default();
    let actor = event.actor.clone().unwrap_or_default();
    let id = actor.id.unwrap_or_default();
    let attributes: BTreeMap<String, String> =
        actor.attributes.unwrap_or_default().into_iter().collect();
    let attributes: Vec<String> = attributes
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let attributes = match attributes.join(", ") {
        none if none.is_empty() => none,
        some => format!(" ({some})"),
    };
    format!("{time}{kind} {action} {id}{attributes}\n")
}

#[cfg(test)]
mod tests {
    use lab::models::{EventActor, EventMessageScopeEnum, EventMessageTypeEnum};

    use super::*;

    fn check(format: Option<&str>, expected: &str) {
        let attributes = [("name", "web"), ("image", "nginx")];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let event = EventMessage {
            typ: Some(EventMessageTypeEnum::CONTAINER),
            action: Some("die".to_owned()),
            actor: Some(EventActor {
                id: Some("1f".to_owned()),
                attributes: Some(attributes.into()),
            }),
            scope: Some(EventMessageScopeEnum::LOCAL),
            time: Some(1_700_000_000),
            time_nano: Some(1_700_000_000_000_000_007),
        };
        let text = template(format.map(str::to_owned))
            .and_then(|template| shown(&event, template.as_ref()))
            .unwrap_or_else(|failure| format!("{} {}", failure.code, failure.message));
        assert_eq!(text, expected);
    }

    #[test]
    fn as_docker_prints_them() {
        check(
            None,
            "2023-11-14T22:13:20.000000007Z container die 1f (image=nginx, name=web)\n",
        );
        check(
            Some("json"),
            "{\"status\":\"die\",\"id\":\"1f\",\"from\":\"nginx\",\"Type\":\"container\",\"Action\":\"die\",\"Actor\":{\"ID\":\"1f\",\"Attributes\":{\"image\":\"nginx\",\"name\":\"web\"}},\"scope\":\"local\",\"time\":1700000000,\"timeNano\":1700000000000000007}\n",
        );
        check(
            Some("{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Time}}"),
            "container die web 1700000000\n",
        );
        check(
            Some("{{.Foo}}"),
            "64 Error parsing format: template: :1:2: executing \"\" at <.Foo>: can't evaluate field Foo in type *events.Message",
        );
    }
}
