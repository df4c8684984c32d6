//! `docker attach`

use async_trait::async_trait;
use lab::{
    Size,
    options::{AttachContainerOptions, WaitContainerOptions},
};

use crate::{
    Context,
    console::Console,
    failure::{Failure, not_upgraded},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    streams::{Ended, INTERRUPTED, Target, Wires, exit_code, stream},
};

pub struct Attach;

static FLAGS: &[Flag] = &[
    Flag::one(
        "detach-keys",
        "string",
        "Keys that leave it running (default ctrl-p,ctrl-q)",
    ),
    Flag::switch("no-stdin", "Only watch: pass nothing on that is typed"),
    Flag::switch("sig-proxy", "Pass signals on to it (default true)"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["attach", "container attach"],
    usage: "[OPTIONS] CONTAINER",
    about: "Connect this terminal to a running container's program",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Attach {
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
        let engine = &context.engine;
        let name = &given.arguments[0];
        let container = engine.inspect_container(name, false).await?.parse()?;
        let state = container.state.unwrap_or_default();
        let refused = if state.running != Some(true) {
            Some("You cannot attach to a stopped container, start it first")
        } else if state.paused == Some(true) {
            Some("You cannot attach to a paused container, unpause it first")
        } else if state.restarting == Some(true) {
            Some("You cannot attach to a restarting container, wait until it is running")
        } else {
            None
        };
        if let Some(why) = refused {
            return Err(Failure::new(1, why));
        }
        let id = container.id.unwrap_or_else(|| name.clone());
        let config = container.config.unwrap_or_default();
        let tty = config.tty == Some(true);
        if tty && !given.on("no-stdin") && console.terminal().is_none() {
            return Err(Failure::new(1, "the input device is not a TTY"));
        }
        let stdin = !given.on("no-stdin") && config.open_stdin == Some(true);
        let condition = "not-running".to_owned();
        let mut exits = engine
            .wait_container(&id, WaitContainerOptions { condition })
            .await?;
        let options = AttachContainerOptions {
            detach_keys: given.text("detach-keys"),
            logs: false,
            stream: true,
            stdin,
            stdout: true,
            stderr: true,
        };
        let attached = engine
            .attach_container(&id, options)
            .await
            .map_err(not_upgraded)?;
        let proxy = !tty && (!given.has("sig-proxy") || given.on("sig-proxy"));
        let wires = Wires {
            detach_keys: given.one("detach-keys"),
            target: Target::Container(&id),
            tty,
            stdin,
            proxy,
        };
        if let Some(Size { columns, rows }) = console.output_terminal().filter(|_| tty) {
            // Another size first: only a change makes a shell draw its prompt again.
            let other = Size {
                columns: columns.saturating_add(1),
                rows: rows.saturating_add(1),
            };
            let _ = engine.resize_container(&id, other).await;
            wires.fit(context, console).await;
        }
        match stream(&wires, attached, context, console).await? {
            Ended::Detached => Err(Failure::new(1, "read escape sequence")),
            Ended::Interrupted => Err(Failure::silent(INTERRUPTED)),
            Ended::Closed => exit_code(&mut exits, console).await,
        }
    }
}
