//! What a line prints, on its way to a terminal: line ends become what a terminal wants.

use async_trait::async_trait;
use bytes::Bytes;
use cli::Output;
use futures::{SinkExt, channel::mpsc::Sender};

use crate::{desk::Happening, wire::TerminalId};

/// Bytes that travel at once.
const PIECE: usize = 16 * 1024;

pub struct TerminalOutput {
    pub terminal: TerminalId,
    pub run: u64,
    pub to: Sender<Happening>,
    pub last: u8,
}

#[async_trait]
impl Output for TerminalOutput {
    async fn stdout(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(PIECE) {
            let bytes = self.with_carriage_returns(piece);
            let happening = Happening::Output {
                terminal: self.terminal,
                run: self.run,
                bytes,
            };
            // The session is gone only when nobody reads any more.
            let _ = self.to.send(happening).await;
        }
    }

    async fn stderr(&mut self, bytes: &[u8]) {
        self.stdout(bytes).await;
    }
}

impl TerminalOutput {
    fn with_carriage_returns(&mut self, bytes: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(bytes.len() + 16);
        for byte in bytes {
            if *byte == b'\n' && self.last != b'\r' {
                out.push(b'\r');
            }
            out.push(*byte);
            self.last = *byte;
        }
        out.into()
    }
}
