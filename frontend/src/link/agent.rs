//! The link to an agent: a WebSocket that reconnects by itself and asks for what it missed.

use std::{cell::Cell, rc::Rc, time::Duration};

use futures::{
    SinkExt, StreamExt,
    channel::mpsc::{UnboundedReceiver, unbounded},
    future::{Either, select},
};
use gloo_net::{
    http::Request,
    websocket::{Message, futures::WebSocket},
};
use gloo_timers::future::sleep;
use leptos::prelude::window;
use serde::{Deserialize, Serialize};
use session::wire::{self, ClientMessage, Frame, ServerMessage};

use super::{Events, Link, hello};

const TOKEN: &str = "causeway.token";
/// A cut shorter than this is not worth a word.
const PATIENCE: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Greeting {
    agent: String,
}

/// Whether what served this page is an agent. Plain file servers have no `agent` to give.
pub async fn is_there() -> bool {
    let Ok(answer) = Request::get("agent").send().await else {
        return false;
    };
    answer.ok()
        && answer
            .json::<Greeting>()
            .await
            .is_ok_and(|greeting| greeting.agent == "causeway")
}

pub async fn open(events: Events) -> Link {
    let token = token().await;
    let (outgoing, from_page) = unbounded();
    wasm_bindgen_futures::spawn_local(keep_connected(events, token, from_page));
    Link {
        outgoing,
        greeting: None,
    }
}

/// Trades the launch code in the URL's fragment for the token, or takes the one this tab has.
async fn token() -> Option<String> {
    if let Some(code) = launch_code() {
        // Gone from the address bar and from history before anything else happens.
        let history = window().history().ok();
        if let Some(history) = history {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("."));
        }
        if let Some(token) = trade(&code).await {
            if let Some(storage) = tab_storage() {
                let _ = storage.set_item(TOKEN, &token);
            }
            return Some(token);
        }
    }
    tab_storage()?.get_item(TOKEN).ok().flatten()
}

fn launch_code() -> Option<String> {
    let hash = window().location().hash().ok()?;
    hash.strip_prefix("#launch=").map(str::to_owned)
}

async fn trade(code: &str) -> Option<String> {
    #[derive(Serialize)]
    struct Launch<'a> {
        code: &'a str,
    }
    #[derive(Deserialize)]
    struct Launched {
        token: String,
    }
    let answer = Request::post("launch")
        .json(&Launch { code })
        .ok()?
        .send()
        .await
        .ok()?;
    answer
        .json::<Launched>()
        .await
        .ok()
        .map(|launched| launched.token)
}

fn tab_storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}

async fn keep_connected(
    events: Events,
    token: Option<String>,
    mut from_page: UnboundedReceiver<ClientMessage>,
) {
    let connected = Rc::new(Cell::new(false));
    let mut wait = Duration::from_millis(100);
    loop {
        if let Ok(socket) = WebSocket::open(&address())
            && talk(&events, token.clone(), socket, &mut from_page, &connected).await
        {
            wait = Duration::from_millis(100);
        }
        connected.set(false);
        say_if_it_lasts(events.clone(), Rc::clone(&connected));
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

fn say_if_it_lasts(events: Events, connected: Rc<Cell<bool>>) {
    wasm_bindgen_futures::spawn_local(async move {
        sleep(PATIENCE).await;
        if !connected.get() {
            (events.cut)(true);
        }
    });
}

fn address() -> String {
    let location = window().location();
    format!("ws://{}/session", location.host().unwrap_or_default())
}

/// Until the socket ends. True if anything came.
async fn talk(
    events: &Events,
    token: Option<String>,
    socket: WebSocket,
    from_page: &mut UnboundedReceiver<ClientMessage>,
    connected: &Cell<bool>,
) -> bool {
    let (mut write, mut read) = socket.split();
    if write.send(message(&hello(events, token))).await.is_err() {
        return false;
    }
    loop {
        match select(read.next(), from_page.next()).await {
            Either::Left((Some(Ok(message)), _)) => {
                let frame = match message {
                    Message::Text(text) => Frame::Text(text),
                    Message::Bytes(bytes) => Frame::Binary(bytes.into()),
                };
                let message = wire::decode_server(frame);
                // Sent away at the door: asking again at once would help nobody.
                let away = !connected.get() && matches!(message, Ok(ServerMessage::Refused { .. }));
                if !away && !connected.replace(true) {
                    (events.cut)(false);
                }
                if let Ok(message) = message {
                    (events.message)(message);
                }
            }
            Either::Left(_) => return connected.get(),
            Either::Right((Some(outgoing), _)) => {
                if write.send(message(&outgoing)).await.is_err() {
                    return connected.get();
                }
            }
            Either::Right((None, _)) => return true,
        }
    }
}

fn message(outgoing: &ClientMessage) -> Message {
    match wire::encode_client(outgoing) {
        Frame::Text(text) => Message::Text(text),
        Frame::Binary(bytes) => Message::Bytes(bytes.to_vec()),
    }
}
