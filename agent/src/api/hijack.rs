//! Attach and exec: the connection itself, in both directions.
//!
//! A client that asks for an upgrade gets `101 UPGRADED`; an older one `200`, the output until the connection ends, and
//! what it sends as a body is the input. A piece waits until the client has taken the one before: slow readers hold up
//! nobody but themselves.

use std::{sync::Mutex, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, Version, header},
    response::Response,
};
use bytes::Bytes;
use futures::{SinkExt as _, Stream, StreamExt as _};
use hyper::{ext::ReasonPhrase, upgrade::OnUpgrade};
use hyper_util::rt::TokioIo;
use lab::{Attached, InputSink, OutputStream};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio_util::io::ReaderStream;

use super::{answer, call::Call, detach::DetachKeys};

const RAW: &str = "application/vnd.docker.raw-stream";
/// Docker for Python reads an answer's head through a buffer and forgets what came with it: dockerd's programs take this
/// long to start.
const HEAD_ALONE: Duration = Duration::from_millis(20);
/// Of what is read from a client at once.
const PIECE: usize = 16 << 10;

/// What is attached to.
pub(super) struct Kind {
    pub terminal: bool,
    /// Otherwise what the client sends is not for the program, nor is its end.
    pub takes_input: bool,
    /// What leaves the container, where it has a terminal that takes input.
    pub keys: Option<DetachKeys>,
}

pub(super) fn hand_over(call: &Call, attached: Attached, kind: Kind) -> Response {
    let said = answer::output_kind(call.version, kind.terminal);
    match call.upgrade() {
        Some(upgrade) => {
            tokio::spawn(both_ways(upgrade, attached, kind));
            upgraded(said)
        }
        None => old_way(call, attached, kind),
    }
}

fn upgraded(kind: &'static str) -> Response {
    let mut response = answer::status(StatusCode::SWITCHING_PROTOCOLS);
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("tcp"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let said = ReasonPhrase::from_static(b"UPGRADED");
    response.extensions_mut().insert(said);
    response
}

/// The body of the request is the input; that of the answer ends with the connection, so it has no chunks.
fn old_way(call: &Call, attached: Attached, kind: Kind) -> Response {
    let Attached { output, input } = attached;
    // The end of the sink is the end of the input: where there is none, it stays until the output ends.
    let kept = if kind.takes_input && call.has_body() {
        let typed = call.body().into_data_stream();
        let typed = typed.filter_map(async |piece| piece.ok());
        tokio::spawn(type_in(Box::pin(typed), input, kind.keys));
        None
    } else {
        Some(Mutex::new(input))
    };
    let pieces = output.map(move |chunk| {
        let _ = &kept;
        answer::framed(chunk)
    });
    let mut response: Response<Body> = answer::stream(RAW, pieces);
    *response.version_mut() = Version::HTTP_10;
    response
}

/// Until the output ends, or the client goes.
async fn both_ways(upgrade: OnUpgrade, attached: Attached, kind: Kind) {
    let Ok(upgraded) = upgrade.await else {
        return;
    };
    let (read, mut write) = tokio::io::split(TokioIo::new(upgraded));
    let typed = ReaderStream::with_capacity(read, PIECE);
    let typed = typed.filter_map(async |piece| piece.ok());
    let typed = Box::pin(typed);
    let Attached { output, input } = attached;
    let typing = async move {
        if kind.takes_input {
            type_in(typed, input, kind.keys).await
        } else {
            let _kept = input;
            typed.for_each(async |_| {}).await;
            std::future::pending().await
        }
    };
    {
        let showing = async {
            tokio::time::sleep(HEAD_ALONE).await;
            show(output, &mut write).await;
        };
        tokio::pin!(typing, showing);
        tokio::select! {
            () = &mut showing => {}
            left = &mut typing => if matches!(left, Left::Ended) {
                showing.await;
            }
        }
    }
    // It may have gone already.
    let _ = write.shutdown().await;
}

enum Left {
    /// The input has ended; the output goes on.
    Ended,
    /// The keys to leave were typed.
    Detached,
}

async fn type_in(
    mut typed: impl Stream<Item = Bytes> + Unpin,
    mut input: InputSink,
    mut keys: Option<DetachKeys>,
) -> Left {
    while let Some(piece) = typed.next().await {
        let (piece, detached) = match &mut keys {
            Some(keys) => {
                let typed = keys.push(&piece);
                (Bytes::from(typed.bytes), typed.detached)
            }
            None => (piece, false),
        };
        // The program may have ended: then nobody reads it.
        let sent = input.send(piece).await;
        if detached {
            return Left::Detached;
        }
        if sent.is_err() {
            break;
        }
    }
    let _ = input.close().await;
    Left::Ended
}

async fn show(mut output: OutputStream, write: &mut (impl AsyncWrite + Unpin)) {
    while let Some(chunk) = output.next().await {
        if write.write_all(&answer::framed(chunk)).await.is_err() {
            return;
        }
    }
}
