//! `busybox` and `alpine`: Debian's busybox with all its applets.

use anyhow::Result;
use serde_json::json;

use super::{Image, PATH, folder::Folder, linux};

pub const BUSYBOX: Image = Image {
    name: "busybox",
    tag: "latest",
    packages: &["busybox-static"],
    fill,
    config: || json!({"Env": [PATH], "Cmd": ["sh"]}),
};

pub const ALPINE: Image = Image {
    name: "alpine",
    tag: "latest",
    packages: &[],
    fill,
    config: || json!({"Env": [PATH], "Cmd": ["/bin/sh"], "WorkingDir": "/"}),
};

fn fill(image: &Folder) -> Result<()> {
    linux::skeleton(image, linux::USERS)?;
    linux::install_busybox(image, |_| true)
}
