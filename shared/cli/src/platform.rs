//! `--platform`: a lab's containers run on the engine's own, so another one is refused.

use crate::Context;

const SYSTEMS: &[&str] = &[
    "linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "android", "wasip1", "wasi",
];
const MACHINES: &[&str] = &[
    "amd64", "arm64", "arm", "386", "ppc64le", "s390x", "riscv64", "mips64le", "loong64", "wasm",
];

/// Says what is wrong with it, in docker's words or, where docker would go on, in one of ours.
pub async fn check(asked: &str, context: &Context) -> Result<(), String> {
    let wrong = |why: &str| {
        let quoted = crate::go::quote(asked);
        Err(format!(
            "error parsing specified platform: {quoted}: {why}: invalid argument"
        ))
    };
    let lower = asked.to_lowercase();
    let parts: Vec<&str> = lower.split('/').map(known_as).collect();
    let (system, machine) = match parts[..] {
        [one] if SYSTEMS.contains(&one) => (Some(one), None),
        [one] if MACHINES.contains(&one) => (None, Some(one)),
        [_] => return wrong("unknown operating system or architecture"),
        [system, machine] | [system, machine, _] => (Some(system), Some(machine)),
        _ => return wrong("cannot parse platform specifier"),
    };
    let engine = context.engine.version().await;
    let engine = engine.map_err(|error| crate::failure::told(&error))?;
    let own = |asked: Option<&str>, own: Option<&str>| {
        asked.is_none_or(|asked| own.is_none_or(|own| known_as(own) == asked))
    };
    let (os, arch) = (engine.os.as_deref(), engine.arch.as_deref());
    if own(system, os) && own(machine, arch) {
        return Ok(());
    }
    Err(format!(
        "causeway: --platform {asked} is not for a lab: its containers run on the engine's own platform, {}/{}.",
        os.unwrap_or("linux"),
        arch.unwrap_or_default()
    ))
}

/// Other names that the same machine goes by.
fn known_as(part: &str) -> &str {
    match part {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" => "386",
        "macos" => "darwin",
        part => part,
    }
}
