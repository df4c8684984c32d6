//! One page's WebSocket: the token first, then messages both ways until either side ends.
//!
//! It does not know what the messages say. A page that reads slowly waits here and in its own inbox, nobody else does.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket, close_code};
use futures::{
    FutureExt as _, SinkExt as _, StreamExt as _,
    future::{Either, select},
    stream::{SplitSink, SplitStream},
};
use session::{
    Inbox, Outbox,
    wire::{
        ClientMessage, Frame, MAX_FRAME, ServerMessage, WireError, decode_client, encode_server,
    },
};
use tokio::time::{Instant, interval_at, timeout};

use super::Server;

/// How long a page may take to say who it is.
const HELLO: Duration = Duration::from_secs(5);
const PING: Duration = Duration::from_secs(20);
/// A page that was not heard of for so long is gone: it answers pings by itself.
const SILENCE: Duration = Duration::from_secs(60);
/// A close frame's reason has 123 bytes at most.
const MOST_REASON: usize = 123;

type Reader = SplitStream<WebSocket>;
type Writer = SplitSink<WebSocket, Message>;

/// Why a page's connection is ended from here.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the first message did not come within five seconds: reload the page")]
    Late,
    #[error("the first message has to be a hello: reload the page")]
    NoHello,
    #[error(
        "this page may not speak to Causeway (any more): open the newest address that it printed in its terminal"
    )]
    NotAdmitted,
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("this frame is too big, at most {MAX_FRAME} bytes are read: send less at a time")]
    TooBig,
}

/// Nobody is there to be told.
struct Gone;

/// How a conversation ends early.
enum End {
    Refused(Refusal),
    Gone,
}

/// Until the page goes, or breaks the rules.
pub async fn speak(socket: WebSocket, server: &Server) {
    let (mut writer, mut reader) = socket.split();
    let end = match hello(&mut reader, server).await {
        Ok(hello) => {
            tracing::info!("a page is connected");
            let (outbox, inbox) = server.session.connect();
            outbox.send(hello);
            pump(&mut reader, &mut writer, &outbox, inbox).await
        }
        Err(end) => end,
    };
    match end {
        End::Refused(refusal) => {
            tracing::warn!("a page's connection is ended: {refusal}");
            // It may be gone by now.
            let _ = timeout(HELLO, refuse(&refusal, &mut writer, &mut reader)).await;
        }
        End::Gone => tracing::info!("a page is gone"),
    }
}

/// The first message, without its token, if that is right.
async fn hello(reader: &mut Reader, server: &Server) -> Result<ClientMessage, End> {
    let first = timeout(HELLO, next(reader))
        .await
        .map_err(|_| Refusal::Late)??;
    match first {
        ClientMessage::Hello {
            protocol,
            token,
            resume,
            progress,
        } if server.access.admits(token.as_deref()) => Ok(ClientMessage::Hello {
            protocol,
            token: None,
            resume,
            progress,
        }),
        ClientMessage::Hello { .. } => Err(Refusal::NotAdmitted.into()),
        _ => Err(Refusal::NoHello.into()),
    }
}

async fn pump(reader: &mut Reader, writer: &mut Writer, outbox: &Outbox, inbox: Inbox) -> End {
    let read = Box::pin(read(reader, outbox));
    let write = Box::pin(write(inbox, writer));
    match select(read, write).await {
        Either::Left((end, _)) => end,
        Either::Right((Gone, _)) => End::Gone,
    }
}

async fn read(reader: &mut Reader, outbox: &Outbox) -> End {
    loop {
        match next(reader).await {
            Ok(message) => outbox.send(message),
            Err(end) => return end,
        }
    }
}

/// The page's next message; pings and pongs only say that it is there.
async fn next(reader: &mut Reader) -> Result<ClientMessage, End> {
    loop {
        let frame = match timeout(SILENCE, reader.next()).await {
            Ok(Some(Ok(Message::Text(text)))) => Frame::Text(text.as_str().to_owned()),
            Ok(Some(Ok(Message::Binary(bytes)))) => Frame::Binary(bytes),
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => continue,
            Ok(Some(Err(error))) if is_too_big(&error) => return Err(Refusal::TooBig.into()),
            Ok(Some(Ok(Message::Close(_)) | Err(_)) | None) | Err(_) => return Err(End::Gone),
        };
        return Ok(decode_client(frame).map_err(Refusal::from)?);
    }
}

async fn write(mut inbox: Inbox, writer: &mut Writer) -> Gone {
    let mut pings = interval_at(Instant::now() + PING, PING);
    loop {
        let sent = tokio::select! {
            message = inbox.next() => match message {
                Some(message) => timeout(SILENCE, send_with_more(message, &mut inbox, writer)).await,
                None => return Gone,
            },
            _ = pings.tick() => timeout(SILENCE, writer.send(Message::Ping(bytes::Bytes::new()))).await,
        };
        if !matches!(sent, Ok(Ok(()))) {
            return Gone;
        }
    }
}

/// Sends what else is there already in the same go.
async fn send_with_more(
    first: ServerMessage,
    inbox: &mut Inbox,
    writer: &mut Writer,
) -> Result<(), axum::Error> {
    writer.feed(frame(&first)).await?;
    while let Some(Some(message)) = inbox.next().now_or_never() {
        writer.feed(frame(&message)).await?;
    }
    writer.flush().await
}

fn frame(message: &ServerMessage) -> Message {
    match encode_server(message) {
        Frame::Text(text) => Message::Text(text.into()),
        Frame::Binary(bytes) => Message::Binary(bytes),
    }
}

/// One sentence, then the end.
async fn refuse(
    refusal: &Refusal,
    writer: &mut Writer,
    reader: &mut Reader,
) -> Result<(), axum::Error> {
    let sentence = sentence(&refusal.to_string());
    writer
        .feed(frame(&ServerMessage::Refused {
            sentence: sentence.clone(),
        }))
        .await?;
    let close = CloseFrame {
        code: match refusal {
            Refusal::TooBig | Refusal::Wire(WireError::TooBig(_)) => close_code::SIZE,
            Refusal::Wire(_) => close_code::INVALID,
            Refusal::Late | Refusal::NoHello | Refusal::NotAdmitted => close_code::POLICY,
        },
        reason: reason(&sentence).into(),
    };
    writer.send(Message::Close(Some(close))).await?;
    // Until the page has answered, so that the sentence is not lost with the connection.
    while reader.next().await.is_some_and(|message| message.is_ok()) {}
    Ok(())
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).chain(['.']).collect(),
        None => String::new(),
    }
}

/// As much of it as a close frame holds.
fn reason(sentence: &str) -> &str {
    let ends = (0..=MOST_REASON.min(sentence.len())).rev();
    ends.into_iter()
        .find_map(|end| sentence.get(..end))
        .unwrap_or_default()
}

fn is_too_big(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(|source| source.to_string().contains("too long"))
}

impl<T: Into<Refusal>> From<T> for End {
    fn from(refusal: T) -> Self {
        Self::Refused(refusal.into())
    }
}
