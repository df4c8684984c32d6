//! An image in the engine's JSON, its keys in the engine's order, and as lists show it.

use std::collections::BTreeMap;

use lab::models::{ImageConfig, ImageSummary};
use serde_json::{Map, Value, json};

use super::{Image, Images};

pub fn image(images: &Images, image: &Image) -> Value {
    let layers: Vec<&str> = image.layers.iter().map(|layer| layer.id.as_str()).collect();
    let tagged = image.tagged.map_or_else(
        || "0001-01-01T00:00:00Z".to_owned(),
        |time| time.to_string(),
    );
    json!({
        "Id": image.id,
        "RepoTags": images.tags_of(&image.id).collect::<Vec<_>>(),
        "RepoDigests": images.digests_of(&image.id).collect::<Vec<_>>(),
        "Parent": image.parent.as_deref().unwrap_or_default(),
        "Comment": image.comment,
        "Created": image.created.to_string(),
        "DockerVersion": "",
        "Author": image.author,
        "Architecture": "amd64",
        "Os": "linux",
        "Size": image.size(),
        "GraphDriver": graph_driver(image),
        "RootFS": { "Type": "layers", "Layers": layers },
        "Metadata": { "LastTagTime": tagged },
        "Config": config(&image.config),
    })
}

/// Where its layers would lie.
fn graph_driver(image: &Image) -> Value {
    let folder = |id: &str, name: &str| {
        let id = id.trim_start_matches("sha256:");
        format!("/var/lib/docker/overlay2/{id}/{name}")
    };
    let Some((top, below)) = image.layers.split_last() else {
        return json!({ "Data": null, "Name": "overlay2" });
    };
    let mut data = Map::new();
    if !below.is_empty() {
        let below: Vec<String> = below
            .iter()
            .rev()
            .map(|it| folder(&it.id, "diff"))
            .collect();
        data.insert("LowerDir".to_owned(), below.join(":").into());
    }
    for (key, name) in [
        ("MergedDir", "merged"),
        ("UpperDir", "diff"),
        ("WorkDir", "work"),
    ] {
        data.insert(key.to_owned(), folder(&top.id, name).into());
    }
    json!({ "Data": data, "Name": "overlay2" })
}

/// What has no value is left out, but for what Docker shows as null.
fn config(config: &ImageConfig) -> Value {
    let empty = |name: &String| (name.clone(), json!({}));
    let set = |names: &Option<Vec<String>>| {
        names
            .as_ref()
            .filter(|names| !names.is_empty())
            .map(|names| names.iter().map(empty).collect::<BTreeMap<_, _>>())
    };
    let labels: Option<BTreeMap<_, _>> = config.labels.as_ref().map(|map| map.iter().collect());
    let mut shown = Map::new();
    let mut show = |key: &str, value: Value, always: bool| {
        if always || !value.is_null() {
            shown.insert(key.to_owned(), value);
        }
    };
    show("Cmd", json!(config.cmd), true);
    show("Entrypoint", json!(config.entrypoint), true);
    show("Env", json!(config.env), true);
    show("ExposedPorts", json!(set(&config.exposed_ports)), false);
    show("Healthcheck", json!(config.healthcheck), false);
    show("Labels", json!(labels), true);
    show("OnBuild", json!(config.on_build), true);
    show("Shell", json!(config.shell), false);
    show("StopSignal", json!(config.stop_signal), false);
    show(
        "User",
        json!(config.user.as_deref().unwrap_or_default()),
        true,
    );
    show("Volumes", json!(set(&config.volumes)), true);
    let folder = config.working_dir.as_deref().unwrap_or_default();
    show("WorkingDir", json!(folder), true);
    Value::Object(shown)
}

pub fn summary(images: &Images, image: &Image) -> ImageSummary {
    ImageSummary {
        id: image.id.clone(),
        parent_id: image.parent.clone().unwrap_or_default(),
        repo_tags: images.tags_of(&image.id).map(str::to_owned).collect(),
        repo_digests: images.digests_of(&image.id).map(str::to_owned).collect(),
        created: image.created.as_second(),
        size: image.size(),
        // Not counted.
        shared_size: -1,
        labels: image.config.labels.clone().unwrap_or_default(),
        containers: 0,
        manifests: None,
        descriptor: None,
    }
}
