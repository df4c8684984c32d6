//! `python:3.9-slim`: Debian's Python, with pip and the packages that the course's app asks for. They lie in the image as
//! wheels, not installed: a build on a lab's engine reaches no index, and `pip install` must still be what installs them.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{Image, folder::Folder, images, layer_of, linux, packages};
use crate::{debian, steps};

pub const IMAGE: Image = Image {
    name: "python",
    tag: "3.9-slim",
    packages: &[
        "python3.11",
        "python3.11-minimal",
        "libpython3.11-minimal",
        "libpython3.11-stdlib",
        "libbz2-1.0",
        "libc6",
        "libcrypt1",
        "libexpat1",
        "libffi8",
        "liblzma5",
        "libncursesw6",
        "libreadline8",
        "libsqlite3-0",
        "libssl3",
        "libtinfo6",
        "libuuid1",
        "zlib1g",
    ],
    fill,
    config: || json!({"Env": [super::PATH, "LANG=C.UTF-8", "PYTHON_VERSION=3.11.2"], "Cmd": ["python3"], "WorkingDir": "/"}),
};

/// Flask, redis and what they need, and pip itself; one version each, so that the image is always the same.
const WHEELS: [&str; 10] = [
    "async-timeout==4.0.3",
    "blinker==1.8.2",
    "click==8.1.7",
    "flask==3.0.3",
    "itsdangerous==2.2.0",
    "jinja2==3.1.4",
    "markupsafe==2.1.5",
    "pip==24.2",
    "redis==5.0.8",
    "werkzeug==3.0.4",
];

/// Gets them where this machine's pip gets its packages.
pub fn fetch_wheels() -> Result<()> {
    let done = wheels().join(".fetched");
    let wanted = WHEELS.join("\n");
    if fs::read_to_string(&done).is_ok_and(|fetched| fetched == wanted) {
        return Ok(());
    }
    if !debian::answers("pip3", &["--version"]) {
        debian::need(&["python3-pip"], "the image python:3.9-slim")?;
    }
    steps::step(
        "fetching Flask and redis for the image python:3.9-slim",
        || {
            let mut pip = Command::new("pip3");
            pip.args([
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
            ]);
            pip.args([
                "--python-version",
                "3.11",
                "--only-binary",
                ":all:",
                "--dest",
            ]);
            steps::run(pip.arg(wheels()).args(WHEELS))?;
            Ok(fs::write(&done, &wanted)?)
        },
    )
}

fn wheels() -> PathBuf {
    images().join("wheels")
}

fn fill(image: &Folder) -> Result<()> {
    layer_of(&packages("python"), image)?;
    linux::skeleton(image, linux::USERS)?;
    linux::install_busybox(image, |_| true)?;
    for unused in [
        "test",
        "idlelib",
        "pydoc_data",
        "lib2to3",
        "EXTERNALLY-MANAGED",
    ] {
        image.remove(&format!("usr/lib/python3.11/{unused}"))?;
    }
    for name in ["python", "python3"] {
        image.link(&format!("usr/local/bin/{name}"), "/usr/bin/python3.11")?;
    }
    install_pip(image)
}

fn install_pip(image: &Folder) -> Result<()> {
    let packages = image.0.join("usr/local/lib/python3.11/dist-packages");
    fs::create_dir_all(&packages)?;
    image.make("usr/share/wheels")?;
    for wheel in fs::read_dir(wheels())? {
        let wheel = wheel?.path();
        let name = wheel.file_name().context("a wheel without a name")?;
        match name.to_string_lossy() {
            name if name.starts_with("pip-") => {
                let mut unzip = Command::new("python3");
                unzip
                    .args(["-m", "zipfile", "-e"])
                    .arg(&wheel)
                    .arg(&packages);
                steps::run(&mut unzip)?;
            }
            name if name.ends_with(".whl") => {
                fs::copy(&wheel, image.0.join("usr/share/wheels").join(&*name))?;
            }
            _ => {}
        }
    }
    for name in ["pip", "pip3"] {
        image.script(&format!("usr/local/bin/{name}"), PIP)?;
    }
    image.write("etc/pip.conf", PIP_CONF)
}

const PIP: &str = "#!/bin/sh\nexec python3 -m pip \"$@\"\n";

const PIP_CONF: &str = "\
[global]
no-index = true
find-links = /usr/share/wheels
disable-pip-version-check = true
root-user-action = ignore
no-compile = true
";
