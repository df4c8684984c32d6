//! The `causeway` binary itself, as a person starts it.

use std::{
    env,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use crate::docker::Docker;

/// The binary: the one that is named, or built by Cargo where it is not yet.
pub fn causeway() -> Command {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let named = || env::var_os("CAUSEWAY_BIN").map(PathBuf::from);
    Command::new(BUILT.get_or_init(|| named().unwrap_or_else(build)))
}

/// `causeway sh` over the simulated engine.
pub fn simulated_sh(state: &Path) -> Command {
    let mut command = causeway();
    command
        .args(["sh", "--engine", "simulated", "--state"])
        .arg(state);
    command
}

/// `causeway sh` over a Docker engine.
pub fn docker_sh(docker: &Docker, state: &Path) -> Command {
    let mut command = causeway();
    command
        .args(["sh", "--engine", "docker", "--state"])
        .arg(state)
        .env("DOCKER_HOST", &docker.host)
        .env_remove("DOCKER_CONTEXT");
    command
}

/// What `causeway sh` wrote, for a `-c` line.
pub fn sh(state: &Path, line: &str) -> (String, String, i32) {
    run(&mut simulated_sh(state), line)
}

/// What this `causeway sh` writes for a `-c` line.
pub fn run(sh: &mut Command, line: &str) -> (String, String, i32) {
    let output = sh.args(["-c", line]).stdin(Stdio::null()).output();
    read(&output.expect("a program that runs"))
}

/// What `causeway sh` wrote, for lines on its standard input.
pub fn sh_reading(state: &Path, lines: &str) -> (String, String, i32) {
    run_reading(&mut simulated_sh(state), lines)
}

/// What this `causeway sh` writes for lines on its standard input.
pub fn run_reading(sh: &mut Command, lines: &str) -> (String, String, i32) {
    sh.stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = sh.spawn().expect("a program that runs");
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

/// Tests run from `target/PROFILE/deps`.
pub fn target_folder() -> PathBuf {
    let test = env::current_exe().expect("the test's own path");
    let target = test.ancestors().nth(3).expect("the target folder");
    target.to_owned()
}

fn build() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--package", "causeway"])
        .status();
    assert!(built.expect("cargo").success(), "causeway does not build");
    // What is built without a profile's name is in `target/debug`.
    target_folder()
        .join("debug")
        .join(format!("causeway{}", env::consts::EXE_SUFFIX))
}
