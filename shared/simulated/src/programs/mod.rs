//! Programs that run inside containers, each a small `async fn` over its process.

pub mod applets;
mod nginx;
mod ping;
mod print;
mod sh;
mod text;
mod tools;

use futures::{FutureExt, future::BoxFuture};

use crate::{process::Process, world::Container};

/// What a container runs first: its entrypoint and command, of which its image's are part already.
pub fn command(container: &Container) -> Vec<String> {
    let words = |words: &Option<Vec<String>>| words.clone().unwrap_or_default();
    [
        words(&container.body.entrypoint),
        words(&container.body.cmd),
    ]
    .concat()
}

/// Runs what the arguments name, if the container has it.
pub fn start(process: Process) -> BoxFuture<'static, i64> {
    let name = process.arguments.first().cloned().unwrap_or_default();
    let Some(path) = process.find_program(&name) else {
        return async { 127 }.boxed();
    };
    if let Some(program) = find(&name) {
        return program(process);
    }
    let content = process.read_file(&path).unwrap_or_default();
    if content.starts_with(b"#!") {
        return sh::script(process, path).boxed();
    }
    async move { not_simulated(&process) }.boxed()
}

/// What is in the image, and has no twin here.
pub fn not_simulated(process: &Process) -> i64 {
    process.complain(&format!("causeway: not simulated: {}\n", process.name()));
    126
}

pub type Program = fn(Process) -> BoxFuture<'static, i64>;

pub fn find(name: &str) -> Option<Program> {
    Some(match name.rsplit('/').next().unwrap_or(name) {
        "ping" => |process| ping::ping(process).boxed(),
        "nginx" => |process| nginx::nginx(process).boxed(),
        "sh" | "ash" => |process| sh::sh(process).boxed(),
        "sleep" => |process| tools::sleep(process).boxed(),
        "cat" => |process| tools::cat(process).boxed(),
        "echo" => |process| {
            async move {
                process.write(1, &print::echo(process.words()));
                0
            }
            .boxed()
        },
        "printf" => {
            |process| async move { print::printf(&process, "printf", process.words()) }.boxed()
        }
        "test" | "[" | "[[" => |process| async move { test(&process) }.boxed(),
        "hostname" => |process| tools::hostname(process).boxed(),
        "env" | "printenv" => |process| tools::env(process).boxed(),
        "true" => |_| async { 0 }.boxed(),
        "false" => |_| async { 1 }.boxed(),
        "wget" => |process| tools::wget(process).boxed(),
        "nslookup" => |process| tools::nslookup(process).boxed(),
        "ip" => |process| tools::ip(process).boxed(),
        _ => return None,
    })
}

fn test(process: &Process) -> i64 {
    match sh::test(process, &process.arguments) {
        Ok(holds) => i64::from(!holds),
        Err(message) => {
            process.complain(&format!("{}: {message}\n", process.name()));
            2
        }
    }
}
