//! Images as data: what they are made of, and under which names they are found. `route` answers `/images` with them.

mod build;
mod history;
mod inspect;
mod layer;
mod list;
mod merge;
mod remove;
mod route;
mod shelf;

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use lab::{Error, ImageName, Result, image_name::Version, models::ImageConfig};
use serde::{Deserialize, Serialize};

use crate::fs;

pub use layer::Layer;
pub use merge::complete;

/// The images of one machine.
#[derive(Clone, Serialize, Deserialize)]
pub struct Images {
    /// By full id (`sha256:…`).
    by_id: BTreeMap<String, Image>,
    /// From `nginx:latest` to an id.
    tags: BTreeMap<String, String>,
    /// From `nginx@sha256:…` to an id.
    digests: BTreeMap<String, String>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Image {
    /// `sha256:` and 64 hexadecimal digits.
    pub id: String,
    /// Of one that was built here: the image before its last step.
    pub parent: Option<String>,
    pub created: Timestamp,
    pub config: ImageConfig,
    /// From the lowest on.
    pub layers: Vec<Layer>,
    /// From the oldest on.
    pub history: Vec<HistoryEntry>,
    pub comment: String,
    pub author: String,
    /// When it got its last tag here.
    pub tagged: Option<Timestamp>,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct HistoryEntry {
    pub created: Timestamp,
    pub created_by: String,
    pub comment: String,
    /// It changed the configuration only.
    pub empty: bool,
}

impl Image {
    pub fn size(&self) -> i64 {
        self.layers.iter().map(|layer| layer.size).sum()
    }

    /// The layers' files, the lowest first.
    pub fn files(&self) -> Vec<Arc<fs::Layer>> {
        let files = self.layers.iter().map(|layer| Arc::clone(&layer.files));
        files.collect()
    }
}

impl Default for Images {
    /// What is on the shelf.
    fn default() -> Self {
        let mut images = Self {
            by_id: BTreeMap::new(),
            tags: BTreeMap::new(),
            digests: BTreeMap::new(),
        };
        for shelved in &shelf::SHELF {
            let image = shelved.image();
            images.tags.insert(shelved.reference(), image.id.clone());
            images.by_id.insert(image.id.clone(), image);
        }
        images
    }
}

impl Images {
    /// By id, the beginning of one, name (`:latest` if it says no tag) or digest.
    pub fn find(&self, reference: &str) -> Option<&Image> {
        self.by_full_id(reference)
            .or_else(|| self.by_name(reference))
            .or_else(|| self.by_prefix(reference))
    }

    /// The same, with Docker's error.
    pub fn get(&self, reference: &str) -> Result<&Image> {
        let name = ImageName::read(reference).ok();
        self.find(reference).ok_or_else(|| match name {
            Some(name) => Error::not_found(format!("No such image: {name}")),
            None => Error::refused(400, "invalid reference format"),
        })
    }

    pub fn all(&self) -> impl Iterator<Item = &Image> {
        self.by_id.values()
    }

    /// `nginx:latest`, in order.
    pub fn tags_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        names_of(&self.tags, id)
    }

    /// `nginx@sha256:…`, in order.
    pub fn digests_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        names_of(&self.digests, id)
    }

    /// All its names: tags, then digests.
    pub fn names_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        self.tags_of(id).chain(self.digests_of(id))
    }

    pub fn has_children(&self, id: &str) -> bool {
        self.all().any(|image| image.parent.as_deref() == Some(id))
    }

    pub fn add(&mut self, image: Image) {
        self.by_id.insert(image.id.clone(), image);
    }

    pub fn remove(&mut self, id: &str) -> Option<Image> {
        self.by_id.remove(id)
    }

    /// Gives an image a name, which another one may have had.
    pub fn tag(&mut self, name: &ImageName, id: &str, now: Timestamp) {
        self.tags.insert(name.to_string(), id.to_owned());
        if let Some(image) = self.by_id.get_mut(id) {
            image.tagged = Some(now);
        }
    }

    /// Takes a name away; as it was written down.
    pub fn untag(&mut self, name: &str) -> Option<String> {
        let name = ImageName::read(name).ok()?.to_string();
        let was = self
            .tags
            .remove(&name)
            .or_else(|| self.digests.remove(&name));
        was.map(|_| name)
    }

    fn by_full_id(&self, reference: &str) -> Option<&Image> {
        let id = format!("sha256:{}", reference.trim_start_matches("sha256:"));
        self.by_id.get(&id)
    }

    fn by_name(&self, reference: &str) -> Option<&Image> {
        let name = ImageName::read(reference).ok()?;
        let names = match name.version {
            Version::Tag(_) => &self.tags,
            Version::Digest(_) => &self.digests,
            Version::Id => return None,
        };
        self.by_id.get(names.get(&name.to_string())?)
    }

    fn by_prefix(&self, reference: &str) -> Option<&Image> {
        let wanted = reference.strip_prefix("sha256:").unwrap_or(reference);
        let digits = wanted.bytes().all(|byte| byte.is_ascii_hexdigit());
        if wanted.is_empty() || !digits {
            return None;
        }
        let beginning = format!("sha256:{wanted}");
        let mut found = self
            .by_id
            .range(beginning.clone()..)
            .take_while(|(id, _)| id.starts_with(&beginning));
        let (_, image) = found.next()?;
        found.next().is_none().then_some(image)
    }
}

fn names_of<'a>(names: &'a BTreeMap<String, String>, id: &'a str) -> impl Iterator<Item = &'a str> {
    names
        .iter()
        .filter(move |(_, of)| *of == id)
        .map(|(name, _)| name.as_str())
}

/// An id that is made of words, so that it is the same in every world.
pub fn made_id(words: &str) -> String {
    let seed = words.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let digits: String = (1..=4)
        .map(|number| {
            let part = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            format!("{:016x}", part.rotate_left(number * 13))
        })
        .collect();
    format!("sha256:{digits}")
}
