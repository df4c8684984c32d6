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
    values::{filter, filters},
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
        let stopped = ["created", "exited", "dead"].map(str::to_owned).to_vec();
        let mut wanted: HashMap<String, Vec<String>> =
            filters(&call.given.all("filter")).unwrap_or_default();
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
