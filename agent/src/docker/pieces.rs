//! Output on its way to whoever reads it: small pieces of the same stream become one, so that a thousand lines that are
//! there already cost little more than one. Nothing waits here, and nothing grows beyond one piece.

use bytes::{Bytes, BytesMut};
use lab::{Chunk, Error, Result};

/// No piece that was put together is longer.
const LONGEST: usize = 64 << 10;
/// Longer ones are handed on as they are, without a copy.
const SMALL: usize = 8 << 10;

/// Which stream a piece is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Stdout,
    Stderr,
    Terminal,
}

/// What has come so far.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    whole: Vec<Result<Chunk>>,
    open: BytesMut,
    of: Option<Of>,
}

impl Pieces {
    pub fn push(&mut self, of: Of, piece: Bytes) {
        if self.of != Some(of) || self.open.len() + piece.len() > LONGEST {
            self.close();
        }
        if self.open.is_empty() && piece.len() > SMALL {
            self.whole.push(Ok(of.chunk(piece)));
            return;
        }
        self.of = Some(of);
        self.open.extend_from_slice(&piece);
    }

    /// After an error there is nothing more.
    pub fn fail(&mut self, error: Error) {
        self.close();
        self.whole.push(Err(error));
    }

    pub fn take(mut self) -> Vec<Result<Chunk>> {
        self.close();
        self.whole
    }

    fn close(&mut self) {
        let open = self.open.split().freeze();
        if let Some(of) = self.of.take()
            && !open.is_empty()
        {
            self.whole.push(Ok(of.chunk(open)));
        }
    }
}

impl Of {
    fn chunk(self, bytes: Bytes) -> Chunk {
        match self {
            Self::Stdout => Chunk::Stdout(bytes),
            Self::Stderr => Chunk::Stderr(bytes),
            Self::Terminal => Chunk::Terminal(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(parts: &[(Of, usize)]) -> Vec<(Of, usize)> {
        let mut pieces = Pieces::default();
        for (of, length) in parts {
            pieces.push(*of, vec![b'x'; *length].into());
        }
        let chunks = pieces.take().into_iter().map(|chunk| match chunk.unwrap() {
            Chunk::Stdout(bytes) => (Of::Stdout, bytes.len()),
            Chunk::Stderr(bytes) => (Of::Stderr, bytes.len()),
            Chunk::Terminal(bytes) => (Of::Terminal, bytes.len()),
        });
        chunks.collect()
    }

    #[test]
    fn small_pieces_of_one_stream_become_one() {
        use Of::{Stderr, Stdout};
        assert_eq!(pieces(&[]), []);
        assert_eq!(pieces(&[(Stdout, 0)]), []);
        assert_eq!(
            pieces(&[(Stdout, 3), (Stdout, 4), (Stderr, 5), (Stdout, 6)]),
            [(Stdout, 7), (Stderr, 5), (Stdout, 6)]
        );
        assert_eq!(
            pieces(&[(Stdout, 3), (Stdout, LONGEST), (Stdout, 1)]),
            [(Stdout, 3), (Stdout, LONGEST), (Stdout, 1)]
        );
    }
}
