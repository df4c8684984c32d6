//! `/containers/{name}/archive`: files in and out of a container (`docker cp`).

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use lab::{Error, PathStat, Result, options::UploadToContainerOptions};

use super::{answer, call::Call};

const STAT: &str = "x-docker-container-path-stat";

pub(super) async fn head(call: &Call, name: &str) -> Result<Response> {
    let stat = call.engine.container_path_stat(name, &path(call)?).await?;
    with_stat(answer::status(StatusCode::OK), &stat)
}

pub(super) async fn get(call: &Call, name: &str) -> Result<Response> {
    let path = path(call)?;
    let (stat, pieces) = call.engine.download_from_container(name, &path).await?;
    let mut response = Response::new(Body::from_stream(pieces));
    let kind = HeaderValue::from_static("application/x-tar");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    with_stat(response, &stat)
}

pub(super) async fn put(call: &Call, name: &str) -> Result<Response> {
    let options = UploadToContainerOptions {
        path: path(call)?,
        no_overwrite_dir_non_dir: call.query.filled("noOverwriteDirNonDir"),
        copy_uidgid: call.query.filled("copyUIDGID"),
    };
    let archive = call.archive().await?;
    let engine = &call.engine;
    engine.upload_to_container(name, options, archive).await?;
    Ok(answer::status(StatusCode::OK))
}

fn path(call: &Call) -> Result<String> {
    call.query
        .filled("path")
        .ok_or_else(|| Error::refused(400, "bad parameter: pathcannot be empty"))
}

/// JSON in base64, in a header.
fn with_stat(mut response: Response, stat: &PathStat) -> Result<Response> {
    let unreadable = |error: &dyn std::fmt::Display| Error::Unreadable(error.to_string());
    let json = serde_json::to_vec(stat).map_err(|error| unreadable(&error))?;
    let header = HeaderValue::from_str(&BASE64_STANDARD.encode(json));
    let header = header.map_err(|error| unreadable(&error))?;
    response.headers_mut().insert(STAT, header);
    Ok(response)
}
