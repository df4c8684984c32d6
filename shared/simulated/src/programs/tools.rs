//! The small tools that a networking course uses, as busybox has them.

// Every program is an `async fn`, also where it never waits.
#![allow(clippy::unused_async)]

use std::time::Duration;

use super::usage;
use crate::process::Process;

pub async fn sleep(process: Process) -> i64 {
    let mut whole = Duration::ZERO;
    if process.words().is_empty() {
        return usage::show(&process);
    }
    for word in process.words() {
        if let Some(duration) = duration(word) {
            whole = whole.saturating_add(duration);
        } else {
            process.complain(&format!("sleep: invalid number '{word}'\n"));
            return 1;
        }
    }
    process.sleep(whole).await;
    0
}

/// `5`, `0.5`, `2m`, `infinity`.
pub fn duration(word: &str) -> Option<Duration> {
    const LONGEST: f64 = 4e9;
    if matches!(word, "infinity" | "inf") {
        return Some(Duration::from_secs_f64(LONGEST));
    }
    let (number, times) = match word.chars().last()? {
        's' => (&word[..word.len() - 1], 1.0),
        'm' => (&word[..word.len() - 1], 60.0),
        'h' => (&word[..word.len() - 1], 3600.0),
        'd' => (&word[..word.len() - 1], 86_400.0),
        _ => (word, 1.0),
    };
    if !number.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let seconds: f64 = number.parse().ok()?;
    Some(Duration::from_secs_f64(
        (seconds * times).clamp(0.0, LONGEST),
    ))
}

pub async fn hostname(process: Process) -> i64 {
    let (name, addresses) = {
        let world = process.world.world();
        let name = world
            .containers
            .get(&process.container)
            .map(|container| container.hostname().to_owned());
        drop(world);
        (name.unwrap_or_default(), process.net().interfaces())
    };
    match process.words().first().map(String::as_str) {
        Some("-i") => {
            let mut all = addresses
                .iter()
                .filter(|interface| interface.mac.is_some())
                .flat_map(|interface| &interface.addresses);
            let first = all.next().map(|address| address.addr().to_string());
            process.print(&format!("{}\n", first.unwrap_or_default()));
        }
        None | Some("-f") => process.print(&format!("{name}\n")),
        Some("-s") => process.print(&format!("{}\n", name.split('.').next().unwrap_or_default())),
        Some("-d") => process.print(&format!(
            "{}\n",
            name.split_once('.').map_or("", |(_, domain)| domain)
        )),
        Some(_) => {
            process.complain("hostname: sethostname: Operation not permitted\n");
            return 1;
        }
    }
    0
}

/// `printenv`
pub async fn printenv(process: Process) -> i64 {
    let words = process.words();
    for variable in &process.env {
        if words.is_empty() {
            process.print(&format!("{variable}\n"));
        } else if let Some(word) = words.first()
            && let Some(value) = process.variable(word)
            && variable.starts_with(&format!("{word}="))
        {
            process.print(&format!("{value}\n"));
        }
    }
    0
}
