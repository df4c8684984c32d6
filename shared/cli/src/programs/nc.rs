//! `nc -z HOST PORT`: whether a port of the lab answers, from the host.

use std::time::Duration;

use async_trait::async_trait;
use futures::future::{Either, select};
use lab::host::ConnectError;

use super::{Call, Program, lookup::addresses};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    shell::Ended,
    streams::{INTERRUPTED, unless_interrupted},
};

pub struct Nc;

static NC: Grammar = Grammar {
    names: &["nc", "netcat", "telnet"],
    usage: "-z [-v] [-w SECONDS] HOST PORT",
    about: "Tries whether a port answers, from the host",
    flags: NC_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["host", "port"],
    program_from: None,
};

#[async_trait]
impl Program for Nc {
    fn grammar(&self) -> &'static Grammar {
        &NC
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&NC, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let [host, port] = &given.arguments[..] else {
            console
                .err_line("causeway: nc: say where: nc -zv localhost 8080")
                .await;
            return Ended::with(1);
        };
        if !given.on("zero") {
            let why = format!(
                "causeway: {}: it only tries whether a port answers here, with -z; curl fetches pages.",
                call.name
            );
            console.err_line(&why).await;
            return Ended::with(1);
        }
        let Ok(port) = port.parse::<u16>() else {
            console
                .err_line(&format!("nc: port number invalid: {port}"))
                .await;
            return Ended::with(1);
        };
        let found = addresses(host);
        if found.is_empty() {
            let why = format!(
                "nc: getaddrinfo for host \"{host}\" port {port}: Name or service not known"
            );
            console.err_line(&why).await;
            return Ended::with(1);
        }
        let limit = Duration::from_secs(
            given
                .number("wait")
                .and_then(|seconds| u64::try_from(seconds).ok())
                .unwrap_or(127),
        );
        for address in found {
            let connecting = context.host.connect((address, port).into());
            let limited = async {
                match select(connecting, context.clock.sleep(limit)).await {
                    Either::Left((connected, _)) => connected.map(drop),
                    Either::Right(_) => Err(ConnectError::TimedOut),
                }
            };
            let line = match unless_interrupted(limited, console).await {
                None => return Ended::with(INTERRUPTED),
                Some(Ok(())) => {
                    if given.on("verbose") {
                        console
                            .err_line(&format!(
                                "Connection to {host} {port} port [tcp/*] succeeded!"
                            ))
                            .await;
                    }
                    return Ended::with(0);
                }
                Some(Err(ConnectError::NotAllowed(why))) => format!("causeway: {why}"),
                Some(Err(error)) => {
                    format!("nc: connect to {host} ({address}) port {port} (tcp) failed: {error}")
                }
            };
            if given.on("verbose") || line.starts_with("causeway") {
                console.err_line(&line).await;
            }
        }
        Ended::with(1)
    }
}

static NC_FLAGS: &[Flag] = &[
    Flag::switch("zero", "Only try whether it answers").short('z'),
    Flag::switch("verbose", "Say what came of it").short('v'),
    Flag::switch("numeric", "").short('n'),
    Flag::number("wait", "Give up after so many seconds").short('w'),
];
