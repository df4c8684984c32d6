//! `/images`, `/build`

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use lab::{
    Error, Result,
    options::{
        BuildImageOptions, CreateImageOptions, ListImagesOptions, RemoveImageOptions,
        TagImageOptions,
    },
};

use super::{answer, call::Call, not_simulated, page_not_found, prune, query::Query};

pub(super) async fn answer(call: &Call) -> Result<Response> {
    let steps = call.steps();
    match (&call.method, &steps[..]) {
        (&Method::GET, ["images", "json"]) => list(call).await,
        (&Method::POST, ["images", "create"]) => pull(call).await,
        (&Method::POST, ["images", "prune"]) => prune::images(call).await,
        (&Method::POST, ["images", "load"]) => not_simulated("loading images"),
        (&Method::GET, ["images", "search"]) => not_simulated("searching a registry"),
        (&Method::GET, ["images", "get"]) => not_simulated("saving images"),
        (&Method::POST, ["build"]) => build(call).await,
        (&Method::POST, ["build", "prune"]) => prune::build_cache(),
        (&Method::POST, ["build", "cancel"]) => not_simulated("the builder BuildKit"),
        (&Method::POST, ["commit"]) => not_simulated("making an image of a container"),
        (&Method::GET, ["distribution", .., "json"]) => not_simulated("asking a registry"),
        (&Method::DELETE, ["images", image @ ..]) => remove(call, &image.join("/")).await,
        (&Method::GET, ["images", image @ .., action]) if !image.is_empty() => {
            look(call, &image.join("/"), action).await
        }
        (&Method::POST, ["images", _, .., "push"]) => not_simulated("pushing images"),
        (&Method::POST, ["images", image @ .., "tag"]) if !image.is_empty() => {
            let options = TagImageOptions {
                repo: call.query.filled("repo"),
                tag: call.query.filled("tag"),
            };
            call.engine.tag_image(&image.join("/"), options).await?;
            Ok(answer::status(StatusCode::CREATED))
        }
        _ => Err(page_not_found()),
    }
}

async fn look(call: &Call, image: &str, action: &str) -> Result<Response> {
    match action {
        "json" => Ok(answer::raw(&call.engine.inspect_image(image).await?)),
        "history" => answer::json(&call.engine.image_history(image).await?),
        "get" => not_simulated("saving images"),
        _ => Err(page_not_found()),
    }
}

async fn list(call: &Call) -> Result<Response> {
    let query = &call.query;
    let options = ListImagesOptions {
        all: query.flag("all"),
        filters: query.filters()?,
        shared_size: query.flag("shared-size"),
        digests: query.flag("digests"),
        manifests: query.flag("manifests"),
    };
    answer::json(&call.engine.list_images(options).await?)
}

async fn pull(call: &Call) -> Result<Response> {
    let query = &call.query;
    if query.filled("fromSrc").is_some() {
        return not_simulated("importing images");
    }
    let options = CreateImageOptions {
        from_image: query.filled("fromImage"),
        tag: query.filled("tag"),
        platform: query.text("platform"),
        ..Default::default()
    };
    answer::progress(call.engine.pull_image(options).await?).await
}

async fn remove(call: &Call, image: &str) -> Result<Response> {
    let options = RemoveImageOptions {
        force: call.query.flag("force"),
        noprune: call.query.flag("noprune"),
        platforms: None,
    };
    answer::json(&call.engine.remove_image(image, options).await?)
}

async fn build(call: &Call) -> Result<Response> {
    let options = build_options(&call.query)?;
    let context = call.archive().await?;
    answer::progress(call.engine.build_image(options, context).await?).await
}

fn build_options(query: &Query) -> Result<BuildImageOptions> {
    if query.get("version") == Some("2") {
        return not_simulated("the builder BuildKit: set DOCKER_BUILDKIT=0");
    }
    if query.filled("remote").is_some() {
        return not_simulated("building from an address");
    }
    let default = BuildImageOptions::default();
    Ok(BuildImageOptions {
        dockerfile: query.filled("dockerfile").unwrap_or(default.dockerfile),
        t: Some(query.all("t").collect::<Vec<_>>().join(",")).filter(|names| !names.is_empty()),
        extrahosts: query.filled("extrahosts"),
        q: query.flag("q"),
        nocache: query.flag("nocache"),
        cachefrom: query.json("cachefrom")?,
        pull: query.filled("pull"),
        rm: query.flag_or("rm", true),
        forcerm: query.flag("forcerm"),
        memory: query.number("memory")?,
        memswap: query.number("memswap")?,
        cpushares: query.number("cpushares")?,
        cpusetcpus: query.filled("cpusetcpus"),
        cpuperiod: query.number("cpuperiod")?,
        cpuquota: query.number("cpuquota")?,
        buildargs: build_arguments(query)?,
        shmsize: query.number("shmsize")?,
        labels: query.json("labels")?,
        networkmode: query.filled("networkmode"),
        platform: query.text("platform"),
        target: query.text("target"),
        ..BuildImageOptions::default()
    })
}

/// The docker CLI writes `null` for one whose value is to come from its environment and is not there.
fn build_arguments(query: &Query) -> Result<Option<std::collections::HashMap<String, String>>> {
    let read: Option<std::collections::HashMap<String, Option<String>>> =
        query.json("buildargs")?;
    let read = read.map(|arguments| {
        let filled = arguments.into_iter();
        filled
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    });
    Ok::<_, Error>(read)
}
