//! `/containers`

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use futures::StreamExt as _;
use lab::{
    Error, Result, Size,
    models::{ContainerCreateBody, ContainerInspectResponse, ContainerStateStatusEnum},
    options::{
        AttachContainerOptions, ListContainersOptions, LogsOptions, RemoveContainerOptions,
        RestartContainerOptions, StatsOptions, StopContainerOptions, TopOptions,
        WaitContainerOptions,
    },
};

use super::{
    answer, archive, call::Call, detach::DetachKeys, exec, hijack, not_simulated, page_not_found,
    prune, query::Query,
};

pub(super) async fn answer(call: &Call) -> Result<Response> {
    let steps = call.steps();
    match (&call.method, &steps[1..]) {
        (&Method::GET, ["json"]) => list(call).await,
        (&Method::POST, ["create"]) => create(call).await,
        (&Method::POST, ["prune"]) => prune::containers(call).await,
        (&Method::DELETE, name @ [_, ..]) => remove(call, &name.join("/")).await,
        (method, [name @ .., action]) if !name.is_empty() => {
            let name = name.join("/");
            match *method {
                Method::POST => change(call, &name, action).await,
                Method::PUT if *action == "archive" => archive::put(call, &name).await,
                Method::HEAD if *action == "archive" => archive::head(call, &name).await,
                Method::GET => look(call, &name, action).await,
                _ => Err(page_not_found()),
            }
        }
        _ => Err(page_not_found()),
    }
}

async fn look(call: &Call, name: &str, action: &str) -> Result<Response> {
    let (engine, query) = (&call.engine, &call.query);
    match action {
        "json" => {
            let inspect = engine.inspect_container(name, query.flag("size"));
            Ok(answer::raw(&inspect.await?))
        }
        "logs" => logs(call, name).await,
        "top" => {
            let ps_args = query.filled("ps_args").unwrap_or_else(|| "-ef".to_owned());
            answer::json(&engine.top(name, TopOptions { ps_args }).await?)
        }
        "stats" => {
            let options = StatsOptions {
                stream: query.flag_or("stream", true),
                one_shot: query.flag("one-shot"),
            };
            Ok(answer::lines(engine.stats(name, options).await?))
        }
        "archive" => archive::get(call, name).await,
        "changes" => not_simulated("a container's changes"),
        "export" => not_simulated("exporting a container"),
        _ => Err(page_not_found()),
    }
}

async fn change(call: &Call, name: &str, action: &str) -> Result<Response> {
    let (engine, query) = (&call.engine, &call.query);
    match action {
        "start" => return start(call, name).await,
        "stop" => return stop(call, name).await,
        "restart" => {
            let options = RestartContainerOptions {
                signal: query.filled("signal"),
                t: query.number("t")?,
            };
            engine.restart_container(name, options).await?;
        }
        "kill" => {
            let signal = query.filled("signal").unwrap_or_else(|| "KILL".to_owned());
            engine.kill_container(name, &signal).await?;
        }
        "pause" => engine.pause_container(name).await?,
        "unpause" => engine.unpause_container(name).await?,
        "rename" => rename(call, name).await?,
        "resize" => {
            engine.resize_container(name, size(call)?).await?;
            return Ok(answer::status(StatusCode::OK));
        }
        "wait" => return wait(call, name).await,
        "attach" => return attach(call, name).await,
        "exec" => return exec::create(call, name).await,
        "update" => return not_simulated("changing a container's limits"),
        _ => return Err(page_not_found()),
    }
    Ok(answer::no_content())
}

async fn list(call: &Call) -> Result<Response> {
    let query = &call.query;
    let limit = query.number("limit")?;
    let options = ListContainersOptions {
        // As dockerd: the last ones are those that have ended, too.
        all: query.flag("all") || limit.is_some_and(|limit| limit > 0),
        limit,
        size: query.flag("size"),
        filters: query.filters()?,
    };
    answer::json(&call.engine.list_containers(options).await?)
}

async fn create(call: &Call) -> Result<Response> {
    let body: ContainerCreateBody = call.json().await?;
    if body == ContainerCreateBody::default() {
        let message = "config cannot be empty in order to create a container";
        return Err(Error::refused(400, message));
    }
    let name = call.query.filled("name");
    let made = call.engine.create_container(name.as_deref(), body).await?;
    answer::created(&made)
}

async fn remove(call: &Call, name: &str) -> Result<Response> {
    let options = RemoveContainerOptions {
        v: call.query.flag("v"),
        force: call.query.flag("force"),
        link: call.query.flag("link"),
    };
    call.engine.remove_container(name, options).await?;
    Ok(answer::no_content())
}

async fn start(call: &Call, name: &str) -> Result<Response> {
    if is(call, name, ContainerStateStatusEnum::RUNNING).await? {
        return Ok(answer::not_modified());
    }
    call.engine.start_container(name).await?;
    Ok(answer::no_content())
}

async fn stop(call: &Call, name: &str) -> Result<Response> {
    let options = StopContainerOptions {
        signal: call.query.filled("signal"),
        t: call.query.number("t")?,
    };
    if is(call, name, ContainerStateStatusEnum::EXITED).await? {
        return Ok(answer::not_modified());
    }
    call.engine.stop_container(name, options).await?;
    Ok(answer::no_content())
}

async fn rename(call: &Call, name: &str) -> Result<()> {
    let Some(new) = call.query.filled("name") else {
        let message = "Neither old nor new names may be empty";
        return Err(Error::refused(400, message));
    };
    call.engine.rename_container(name, &new).await
}

async fn wait(call: &Call, name: &str) -> Result<Response> {
    let condition = call.query.filled("condition");
    let options = WaitContainerOptions {
        condition: condition.unwrap_or_else(|| "not-running".to_owned()),
    };
    Ok(answer::lines(
        call.engine.wait_container(name, options).await?,
    ))
}

async fn logs(call: &Call, name: &str) -> Result<Response> {
    let options = logs_options(&call.query)?;
    let terminal = terminal(call, name).await?;
    let output = call.engine.logs(name, options).await?;
    let kind = answer::output_kind(call.version, terminal);
    Ok(answer::stream(kind, output.map(answer::framed)))
}

fn logs_options(query: &Query) -> Result<LogsOptions> {
    let (stdout, stderr) = (query.flag("stdout"), query.flag("stderr"));
    if !stdout && !stderr {
        let message = "Bad parameters: you must choose at least one stream";
        return Err(Error::refused(400, message));
    }
    Ok(LogsOptions {
        follow: query.flag("follow"),
        stdout,
        stderr,
        since: query.seconds("since")?,
        until: query.seconds("until")?,
        timestamps: query.flag("timestamps"),
        tail: query.filled("tail").unwrap_or_else(|| "all".to_owned()),
    })
}

async fn attach(call: &Call, name: &str) -> Result<Response> {
    let query = &call.query;
    let terminal = terminal(call, name).await?;
    let options = AttachContainerOptions {
        detach_keys: query.filled("detachKeys"),
        logs: query.flag("logs"),
        stream: query.flag("stream"),
        stdin: query.flag("stdin"),
        stdout: query.flag("stdout"),
        stderr: query.flag("stderr"),
    };
    let keys = match query.get("detachKeys") {
        keys if terminal && options.stdin => DetachKeys::read(keys),
        _ => None,
    };
    let takes_input = options.stdin && options.stream;
    let attached = call.engine.attach_container(name, options).await?;
    Ok(hijack::hand_over(
        call,
        attached,
        hijack::Kind {
            terminal,
            takes_input,
            keys,
        },
    ))
}

/// Of a terminal, in dockerd's words where it is none.
pub(super) fn size(call: &Call) -> Result<Size> {
    let read = |name: &str, what: &str| {
        let text = call.query.text(name);
        let number = text.parse::<u32>();
        let number = number.map_err(|_| {
            Error::refused(
                400,
                format!("invalid resize {what} {text:?}: invalid syntax"),
            )
        })?;
        Ok(u16::try_from(number).unwrap_or(u16::MAX))
    };
    Ok(Size {
        rows: read("h", "height")?,
        columns: read("w", "width")?,
    })
}

async fn inspect(call: &Call, name: &str) -> Result<ContainerInspectResponse> {
    call.engine.inspect_container(name, false).await?.parse()
}

async fn terminal(call: &Call, name: &str) -> Result<bool> {
    let config = inspect(call, name).await?.config;
    Ok(config.and_then(|config| config.tty) == Some(true))
}

async fn is(call: &Call, name: &str, status: ContainerStateStatusEnum) -> Result<bool> {
    let state = inspect(call, name).await?.state;
    Ok(state.and_then(|state| state.status) == Some(status))
}
