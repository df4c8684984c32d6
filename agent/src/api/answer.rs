//! Answers: JSON, lines of JSON as they come, bytes as they come, nothing, and errors as `{"message": …}`.

use std::{convert::Infallible, fmt};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::{BufMut as _, Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use lab::{
    Chunk, Error, Raw, Result,
    engine::Items,
    models::{BuildInfo, CreateImageInfo, ErrorDetail, ImageId, ProgressDetail},
};
use serde::Serialize;
use serde_json::json;

use super::version::Version;

/// The first version of the API that says with each output how it is framed.
const SAYS_FRAMES: Version = Version(1, 42);
const JSON: &str = "application/json";

pub(super) fn json(value: &impl Serialize) -> Result<Response> {
    json_with(StatusCode::OK, value)
}

/// For what was made.
pub(super) fn created(value: &impl Serialize) -> Result<Response> {
    json_with(StatusCode::CREATED, value)
}

/// As the engine wrote it.
pub(super) fn raw<T>(raw: &Raw<T>) -> Response {
    with(StatusCode::OK, JSON, format!("{}\n", raw.json()))
}

pub(super) fn no_content() -> Response {
    status(StatusCode::NO_CONTENT)
}

/// What was asked for is so already.
pub(super) fn not_modified() -> Response {
    status(StatusCode::NOT_MODIFIED)
}

/// Without a body.
pub(super) fn status(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

pub(super) fn text(text: &'static str) -> Response {
    with(StatusCode::OK, "text/plain; charset=utf-8", text)
}

pub(super) fn moved(elsewhere: &str) -> Response {
    let mut response = status(StatusCode::MOVED_PERMANENTLY);
    if let Ok(elsewhere) = HeaderValue::from_str(elsewhere) {
        response.headers_mut().insert(header::LOCATION, elsewhere);
    }
    response
}

pub(super) fn error(error: &Error) -> Response {
    let status = match error {
        Error::Refused { status, .. } => *status,
        Error::NotAllowed(_) => 403,
        Error::NotSimulated(_) => 501,
        Error::Unreachable(_) => 503,
        Error::Unreadable(_) => 500,
    };
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let said = json!({"message": error.to_string()});
    with(status, JSON, format!("{said}\n"))
}

/// One value a line, each as soon as it is there; the head goes out at once.
pub(super) fn lines<T: Serialize + 'static>(items: Items<T>) -> Response {
    stream(JSON, items.map(|item| line(&item, "\n")))
}

/// Progress of a pull or a build: an error before any step is the answer itself.
pub(super) async fn progress<T: Into<Step> + Send + 'static>(
    mut items: Items<T>,
) -> Result<Response> {
    let first = match items.next().await {
        Some(Err(error)) => return Err(error),
        first => futures::stream::iter(first),
    };
    let steps = first.chain(items).map(|item| item.map(Into::into));
    Ok(stream(
        JSON,
        steps.map(|step: Result<Step>| line(&step, "\r\n")),
    ))
}

/// One step of a pull or a build, in the order in which dockerd writes it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress_detail: Option<ProgressDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_detail: Option<ErrorDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aux: Option<ImageId>,
}

impl From<BuildInfo> for Step {
    fn from(info: BuildInfo) -> Self {
        Self {
            stream: info.stream,
            status: info.status,
            progress_detail: info.progress_detail,
            id: info.id,
            error: said(info.error_detail.as_ref()),
            error_detail: info.error_detail,
            aux: info.aux,
        }
    }
}

impl From<CreateImageInfo> for Step {
    fn from(info: CreateImageInfo) -> Self {
        Self {
            status: info.status,
            progress_detail: info.progress_detail,
            id: info.id,
            error: said(info.error_detail.as_ref()),
            error_detail: info.error_detail,
            ..Self::default()
        }
    }
}

/// Older clients read only the sentence.
fn said(error: Option<&ErrorDetail>) -> Option<String> {
    error.and_then(|error| error.message.clone())
}

fn line<T: Serialize>(item: &Result<T>, end: &str) -> Bytes {
    let json = match item {
        Ok(item) => serde_json::to_string(item),
        Err(error) => serde_json::to_string(&failed(error)),
    };
    Bytes::from(json.unwrap_or_default() + end)
}

/// An error in the middle of a stream, as dockerd writes it.
fn failed(error: &impl fmt::Display) -> serde_json::Value {
    let said = error.to_string();
    json!({"errorDetail": {"message": said}, "error": said})
}

/// Bytes as they come.
pub(super) fn stream(
    kind: &'static str,
    pieces: impl Stream<Item = Bytes> + Send + 'static,
) -> Response {
    let body = Body::from_stream(pieces.map(Ok::<_, Infallible>));
    with(StatusCode::OK, kind, body)
}

/// How a container's output is sent: with frames unless it comes from a terminal.
pub(super) fn output_kind(version: Version, terminal: bool) -> &'static str {
    if version >= SAYS_FRAMES && !terminal {
        "application/vnd.docker.multiplexed-stream"
    } else {
        "application/vnd.docker.raw-stream"
    }
}

/// A piece of output as it is sent; an error is the engine's own stream, the third.
pub(super) fn framed(chunk: Result<Chunk>) -> Bytes {
    match chunk {
        Ok(Chunk::Stdout(bytes)) => frame(1, &bytes),
        Ok(Chunk::Stderr(bytes)) => frame(2, &bytes),
        Ok(Chunk::Terminal(bytes)) => bytes,
        Err(error) => frame(3, format!("{error}\n").as_bytes()),
    }
}

/// Eight bytes (which stream, three zeros, the length), then the output.
fn frame(stream: u8, output: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(8 + output.len());
    frame.put_slice(&[stream, 0, 0, 0]);
    frame.put_u32(u32::try_from(output.len()).unwrap_or(u32::MAX));
    frame.put_slice(output);
    frame.freeze()
}

fn json_with(status: StatusCode, value: &impl Serialize) -> Result<Response> {
    let json =
        serde_json::to_string(value).map_err(|error| Error::Unreadable(error.to_string()))?;
    Ok(with(status, JSON, json + "\n"))
}

fn with(status: StatusCode, kind: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
