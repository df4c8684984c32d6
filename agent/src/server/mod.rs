//! The server: the page, the launch, and the WebSocket to the session, behind one gate.
//!
//! It is built without listening and does not know which engine answers.

mod access;
mod gate;
mod listen;
mod socket;

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode, Uri},
    middleware::from_fn_with_state,
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use session::{Session, wire::MAX_FRAME};
use tokio::sync::Semaphore;

pub use access::{Access, CODE_LIFE, Secret, random_hex};
pub use listen::{DEFAULT_PORT, Listeners, PortTaken};

use crate::assets::Page;

/// Pages that may be connected at the same time.
const MOST_SOCKETS: usize = 64;
/// Nothing that is posted is longer.
const MOST_POSTED: usize = 1024;

/// What the server is made of.
#[derive(Clone)]
pub struct Server {
    pub access: Arc<Access>,
    pub session: Session,
    pub page: Page,
}

#[derive(Clone)]
struct Shared {
    server: Server,
    sockets: Arc<Semaphore>,
}

impl Server {
    /// All routes, as they are to be served on this port of the loopback addresses.
    pub fn router(self, port: u16) -> Router {
        let shared = Shared {
            server: self,
            sockets: Arc::new(Semaphore::new(MOST_SOCKETS)),
        };
        Router::new()
            .route("/agent", get(agent))
            .route(gate::LAUNCH, post(launch))
            .route(gate::SESSION, get(speak))
            .fallback(page)
            .layer(DefaultBodyLimit::max(MOST_POSTED))
            .with_state(shared)
            .layer(from_fn_with_state(port, gate::gate))
    }
}

/// By which the page finds out that an agent serves it.
#[derive(Serialize)]
struct Agent {
    agent: &'static str,
    version: &'static str,
}

async fn agent() -> Json<Agent> {
    Json(Agent {
        agent: "causeway",
        version: env!("CARGO_PKG_VERSION"),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Launch {
    code: String,
}

#[derive(Serialize)]
struct Launched<'a> {
    token: &'a str,
}

async fn launch(State(shared): State<Shared>, Json(launch): Json<Launch>) -> Response {
    if let Some(token) = shared.server.access.trade(&launch.code) {
        tracing::info!("a page was opened");
        Json(Launched {
            token: token.reveal(),
        })
        .into_response()
    } else {
        let sentence = "This address was used already, or is older than ten minutes: open the newest one that \
                        Causeway printed in its terminal.\n";
        (StatusCode::FORBIDDEN, sentence).into_response()
    }
}

async fn speak(State(shared): State<Shared>, upgrade: WebSocketUpgrade) -> Response {
    let Ok(place) = shared.sockets.try_acquire_owned() else {
        let sentence =
            format!("At most {MOST_SOCKETS} pages may be open at the same time: close some.\n");
        return (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response();
    };
    upgrade
        .max_message_size(MAX_FRAME)
        .max_frame_size(MAX_FRAME)
        .on_upgrade(async move |socket| {
            socket::speak(socket, &shared.server).await;
            drop(place);
        })
}

async fn page(State(shared): State<Shared>, uri: Uri, headers: HeaderMap) -> Response {
    shared.server.page.answer(uri.path(), &headers)
}
