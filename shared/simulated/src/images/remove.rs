//! `docker rmi`: names go first, then images that nobody needs, their layers, and what they were built on.

use std::collections::BTreeSet;

use lab::{Error, Result, models::ImageDeleteResponseItem};

use super::{Image, made_id};
use crate::world::World;

/// What stands against removing an image.
struct Conflict {
    image: String,
    /// Force does not help.
    hard: bool,
    /// By a container.
    used: bool,
    why: String,
}

/// How far a removal goes.
#[derive(Clone, Copy)]
struct How {
    force: bool,
    /// Also what it was built on, if nothing else needs that.
    prune: bool,
    /// A conflict of one that has no name is all the same told.
    quiet: bool,
}

type Removed = Vec<ImageDeleteResponseItem>;

impl World {
    /// As Docker does it; `(what was removed, ids that were untagged, ids that were deleted)` are in the first.
    pub fn remove_image(&mut self, asked: &str, force: bool, prune: bool) -> Result<Removed> {
        let image = self.images.get(asked)?;
        let (id, by_id) = (image.id.clone(), is_prefix_of(asked, &image.id));
        let mut removed = Vec::new();
        let single = self.is_single_reference(&id);
        if by_id {
            if single {
                if let Some(conflict) = self.conflict(&id, force, false) {
                    return Err(conflict.error());
                }
                self.untag_all(&id, &mut removed);
            }
        } else {
            self.may_untag(asked, &id, force, single)?;
            self.untag(asked, &id, &mut removed);
            if self.images.names_of(&id).next().is_some() {
                return Ok(removed);
            }
        }
        let how = How {
            force,
            prune,
            quiet: !by_id,
        };
        self.delete(&id, how, &mut removed)?;
        Ok(removed)
    }

    fn may_untag(&self, asked: &str, id: &str, force: bool, single: bool) -> Result<()> {
        let user = self.containers.values().find(|one| one.image_id == id);
        match user {
            Some(container) if !force && single => Err(Error::conflict(format!(
                "conflict: unable to remove repository reference \"{asked}\" (must force) - container {} is using its referenced image {}",
                &container.id[..12],
                short(id)
            ))),
            _ => Ok(()),
        }
    }

    /// One name at most, digests of the same repository aside.
    fn is_single_reference(&self, id: &str) -> bool {
        let repository = |name: &str| name.rsplit_once(['@', ':']).map(|(it, _)| it.to_owned());
        let mut tags = self.images.tags_of(id);
        let (tag, other) = (tags.next(), tags.next());
        let digests = self.images.digests_of(id).map(|name| {
            let name = name.split('@').next();
            name.map(str::to_owned)
        });
        let digests: BTreeSet<Option<String>> = digests.collect();
        let within = tag.is_none_or(|tag| digests.contains(&repository(tag)));
        other.is_none() && (digests.is_empty() || digests.len() == 1 && within)
    }

    fn untag(&mut self, asked: &str, id: &str, removed: &mut Removed) {
        let Some(name) = self.images.untag(asked) else {
            return;
        };
        let repository = name.rsplit_once(':').map(|(it, _)| it.to_owned());
        removed.push(untagged(name));
        let repository = repository.unwrap_or_default();
        let another = self
            .images
            .tags_of(id)
            .any(|tag| tag.rsplit_once(':').is_some_and(|(it, _)| it == repository));
        if another {
            return;
        }
        let digests: Vec<String> = self
            .images
            .digests_of(id)
            .filter(|name| name.split('@').next() == Some(&repository))
            .map(str::to_owned)
            .collect();
        for digest in digests {
            removed.extend(self.images.untag(&digest).map(untagged));
        }
    }

    fn untag_all(&mut self, id: &str, removed: &mut Removed) {
        let names: Vec<String> = self.images.names_of(id).map(str::to_owned).collect();
        for name in names {
            removed.extend(self.images.untag(&name).map(untagged));
        }
    }

    fn delete(&mut self, id: &str, how: How, removed: &mut Removed) -> Result<()> {
        if let Some(conflict) = self.conflict(id, how.force, true) {
            let dangling = self.images.names_of(id).next().is_none() && !self.has_children(id);
            if how.quiet && (!dangling || conflict.used) {
                return Ok(());
            }
            return Err(conflict.error());
        }
        self.untag_all(id, removed);
        let Some(image) = self.images.remove(id) else {
            return Ok(());
        };
        removed.push(deleted(id.to_owned()));
        removed.extend(self.freed_layers(&image).into_iter().map(deleted));
        match image.parent {
            Some(parent) if how.prune => {
                let how = How {
                    force: false,
                    prune: true,
                    quiet: true,
                };
                self.delete(&parent, how, removed)
            }
            _ => Ok(()),
        }
    }

    /// `names`: having names is one, too.
    fn conflict(&self, id: &str, force: bool, names: bool) -> Option<Conflict> {
        let conflict = |hard, used, why| {
            Some(Conflict {
                image: id.to_owned(),
                hard,
                used,
                why,
            })
        };
        if self.has_children(id) {
            return conflict(true, false, "image has dependent child images".to_owned());
        }
        let users = || self.containers.values().filter(|one| one.image_id == id);
        if let Some(container) = users().find(|container| container.is_running()) {
            let who = &container.id[..12];
            let why = format!("image is being used by running container {who}");
            return conflict(true, true, why);
        }
        if force {
            return None;
        }
        if names && self.images.names_of(id).next().is_some() {
            let why = "image is referenced in multiple repositories".to_owned();
            return conflict(false, false, why);
        }
        let container = users().next()?;
        let why = format!(
            "image is being used by stopped container {}",
            &container.id[..12]
        );
        conflict(false, true, why)
    }

    fn has_children(&self, id: &str) -> bool {
        self.images.has_children(id)
    }

    /// Layers that no other image or container stands on, the highest first.
    fn freed_layers(&self, image: &Image) -> Vec<String> {
        let chain = |image: &Image, count: usize| {
            let ids: Vec<&str> = image.layers[..count]
                .iter()
                .map(|it| it.id.as_str())
                .collect();
            ids.join(" ")
        };
        let stands_on = |other: &Image, wanted: &str, count: usize| {
            other.layers.len() >= count && chain(other, count) == wanted
        };
        let mut freed = Vec::new();
        for count in (1..=image.layers.len()).rev() {
            let wanted = chain(image, count);
            if self.images.all().any(|it| stands_on(it, &wanted, count)) {
                break;
            }
            freed.push(if count == 1 {
                image.layers[0].id.clone()
            } else {
                made_id(&wanted)
            });
        }
        freed
    }
}

impl Conflict {
    fn error(self) -> Error {
        let force = if self.hard {
            "cannot be forced"
        } else {
            "must be forced"
        };
        let image = short(&self.image);
        Error::conflict(format!(
            "conflict: unable to delete {image} ({force}) - {}",
            self.why
        ))
    }
}

fn untagged(name: String) -> ImageDeleteResponseItem {
    ImageDeleteResponseItem {
        untagged: Some(name),
        deleted: None,
    }
}

fn deleted(id: String) -> ImageDeleteResponseItem {
    ImageDeleteResponseItem {
        untagged: None,
        deleted: Some(id),
    }
}

fn is_prefix_of(asked: &str, id: &str) -> bool {
    let digits = |text: &str| text.trim_start_matches("sha256:").to_owned();
    !digits(asked).is_empty() && digits(id).starts_with(&digits(asked))
}

/// Twelve digits.
fn short(id: &str) -> &str {
    let digits = id.trim_start_matches("sha256:");
    digits.get(..12).unwrap_or(digits)
}
