//! What comes in pieces: output, JSON items, and both directions of an attach. No piece waits for one that has not come,
//! and nothing is collected that a container can make longer.

use std::{future::ready, io};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use http_body_util::BodyExt as _;
use hyper::{Response, StatusCode, body::Incoming, header};
use hyper_util::rt::TokioIo;
use lab::{Attached, Error, OutputStream, Result, engine::Items};
use serde::de::DeserializeOwned;
use tokio_util::{
    codec::{BytesCodec, FramedRead, FramedWrite, LinesCodec, LinesCodecError},
    io::{ReaderStream, StreamReader},
};

use super::{
    demux::Demux,
    endpoint::Endpoint,
    failure,
    pieces::{Of, Pieces},
};

/// Of one event, one step of a pull, one set of numbers.
const LONGEST_ITEM: usize = 1 << 20;
/// Of the pieces that are taken together.
const MOST_PIECES: usize = 512;
/// Of what is read from an attached terminal at once.
const PIECE: usize = 16 << 10;

/// The body of an answer, as it comes.
pub(super) fn bytes(
    endpoint: &Endpoint,
    response: Response<Incoming>,
) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
    let endpoint = endpoint.clone();
    let body = response.into_body().into_data_stream();
    body.map_err(move |_| failure::went_away(&endpoint))
}

/// A container's output: raw from a terminal, in Docker's frames else.
pub(super) fn output(
    bytes: impl Stream<Item = Result<Bytes>> + Send + 'static,
    terminal: bool,
) -> OutputStream {
    let mut demux = Demux::default();
    // The engine sends each line as a piece of its own: those that are there already are taken together.
    let chunks = bytes.ready_chunks(MOST_PIECES).map(move |come| {
        let mut pieces = Pieces::default();
        for bytes in come {
            match bytes {
                Ok(bytes) if terminal => pieces.push(Of::Terminal, bytes),
                Ok(bytes) => demux.push(bytes, &mut pieces),
                Err(error) => pieces.fail(error),
            }
        }
        stream::iter(pieces.take())
    });
    Box::pin(until_error(chunks.flatten()))
}

/// One JSON value a line.
pub(super) fn items<T: DeserializeOwned + Send + 'static>(
    endpoint: &Endpoint,
    response: Response<Incoming>,
) -> Items<T> {
    let endpoint = endpoint.clone();
    let bytes = bytes(&endpoint, response).map_err(failure::carried);
    let lines = FramedRead::new(
        StreamReader::new(bytes),
        LinesCodec::new_with_max_length(LONGEST_ITEM),
    );
    let filled = lines.try_filter(|line| ready(!line.trim().is_empty()));
    let items = filled.map(move |line| match line {
        Ok(line) => {
            serde_json::from_str(&line).map_err(|error| Error::Unreadable(error.to_string()))
        }
        Err(LinesCodecError::MaxLineLengthExceeded) => {
            Err(Error::Unreadable("one item is too long".to_owned()))
        }
        Err(LinesCodecError::Io(error)) => Err(failure::unpacked(&endpoint, error)),
    });
    Box::pin(until_error(items))
}

/// For a stream that only the engine's own end ends.
pub(super) fn endless<T: Send + 'static>(endpoint: &Endpoint, items: Items<T>) -> Items<T> {
    let end = Err(failure::went_away(endpoint));
    Box::pin(until_error(items.chain(stream::iter([end]))))
}

/// Both directions of a connection that the engine has handed over.
pub(super) async fn attached(
    endpoint: &Endpoint,
    response: Response<Incoming>,
    terminal: bool,
) -> Result<Attached> {
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::Unreadable(
            "it did not hand over the connection".to_owned(),
        ));
    }
    let upgraded = hyper::upgrade::on(response).await;
    let upgraded = upgraded.map_err(|_| failure::went_away(endpoint))?;
    let (read, write) = tokio::io::split(TokioIo::new(upgraded));
    let lost = {
        let endpoint = endpoint.clone();
        move |_: io::Error| failure::went_away(&endpoint)
    };
    let bytes = ReaderStream::with_capacity(read, PIECE).map_err(lost.clone());
    let input = FramedWrite::new(write, BytesCodec::new());
    Ok(Attached {
        output: output(bytes, terminal),
        input: Box::pin(futures::SinkExt::<Bytes>::sink_map_err(input, lost)),
    })
}

/// What the answer itself says about its frames; engines before API 1.42 say nothing.
pub(super) fn is_framed(response: &Response<Incoming>) -> Option<bool> {
    let kind = response.headers().get(header::CONTENT_TYPE)?;
    match kind.as_bytes() {
        b"application/vnd.docker.multiplexed-stream" => Some(true),
        b"application/vnd.docker.raw-stream" => Some(false),
        _ => None,
    }
}

/// An error is the last thing that a stream says.
fn until_error<T: Send>(
    items: impl Stream<Item = Result<T>> + Send,
) -> impl Stream<Item = Result<T>> + Send {
    items.scan(false, |ended, item| {
        if *ended {
            return ready(None);
        }
        *ended = item.is_err();
        ready(Some(item))
    })
}

#[cfg(test)]
mod tests {
    use lab::Chunk;

    use super::*;

    #[tokio::test]
    async fn an_error_ends_a_stream() {
        let pieces = [
            Ok(Bytes::from_static(&[1, 0, 0, 0, 0, 0, 0, 2, b'h', b'i'])),
            Ok(Bytes::from_static(b"not a frame")),
            Ok(Bytes::from_static(&[1, 0, 0, 0, 0, 0, 0, 1, b'!'])),
        ];
        let chunks: Vec<_> = output(stream::iter(pieces), false).collect().await;
        let error = Error::Unreadable("its output is not in Docker's frames".to_owned());
        assert_eq!(
            chunks,
            [Ok(Chunk::Stdout(Bytes::from_static(b"hi"))), Err(error)]
        );
    }
}
