//! Cargo as a child of `cargo xtask`: what the outer one set for itself does not reach the inner one.

use std::{env, process::Command};

use crate::root;

/// Set by the outer cargo for this program alone; an inner one that saw them would take them for its own.
const OUTER: [&str; 6] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_PRIMARY_",
    "OUT_DIR",
];

/// The same cargo that runs xtask, in the checkout.
pub fn cargo() -> Command {
    clean(Command::new(
        env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
    ))
}

/// Another cargo than the one that runs xtask: nothing of the outer compiler's may reach it.
pub fn other_cargo(program: &str) -> Command {
    let mut cargo = clean(Command::new(program));
    for name in [
        "CARGO",
        "CARGO_ENCODED_RUSTFLAGS",
        "LD_LIBRARY_PATH",
        "RUSTC",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTDOC",
        "RUSTFLAGS",
        "RUSTUP_TOOLCHAIN",
    ] {
        cargo.env_remove(name);
    }
    cargo
}

fn clean(mut cargo: Command) -> Command {
    cargo.current_dir(root());
    for (name, _) in env::vars_os() {
        let outer = |start: &&str| name.to_string_lossy().starts_with(*start);
        if OUTER.iter().any(outer) {
            cargo.env_remove(&name);
        }
    }
    cargo
}
