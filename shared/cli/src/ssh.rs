//! `ssh HOST COMMAND`: the same commands on another of the lab's machines. There is no network and no key in it: the other
//! machine's engine is asked directly, and only commands that run here run there.

use std::sync::Arc;

use crate::{Context, console::Console, shell};

/// As ssh itself exits when it cannot connect.
const FAILED: u8 = 255;

pub async fn run(words: &[String], context: &Context, console: &mut Console) -> u8 {
    let options = words.iter().take_while(|word| is_option(word)).count();
    let Some((target, command)) = words[options..].split_first() else {
        console
            .err_line("usage: ssh [-t] destination command [argument ...]")
            .await;
        return FAILED;
    };
    let Some(there) = there(target, context) else {
        console.err_line(&unknown(target, context)).await;
        return FAILED;
    };
    if command.is_empty() {
        let why = format!(
            "causeway: ssh {target}: say what to run there, as in 'ssh {target} docker ps'."
        );
        console.err_line(&why).await;
        return FAILED;
    }
    // As ssh does it: the words are joined, and the other machine's shell reads them again.
    shell::run(&command.join(" "), &there, console).await
}

/// `-t` and the like, which change nothing here.
fn is_option(word: &str) -> bool {
    matches!(word, "-t" | "-tt" | "-T" | "-q")
}

/// What a line runs with on another machine; `root@host2` is `host2`.
fn there(target: &str, context: &Context) -> Option<Context> {
    let host = target.rsplit('@').next().unwrap_or(target);
    let (engine, host) = context.hosts.on(host)?;
    Some(Context {
        engine,
        host,
        hosts: Arc::clone(&context.hosts),
        ..context.clone()
    })
}

fn unknown(target: &str, context: &Context) -> String {
    let host = target.rsplit('@').next().unwrap_or(target);
    let names = context.hosts.names();
    if names.is_empty() {
        return format!(
            "causeway: ssh {target}: this lab has only the machine that its Docker runs on; the simulated engine has others (--engine simulated)."
        );
    }
    format!(
        "ssh: Could not resolve hostname {host}: Name or service not known (the machines of this lab are {})",
        names.join(", ")
    )
}
