//! Docker's API on a socket (`causeway engine --socket PATH`): the routes of dockerd over any [`Engine`].
//!
//! One file for each group of the API, as the trait has them. It does not know which engine answers: what an engine does
//! not do, it says itself; routes that no engine of ours has are refused in the same words.

mod answer;
mod archive;
mod call;
mod command;
mod containers;
mod detach;
mod exec;
mod hijack;
mod images;
#[cfg(unix)]
mod listen;
mod networks;
mod prune;
mod query;
mod swarm;
mod system;
mod version;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
};
use lab::{Engine, Error, Result};

pub use command::run;
#[cfg(unix)]
pub use listen::{Listener, SocketError};

use call::Call;
use version::Versions;

/// An engine behind the routes of Docker's API.
#[derive(Clone)]
pub struct Api {
    engine: Arc<dyn Engine>,
    versions: Arc<Versions>,
}

impl Api {
    /// Asks the engine once which versions of the API it speaks.
    pub async fn over(engine: Arc<dyn Engine>) -> Result<Self> {
        let versions = Arc::new(Versions::of(&engine.version().await?));
        Ok(Self { engine, versions })
    }

    /// All routes.
    pub fn router(self) -> Router {
        Router::new().fallback(serve).with_state(self)
    }
}

async fn serve(State(api): State<Api>, request: Request) -> Response {
    if let Some(elsewhere) = call::cleaned(request.uri()) {
        return answer::moved(&elsewhere);
    }
    let answer = match api.versions.of_request(request.uri().path()) {
        Ok(asked) => {
            let call = Call::new(Arc::clone(&api.engine), asked, request);
            dispatch(&call).await
        }
        Err(error) => Err(error),
    };
    let answer = answer.unwrap_or_else(|error| answer::error(&error));
    api.versions.sign(answer)
}

/// By the path's first step, as the API is grouped.
async fn dispatch(call: &Call) -> Result<Response> {
    match call.steps().first().copied() {
        Some("networks") => networks::answer(call).await,
        Some("containers") => containers::answer(call).await,
        Some("exec") => exec::answer(call).await,
        Some("images" | "build" | "commit" | "distribution") => images::answer(call).await,
        Some("swarm" | "nodes" | "services" | "tasks" | "secrets" | "configs") => {
            swarm::answer(call).await
        }
        _ => system::answer(call).await,
    }
}

/// In dockerd's words.
fn page_not_found() -> Error {
    Error::not_found("page not found")
}

/// Docker has this route; no engine of ours does what it asks for.
fn not_simulated<T>(what: &str) -> Result<T> {
    Err(Error::NotSimulated(what.to_owned()))
}
