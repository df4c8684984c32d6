//! `docker attach`

use bytes::Bytes;
use futures::StreamExt;
use lab::{Attached, Result, options::AttachContainerOptions};

use crate::{Simulated, process::Io};

impl Simulated {
    pub(super) fn attach(
        &self,
        container: &str,
        options: &AttachContainerOptions,
    ) -> Result<Attached> {
        self.drive();
        let io = self.world().container(container)?.io.clone();
        let from = if options.logs {
            0
        } else {
            io.lock().chunks.len()
        };
        Ok(self.attached(io, from))
    }

    pub fn attached(&self, io: Io, from: usize) -> Attached {
        let output = self
            .chunks(io.clone(), from, true)
            .map(|(_, chunk)| Ok(chunk));
        let world = self.clone();
        let closing = CloseInput(io.clone());
        let input = futures::sink::unfold((), move |(), bytes: Bytes| {
            let _ = &closing;
            world.type_in(&io, &bytes);
            async { Ok(()) }
        });
        Attached {
            output: output.boxed(),
            input: Box::pin(input),
        }
    }
}

/// Closing the sink, or dropping it, is the end of the input for a program without a terminal.
struct CloseInput(Io);

impl Drop for CloseInput {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if !state.tty {
            state.input_closed = true;
        }
    }
}
