//! One layer of an image: files, shared by the images and containers that stand on it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::made_id;
use crate::fs;

#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "Saved", into = "Saved")]
pub struct Layer {
    /// Docker's "diff id".
    pub id: String,
    /// In bytes.
    pub size: i64,
    pub files: Arc<fs::Layer>,
    /// Of an image on the shelf: its name.
    shelved: Option<String>,
}

impl Layer {
    /// What a build's step changed.
    pub fn made(id: String, files: Arc<fs::Layer>) -> Self {
        Self {
            id,
            size: i64::try_from(files.size()).unwrap_or(i64::MAX),
            files,
            shelved: None,
        }
    }

    /// The files of an image on the shelf.
    pub fn shelved(image: &str, size: i64) -> Self {
        Self {
            id: made_id(&format!("layer of {image}")),
            size,
            files: fs::rootfs(image).unwrap_or_default(),
            shelved: Some(image.to_owned()),
        }
    }
}

/// As it is written down: of a shelved one its name is enough.
#[derive(Serialize, Deserialize)]
struct Saved {
    id: String,
    size: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shelved: Option<String>,
    #[serde(default, skip_serializing_if = "fs::Layer::is_empty")]
    files: fs::Layer,
}

impl From<Saved> for Layer {
    fn from(saved: Saved) -> Self {
        let files = match &saved.shelved {
            Some(image) => fs::rootfs(image).unwrap_or_default(),
            None => Arc::new(saved.files),
        };
        Self {
            id: saved.id,
            size: saved.size,
            files,
            shelved: saved.shelved,
        }
    }
}

impl From<Layer> for Saved {
    fn from(layer: Layer) -> Self {
        let files = match &layer.shelved {
            Some(_) => fs::Layer::default(),
            None => (*layer.files).clone(),
        };
        Self {
            id: layer.id,
            size: layer.size,
            shelved: layer.shelved,
            files,
        }
    }
}
