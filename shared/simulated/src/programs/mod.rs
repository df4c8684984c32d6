//! Programs that run inside containers, each a small `async fn` over its process.

pub mod applets;
mod files;
mod filters;
mod grep;
mod http;
mod httpd;
mod ifconfig;
mod ip;
mod ls;
mod misc;
mod mysqld;
mod nc;
mod nginx;
mod nslookup;
mod ping;
mod print;
mod processes;
mod redis;
mod sed;
mod sh;
mod text;
mod tools;
mod traceroute;
mod usage;
mod wget;
mod wrap;

use sh::pattern;

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
        "cat" => |process| filters::cat(process).boxed(),
        "head" => |process| filters::head(process).boxed(),
        "tail" => |process| filters::tail(process).boxed(),
        "wc" => |process| filters::wc(process).boxed(),
        "tee" => |process| filters::tee(process).boxed(),
        "sort" => |process| filters::sort(process).boxed(),
        "uniq" => |process| filters::uniq(process).boxed(),
        "cut" => |process| filters::cut(process).boxed(),
        "tr" => |process| filters::tr(process).boxed(),
        "tac" | "rev" | "nl" => |process| filters::turned(process).boxed(),
        "seq" => |process| filters::seq(process).boxed(),
        "yes" => |process| filters::yes(process).boxed(),
        "grep" | "egrep" | "fgrep" => |process| grep::grep(process).boxed(),
        "sed" => |process| sed::sed(process).boxed(),
        "ls" => |process| async move { ls::ls(&process) }.boxed(),
        "mkdir" | "rmdir" | "rm" | "cp" | "mv" | "touch" | "ln" | "chmod" | "chown"
        | "readlink" | "realpath" | "basename" | "dirname" | "pwd" | "find" | "stat" | "mktemp" => {
            |process| async move { files::run(&process) }.boxed()
        }
        "ps" | "pidof" | "kill" | "killall" | "uptime" | "top" => {
            |process| processes::run(process).boxed()
        }
        "xargs" | "timeout" | "time" | "watch" | "nohup" | "setsid" => {
            |process| wrap::run(process).boxed()
        }
        "id" | "whoami" | "date" | "uname" | "which" | "nproc" | "tty" | "clear" | "arch"
        | "logname" | "expr" | "busybox" => |process| misc::run(process).boxed(),
        "mysqld" => |process| mysqld::mysqld(process).boxed(),
        "redis-server" => |process| redis::redis_server(process).boxed(),
        "redis-cli" => |process| redis::redis_cli(process).boxed(),
        "usleep" => |process| {
            async move {
                let micros = process
                    .words()
                    .first()
                    .and_then(|word| word.parse().ok())
                    .unwrap_or(0);
                process
                    .sleep(std::time::Duration::from_micros(micros))
                    .await;
                0
            }
            .boxed()
        },
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
        "env" => |process| wrap::env(process).boxed(),
        "printenv" => |process| tools::printenv(process).boxed(),
        "true" => |_| async { 0 }.boxed(),
        "false" => |_| async { 1 }.boxed(),
        "wget" => |process| wget::wget(process).boxed(),
        "httpd" => |process| httpd::httpd(process).boxed(),
        "nslookup" => |process| nslookup::nslookup(process).boxed(),
        "ip" => |process| async move { ip::ip(&process) }.boxed(),
        "ifconfig" => |process| async move { ifconfig::ifconfig(&process) }.boxed(),
        "route" => |process| async move { ifconfig::route(&process) }.boxed(),
        "arp" => |process| async move { ifconfig::arp(&process) }.boxed(),
        "netstat" => |process| async move { ifconfig::netstat(&process) }.boxed(),
        "nc" => |process| nc::nc(process).boxed(),
        "telnet" => |process| nc::telnet(process).boxed(),
        "traceroute" => |process| traceroute::traceroute(process).boxed(),
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
