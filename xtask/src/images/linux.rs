//! What every Linux image has: folders, users, and busybox for its tools.

use std::{fs, process::Command};

use anyhow::Result;

use super::{folder::Folder, packages};
use crate::steps;

/// As in `/etc/passwd`.
pub const USERS: &str = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n";

/// The folders that every Linux image has, and its users.
pub fn skeleton(image: &Folder, users: &str) -> Result<()> {
    for folder in [
        "dev", "proc", "sys", "root", "run", "home", "var/log", "var/lib",
    ] {
        image.make(folder)?;
    }
    for folder in ["tmp", "var/tmp"] {
        image.make(folder)?;
        steps::output(Command::new("chmod").arg("1777").arg(image.0.join(folder)))?;
    }
    image.write("etc/passwd", users)?;
    // Each user has the group of the same name and number.
    let groups = users.lines().filter_map(|user| {
        let mut fields = user.split(':');
        Some(format!("{}:x:{}:\n", fields.next()?, fields.nth(1)?))
    });
    image.write("etc/group", &groups.collect::<String>())?;
    image.write(
        "etc/nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files dns\n",
    )
}

/// One program, and a link to it for each applet that is wanted.
pub fn install_busybox(image: &Folder, wanted: fn(&str) -> bool) -> Result<()> {
    let program = packages("busybox").join("bin/busybox");
    image.make("bin")?;
    fs::copy(&program, image.0.join("bin/busybox"))?;
    let applets = steps::output(Command::new(&program).arg("--list-full"))?;
    for applet in applets.lines() {
        let name = applet.rsplit('/').next().unwrap_or(applet);
        if wanted(name) && name != "busybox" {
            image.link(applet, "/bin/busybox")?;
        }
    }
    Ok(())
}
