//! `/images`. It knows no passwords: what it pulls, everybody may pull.

use async_trait::async_trait;
use hyper::Method;
use lab::{
    Images, Raw, Result,
    engine::Items,
    models::{CreateImageInfo, ImageDeleteResponseItem, ImageInspect, ImageSummary},
    options::{CreateImageOptions, ListImagesOptions, RemoveImageOptions},
};

use super::{Docker, NO_QUERY, flow, name};

#[async_trait]
impl Images for Docker {
    async fn list_images(&self, options: ListImagesOptions) -> Result<Vec<ImageSummary>> {
        self.said(self.bollard.list_images(Some(options)).await)
    }

    async fn inspect_image(&self, image: &str) -> Result<Raw<ImageInspect>> {
        let route = format!("/images/{}/json", name::image(image)?);
        self.raw(&route, NO_QUERY).await
    }

    async fn pull_image(&self, options: CreateImageOptions) -> Result<Items<CreateImageInfo>> {
        let response = self.ask(Method::POST, "/images/create", options, None);
        Ok(flow::items(self.endpoint(), response.await?))
    }

    async fn remove_image(
        &self,
        image: &str,
        options: RemoveImageOptions,
    ) -> Result<Vec<ImageDeleteResponseItem>> {
        let image = name::image(image)?;
        self.said(self.bollard.remove_image(&image, Some(options), None).await)
    }
}
