//! `docker exec`

use async_trait::async_trait;
use lab::models::ExecConfig;

use crate::{
    Context,
    console::Console,
    failure::{Failure, not_upgraded},
    flags::Flag,
    from_files,
    grammar::{Call, Command, Count, Grammar},
    streams::{Ended, INTERRUPTED, Target, Wires, stream},
    values::environment,
};

pub struct Exec;

static FLAGS: &[Flag] = &[
    Flag::switch("detach", "Run it in the background").short('d'),
    Flag::one(
        "detach-keys",
        "string",
        "Keys that leave it running (default ctrl-p,ctrl-q)",
    ),
    Flag::many("env", "list", "Set a variable: NAME=value")
        .short('e')
        .checked(environment),
    Flag::many(
        "env-file",
        "list",
        "Set the variables that this file of the lab names",
    ),
    Flag::switch("interactive", "Keep its input open").short('i'),
    Flag::refused(
        "privileged",
        "a container of a lab gets none of your machine's rights",
    ),
    Flag::switch("tty", "Give it a terminal").short('t'),
    Flag::one(
        "user",
        "string",
        "Run as this user: name or uid, and :group",
    )
    .short('u'),
    Flag::one("workdir", "string", "Directory to start in").short('w'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["exec", "container exec"],
    usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
    about: "Run another program in a running container",
    flags: FLAGS,
    count: Count::AtLeast(2),
    arguments: &["container"],
    program_from: Some(1),
};

#[async_trait]
impl Command for Exec {
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
        let env = from_files::environment(given, context).map_err(|why| Failure::new(1, why))?;
        // That it is not there is said before anything about terminals.
        engine.inspect_container(name, false).await?;
        let (tty, detach) = (given.on("tty"), given.on("detach"));
        let stdin = given.on("interactive") && !detach;
        if tty && stdin && console.terminal().is_none() {
            return Err(Failure::new(1, "the input device is not a TTY"));
        }
        let size = console.output_terminal().filter(|_| tty);
        let config = ExecConfig {
            attach_stdin: Some(stdin),
            attach_stdout: Some(!detach),
            attach_stderr: Some(!detach),
            console_size: size.map(|size| vec![size.rows.into(), size.columns.into()]),
            detach_keys: given.text("detach-keys"),
            tty: Some(tty),
            env: Some(env).filter(|env| !env.is_empty()),
            cmd: Some(given.arguments[1..].to_vec()),
            privileged: None,
            user: given.text("user"),
            working_dir: given.text("workdir"),
        };
        let id = engine.create_exec(name, config).await?;
        if detach {
            engine.start_exec_detached(&id).await?;
            return Ok(0);
        }
        let attached = engine.start_exec(&id, tty).await.map_err(not_upgraded)?;
        let wires = Wires {
            detach_keys: given.one("detach-keys"),
            target: Target::Exec(&id),
            tty,
            stdin,
            proxy: false,
        };
        wires.fit(context, console).await;
        match stream(&wires, attached, context, console).await? {
            Ended::Detached => return Err(Failure::new(1, "read escape sequence")),
            Ended::Interrupted => return Err(Failure::silent(INTERRUPTED)),
            Ended::Closed => {}
        }
        let code = engine
            .inspect_exec(&id)
            .await?
            .exit_code
            .unwrap_or_default();
        Ok(u8::try_from(code & 0xff).unwrap_or(u8::MAX))
    }
}
