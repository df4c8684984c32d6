//! `…/prune`: what is not used is listed and removed, one by one. (The engine of a lab has no word for it: a guard
//! never prunes.)

use std::collections::HashMap;

use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use lab::{
    Error, Result,
    options::{
        ListContainersOptions, ListImagesOptions, ListNetworksOptions, RemoveContainerOptions,
        RemoveImageOptions,
    },
};
use serde_json::json;

use super::{answer, call::Call};

pub(super) async fn containers(call: &Call) -> Result<Response> {
    let chosen = Chosen::of(call, &["until", "label", "label!"])?;
    let ended = ["created", "exited", "dead"].map(str::to_owned).to_vec();
    let options = ListContainersOptions {
        all: true,
        size: true,
        filters: Some([("status".to_owned(), ended)].into()),
        ..Default::default()
    };
    let mut removed = Vec::new();
    let mut space = 0;
    for container in call.engine.list_containers(options).await? {
        let labels = container.labels.unwrap_or_default();
        if !chosen.has(container.created.unwrap_or_default(), &labels) {
            continue;
        }
        let Some(id) = container.id else { continue };
        let options = RemoveContainerOptions::default();
        if call.engine.remove_container(&id, options).await.is_ok() {
            space += container.size_rw.unwrap_or_default();
            removed.push(id);
        }
    }
    answer::json(&json!({"ContainersDeleted": some(&removed), "SpaceReclaimed": space}))
}

pub(super) async fn networks(call: &Call) -> Result<Response> {
    let chosen = Chosen::of(call, &["until", "label", "label!"])?;
    let unused = vec!["true".to_owned()];
    let options = ListNetworksOptions {
        filters: Some([("dangling".to_owned(), unused)].into()),
    };
    let mut removed = Vec::new();
    for network in call.engine.list_networks(options).await? {
        let made = network.created.as_deref().and_then(|at| at.parse().ok());
        let made = made.map_or(0, Timestamp::as_second);
        if !chosen.has(made, &network.labels.unwrap_or_default()) {
            continue;
        }
        let (Some(id), Some(name)) = (network.id, network.name) else {
            continue;
        };
        if call.engine.remove_network(&id).await.is_ok() {
            removed.push(name);
        }
    }
    answer::json(&json!({"NetworksDeleted": some(&removed)}))
}

pub(super) async fn images(call: &Call) -> Result<Response> {
    let chosen = Chosen::of(call, &["dangling", "until", "label", "label!"])?;
    let all = chosen.filters.get("dangling");
    let all = all.is_some_and(|values| values.iter().any(|value| value == "false" || value == "0"));
    let in_use = in_use(call).await?;
    let filters = (!all).then(|| [("dangling".to_owned(), vec!["true".to_owned()])].into());
    let options = ListImagesOptions {
        filters,
        ..Default::default()
    };
    let mut removed = Vec::new();
    let mut space = 0;
    for image in call.engine.list_images(options).await? {
        if in_use.contains(&image.id) || !chosen.has(image.created, &image.labels) {
            continue;
        }
        let names = if image.repo_tags.is_empty() {
            vec![image.id.clone()]
        } else {
            image.repo_tags.clone()
        };
        for name in names {
            let options = RemoveImageOptions::default();
            let Ok(gone) = call.engine.remove_image(&name, options).await else {
                continue;
            };
            if gone.iter().any(|item| item.deleted.is_some()) {
                space += image.size;
            }
            removed.extend(gone);
        }
    }
    answer::json(&json!({"ImagesDeleted": some(&removed), "SpaceReclaimed": space}))
}

/// There are none.
pub(super) fn volumes() -> Result<Response> {
    answer::json(&json!({"VolumesDeleted": [], "SpaceReclaimed": 0}))
}

/// The classic builder's steps are images.
pub(super) fn build_cache() -> Result<Response> {
    answer::json(&json!({"CachesDeleted": null, "SpaceReclaimed": 0}))
}

async fn in_use(call: &Call) -> Result<Vec<String>> {
    let options = ListContainersOptions {
        all: true,
        ..Default::default()
    };
    let containers = call.engine.list_containers(options).await?;
    Ok(containers
        .into_iter()
        .filter_map(|container| container.image_id)
        .collect())
}

/// dockerd says `null` where there is nothing.
fn some<T>(removed: &[T]) -> Option<&[T]> {
    (!removed.is_empty()).then_some(removed)
}

/// What of the unused is meant.
struct Chosen {
    filters: HashMap<String, Vec<String>>,
    until: Option<Timestamp>,
}

impl Chosen {
    fn of(call: &Call, known: &[&str]) -> Result<Self> {
        let filters = call.query.filters()?.unwrap_or_default();
        let mut names: Vec<&String> = filters.keys().collect();
        names.sort();
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            return Err(Error::refused(400, format!("invalid filter '{unknown}'")));
        }
        let until = match filters.get("until").map(Vec::as_slice) {
            None | Some([]) => None,
            Some([until]) => Some(moment(until)?),
            Some(_) => return Err(Error::refused(400, "more than one until filter specified")),
        };
        Ok(Self { filters, until })
    }

    fn has(&self, made: i64, labels: &HashMap<String, String>) -> bool {
        let wanted = |name: &str| self.filters.get(name).map_or(&[][..], Vec::as_slice);
        let until = self.until.is_none_or(|until| made <= until.as_second());
        until
            && wanted("label").iter().all(|label| have(labels, label))
            && !wanted("label!").iter().any(|label| have(labels, label))
    }
}

/// `key` or `key=value`
fn have(labels: &HashMap<String, String>, label: &str) -> bool {
    let (key, value) = label.split_once('=').unwrap_or((label, ""));
    let found = labels.get(key);
    found.is_some_and(|found| !label.contains('=') || found == value)
}

/// A time, or how long ago (`10m`), counted from now.
fn moment(text: &str) -> Result<Timestamp> {
    let ago = text.parse::<SignedDuration>();
    let at = match ago {
        Ok(ago) => Timestamp::now().checked_sub(ago).ok(),
        Err(_) => seconds(text).or_else(|| text.parse().ok()),
    };
    at.ok_or_else(|| {
        let message = format!("failed to parse value as time or duration: {text:?}");
        Error::refused(400, message)
    })
}

fn seconds(text: &str) -> Option<Timestamp> {
    Timestamp::from_second(text.split('.').next()?.parse().ok()?).ok()
}
