//! The link to a session inside the page: a program of its own, fetched here, that speaks the same frames as an agent.

use std::rc::Rc;

use futures::{StreamExt, channel::mpsc::unbounded};
use js_sys::{Function, Uint8Array};
use session::wire::{self, Frame, ServerMessage};
use wasm_bindgen::prelude::*;

use super::{Events, Link, hello};

#[wasm_bindgen]
extern "C" {
    /// `boot.js` knows where it is.
    #[wasm_bindgen(catch, js_name = openInPage)]
    async fn open_in_page(receive: &Function) -> Result<InPage, JsValue>;

    type InPage;

    #[wasm_bindgen(method)]
    fn send(this: &InPage, frame: JsValue);
}

/// Where it cannot be fetched, the page says so and stays as it is.
pub fn open(events: Events) -> Link {
    let (outgoing, mut from_page) = unbounded();
    let greeting = hello(&events, None);
    let refused = Rc::clone(&events.message);
    let receive = Closure::<dyn FnMut(JsValue)>::new(receiver(&events));
    wasm_bindgen_futures::spawn_local(async move {
        let Ok(session) = open_in_page(receive.as_ref().unchecked_ref()).await else {
            return refused(ServerMessage::Refused {
                sentence: "The simulated engine could not be fetched from where this page is served: reload the page."
                    .to_owned(),
            });
        };
        while let Some(message) = from_page.next().await {
            session.send(value(wire::encode_client(&message)));
        }
        drop(receive);
    });
    Link {
        outgoing,
        greeting: Some(greeting),
    }
}

fn receiver(events: &Events) -> impl FnMut(JsValue) + use<> {
    let receive = Rc::clone(&events.message);
    move |frame| {
        if let Ok(message) = wire::decode_server(read(&frame)) {
            receive(message);
        }
    }
}

fn value(frame: Frame) -> JsValue {
    match frame {
        Frame::Text(text) => text.into(),
        Frame::Binary(bytes) => Uint8Array::from(&bytes[..]).into(),
    }
}

fn read(frame: &JsValue) -> Frame {
    match frame.as_string() {
        Some(text) => Frame::Text(text),
        None => Frame::Binary(Uint8Array::new(frame).to_vec().into()),
    }
}
