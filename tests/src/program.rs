//! The `causeway` binary itself, as a person starts it.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

/// The binary, built by Cargo where it is not yet.
pub fn causeway() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    Command::new(BUILT.get_or_init(build))
}

/// What `causeway sh` wrote, for a `-c` line.
pub fn sh(state: &Path, line: &str) -> (String, String, i32) {
    let mut command = causeway();
    command
        .args(["sh", "--engine", "simulated", "--state"])
        .arg(state);
    let output = command.args(["-c", line]).stdin(Stdio::null()).output();
    read(&output.expect("a program that runs"))
}

/// What `causeway sh` wrote, for lines on its standard input.
pub fn sh_reading(state: &Path, lines: &str) -> (String, String, i32) {
    let mut command = causeway();
    command
        .args(["sh", "--engine", "simulated", "--state"])
        .arg(state);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("a program that runs");
    let mut input = child.stdin.take().expect("its input");
    input
        .write_all(lines.as_bytes())
        .expect("a program that reads");
    drop(input);
    read(&child.wait_with_output().expect("a program that ends"))
}

pub fn read(output: &Output) -> (String, String, i32) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        text(&output.stdout),
        text(&output.stderr),
        output.status.code().unwrap_or(-1),
    )
}

fn build() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", "causeway"])
        .status();
    assert!(built.expect("cargo").success(), "causeway does not build");
    // Tests run from `target/PROFILE/deps`; what is built without a profile's name is in `target/debug`.
    let test = env::current_exe().expect("the test's own path");
    let target = test.ancestors().nth(3).expect("the target folder");
    target
        .join("debug")
        .join(format!("causeway{}", env::consts::EXE_SUFFIX))
}
