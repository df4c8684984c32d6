//! Docker's frames: stdout and stderr of a container without a terminal, side by side in one stream.
//!
//! Each frame is eight bytes (which stream, three zeros, the length) and then the output. A frame's length is the
//! sender's to choose, so no frame is ever waited for: what has come of one is handed on at once.

use bytes::{Buf, Bytes};
use lab::{Error, Result};

use super::pieces::{Of, Pieces};

const HEADER: usize = 8;
/// Of an error that the engine says within the stream.
const LONGEST_ERROR: usize = 4096;

/// Takes the stream apart, however it was cut into pieces on its way.
#[derive(Debug, Default)]
pub(super) struct Demux {
    header: [u8; HEADER],
    /// Bytes of the header that have come.
    have: usize,
    /// Bytes of the frame that are still to come.
    left: usize,
    error: Option<Vec<u8>>,
}

impl Demux {
    /// What these bytes complete. After an error there is nothing more to be understood.
    pub fn push(&mut self, mut bytes: Bytes, pieces: &mut Pieces) {
        while !bytes.is_empty() {
            if let Err(error) = self.step(&mut bytes, pieces) {
                return pieces.fail(error);
            }
        }
    }

    fn step(&mut self, bytes: &mut Bytes, pieces: &mut Pieces) -> Result<()> {
        if self.left == 0 {
            return self.head(bytes);
        }
        let piece = bytes.split_to(self.left.min(bytes.len()));
        self.left -= piece.len();
        match self.header[0] {
            2 => pieces.push(Of::Stderr, piece),
            3 => return self.said(&piece),
            _ => pieces.push(Of::Stdout, piece),
        }
        Ok(())
    }

    fn head(&mut self, bytes: &mut Bytes) -> Result<()> {
        let take = (HEADER - self.have).min(bytes.len());
        bytes.copy_to_slice(&mut self.header[self.have..self.have + take]);
        self.have += take;
        if self.have < HEADER {
            return Ok(());
        }
        self.have = 0;
        let [stream, a, b, c, length @ ..] = self.header;
        if stream > 3 || [a, b, c] != [0; 3] {
            return Err(Error::Unreadable(
                "its output is not in Docker's frames".to_owned(),
            ));
        }
        self.left = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        Ok(())
    }

    /// Stream 3 is the engine itself, saying why there is no more output.
    fn said(&mut self, piece: &[u8]) -> Result<()> {
        let error = self.error.get_or_insert_default();
        let room = LONGEST_ERROR.saturating_sub(error.len());
        error.extend_from_slice(&piece[..piece.len().min(room)]);
        if self.left > 0 && error.len() < LONGEST_ERROR {
            return Ok(());
        }
        let said = String::from_utf8_lossy(error).trim().to_owned();
        Err(Error::refused(500, said))
    }
}

#[cfg(test)]
mod tests {
    use lab::Chunk;
    use proptest::prelude::*;

    use super::*;

    fn push(demux: &mut Demux, bytes: Bytes) -> Vec<Result<Chunk>> {
        let mut pieces = Pieces::default();
        demux.push(bytes, &mut pieces);
        pieces.take()
    }

    fn frame(stream: u8, output: &[u8]) -> Vec<u8> {
        let length = u32::try_from(output.len()).unwrap().to_be_bytes();
        [&[stream, 0, 0, 0], &length[..], output].concat()
    }

    /// What was written to each stream, pushed in pieces of `size`.
    fn read(bytes: &[u8], size: usize) -> Result<[Vec<u8>; 2]> {
        let mut demux = Demux::default();
        let mut streams = [Vec::new(), Vec::new()];
        for piece in bytes.chunks(size) {
            for chunk in push(&mut demux, Bytes::copy_from_slice(piece)) {
                let chunk = chunk?;
                let stream = usize::from(matches!(chunk, Chunk::Stderr(_)));
                streams[stream].extend_from_slice(chunk.bytes());
            }
        }
        Ok(streams)
    }

    #[test]
    fn an_endless_frame_is_handed_on_piece_by_piece() {
        let mut demux = Demux::default();
        let header = Bytes::from_static(&[1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);
        assert_eq!(push(&mut demux, header), []);
        for _ in 0..3 {
            let piece = Bytes::from_static(b"x");
            assert_eq!(push(&mut demux, piece.clone()), [Ok(Chunk::Stdout(piece))]);
        }
    }

    #[test]
    fn what_is_no_frame_is_an_error() {
        let error = Error::Unreadable("its output is not in Docker's frames".to_owned());
        assert_eq!(read(b"PING web (10.0.0.2)", 4), Err(error.clone()));
        assert_eq!(read(&[1, 1, 0, 0, 0, 0, 0, 0], 8), Err(error));
    }

    #[test]
    fn the_engine_says_why_there_is_no_more() {
        let bytes = frame(3, b"Error grabbing logs: EOF\n");
        let error = Error::refused(500, "Error grabbing logs: EOF");
        assert_eq!(read(&bytes, 5), Err(error));
    }

    proptest! {
        #[test]
        fn however_it_is_cut_the_streams_are_whole(
            frames in prop::collection::vec((0..3_u8, prop::collection::vec(any::<u8>(), 0..50)), 0..20),
            size in 1..40_usize,
        ) {
            let bytes: Vec<u8> = frames.iter().flat_map(|(stream, output)| frame(*stream, output)).collect();
            let of = |errors: bool| frames.iter().filter(|(stream, _)| (*stream == 2) == errors).flat_map(|(_, output)| output.clone()).collect::<Vec<u8>>();
            prop_assert_eq!(read(&bytes, size), Ok([of(false), of(true)]));
        }

        #[test]
        fn nothing_makes_it_panic_or_grow(bytes in prop::collection::vec(any::<u8>(), 0..500), size in 1..40_usize) {
            if let Ok([stdout, stderr]) = read(&bytes, size) {
                prop_assert!(stdout.len() + stderr.len() <= bytes.len());
            }
        }
    }
}
