//! `docker start`

use async_trait::async_trait;
use lab::options::{AttachContainerOptions, WaitContainerOptions};

use crate::{
    Context,
    console::Console,
    failure::{Failure, not_upgraded, told},
    flags::{Flag, Given},
    grammar::{Call, Command, Count, Grammar},
    streams::{Ended, INTERRUPTED, Target, Wires, exit_code, stream},
};

pub struct Start;

static FLAGS: &[Flag] = &[
    Flag::switch("attach", "Show its output, and end with its exit code").short('a'),
    Flag::one(
        "detach-keys",
        "string",
        "Keys that leave it running (default ctrl-p,ctrl-q)",
    ),
    Flag::switch("interactive", "Pass on what is typed").short('i'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["start", "container start"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    about: "Start containers that do not run",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["container"],
    program_from: None,
};

#[async_trait]
impl Command for Start {
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
        if given.on("attach") || given.on("interactive") {
            return start_attached(given, context, console).await;
        }
        let mut failed: Vec<&str> = Vec::new();
        for name in &given.arguments {
            match context.engine.start_container(name).await {
                Ok(()) => console.line(name).await,
                Err(error) => {
                    console.err_line(&told(&error)).await;
                    failed.push(name);
                }
            }
        }
        if failed.is_empty() {
            return Ok(0);
        }
        Err(Failure::new(
            1,
            format!("Error: failed to start containers: {}", failed.join(", ")),
        ))
    }
}

async fn start_attached(
    given: &Given,
    context: &Context,
    console: &mut Console,
) -> Result<u8, Failure> {
    let [name] = &given.arguments[..] else {
        return Err(Failure::new(
            1,
            "you cannot start and attach multiple containers at once",
        ));
    };
    let engine = &context.engine;
    let container = engine.inspect_container(name, false).await?.parse()?;
    let id = container.id.unwrap_or_else(|| name.clone());
    let config = container.config.unwrap_or_default();
    let tty = config.tty == Some(true);
    let stdin = given.on("interactive") && config.open_stdin == Some(true);
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
    let removed = container.host_config.and_then(|host| host.auto_remove) == Some(true);
    let condition = if removed { "removed" } else { "next-exit" };
    let mut exits = engine
        .wait_container(
            &id,
            WaitContainerOptions {
                condition: condition.to_owned(),
            },
        )
        .await?;
    engine.start_container(&id).await?;
    let wires = Wires {
        detach_keys: given.one("detach-keys"),
        target: Target::Container(&id),
        tty,
        stdin,
        proxy: !tty,
    };
    wires.fit(context, console).await;
    match stream(&wires, attached, context, console).await? {
        Ended::Detached => Ok(0),
        Ended::Interrupted => Err(Failure::silent(INTERRUPTED)),
        Ended::Closed => exit_code(&mut exits, console).await,
    }
}
