//! `docker ps --filter`

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lab::{Error, Result};
use regex_lite::Regex;

use super::list::port_list;
use crate::{
    networks::{has_label, inspect::status_word},
    world::{Container, State, World},
};

const KEYS: [&str; 15] = [
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
];

const STATES: [&str; 7] = [
    "created",
    "running",
    "paused",
    "restarting",
    "removing",
    "exited",
    "dead",
];

const HEALTHS: [&str; 4] = ["none", "starting", "healthy", "unhealthy"];

/// What was asked for, read once.
pub struct Filter<'a> {
    values: BTreeMap<&'a str, &'a [String]>,
    names: Vec<NamePattern>,
    exited: Vec<i64>,
    images: BTreeSet<String>,
    before: Option<Place>,
    since: Option<Place>,
    ports: BTreeMap<&'a str, BTreeSet<(u16, String)>>,
    is_task: Option<bool>,
}

/// A container's place in the list, the newest first.
type Place = (jiff::Timestamp, u64);

enum NamePattern {
    Pattern(Regex),
    /// It cannot be read as one.
    Exact(String),
}

impl<'a> Filter<'a> {
    pub fn read(world: &World, filters: Option<&'a HashMap<String, Vec<String>>>) -> Result<Self> {
        let values: BTreeMap<&str, &[String]> = filters
            .into_iter()
            .flatten()
            .map(|(key, values)| (key.as_str(), values.as_slice()))
            .collect();
        if let Some(key) = values.keys().find(|key| !KEYS.contains(key)) {
            return Err(Error::refused(400, format!("invalid filter '{key}'")));
        }
        let of = |key: &str| values.get(key).copied().unwrap_or_default();
        let exited = of("exited").iter().map(exit_code).collect::<Result<_>>()?;
        one_of("status", "state", of("status"), &STATES)?;
        let is_task = is_task(of("is-task"))?;
        one_of("health", "health", of("health"), &HEALTHS)?;
        let place = |key: &str| -> Result<Option<Place>> {
            let mut places = of(key).iter().map(|name| world.container(name).map(place));
            places.next_back().transpose()
        };
        let (before, since) = (place("before")?, place("since")?);
        let mut ports = BTreeMap::new();
        for key in ["publish", "expose"] {
            if values.contains_key(key) {
                ports.insert(key, port_set(key, of(key))?);
            }
        }
        Ok(Self {
            names: of("name")
                .iter()
                .map(|name| NamePattern::read(name))
                .collect(),
            exited,
            images: ancestors(world, of("ancestor")),
            before,
            since,
            ports,
            is_task,
            values,
        })
    }

    /// Who asks for states, asks for those that do not run too.
    pub fn names_states(&self) -> bool {
        self.values.contains_key("status")
    }

    pub fn matches(&self, world: &World, container: &Container) -> bool {
        self.before.is_none_or(|before| place(container) < before)
            && self.since.is_none_or(|since| place(container) > since)
            && self.matches_name(container)
            && self.is_task.is_none_or(|is_task| !is_task)
            && self.matches_labels(container)
            && self.matches_exit(container)
            && self.any("status", |state| state == status_word(container.state))
            && self.any("health", |health| health == health_word(container))
            && self.any("id", |id| container.id.starts_with(id))
            && self.any("volume", |_| false)
            && self.any("network", |network| on_network(container, network))
            && (!self.values.contains_key("ancestor") || self.images.contains(&container.image_id))
            && self.matches_ports(world, container)
    }

    fn any(&self, key: &str, matches: impl Fn(&str) -> bool) -> bool {
        let values = self.values.get(key);
        values.is_none_or(|values| values.iter().any(|value| matches(value)))
    }

    fn matches_name(&self, container: &Container) -> bool {
        let full = format!("/{}", container.name);
        let matches =
            |pattern: &NamePattern| pattern.matches(&full) || pattern.matches(&container.name);
        self.names.is_empty() || self.names.iter().any(matches)
    }

    fn matches_labels(&self, container: &Container) -> bool {
        let Some(wanted) = self.values.get("label") else {
            return true;
        };
        let labels: BTreeMap<String, String> = container
            .body
            .labels
            .iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        wanted.iter().all(|label| has_label(&labels, label))
    }

    fn matches_exit(&self, container: &Container) -> bool {
        let over = container.started.is_some()
            && !container.is_running()
            && container.state != State::Restarting;
        self.exited.is_empty() || over && self.exited.contains(&container.exit_code)
    }

    fn matches_ports(&self, world: &World, container: &Container) -> bool {
        if self.ports.is_empty() {
            return true;
        }
        let has = |key: &str, port: (u16, String)| {
            self.ports
                .get(key)
                .is_some_and(|ports| ports.contains(&port))
        };
        port_list(world, container).iter().any(|port| {
            has(
                "publish",
                (port.public.unwrap_or_default(), port.protocol.clone()),
            ) || has("expose", (port.private, port.protocol.clone()))
        })
    }
}

impl NamePattern {
    fn read(name: &str) -> Self {
        Regex::new(name).map_or_else(|_| Self::Exact(name.to_owned()), Self::Pattern)
    }

    fn matches(&self, name: &str) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.is_match(name),
            Self::Exact(exact) => exact == name,
        }
    }
}

pub fn place(container: &Container) -> Place {
    (container.created, container.number)
}

fn exit_code(value: &String) -> Result<i64> {
    value.parse().map_err(|_| {
        Error::refused(
            400,
            format!(
                "invalid filter 'exited={value}': strconv.Atoi: parsing \"{value}\": invalid syntax"
            ),
        )
    })
}

fn one_of(key: &str, what: &str, values: &[String], known: &[&str]) -> Result<()> {
    match values.iter().find(|value| !known.contains(&value.as_str())) {
        None => Ok(()),
        Some(value) => Err(Error::refused(
            400,
            format!(
                "invalid filter '{key}={value}': invalid value for {what} ({value}): must be one of {}",
                known.join(", ")
            ),
        )),
    }
}

fn is_task(values: &[String]) -> Result<Option<bool>> {
    match values {
        [] => Ok(None),
        [value] if matches!(value.as_str(), "1" | "true") => Ok(Some(true)),
        [value] if matches!(value.as_str(), "0" | "false") => Ok(Some(false)),
        values => Err(Error::refused(
            400,
            format!("invalid filter 'is-task=[{}]'", values.join(" ")),
        )),
    }
}

/// The images of these names, and all that were made from them.
fn ancestors(world: &World, names: &[String]) -> BTreeSet<String> {
    let mut images: BTreeSet<String> = names
        .iter()
        .filter_map(|name| world.images.find(name))
        .map(|image| image.id.clone())
        .collect();
    loop {
        let children: Vec<String> = world
            .images
            .all()
            .filter(|image| {
                !images.contains(&image.id)
                    && image
                        .parent
                        .as_ref()
                        .is_some_and(|parent| images.contains(parent))
            })
            .map(|image| image.id.clone())
            .collect();
        if children.is_empty() {
            return images;
        }
        images.extend(children);
    }
}

/// `80`, `80/udp`, `8000-8010/tcp`
fn port_set(key: &str, values: &[String]) -> Result<BTreeSet<(u16, String)>> {
    let mut ports = BTreeSet::new();
    for value in values {
        if value.contains(':') {
            let message = format!("filter for '{key}' should not contain ':': {value}");
            return Err(Error::refused(500, message));
        }
        let (range, protocol) = value.split_once('/').unwrap_or((value, "tcp"));
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| {
            text.parse::<u16>().map_err(|_| {
                let why = format!("strconv.ParseUint: parsing \"{text}\": invalid syntax");
                let message = format!("error while looking up for {key} {value}: {why}");
                Error::refused(500, message)
            })
        };
        let range = number(first)?..=number(last)?;
        ports.extend(range.map(|port| (port, protocol.to_lowercase())));
    }
    Ok(ports)
}

fn on_network(container: &Container, wanted: &str) -> bool {
    container.networks.iter().any(|(name, endpoint)| {
        // What has not been started yet has no network's id.
        let id = endpoint.network.as_deref();
        name == wanted || id.is_some_and(|id| id.starts_with(wanted))
    })
}

fn health_word(container: &Container) -> &'static str {
    container
        .life
        .health
        .as_ref()
        .map_or("none", |health| health.status.word())
}
