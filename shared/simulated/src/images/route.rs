//! `/images`

use async_trait::async_trait;
use bytes::Bytes;
use jiff::Timestamp;
use lab::{
    Error, ImageName, Images, Raw, Result,
    engine::Items,
    models::{
        BuildInfo, CreateImageInfo, EventMessageTypeEnum, ImageDeleteResponseItem,
        ImageHistoryResponseItem, ImageInspect, ImageSummary,
    },
    options::{
        BuildImageOptions, CreateImageOptions, ListImagesOptions, RemoveImageOptions,
        TagImageOptions,
    },
};

use super::{history, inspect, list, shelf};
use crate::{Simulated, world::World};

#[async_trait]
impl Images for Simulated {
    async fn list_images(&self, options: ListImagesOptions) -> Result<Vec<ImageSummary>> {
        list::list(&self.world().images, &options)
    }

    async fn inspect_image(&self, image: &str) -> Result<Raw<ImageInspect>> {
        let world = self.world();
        let image = world.images.get(image)?;
        Ok(Raw::new(inspect::image(&world.images, image).to_string()))
    }

    async fn image_history(&self, image: &str) -> Result<Vec<ImageHistoryResponseItem>> {
        history::of(&self.world().images, image)
    }

    async fn tag_image(&self, image: &str, options: TagImageOptions) -> Result<()> {
        self.tag(image, &options)
    }

    async fn pull_image(&self, options: CreateImageOptions) -> Result<Items<CreateImageInfo>> {
        let name = options.from_image.unwrap_or_default();
        if self.world().images.find(&name).is_some() {
            return Ok(Box::pin(futures::stream::empty()));
        }
        let there: Vec<String> = shelf::SHELF.iter().map(shelf::Shelved::reference).collect();
        Err(Error::NotSimulated(format!(
            "pulling {name}; the images here are {}",
            there.join(", ")
        )))
    }

    async fn remove_image(
        &self,
        image: &str,
        options: RemoveImageOptions,
    ) -> Result<Vec<ImageDeleteResponseItem>> {
        let now = self.now();
        let mut world = self.world();
        let id = world.images.get(image)?.id.clone();
        let removed = world.remove_image(image, options.force, !options.noprune)?;
        for item in &removed {
            match &item.deleted {
                None => world.image_event(now, "untag", &id, &id),
                Some(deleted) if *deleted == id => world.image_event(now, "delete", &id, &id),
                Some(_) => {}
            }
        }
        drop(world);
        self.changed();
        Ok(removed)
    }

    async fn build_image(
        &self,
        options: BuildImageOptions,
        context: Bytes,
    ) -> Result<Items<BuildInfo>> {
        self.build(options, &context)
    }
}

impl Simulated {
    fn tag(&self, image: &str, options: &TagImageOptions) -> Result<()> {
        let name = options.repo.as_deref().unwrap_or_default();
        let tag = options.tag.as_deref().unwrap_or("latest");
        let name = ImageName::read(&format!("{name}:{tag}"))
            .map_err(|error| Error::refused(400, error))?;
        let now = self.now();
        let mut world = self.world();
        let id = world.images.get(image)?.id.clone();
        world.images.tag(&name, &id, now);
        world.image_event(now, "tag", &id, &name.to_string());
        drop(world);
        self.changed();
        Ok(())
    }
}

impl World {
    pub fn image_event(&mut self, now: Timestamp, action: &str, id: &str, name: &str) {
        let kind = EventMessageTypeEnum::IMAGE;
        self.event(now, kind, action, id, &[("name", name)]);
    }
}
