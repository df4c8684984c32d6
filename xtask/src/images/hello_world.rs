//! `hello-world`: says that the engine works.

use anyhow::Result;
use serde_json::json;

use super::{Image, PATH, folder::Folder, linux};

pub const IMAGE: Image = Image {
    name: "hello-world",
    tag: "latest",
    packages: &[],
    fill,
    config: || json!({"Env": [PATH], "Cmd": ["/hello"], "WorkingDir": "/"}),
};

fn fill(image: &Folder) -> Result<()> {
    linux::install_busybox(image, |applet| applet == "sh" || applet == "cat")?;
    image.script("hello", HELLO)
}

const HELLO: &str = "\
#!/bin/sh
cat << END

Hello from Docker!
This message shows that your installation appears to be working correctly.

END
";
