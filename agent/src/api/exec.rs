//! `/exec`: what runs beside a container's own program. (It is made at `/containers/{name}/exec`.)

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use lab::{Result, models::ExecConfig};
use serde::{Deserialize, Serialize};

use super::{answer, call::Call, containers::size, hijack, page_not_found};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Start {
    detach: bool,
    tty: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Made {
    id: String,
}

pub(super) async fn answer(call: &Call) -> Result<Response> {
    let engine = &call.engine;
    match (&call.method, &call.steps()[1..]) {
        (&Method::POST, [exec, "start"]) => start(call, exec).await,
        (&Method::POST, [exec, "resize"]) => {
            engine.resize_exec(exec, size(call)?).await?;
            Ok(answer::status(StatusCode::OK))
        }
        (&Method::GET, [exec, "json"]) => answer::json(&engine.inspect_exec(exec).await?),
        _ => Err(page_not_found()),
    }
}

pub(super) async fn create(call: &Call, container: &str) -> Result<Response> {
    let config: ExecConfig = call.json().await?;
    let id = call.engine.create_exec(container, config).await?;
    answer::created(&Made { id })
}

async fn start(call: &Call, exec: &str) -> Result<Response> {
    let start: Start = call.json().await?;
    if start.detach {
        call.engine.start_exec_detached(exec).await?;
        return Ok(answer::status(StatusCode::OK));
    }
    let attached = call.engine.start_exec(exec, start.tty).await?;
    let kind = hijack::Kind {
        terminal: start.tty,
        takes_input: true,
        keys: None,
    };
    Ok(hijack::hand_over(call, attached, kind))
}
