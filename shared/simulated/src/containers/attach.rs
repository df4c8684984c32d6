//! `docker attach`: several may look and type at once.

use bytes::Bytes;
use futures::StreamExt;
use lab::{Attached, Chunk, Error, InputSink, Result, Size, options::AttachContainerOptions};

use super::pause::must_run;
use crate::{
    Simulated,
    process::{Io, WINCH},
    world::{State, World},
};

impl Simulated {
    pub(super) fn attach(
        &self,
        container: &str,
        options: &AttachContainerOptions,
    ) -> Result<Attached> {
        self.drive();
        let (id, io, closings, typing) = {
            let mut world = self.world();
            let found = world.container(container)?;
            match found.state {
                State::Paused => {
                    return Err(Error::conflict(format!(
                        "container {container} is paused, unpause the container before attach"
                    )));
                }
                State::Restarting => {
                    return Err(Error::conflict(format!(
                        "container {container} is restarting, wait until the container is running"
                    )));
                }
                State::Created | State::Running | State::Exited => {}
            }
            let open = options.stdin && found.body.open_stdin == Some(true);
            let once = found.body.stdin_once == Some(true);
            let (id, io) = (found.id.clone(), found.io.clone());
            let closings = found.life.closings;
            world.container_event(self.now(), "attach", &id);
            (id, io, closings, Typing { open, once })
        };
        self.changed();
        let from = if options.logs {
            0
        } else {
            io.lock().chunks.len()
        };
        let is_over = move |world: &World| {
            let container = world.containers.get(&id);
            container.is_none_or(|container| container.life.closings != closings)
        };
        let (stdout, stderr) = (options.stdout, options.stderr);
        let output = self.chunks(io.clone(), from, is_over).filter(move |chunk| {
            std::future::ready(match chunk {
                Chunk::Stderr(_) => stderr,
                Chunk::Stdout(_) | Chunk::Terminal(_) => stdout,
            })
        });
        Ok(Attached {
            output: output.map(Ok).boxed(),
            input: self.input(io, typing),
        })
    }

    /// An exec's streams.
    pub fn attached(&self, io: Io, from: usize) -> Attached {
        let over = io.clone();
        let output = self.chunks(io.clone(), from, move |_| over.lock().exit.is_some());
        let typing = Typing {
            open: true,
            once: true,
        };
        Attached {
            output: output.map(Ok).boxed(),
            input: self.input(io, typing),
        }
    }

    fn input(&self, io: Io, typing: Typing) -> InputSink {
        let world = self.clone();
        let closing = CloseInput {
            world: self.clone(),
            io: io.clone(),
            life: io.lock().lives,
            closes: typing.open && typing.once,
        };
        Box::pin(futures::sink::unfold((), move |(), bytes: Bytes| {
            let _ = &closing;
            if typing.open {
                world.type_in(&io, &bytes);
            }
            async { Ok(()) }
        }))
    }

    pub(super) fn resize(&self, container: &str, size: Size) -> Result<()> {
        self.drive();
        let io = {
            let world = self.world();
            let container = world.container(container)?;
            must_run(container)?;
            container.io.clone()
        };
        io.lock().size = size;
        self.signal_foreground(&io, WINCH);
        self.changed();
        Ok(())
    }
}

/// Whether the input is open, and whether it closes when its first typist leaves.
#[derive(Clone, Copy)]
struct Typing {
    open: bool,
    once: bool,
}

/// Closing the sink, or dropping it, is the end of the input for a program without a terminal.
struct CloseInput {
    world: Simulated,
    io: Io,
    /// The one that was typed to.
    life: u64,
    closes: bool,
}

impl Drop for CloseInput {
    fn drop(&mut self) {
        if !self.closes {
            return;
        }
        {
            let mut state = self.io.lock();
            if state.tty || state.lives != self.life {
                return;
            }
            state.input_closed = true;
        }
        self.world.changed();
    }
}
