//! `/_ping`, `/version`, `/info`, `/system/df`, `/events`, and what an engine without plugins and volumes says of them

use axum::{
    http::{HeaderValue, Method},
    response::Response,
};
use futures::{StreamExt as _, TryStreamExt as _};
use lab::{
    Error, Result,
    models::{
        EventMessage, EventMessageTypeEnum, LocalNodeState, SystemDataUsageResponse, SystemInfo,
    },
    options::{DataUsageOptions, EventsOptions},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{answer, call::Call, not_simulated, page_not_found, prune, version::Version};

/// The first version of the API that says of disk usage what the models say.
const SAYS_USAGE: Version = Version(1, 52);

pub(super) async fn answer(call: &Call) -> Result<Response> {
    let engine = &call.engine;
    match (&call.method, &call.steps()[..]) {
        (&Method::GET | &Method::HEAD, ["_ping"]) => ping(call).await,
        (&Method::OPTIONS, _) => Ok(answer::status(axum::http::StatusCode::OK)),
        (&Method::GET, ["version"]) => answer::json(&engine.version().await?),
        (&Method::GET, ["info"]) => answer::json(&engine.info().await?),
        (&Method::GET, ["events"]) => events(call).await,
        (&Method::GET, ["system", "df"]) => data_usage(call).await,
        (&Method::GET, ["volumes"]) => answer::json(&json!({"Volumes": [], "Warnings": null})),
        (&Method::POST, ["volumes", "prune"]) => prune::volumes(),
        (&Method::GET, ["volumes", name]) => {
            let message = format!("get {name}: no such volume");
            Err(Error::not_found(message))
        }
        (_, ["volumes", ..]) => not_simulated("volumes"),
        (&Method::GET, ["plugins"]) => answer::json(&json!([])),
        (&Method::GET, ["plugins", name, "json"]) => {
            let message = format!("plugin {name:?} not found");
            Err(Error::not_found(message))
        }
        (_, ["plugins", ..]) => not_simulated("plugins"),
        (&Method::POST, ["auth"]) => not_simulated("logging in to a registry"),
        (&Method::POST, ["session" | "grpc"]) => not_simulated("the builder BuildKit"),
        _ => Err(page_not_found()),
    }
}

/// Says what a client asks first: which version, which builder.
async fn ping(call: &Call) -> Result<Response> {
    call.engine.ping().await?;
    let mut response = answer::text(if call.method == Method::HEAD {
        ""
    } else {
        "OK"
    });
    let swarm = swarm_state(&call.engine.info().await.unwrap_or_default());
    let headers = response.headers_mut();
    for (name, value) in [
        ("builder-version", "1"),
        ("cache-control", "no-cache, no-store, must-revalidate"),
        ("pragma", "no-cache"),
        ("swarm", swarm),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

fn swarm_state(info: &SystemInfo) -> &'static str {
    let Some(swarm) = &info.swarm else {
        return "inactive";
    };
    match swarm.local_node_state {
        Some(LocalNodeState::ACTIVE) if swarm.control_available == Some(true) => "active/manager",
        Some(LocalNodeState::ACTIVE) => "active/worker",
        Some(LocalNodeState::PENDING) => "pending",
        Some(LocalNodeState::ERROR) => "error",
        Some(LocalNodeState::LOCKED) => "locked",
        _ => "inactive",
    }
}

async fn events(call: &Call) -> Result<Response> {
    let query = &call.query;
    let options = EventsOptions {
        since: query.filled("since"),
        until: query.filled("until"),
        filters: query.filters()?,
    };
    let events = call.engine.events(options).await?;
    Ok(answer::lines(events.map_ok(Told::of).boxed()))
}

/// An event with the words that older clients look for.
#[derive(Serialize)]
struct Told {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(flatten)]
    event: EventMessage,
}

impl Told {
    fn of(event: EventMessage) -> Self {
        let kind = event.typ;
        let is_old = matches!(
            kind,
            Some(EventMessageTypeEnum::CONTAINER | EventMessageTypeEnum::IMAGE)
        );
        let actor = event.actor.as_ref().filter(|_| is_old);
        let attributes = actor.and_then(|actor| actor.attributes.as_ref());
        Self {
            status: event.action.clone().filter(|_| is_old),
            id: actor
                .and_then(|actor| actor.id.clone())
                .filter(|id| !id.is_empty()),
            from: attributes
                .filter(|_| kind == Some(EventMessageTypeEnum::CONTAINER))
                .and_then(|attributes| attributes.get("image").cloned()),
            event,
        }
    }
}

async fn data_usage(call: &Call) -> Result<Response> {
    let query = &call.query;
    let types: Vec<String> = query.all("type").map(str::to_owned).collect();
    let options = DataUsageOptions {
        _type: (!types.is_empty()).then_some(types),
        verbose: query.flag("verbose") || call.version < SAYS_USAGE,
    };
    let usage = call.engine.data_usage(options).await?;
    if call.version < SAYS_USAGE {
        return answer::json(&as_before(&usage));
    }
    answer::json(&usage)
}

/// Lists without sums, as they were until API 1.52.
fn as_before(usage: &SystemDataUsageResponse) -> Value {
    let usage = serde_json::to_value(usage).unwrap_or_default();
    let items = |of: &str| {
        let items = &usage[of]["Items"];
        items.as_array().cloned().unwrap_or_default()
    };
    json!({
        "LayersSize": usage["ImageUsage"]["TotalSize"].as_i64().unwrap_or(0),
        "Images": items("ImageUsage"),
        "Containers": items("ContainerUsage"),
        "Volumes": items("VolumeUsage"),
        "BuildCache": items("BuildCacheUsage"),
    })
}
