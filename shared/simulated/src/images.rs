//! `/images`: the images that are there, and what they run.

use async_trait::async_trait;
use bytes::Bytes;
use lab::{
    Error, Images, Raw, Result,
    engine::Items,
    models::{BuildInfo, CreateImageInfo, ImageDeleteResponseItem, ImageInspect, ImageSummary},
    options::{BuildImageOptions, CreateImageOptions, ListImagesOptions, RemoveImageOptions},
};
use serde_json::json;

use crate::Simulated;

pub struct Image {
    pub name: &'static str,
    pub tag: &'static str,
    pub command: &'static [&'static str],
    pub exposes: &'static [&'static str],
    /// In bytes.
    size: i64,
}

const IMAGES: [Image; 3] = [
    Image {
        name: "alpine",
        tag: "latest",
        command: &["/bin/sh"],
        exposes: &[],
        size: 8_320_000,
    },
    Image {
        name: "busybox",
        tag: "latest",
        command: &["sh"],
        exposes: &[],
        size: 4_430_000,
    },
    Image {
        name: "nginx",
        tag: "latest",
        command: &["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"],
        exposes: &["80/tcp"],
        size: 192_000_000,
    },
];

pub fn find(reference: &str) -> Option<&'static Image> {
    let (name, tag) = reference.split_once(':').unwrap_or((reference, "latest"));
    let name = name
        .trim_start_matches("docker.io/")
        .trim_start_matches("library/");
    IMAGES
        .iter()
        .find(|image| image.name == name && image.tag == tag)
}

/// Made of the name, so that it is the same in every world.
pub fn id(reference: &str) -> String {
    let seed = reference
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let words: String = (1..=4)
        .map(|number| {
            format!(
                "{:016x}",
                seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .rotate_left(number * 13)
            )
        })
        .collect();
    format!("sha256:{words}")
}

fn missing(reference: &str) -> Error {
    let reference = if reference.contains(':') {
        reference.to_owned()
    } else {
        format!("{reference}:latest")
    };
    Error::not_found(format!("No such image: {reference}"))
}

pub fn get(reference: &str) -> Result<&'static Image> {
    find(reference).ok_or_else(|| missing(reference))
}

#[async_trait]
impl Images for Simulated {
    async fn list_images(&self, _: ListImagesOptions) -> Result<Vec<ImageSummary>> {
        let listed = IMAGES.iter().map(|image| ImageSummary {
            id: id(image.name),
            repo_tags: vec![format!("{}:{}", image.name, image.tag)],
            created: 1_700_000_000,
            size: image.size,
            // Not counted.
            shared_size: -1,
            containers: -1,
            ..Default::default()
        });
        Ok(listed.collect())
    }

    async fn inspect_image(&self, image: &str) -> Result<Raw<ImageInspect>> {
        let image = get(image)?;
        let ports: serde_json::Map<String, serde_json::Value> = image
            .exposes
            .iter()
            .map(|port| ((*port).to_owned(), json!({})))
            .collect();
        let inspect = json!({
            "Id": id(image.name), "RepoTags": [format!("{}:{}", image.name, image.tag)], "RepoDigests": [],
            "Config": { "ExposedPorts": ports, "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], "Cmd": image.command },
            "Architecture": "amd64", "Os": "linux", "Size": image.size,
        });
        Ok(Raw::new(inspect.to_string()))
    }

    async fn pull_image(&self, options: CreateImageOptions) -> Result<Items<CreateImageInfo>> {
        let name = options.from_image.unwrap_or_default();
        if find(&name).is_some() {
            return Ok(Box::pin(futures::stream::empty()));
        }
        let there: Vec<&str> = IMAGES.iter().map(|image| image.name).collect();
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
        get(image)?;
        Err(Error::NotSimulated("removing images".to_owned()))
    }

    async fn build_image(&self, _: BuildImageOptions, _: Bytes) -> Result<Items<BuildInfo>> {
        Err(Error::NotSimulated("building images".to_owned()))
    }
}
