//! `/networks`

use axum::{http::Method, response::Response};
use lab::{
    Result,
    options::{InspectNetworkOptions, ListNetworksOptions},
};

use super::{answer, call::Call, page_not_found, prune};

pub(super) async fn answer(call: &Call) -> Result<Response> {
    let (engine, query) = (&call.engine, &call.query);
    match (&call.method, &call.steps()[1..]) {
        (&Method::GET, []) => {
            let filters = query.filters()?;
            let options = ListNetworksOptions { filters };
            answer::json(&engine.list_networks(options).await?)
        }
        (&Method::POST, ["create"]) => {
            answer::created(&engine.create_network(call.json().await?).await?)
        }
        (&Method::POST, ["prune"]) => prune::networks(call).await,
        (&Method::POST, [network, "connect"]) => {
            engine.connect_network(network, call.json().await?).await?;
            Ok(answer::status(axum::http::StatusCode::OK))
        }
        (&Method::POST, [network, "disconnect"]) => {
            let request = call.json().await?;
            engine.disconnect_network(network, request).await?;
            Ok(answer::status(axum::http::StatusCode::OK))
        }
        (&Method::GET, [network]) => {
            let options = InspectNetworkOptions {
                verbose: query.flag("verbose"),
                scope: query.filled("scope"),
            };
            Ok(answer::raw(
                &engine.inspect_network(network, options).await?,
            ))
        }
        (&Method::DELETE, [network]) => {
            engine.remove_network(network).await?;
            Ok(answer::no_content())
        }
        _ => Err(page_not_found()),
    }
}
