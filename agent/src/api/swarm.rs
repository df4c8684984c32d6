//! `/swarm`, `/nodes`, `/services`, `/tasks`

use axum::{
    http::{Method, StatusCode},
    response::Response,
};
use futures::StreamExt as _;
use lab::{
    Error, Result,
    models::ServiceSpec,
    options::{
        InspectServiceOptions, LeaveSwarmOptions, ListNodesOptions, ListServicesOptions,
        ListTasksOptions, ServiceLogsOptions, UpdateServiceOptions,
    },
};

use super::{answer, call::Call, not_simulated, page_not_found};

pub(super) async fn answer(call: &Call) -> Result<Response> {
    match call.steps()[..] {
        ["swarm", ..] => swarm(call).await,
        ["nodes", ..] => nodes(call).await,
        ["services", ..] => services(call).await,
        ["tasks", ..] => tasks(call).await,
        [kind @ ("secrets" | "configs"), ..] => {
            // Without a swarm, that is what is said first.
            call.engine.inspect_swarm().await?;
            not_simulated(kind)
        }
        _ => Err(page_not_found()),
    }
}

async fn swarm(call: &Call) -> Result<Response> {
    let engine = &call.engine;
    match (&call.method, &call.steps()[1..]) {
        (&Method::GET, []) => Ok(answer::raw(&engine.inspect_swarm().await?)),
        (&Method::POST, ["init"]) => answer::json(&engine.init_swarm(call.json().await?).await?),
        (&Method::POST, ["join"]) => {
            engine.join_swarm(call.json().await?).await?;
            Ok(answer::status(StatusCode::OK))
        }
        (&Method::POST, ["leave"]) => {
            let force = call.query.flag("force");
            engine.leave_swarm(LeaveSwarmOptions { force }).await?;
            Ok(answer::status(StatusCode::OK))
        }
        (&Method::POST, ["update"]) => not_simulated("changing a swarm"),
        (_, ["unlock" | "unlockkey"]) => not_simulated("locking a swarm"),
        _ => Err(page_not_found()),
    }
}

async fn nodes(call: &Call) -> Result<Response> {
    let engine = &call.engine;
    match (&call.method, &call.steps()[1..]) {
        (&Method::GET, []) => {
            let filters = call.query.filters()?;
            answer::json(&engine.list_nodes(ListNodesOptions { filters }).await?)
        }
        (&Method::GET, [node]) => Ok(answer::raw(&engine.inspect_node(node).await?)),
        (&Method::POST, [_, "update"]) => not_simulated("changing a node"),
        (&Method::DELETE, [_]) => not_simulated("removing a node"),
        _ => Err(page_not_found()),
    }
}

async fn services(call: &Call) -> Result<Response> {
    let (engine, query) = (&call.engine, &call.query);
    match (&call.method, &call.steps()[1..]) {
        (&Method::GET, []) => {
            let options = ListServicesOptions {
                filters: query.filters()?,
                status: Some(query.flag("status")),
            };
            answer::json(&engine.list_services(options).await?)
        }
        (&Method::POST, ["create"]) => {
            answer::created(&engine.create_service(call.json().await?).await?)
        }
        (&Method::POST, [service, "update"]) => update(call, service).await,
        (&Method::GET, [service, "logs"]) => logs(call, service).await,
        (&Method::GET, [service]) => {
            let options = InspectServiceOptions {
                insert_defaults: query.flag("insertDefaults"),
            };
            Ok(answer::raw(
                &engine.inspect_service(service, options).await?,
            ))
        }
        (&Method::DELETE, [service]) => {
            engine.remove_service(service).await?;
            Ok(answer::status(StatusCode::OK))
        }
        _ => Err(page_not_found()),
    }
}

async fn update(call: &Call, service: &str) -> Result<Response> {
    let text = call.query.text("version");
    let Ok(version) = text.parse() else {
        let message = format!(
            "invalid service version '{text}': strconv.ParseUint: parsing {text:?}: invalid syntax"
        );
        return Err(Error::refused(400, message));
    };
    let options = UpdateServiceOptions {
        version,
        registry_auth_from: call.query.text("registryAuthFrom"),
        rollback: call.query.filled("rollback"),
    };
    let spec: ServiceSpec = call.json().await?;
    answer::json(&call.engine.update_service(service, options, spec).await?)
}

async fn logs(call: &Call, service: &str) -> Result<Response> {
    let query = &call.query;
    let options = ServiceLogsOptions {
        details: query.flag("details"),
        follow: query.flag("follow"),
        stdout: query.flag("stdout"),
        stderr: query.flag("stderr"),
        since: query.seconds("since")?,
        timestamps: query.flag("timestamps"),
        tail: query.filled("tail").unwrap_or_else(|| "all".to_owned()),
    };
    let output = call.engine.service_logs(service, options).await?;
    let kind = answer::output_kind(call.version, false);
    Ok(answer::stream(kind, output.map(answer::framed)))
}

async fn tasks(call: &Call) -> Result<Response> {
    let engine = &call.engine;
    match (&call.method, &call.steps()[1..]) {
        (&Method::GET, []) => {
            let filters = call.query.filters()?;
            answer::json(&engine.list_tasks(ListTasksOptions { filters }).await?)
        }
        (&Method::GET, [_, "logs"]) => not_simulated("one task's logs"),
        (&Method::GET, [task]) => Ok(answer::raw(&engine.inspect_task(task).await?)),
        _ => Err(page_not_found()),
    }
}
