//! `redis`: Debian's, behind an entry point as Docker Hub's has it.

use anyhow::Result;
use serde_json::json;

use super::{Image, PATH, folder::Folder, layer_of, linux, packages};

pub const IMAGE: Image = Image {
    name: "redis",
    tag: "latest",
    packages: &[
        "redis-server",
        "redis-tools",
        "libatomic1",
        "libc6",
        "libcap2",
        "libgcrypt20",
        "libgpg-error0",
        "libjemalloc2",
        "liblz4-1",
        "liblzf1",
        "liblzma5",
        "libssl3",
        "libsystemd0",
        "libzstd1",
        "libgcc-s1",
        "libstdc++6",
    ],
    fill,
    config: || {
        json!({
            "Env": [PATH, "REDIS_VERSION=7.0.15"],
            "Entrypoint": ["docker-entrypoint.sh"],
            "Cmd": ["redis-server"],
            "ExposedPorts": {"6379/tcp": {}},
            "Volumes": {"/data": {}},
            "WorkingDir": "/data",
        })
    },
};

fn fill(image: &Folder) -> Result<()> {
    layer_of(&packages("redis"), image)?;
    linux::skeleton(
        image,
        &format!("{}redis:x:999:999:redis:/data:/bin/false\n", linux::USERS),
    )?;
    linux::install_busybox(image, |applet| applet != "redis-server")?;
    image.make("data")?;
    image.script("usr/local/bin/docker-entrypoint.sh", ENTRYPOINT)
}

const ENTRYPOINT: &str = "\
#!/bin/sh
set -e
# Options alone are the server's.
case \"$1\" in
-*) set -- redis-server \"$@\" ;;
esac
if [ \"$1\" = redis-server ]; then
    # A lab's server is for whoever reaches it: there is nothing to protect.
    set -- \"$@\" --protected-mode no
fi
exec \"$@\"
";
