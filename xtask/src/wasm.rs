//! Which compiler makes WebAssembly here: the installed target, else rustup's, else Debian's own compiler.

use std::{path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, bail};

use crate::{
    cargo::{cargo, other_cargo},
    debian, steps,
};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler for its browsers: newer than its `rustc`, and kept so.
const DEBIAN_RUST: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// Linkers for WebAssembly that Debian may have, the newest first.
const LINKERS: [u8; 8] = [21, 20, 19, 18, 17, 16, 15, 14];

/// A `cargo build` for WebAssembly, to which package and profile are still to be added.
pub fn cargo_build() -> Result<Command> {
    if target_is_installed() {
        return Ok(own_cargo());
    }
    if debian_is_ready() {
        return debian_cargo();
    }
    match add_target() {
        Ok(()) => return Ok(own_cargo()),
        Err(error) => println!("    {error:#}"),
    }
    if !debian::is_root_on_debian() {
        bail!(
            "the page is WebAssembly, and this Rust has no target for it: `rustup target add {TARGET}`"
        );
    }
    println!(
        "    rustup has no {TARGET} for us here: taking Debian's own Rust, which is installed beside yours"
    );
    debian::need_lists("rustc-web")?;
    let linker = linker().context("Debian names no lld that links WebAssembly")?;
    let linker = format!("lld-{linker}");
    let packages = [&DEBIAN_RUST[..], &[&linker]].concat();
    debian::need(&packages, "compiling the page to WebAssembly")?;
    debian_cargo()
}

fn own_cargo() -> Command {
    let mut cargo = cargo();
    cargo.args(["build", "--target", TARGET]);
    cargo
}

fn target_is_installed() -> bool {
    let folder = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .output();
    folder.is_ok_and(|output| {
        output.status.success()
            && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}

fn add_target() -> Result<()> {
    steps::step(&format!("asking rustup for the target {TARGET}"), || {
        // rustup tries an unreachable server again and again; this is enough for one that is there.
        let mut rustup = Command::new("rustup");
        rustup
            .args(["target", "add", TARGET])
            .env("RUSTUP_MAX_RETRIES", "1");
        steps::run_within(Duration::from_secs(90), &mut rustup)?;
        if !target_is_installed() {
            bail!("rustup added it to another toolchain than the one that is running");
        }
        Ok(())
    })
}

fn debian_is_ready() -> bool {
    DEBIAN_RUST
        .iter()
        .all(|package| debian::is_installed(package))
        && installed_linker().is_some()
}

fn installed_linker() -> Option<u8> {
    LINKERS
        .into_iter()
        .find(|n| Path::new(&format!("/usr/bin/wasm-ld-{n}")).exists())
}

fn linker() -> Option<u8> {
    installed_linker().or_else(|| {
        LINKERS
            .into_iter()
            .find(|n| debian::is_known(&format!("lld-{n}")))
    })
}

/// Debian's own Rust. It has the standard library as source only, so that is built too.
fn debian_cargo() -> Result<Command> {
    let linker = installed_linker().context("no wasm-ld: `apt-get install lld`")?;
    let mut cargo = other_cargo("/usr/bin/cargo");
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", "/usr/bin/rustc")
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER",
            format!("wasm-ld-{linker}"),
        )
        .args(["build", "-Zbuild-std=std,panic_abort", "--target", TARGET]);
    Ok(cargo)
}
