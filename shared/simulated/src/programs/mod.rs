//! Programs that run inside containers, each a small `async fn` over its process.

mod nginx;
mod ping;
mod sh;
mod tools;

pub use nginx::answer as nginx_answer;

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

/// Runs what the arguments name, if the container has it; else it is the shell's "not found".
pub fn start(process: Process) -> BoxFuture<'static, i64> {
    let name = process.arguments.first().cloned().unwrap_or_default();
    match (process.find_program(&name), find(&name)) {
        (Some(_), Some(program)) => program(process),
        (Some(_), None) => async move {
            process.complain(&format!("causeway: not simulated: {}\n", process.name()));
            126
        }
        .boxed(),
        (None, _) => async { 127 }.boxed(),
    }
}

type Program = fn(Process) -> BoxFuture<'static, i64>;

fn find(name: &str) -> Option<Program> {
    Some(match name.rsplit('/').next().unwrap_or(name) {
        "ping" => |process| ping::ping(process).boxed(),
        "nginx" | "docker-entrypoint.sh" => |process| nginx::nginx(process).boxed(),
        "sh" | "ash" | "bash" => |process| sh::sh(process).boxed(),
        "sleep" => |process| tools::sleep(process).boxed(),
        "cat" => |process| tools::cat(process).boxed(),
        "echo" => |process| tools::echo(process).boxed(),
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
