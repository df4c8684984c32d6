//! `docker events`: what has happened, and what happens.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use lab::{
    Error, Result,
    engine::Items,
    models::{EventMessage, EventMessageTypeEnum},
    options::EventsOptions,
};

use crate::{Simulated, world::World};

impl Simulated {
    pub(crate) fn subscribe(&self, options: EventsOptions) -> Result<Items<EventMessage>> {
        self.drive();
        let since = options.since.as_deref().map(moment).transpose()?.flatten();
        let until = options.until.as_deref().map(moment).transpose()?.flatten();
        if let (Some(since), Some(until)) = (since, until)
            && since > until
        {
            let (since, until) = (since / NANOS, until / NANOS);
            return Err(Error::refused(
                400,
                format!("`since` time ({since}) cannot be after `until` time ({until})"),
            ));
        }
        let first = {
            let world = self.world();
            let events = world.events_from(0);
            match since {
                None => world.event_count(),
                Some(since) => {
                    let old = events
                        .iter()
                        .take_while(|event| event.time_nano < Some(since));
                    world.event_count() - events.len() + old.count()
                }
            }
        };
        if let Some(until) = until
            && let Ok(until) = Timestamp::from_nanosecond(until.into())
        {
            self.set_timer(until);
        }
        let filters = options.filters.unwrap_or_default();
        let world = self.clone();
        let events = stream::unfold(first, move |seen| {
            let (world, filters) = (world.clone(), filters.clone());
            async move {
                let mut seen = seen;
                let next = world
                    .until(|inner| next(inner, &mut seen, &filters, until, world.now()))
                    .await?;
                Some((Ok(next), seen))
            }
        });
        Ok(events.boxed())
    }
}

const NANOS: i64 = 1_000_000_000;

/// The next event that is wanted; the inner `None` is the end.
#[allow(clippy::option_option, reason = "nothing yet, or nothing any more")]
fn next(
    world: &World,
    seen: &mut usize,
    filters: &HashMap<String, Vec<String>>,
    until: Option<i64>,
    now: Timestamp,
) -> Option<Option<EventMessage>> {
    for event in world.events_from(*seen) {
        *seen += 1;
        if until.is_some_and(|until| event.time_nano > Some(until)) {
            return Some(None);
        }
        if wanted(event, filters) {
            return Some(Some(event.clone()));
        }
    }
    // What was forgotten meanwhile is not seen any more.
    *seen = world.event_count();
    let now = i64::try_from(now.as_nanosecond()).unwrap_or(i64::MAX);
    until.filter(|until| now >= *until).map(|_| None)
}

/// `1700000000`, `1700000000.5`: in nanoseconds; 0 is none.
fn moment(text: &str) -> Result<Option<i64>> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    if seconds.is_empty() {
        return Ok(None);
    }
    let unread = |part: &str| {
        let message = format!("strconv.ParseInt: parsing \"{part}\": invalid syntax");
        Error::refused(500, message)
    };
    let whole: i64 = seconds.parse().map_err(|_| unread(seconds))?;
    let padded = format!("{fraction:0<9}");
    let nanos: i64 = padded
        .get(..9)
        .and_then(|nanos| nanos.parse().ok())
        .ok_or_else(|| unread(fraction))?;
    let moment = whole.saturating_mul(NANOS).saturating_add(nanos);
    Ok(Some(moment).filter(|moment| *moment != 0))
}

fn wanted(event: &EventMessage, filters: &HashMap<String, Vec<String>>) -> bool {
    let actor = event.actor.clone().unwrap_or_default();
    let attributes = actor.attributes.unwrap_or_default();
    let id = actor.id.unwrap_or_default();
    let action = event.action.as_deref().unwrap_or_default();
    let attribute = |name: &str| attributes.get(name).map_or("", String::as_str);
    let of = |kind: EventMessageTypeEnum, value: &str| {
        event.typ == Some(kind) && (id.starts_with(value) || attribute("name") == value)
    };
    filters.iter().all(|(key, values)| {
        let matches = |value: &String| match key.as_str() {
            // `exec_create: sh` is an `exec_create` too.
            "event" => action == value || action.split(':').next() == Some(value.as_str()),
            "type" => event.typ.is_some_and(|kind| kind.to_string() == *value),
            "scope" => event.scope.is_some_and(|scope| scope.to_string() == *value),
            "container" => of(EventMessageTypeEnum::CONTAINER, value),
            "network" => of(EventMessageTypeEnum::NETWORK, value),
            "service" => of(EventMessageTypeEnum::SERVICE, value),
            "node" => of(EventMessageTypeEnum::NODE, value),
            "image" => of_image(event, &id, attribute("image"), attribute("name"), value),
            "label" => match value.split_once('=') {
                Some((name, value)) => attributes.get(name).is_some_and(|own| own == value),
                None => attributes.contains_key(value),
            },
            "volume" | "plugin" | "daemon" | "secret" | "config" => false,
            _ => true,
        };
        if key == "label" {
            values.iter().all(matches)
        } else {
            values.is_empty() || values.iter().any(matches)
        }
    })
}

/// An image's own events, and those of its containers.
fn of_image(event: &EventMessage, id: &str, image: &str, name: &str, value: &str) -> bool {
    let without_tag = |name: &str| name.split(':').next().unwrap_or(name).to_owned();
    let names = match event.typ {
        Some(EventMessageTypeEnum::IMAGE) => [id, name],
        _ => [image, image],
    };
    names
        .iter()
        .any(|name| *name == value || without_tag(name) == value)
}
