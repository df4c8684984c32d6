//! `/images`. It knows no passwords: what it pulls, everybody may pull.

use async_trait::async_trait;
use bytes::Bytes;
use hyper::Method;
use lab::{
    Error, Images, Raw, Result,
    engine::Items,
    models::{
        BuildInfo, CreateImageInfo, ImageDeleteResponseItem, ImageHistoryResponseItem,
        ImageInspect, ImageSummary,
    },
    options::{
        BuildImageOptions, CreateImageOptions, ListImagesOptions, RemoveImageOptions,
        TagImageOptions,
    },
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

    async fn image_history(&self, image: &str) -> Result<Vec<ImageHistoryResponseItem>> {
        let image = name::image(image)?;
        self.said(self.bollard.image_history(&image).await)
    }

    async fn tag_image(&self, image: &str, options: TagImageOptions) -> Result<()> {
        let image = name::image(image)?;
        self.said(self.bollard.tag_image(&image, Some(options)).await)
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

    /// The classic builder, which every engine from 20.10 on has; `BuildKit` speaks gRPC over the same socket.
    async fn build_image(
        &self,
        options: BuildImageOptions,
        context: Bytes,
    ) -> Result<Items<BuildInfo>> {
        let response = self
            .send("/build", query(options)?, "application/x-tar", context)
            .await?;
        Ok(flow::items(self.endpoint(), response))
    }
}

/// The API takes each of several names as a parameter of its own.
fn query(mut options: BuildImageOptions) -> Result<Vec<(String, String)>> {
    let unsendable = |error: String| Error::refused(400, error);
    let names = options.t.take().unwrap_or_default();
    let query = serde_urlencoded::to_string(options).map_err(|it| unsendable(it.to_string()))?;
    let mut query: Vec<(String, String)> =
        serde_urlencoded::from_str(&query).map_err(|it| unsendable(it.to_string()))?;
    let names = names.split(',').filter(|name| !name.is_empty());
    query.extend(names.map(|name| ("t".to_owned(), name.to_owned())));
    Ok(query)
}
