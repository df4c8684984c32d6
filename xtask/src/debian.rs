//! Installs what is missing where that is ours to do (root on Debian); elsewhere, names the one command that would.

use std::{path::Path, process::Command};

use anyhow::{Result, bail};

use crate::steps;

/// Makes sure that these packages are there. `why` ends the sentence "… is needed".
pub fn need(packages: &[&str], why: &str) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_root_on_debian() {
        bail!("{why} needs {}: on Debian, `sudo apt-get install {}`", missing.join(", "), missing.join(" "));
    }
    steps::step(&format!("installing {} ({why})", missing.join(", ")), || {
        apt(&["update", "-qq"])?;
        apt(&[&["install", "-y", "-qq", "--no-install-recommends"], missing.as_slice()].concat())
    })
}

pub fn is_root_on_debian() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    root && Path::new("/etc/debian_version").exists()
}

fn is_installed(package: &str) -> bool {
    Command::new("dpkg-query")
        .args(["-W", "-f", "${Status}", package])
        .output()
        .is_ok_and(|output| output.stdout.ends_with(b" installed"))
}

fn apt(arguments: &[&str]) -> Result<()> {
    steps::run(
        Command::new("apt-get")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdout(std::process::Stdio::null()),
    )
}
