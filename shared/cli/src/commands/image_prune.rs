//! `docker image prune`, one by one: what is not the lab's own stays.

use async_trait::async_trait;
use lab::{
    Error,
    models::ImageDeleteResponseItem,
    options::{ListContainersOptions, ListImagesOptions, RemoveImageOptions},
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

pub struct ImagePrune;

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Also those that have names and no container").short('a'),
    Flag::many("filter", "filter", "Only those that fit: label=key").checked(filter),
    Flag::switch("force", "Do not ask").short('f'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["image prune"],
    usage: "[OPTIONS]",
    about: "Remove images of the lab that have no name",
    flags: FLAGS,
    count: Count::None,
    arguments: &[],
    program_from: None,
};

const DANGLING: &str =
    "WARNING! This will remove all dangling images.\nAre you sure you want to continue?";
const ALL: &str = "WARNING! This will remove all images without at least one container associated to them.\n\
                   Are you sure you want to continue?";

#[async_trait]
impl Command for ImagePrune {
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
        let all = given.on("all");
        let warning = if all { ALL } else { DANGLING };
        if !given.on("force") && !confirm(warning, console).await? {
            return Ok(0);
        }
        let mut wanted = filters(&given.all("filter")).unwrap_or_default();
        if !all {
            wanted.insert("dangling".to_owned(), vec!["true".to_owned()]);
        }
        let (removed, freed) = prune(context, wanted).await?;
        if !removed.is_empty() {
            let lines: String = removed.iter().map(line).collect();
            console.out(format!("Deleted Images:\n{lines}\n")).await;
        }
        console
            .line(&format!("Total reclaimed space: {}", human_size(freed, 4)))
            .await;
        Ok(0)
    }
}

async fn prune(
    context: &Context,
    wanted: std::collections::HashMap<String, Vec<String>>,
) -> Result<(Vec<ImageDeleteResponseItem>, i64), Failure> {
    let options = ListImagesOptions {
        filters: Some(wanted).filter(|filters| !filters.is_empty()),
        ..Default::default()
    };
    let used = ListContainersOptions {
        all: true,
        ..Default::default()
    };
    let used = context.engine.list_containers(used).await?;
    let used: Vec<String> = used.into_iter().filter_map(|one| one.image_id).collect();
    let (mut removed, mut freed) = (Vec::new(), 0);
    for image in context.engine.list_images(options).await? {
        if used.contains(&image.id) {
            continue;
        }
        let whole = RemoveImageOptions {
            force: image.repo_tags.len() > 1,
            ..Default::default()
        };
        match context.engine.remove_image(&image.id, whole).await {
            Ok(items) => {
                if items.iter().any(|item| item.deleted.is_some()) {
                    freed += image.size;
                }
                removed.extend(items);
            }
            // Somebody else's, or one that others stand on.
            Err(Error::NotAllowed(_) | Error::Refused { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok((removed, freed))
}

fn line(item: &ImageDeleteResponseItem) -> String {
    match (&item.deleted, &item.untagged) {
        (Some(id), _) => format!("deleted: {id}\n"),
        (None, name) => format!("untagged: {}\n", name.as_deref().unwrap_or_default()),
    }
}
