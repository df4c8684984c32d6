//! Which compiler makes WebAssembly here: the installed target, else rustup's, else Debian's compiler.

use std::{env, path::Path, process::Command};

use anyhow::{Result, bail};

use crate::{debian, steps};

const TARGET: &str = "wasm32-unknown-unknown";

/// A `cargo build` for WebAssembly, to which package and profile are still to be added.
pub fn cargo_build() -> Result<Command> {
    if target_is_installed() || add_target() {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--target", TARGET]);
        return Ok(cargo);
    }
    if !debian::is_root_on_debian() {
        bail!("the page is WebAssembly, and this Rust has no target for it: `rustup target add {TARGET}`");
    }
    debian::need(&["rustc-web", "cargo-web", "rust-web-src", "lld-19"], "compiling the page to WebAssembly, as rustup has no target for it here")?;
    Ok(debian_cargo())
}

fn target_is_installed() -> bool {
    let Ok(output) = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output() else {
        return false;
    };
    output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).exists()
}

fn add_target() -> bool {
    println!("    asking rustup for the target {TARGET}");
    // rustup tries an unreachable server again and again; a minute is enough for one that is there.
    let mut rustup = Command::new("timeout");
    rustup.args(["60", "rustup", "target", "add", TARGET]);
    rustup.stderr(std::process::Stdio::null());
    steps::run(&mut rustup).is_ok() && target_is_installed()
}

/// Debian's own Rust. It has the standard library as source, so that is built too.
fn debian_cargo() -> Command {
    let mut cargo = Command::new("/usr/bin/cargo");
    // What `cargo xtask` set for its own compiler must not reach another one.
    for name in ["RUSTUP_TOOLCHAIN", "RUSTC_WRAPPER", "CARGO", "RUSTUP_HOME", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        cargo.env_remove(name);
    }
    cargo
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTC", "/usr/bin/rustc")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
        .args(["build", "-Zbuild-std=std,panic_abort", "--target", TARGET]);
    cargo
}
