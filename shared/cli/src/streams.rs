//! Both directions of an attached container or exec: output as it comes, input, resizes, Ctrl-C, the detach keys.

use std::time::Duration;

use bytes::Bytes;
use futures::{
    SinkExt, StreamExt,
    future::{Either, select},
};
use lab::{
    Attached, Chunk, OutputStream, Size,
    engine::Items,
    models::{ContainerWaitExitError, ContainerWaitResponse},
};

use crate::{Context, Input, console::Console, detach::DetachKeys, failure::Failure};

/// Ctrl-C and Ctrl-D, as a terminal sends them.
const INTERRUPT: &[u8] = b"\x03";
const END: &[u8] = b"\x04";
/// Exit code of a command that Ctrl-C ended.
pub const INTERRUPTED: u8 = 130;

/// What a command is attached to.
pub enum Target<'a> {
    Container(&'a str),
    Exec(&'a str),
}

/// How it is attached.
pub struct Wires<'a> {
    pub target: Target<'a>,
    /// It has a pseudo-terminal.
    pub tty: bool,
    /// Input goes to it.
    pub stdin: bool,
    /// Ctrl-C becomes SIGINT for the container.
    pub proxy: bool,
    /// `--detach-keys`
    pub detach_keys: Option<&'a str>,
}

/// Why streaming ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// The other end closed.
    Closed,
    /// The detach keys were typed.
    Detached,
    /// Ctrl-C, and nobody to pass it on to.
    Interrupted,
}

/// Streams until the other end closes, the person detaches or interrupts.
pub async fn stream(
    wires: &Wires<'_>,
    attached: Attached,
    context: &Context,
    console: &mut Console,
) -> Result<Ended, Failure> {
    let Attached { mut output, input } = attached;
    let mut input = Some(input);
    if !wires.stdin
        && let Some(mut unused) = input.take()
    {
        let _ = unused.close().await;
    }
    let mut detach = DetachKeys::read(wires.detach_keys);
    let mut interrupts = 0;
    // Interactive programs get every key; others only signals, and what is typed waits for the next command.
    loop {
        let open = input.is_some();
        let typed = async {
            if open {
                console.next().await
            } else {
                console.next_signal().await
            }
        };
        let happened = match select(Box::pin(typed), output.next()).await {
            Either::Left((typed, _)) => Either::Left(typed),
            Either::Right((chunk, _)) => Either::Right(chunk),
        };
        match happened {
            Either::Right(None) => return Ok(Ended::Closed),
            Either::Right(Some(chunk)) => {
                write(chunk?, console).await;
                if console.closed() {
                    return Ok(Ended::Interrupted);
                }
            }
            Either::Left(Input::Resize(size)) if wires.tty => wires.resize(size, context).await,
            Either::Left(Input::Resize(_)) => {}
            Either::Left(Input::Interrupt) if wires.tty && input.is_some() => {
                send(&mut input, INTERRUPT).await;
            }
            Either::Left(Input::Interrupt) => match wires.target {
                Target::Container(id) if wires.proxy => {
                    interrupts += 1;
                    if interrupts == 3 {
                        console
                            .err_line("\ngot 3 SIGTERM/SIGINTs, forcefully exiting")
                            .await;
                        return Err(Failure::silent(1));
                    }
                    // The container may have ended by now.
                    let _ = context.engine.kill_container(id, "SIGINT").await;
                }
                _ => return Ok(Ended::Interrupted),
            },
            Either::Left(Input::End) if wires.tty => send(&mut input, END).await,
            Either::Left(Input::End) => {
                if let Some(mut ended) = input.take() {
                    let _ = ended.close().await;
                }
            }
            Either::Left(Input::Bytes(bytes)) => {
                if !wires.tty {
                    send(&mut input, &bytes).await;
                } else if let Some(passed) = detach.pass(&bytes) {
                    send(&mut input, &passed).await;
                } else {
                    return Ok(Ended::Detached);
                }
            }
        }
    }
}

/// Prints output until it ends, each piece as `change` makes it; Ctrl-C ends it too.
pub async fn print(
    mut output: OutputStream,
    mut change: impl FnMut(Chunk) -> Chunk + Send,
    console: &mut Console,
) -> Result<Ended, Failure> {
    loop {
        let happened = match select(Box::pin(console.next_signal()), output.next()).await {
            Either::Left((signal, _)) => Either::Left(signal),
            Either::Right((chunk, _)) => Either::Right(chunk),
        };
        match happened {
            Either::Left(Input::Interrupt) => return Ok(Ended::Interrupted),
            Either::Left(_) => {}
            Either::Right(None) => return Ok(Ended::Closed),
            Either::Right(Some(chunk)) => write(change(chunk?), console).await,
        }
        if console.closed() {
            return Ok(Ended::Closed);
        }
    }
}

/// Waits, unless the person interrupts.
pub async fn unless_interrupted<T>(
    future: impl Future<Output = T> + Send,
    console: &mut Console,
) -> Option<T> {
    let mut future = Box::pin(future);
    loop {
        match select(Box::pin(console.next_signal()), &mut future).await {
            Either::Left((Input::Interrupt, _)) => return None,
            Either::Left(_) => {}
            Either::Right((done, _)) => return Some(done),
        }
    }
}

impl Wires<'_> {
    /// Tells the pseudo-terminal the size of the person's, a few times if the program is not there yet.
    pub async fn fit(&self, context: &Context, console: &mut Console) {
        let Some(size) = console.output_terminal().filter(|_| self.tty) else {
            return;
        };
        for attempt in 0..5_u32 {
            if self.try_resize(size, context).await.is_ok() {
                return;
            }
            context
                .clock
                .sleep(Duration::from_millis(10) * (attempt + 1))
                .await;
        }
    }

    async fn resize(&self, size: Size, context: &Context) {
        // It may have ended by now.
        let _ = self.try_resize(size, context).await;
    }

    async fn try_resize(&self, size: Size, context: &Context) -> lab::Result<()> {
        match self.target {
            Target::Container(id) => context.engine.resize_container(id, size).await,
            Target::Exec(id) => context.engine.resize_exec(id, size).await,
        }
    }
}

async fn write(chunk: Chunk, console: &mut Console) {
    match chunk {
        Chunk::Stdout(bytes) | Chunk::Terminal(bytes) => console.out(bytes).await,
        Chunk::Stderr(bytes) => console.err(bytes).await,
    }
}

/// The other end may be gone: its output ending says so.
async fn send(input: &mut Option<lab::InputSink>, bytes: &[u8]) {
    if let Some(sink) = input
        && !bytes.is_empty()
        && sink.send(Bytes::copy_from_slice(bytes)).await.is_err()
    {
        *input = None;
    }
}

/// The container's own exit code, once it has ended.
pub async fn exit_code(
    exits: &mut Items<ContainerWaitResponse>,
    console: &mut Console,
) -> Result<u8, Failure> {
    match exits.next().await {
        Some(Ok(ContainerWaitResponse {
            error: Some(ContainerWaitExitError { message: Some(why) }),
            ..
        })) if !why.is_empty() => {
            console
                .err_line(&format!("Error waiting for container: {why}"))
                .await;
            Err(Failure::silent(125))
        }
        Some(Ok(exit)) => Ok(u8::try_from(exit.status_code & 0xff).unwrap_or(u8::MAX)),
        Some(Err(error)) => Err(Failure::new(
            125,
            format!("error waiting for container: {error}"),
        )),
        None => Err(Failure::new(
            125,
            "causeway: the engine went away before the container ended",
        )),
    }
}
