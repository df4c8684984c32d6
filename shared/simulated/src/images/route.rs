//! `/images`

use async_trait::async_trait;
use bytes::Bytes;
use lab::{
    Error, Images, Raw, Result,
    engine::Items,
    models::{BuildInfo, CreateImageInfo, ImageDeleteResponseItem, ImageInspect, ImageSummary},
    options::{BuildImageOptions, CreateImageOptions, ListImagesOptions, RemoveImageOptions},
};

use super::{inspect, shelf};
use crate::Simulated;

#[async_trait]
impl Images for Simulated {
    async fn list_images(&self, _: ListImagesOptions) -> Result<Vec<ImageSummary>> {
        let world = self.world();
        let images = &world.images;
        let mut listed: Vec<ImageSummary> = images
            .all()
            .map(|image| inspect::summary(images, image))
            .collect();
        listed.sort_by_key(|image| std::cmp::Reverse(image.created));
        Ok(listed)
    }

    async fn inspect_image(&self, image: &str) -> Result<Raw<ImageInspect>> {
        let world = self.world();
        let image = world.images.get(image)?;
        Ok(Raw::new(inspect::image(&world.images, image).to_string()))
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
        _: RemoveImageOptions,
    ) -> Result<Vec<ImageDeleteResponseItem>> {
        self.world().images.get(image)?;
        Err(Error::NotSimulated("removing images".to_owned()))
    }

    async fn build_image(&self, _: BuildImageOptions, _: Bytes) -> Result<Items<BuildInfo>> {
        Err(Error::NotSimulated("building images".to_owned()))
    }
}
