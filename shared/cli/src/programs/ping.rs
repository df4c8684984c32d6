//! `ping` on the host: not here. An echo needs rights that a page and an ordinary program do not have, and one that is
//! made up would teach nothing; from inside a container it is real.

use async_trait::async_trait;

use super::{Call, Program};
use crate::{
    Context,
    console::Console,
    grammar::{Count, Grammar},
    shell::Ended,
};

pub struct Ping;

static PING: Grammar = Grammar {
    names: &[
        "ping",
        "traceroute",
        "ip",
        "ifconfig",
        "arp",
        "netstat",
        "ss",
        "route",
        "tcpdump",
    ],
    usage: "ARGUMENT...",
    about: "Not on the host: inside a container it is real",
    flags: &[],
    count: Count::AtLeast(0),
    arguments: &["argument"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Ping {
    fn grammar(&self) -> &'static Grammar {
        &PING
    }

    async fn run(&self, call: Call<'_>, _: &Context, console: &mut Console) -> Ended {
        let words = call.words.join(" ");
        let why = format!(
            "causeway: {name}: not on the host; inside a container: docker exec CONTAINER {name} {words}",
            name = call.name
        );
        console.err_line(why.trim_end()).await;
        Ended::with(127)
    }
}
