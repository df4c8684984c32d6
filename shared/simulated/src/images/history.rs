//! The steps that an image was made in.

use lab::{Result, models::ImageHistoryResponseItem};

use super::Images;

/// The newest first. A step that was built here has an image of its own; of others only the last is known.
pub fn of(images: &Images, image: &str) -> Result<Vec<ImageHistoryResponseItem>> {
    let image = images.get(image)?;
    let mut layers = image.layers.iter().rev();
    let mut at = Some(image);
    let steps = image.history.iter().rev().map(|step| {
        let id = at.map_or("<missing>", |image| &image.id).to_owned();
        let tags = at.map(|image| images.tags_of(&image.id).map(str::to_owned).collect());
        at = at.and_then(|image| images.find(image.parent.as_deref()?));
        let layer = if step.empty { None } else { layers.next() };
        ImageHistoryResponseItem {
            id,
            created: step.created.as_second(),
            created_by: step.created_by.clone(),
            tags: tags.unwrap_or_default(),
            size: layer.map_or(0, |layer| layer.size),
            comment: step.comment.clone(),
        }
    });
    Ok(steps.collect())
}
