//! Messages as WebSocket frames: control as JSON text, terminal bytes as binary with a stream id before them.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::wire::{ClientMessage, MAX_FRAME, PROTOCOL, ServerMessage, TerminalId};

/// A WebSocket message, whoever carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    Text(String),
    Binary(Bytes),
}

/// Why a frame is not a message: one sentence.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum WireError {
    #[error("this frame has {0} bytes, and at most {MAX_FRAME} are read: send less at a time")]
    TooBig(usize),
    #[error("this frame is not a message that is known here ({0}): reload the page")]
    Unknown(String),
    #[error("this frame is too short to name its terminal: reload the page")]
    Short,
    #[error(
        "the page speaks version {0} of the protocol and this session version {PROTOCOL}: reload the page"
    )]
    Version(u64),
}

/// Reads what a page sent.
pub fn decode_client(frame: Frame) -> Result<ClientMessage, WireError> {
    match frame {
        Frame::Text(text) => {
            check_size(text.len())?;
            check_version(&text)?;
            serde_json::from_str(&text).map_err(unknown)
        }
        Frame::Binary(mut bytes) => {
            check_size(bytes.len())?;
            let terminal = terminal(&mut bytes)?;
            Ok(ClientMessage::Input { terminal, bytes })
        }
    }
}

pub fn encode_client(message: &ClientMessage) -> Frame {
    match message {
        ClientMessage::Input { terminal, bytes } => {
            let mut frame = BytesMut::with_capacity(4 + bytes.len());
            frame.put_u32(terminal.0);
            frame.put_slice(bytes);
            Frame::Binary(frame.freeze())
        }
        message => text(message),
    }
}

/// Reads what a session sent.
pub fn decode_server(frame: Frame) -> Result<ServerMessage, WireError> {
    match frame {
        Frame::Text(text) => serde_json::from_str(&text).map_err(unknown),
        Frame::Binary(mut bytes) => {
            let terminal = terminal(&mut bytes)?;
            let offset = bytes.try_get_u64().map_err(|_| WireError::Short)?;
            Ok(ServerMessage::Output {
                terminal,
                offset,
                bytes,
            })
        }
    }
}

pub fn encode_server(message: &ServerMessage) -> Frame {
    match message {
        ServerMessage::Output {
            terminal,
            offset,
            bytes,
        } => {
            let mut frame = BytesMut::with_capacity(12 + bytes.len());
            frame.put_u32(terminal.0);
            frame.put_u64(*offset);
            frame.put_slice(bytes);
            Frame::Binary(frame.freeze())
        }
        message => text(message),
    }
}

fn text(message: &impl serde::Serialize) -> Frame {
    // Our own messages are strings, numbers and lists: there is nothing in them that JSON cannot say.
    Frame::Text(serde_json::to_string(message).unwrap_or_default())
}

fn check_size(size: usize) -> Result<(), WireError> {
    if size > MAX_FRAME {
        Err(WireError::TooBig(size))
    } else {
        Ok(())
    }
}

/// Before anything else, so that a page of another version is told so, and not that a field is unknown.
fn check_version(text: &str) -> Result<(), WireError> {
    #[derive(serde::Deserialize)]
    struct Hello {
        protocol: u64,
    }
    match serde_json::from_str::<Hello>(text) {
        Ok(Hello { protocol }) if protocol != u64::from(PROTOCOL) => {
            Err(WireError::Version(protocol))
        }
        _ => Ok(()),
    }
}

fn terminal(bytes: &mut Bytes) -> Result<TerminalId, WireError> {
    bytes
        .try_get_u32()
        .map(TerminalId)
        .map_err(|_| WireError::Short)
}

#[allow(clippy::needless_pass_by_value)] // For map_err.
fn unknown(error: serde_json::Error) -> WireError {
    WireError::Unknown(error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(frame: Frame, expected: &str) {
        assert_eq!(decode_client(frame).unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_is_no_message_is_said_in_a_sentence() {
        refused(
            Frame::Text("hello".to_owned()),
            "this frame is not a message that is known here (expected value at line 1 column 1): reload the page",
        );
        refused(
            Frame::Text(r#"{"type":"plan_reset","more":1}"#.to_owned()),
            "this frame is not a message that is known here (unknown field `more`, there are no fields): reload the page",
        );
        refused(
            Frame::Text(r#"{"type":"hello","protocol":99,"new":true}"#.to_owned()),
            "the page speaks version 99 of the protocol and this session version 2: reload the page",
        );
        refused(
            Frame::Text(" ".repeat(MAX_FRAME + 1)),
            "this frame has 65537 bytes, and at most 65536 are read: send less at a time",
        );
        refused(
            Frame::Binary(Bytes::from_static(b"abc")),
            "this frame is too short to name its terminal: reload the page",
        );
    }

    proptest! {
        #[test]
        fn terminal_bytes_come_back_as_they_went(terminal in any::<u32>(), offset in any::<u64>(), bytes in any::<Vec<u8>>()) {
            let (terminal, bytes) = (TerminalId(terminal), Bytes::from(bytes));
            let output = ServerMessage::Output { terminal, offset, bytes: bytes.clone() };
            prop_assert_eq!(decode_server(encode_server(&output)), Ok(output));
            let input = ClientMessage::Input { terminal, bytes };
            prop_assert_eq!(decode_client(encode_client(&input)), Ok(input));
        }

        #[test]
        fn control_messages_come_back_as_they_went(terminal in any::<u32>(), line in any::<String>(), step in any::<usize>()) {
            let size = lab::Size::default();
            for message in [
                ClientMessage::Run { terminal: TerminalId(terminal), line: line.clone(), size },
                ClientMessage::Open { lesson: line.clone(), step },
                ClientMessage::PlanReset {},
            ] {
                prop_assert_eq!(decode_client(encode_client(&message)), Ok(message));
            }
        }

        #[test]
        fn no_frame_makes_it_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let _ = decode_client(Frame::Text(text.clone()));
            let _ = decode_server(Frame::Text(text));
            let _ = decode_client(Frame::Binary(bytes.clone().into()));
            let _ = decode_server(Frame::Binary(bytes.into()));
        }
    }
}
