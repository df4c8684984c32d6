//! `docker container prune`, one by one: what is not the lab's own stays.

use std::collections::HashMap;

use async_trait::async_trait;
use lab::{
    Error,
    options::{ListContainersOptions, RemoveContainerOptions},
};

use crate::{
    Context,
    confirm::confirm,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    units::human_size,
    values::{filter, filters, moment},
};

pub struct ContainerPrune;

static FLAGS: &[Flag] = &[
    Flag::many("filter", "filter", "Only those that fit: label=key").checked(filter),
    Flag::switch("force", "Do not ask").short('f'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["container prune"],
    usage: "[OPTIONS]",
    about: "Remove all containers of the lab that do not run",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

const WARNING: &str =
    "WARNING! This will remove all stopped containers.\nAre you sure you want to continue?";

#[async_trait]
impl Command for ContainerPrune {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        if !call.given.on("force") && !confirm(WARNING, console).await? {
            return Ok(0);
        }
        let (removed, freed) = prune_containers(&call.given.all("filter"), context).await?;
        if !removed.is_empty() {
            console
                .out(format!("Deleted Containers:\n{}\n\n", removed.join("\n")))
                .await;
        }
        console
            .line(&format!("Total reclaimed space: {}", human_size(freed, 4)))
            .await;
        Ok(0)
    }
}

/// Removes the lab's containers that do not run and fit; their ids, and how much that has freed.
pub async fn prune_containers(
    asked: &[String],
    context: &Context,
) -> Result<(Vec<String>, i64), Failure> {
    let limited = Limited::read(asked, context.clock.now())?;
    let mut wanted = limited.wanted.clone();
    let stopped = ["created", "exited", "dead"].map(str::to_owned).to_vec();
    wanted.insert("status".to_owned(), stopped);
    let options = ListContainersOptions {
        all: true,
        limit: None,
        size: true,
        filters: Some(wanted),
    };
    let mut removed = Vec::new();
    let mut freed = 0;
    for container in context.engine.list_containers(options).await? {
        let Some(id) = container.id else { continue };
        if !limited.takes(container.created, container.labels.as_ref()) {
            continue;
        }
        let options = RemoveContainerOptions {
            v: true,
            force: false,
            link: false,
        };
        match context.engine.remove_container(&id, options).await {
            Ok(()) => {
                removed.push(id);
                freed += container.size_rw.unwrap_or_default();
            }
            // Somebody else's, or started in this very moment.
            Err(Error::NotAllowed(_) | Error::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok((removed, freed))
}

/// What a prune is limited to.
pub struct Limited {
    /// As a list's filters.
    pub wanted: HashMap<String, Vec<String>>,
    /// Made before this second (since 1970).
    until: Option<i64>,
    /// Without these labels: `key`, or `key=value`.
    without: Vec<String>,
}

impl Limited {
    pub fn read(asked: &[String], now: jiff::Timestamp) -> Result<Self, Failure> {
        let daemon = |why: String| Failure::new(1, format!("Error response from daemon: {why}"));
        let mut wanted = filters(asked).unwrap_or_default();
        if let Some(unknown) = wanted
            .keys()
            .find(|key| !matches!(key.as_str(), "label" | "label!" | "until"))
        {
            return Err(daemon(format!("invalid filter '{unknown}'")));
        }
        let until = match wanted.remove("until").unwrap_or_default().as_slice() {
            [] => None,
            [until] => {
                let seconds = moment(until, now).map_err(daemon)?;
                seconds.split('.').next().and_then(|text| text.parse().ok())
            }
            _ => return Err(daemon("more than one until filter specified".to_owned())),
        };
        Ok(Self {
            without: wanted.remove("label!").unwrap_or_default(),
            wanted,
            until,
        })
    }

    /// Whether something that fits the list's filters is to go.
    pub fn takes(&self, created: Option<i64>, labels: Option<&HashMap<String, String>>) -> bool {
        let newer = self.until.is_some_and(|until| created > Some(until));
        let has = |label: &String| {
            let (key, value) = label
                .split_once('=')
                .map_or((&**label, None), |(k, v)| (k, Some(v)));
            let found = labels.and_then(|labels| labels.get(key));
            found.is_some_and(|found| value.is_none_or(|value| found == value))
        };
        !newer && !self.without.iter().any(has)
    }
}
