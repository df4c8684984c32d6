//! `docker run`: create, attach, wait, start, in that order, so that no output and no exit is missed.

use async_trait::async_trait;
use futures::StreamExt;
use lab::options::{AttachContainerOptions, WaitContainerOptions};

use crate::{
    Context,
    console::Console,
    container_options::{FLAGS, Pull, body_here},
    failure::{Failure, not_upgraded, told_by_run, with_help},
    grammar::{Call, Command, Count, Grammar},
    make::make,
    streams::{Ended, INTERRUPTED, Target, Wires, exit_code, stream},
};

pub struct Run;

static GRAMMAR: Grammar = Grammar {
    names: &["run", "container run"],
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    about: "Make a container from an image and start it",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["image"],
    program_from: Some(1),
};

#[async_trait]
impl Command for Run {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let given = &call.given;
        let wrong = |why: String| with_help(125, &why, "run");
        let pull = Pull::read(given).map_err(wrong)?;
        let mut body = body_here(given, console.output_terminal(), context).map_err(wrong)?;
        if given.on("detach") {
            if given.has("attach") {
                return Err(Failure::new(
                    1,
                    "conflicting options: cannot specify both --attach and --detach",
                ));
            }
            body.attach_stdin = Some(false);
            body.attach_stdout = Some(false);
            body.attach_stderr = Some(false);
            body.stdin_once = Some(false);
        }
        let on = |value: Option<bool>| value == Some(true);
        let (stdin, stdout, stderr) = (
            on(body.attach_stdin),
            on(body.attach_stdout),
            on(body.attach_stderr),
        );
        let (tty, removed) = (on(body.tty), given.on("rm"));
        if tty && stdin && console.terminal().is_none() {
            return Err(Failure::new(1, "the input device is not a TTY"));
        }
        let made = make(body, pull, given, context, console).await;
        let id =
            made.map_err(|why| why.failure(told_by_run, |said| with_help(125, said, "run")))?;
        let engine = &context.engine;
        if !(stdin || stdout || stderr) {
            console.line(&id).await;
            engine
                .start_container(&id)
                .await
                .map_err(|error| told_by_run(&error))?;
            return Ok(0);
        }
        let options = AttachContainerOptions {
            detach_keys: given.text("detach-keys"),
            logs: false,
            stream: true,
            stdin,
            stdout,
            stderr,
        };
        let attached = engine
            .attach_container(&id, options)
            .await
            .map_err(not_upgraded)?;
        let condition = if removed { "removed" } else { "next-exit" };
        let mut exits = engine
            .wait_container(
                &id,
                WaitContainerOptions {
                    condition: condition.to_owned(),
                },
            )
            .await?;
        if let Err(error) = engine.start_container(&id).await {
            if removed {
                // Its name is free again only then.
                exits.next().await;
            }
            return Err(told_by_run(&error));
        }
        let proxy = !given.has("sig-proxy") || given.on("sig-proxy");
        let wires = Wires {
            detach_keys: given.one("detach-keys"),
            target: Target::Container(&id),
            tty,
            stdin,
            proxy,
        };
        wires.fit(context, console).await;
        match stream(&wires, attached, context, console).await? {
            Ended::Detached => Ok(0),
            Ended::Interrupted => Err(Failure::silent(INTERRUPTED)),
            Ended::Closed => exit_code(&mut exits, console).await,
        }
    }
}
