//! Programs that run other programs: `env`, `xargs`, `timeout`, `time`, `watch`, `nohup`.

use std::{task::Poll, time::Duration};

use futures::future::poll_fn;

use super::{
    tools::duration,
    usage::{self, Options},
};
use crate::process::{KILL, Process, TERM, signal_number};

pub async fn run(process: Process) -> i64 {
    match process.name() {
        "xargs" => xargs(&process).await,
        "timeout" => timeout(&process).await,
        "time" => time(&process).await,
        "watch" => watch(&process).await,
        _ => {
            let words = process.words().to_vec();
            in_place(&process, words, process.env.clone()).await
        }
    }
}

/// The program takes this one's place.
async fn in_place(process: &Process, words: Vec<String>, env: Vec<String>) -> i64 {
    let mut child = process.child(words);
    child.env = env;
    let name = child.arguments.first().cloned().unwrap_or_default();
    if child.find_program(&name).is_none() {
        process.complain(&format!(
            "{}: can't execute '{name}': No such file or directory\n",
            process.name()
        ));
        return 127;
    }
    child.rename(Some(child.arguments.clone()));
    super::start(child).await
}

/// A program in a process of its own: its pid.
fn start(process: &Process, words: Vec<String>) -> Result<u32, i64> {
    let child = process.child(words);
    let name = child.arguments.first().cloned().unwrap_or_default();
    if child.find_program(&name).is_none() {
        process.complain(&format!(
            "{}: can't execute '{name}': No such file or directory\n",
            process.name()
        ));
        return Err(127);
    }
    Ok(process.start(child))
}

pub async fn env(process: Process) -> i64 {
    let options = match Options::read(&process, "+iu:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let mut env = if options.has("i") {
        Vec::new()
    } else {
        process.env.clone()
    };
    for name in options.values("u") {
        env.retain(|variable| variable.split('=').next() != Some(name));
    }
    let mut words = options.rest.clone();
    while let Some((name, _)) = words.first().and_then(|word| word.split_once('=')) {
        env.retain(|variable| variable.split('=').next() != Some(name));
        env.push(words.remove(0));
    }
    if words.is_empty() {
        process.print(
            &env.iter()
                .map(|variable| format!("{variable}\n"))
                .collect::<String>(),
        );
        return 0;
    }
    in_place(&process, words, env).await
}

async fn xargs(process: &Process) -> i64 {
    let options = match Options::read(process, "+trn:s:e:E:x0I:P:p", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let bytes = process.read_all().await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let replace = options.value("I").map(str::to_owned);
    let words: Vec<String> = if options.has("0") {
        text.split('\0')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    } else if replace.is_some() {
        text.lines()
            .map(|line| line.trim_start().to_owned())
            .collect()
    } else {
        text.split_whitespace()
            .map(|word| word.trim_matches(['"', '\'']).to_owned())
            .collect()
    };
    let command = if options.rest.is_empty() {
        vec!["echo".to_owned()]
    } else {
        options.rest.clone()
    };
    let count = options
        .value("n")
        .and_then(|text| text.parse().ok())
        .unwrap_or(usize::MAX)
        .max(1);
    let calls: Vec<Vec<String>> = match &replace {
        Some(mark) => words
            .iter()
            .map(|word| {
                command
                    .iter()
                    .map(|part| part.replace(mark.as_str(), word))
                    .collect()
            })
            .collect(),
        None if words.is_empty() && options.has("r") => Vec::new(),
        None if words.is_empty() => vec![command],
        None => words
            .chunks(count)
            .map(|words| [command.clone(), words.to_vec()].concat())
            .collect(),
    };
    let mut status = 0;
    for call in calls {
        let pid = match start(process, call) {
            Ok(pid) => pid,
            Err(code) => return code,
        };
        if process.wait_for(pid).await != 0 {
            status = 123;
        }
    }
    status
}

async fn timeout(process: &Process) -> i64 {
    let options = match Options::read(process, "+s:k:", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let [seconds, command @ ..] = options.rest.as_slice() else {
        return usage::show(process);
    };
    if command.is_empty() {
        return usage::show(process);
    }
    let Some(limit) = duration(seconds) else {
        process.complain(&format!("timeout: invalid number '{seconds}'\n"));
        return 1;
    };
    let signal = options.value("s").and_then(signal_number).unwrap_or(TERM);
    let pid = match start(process, command.to_vec()) {
        Ok(pid) => pid,
        Err(code) => return code,
    };
    if let Some(exit) = within(process, pid, limit).await {
        return exit;
    }
    process.world.signal_from(process, pid, signal);
    if let Some(more) = options.value("k").and_then(duration) {
        if let Some(exit) = within(process, pid, more).await {
            return exit;
        }
        process.world.signal_from(process, pid, KILL);
    }
    process.wait_for(pid).await
}

/// A child's exit code, if it ends in time.
async fn within(process: &Process, pid: u32, limit: Duration) -> Option<i64> {
    let until = process
        .world
        .now()
        .checked_add(limit)
        .unwrap_or(jiff::Timestamp::MAX);
    process.world.set_timer(until);
    poll_fn(|_| match process.reap(pid) {
        Some(exit) => Poll::Ready(Some(exit)),
        None if process.world.now() >= until => Poll::Ready(None),
        None => Poll::Pending,
    })
    .await
}

async fn time(process: &Process) -> i64 {
    let words = process.words();
    if words.is_empty() {
        return usage::show(process);
    }
    let begun = process.world.now();
    let pid = match start(process, words.to_vec()) {
        Ok(pid) => pid,
        Err(code) => return code,
    };
    let exit = process.wait_for(pid).await;
    let took = process.world.now().duration_since(begun).as_secs_f64();
    let minutes = (took / 60.0).floor();
    process.complain(&format!(
        "real\t{minutes}m {:.2}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n",
        took - minutes * 60.0
    ));
    exit
}

async fn watch(process: &Process) -> i64 {
    let options = match Options::read(process, "+n:t", &[]) {
        Ok(options) => options,
        Err(code) => return code,
    };
    let command = options.rest.join(" ");
    if command.is_empty() {
        return usage::show(process);
    }
    let pause = options
        .value("n")
        .and_then(duration)
        .unwrap_or(Duration::from_secs(2));
    loop {
        process.print("\x1b[H\x1b[J");
        if !options.has("t") {
            let time = process.world.now().strftime("%Y-%m-%d %H:%M:%S");
            process.print(&format!(
                "Every {:.1}s: {command:<52}{time}\n\n",
                pause.as_secs_f64()
            ));
        }
        let words = ["sh", "-c", &command].map(str::to_owned).to_vec();
        if let Ok(pid) = start(process, words) {
            process.wait_for(pid).await;
        }
        process.pass(pause).await;
    }
}
