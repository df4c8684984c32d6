//! What busybox says of itself.

pub const VERSION: &str = "BusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1)";

/// The shell's `help`.
pub const HELP: &str = include_str!("help.txt");
