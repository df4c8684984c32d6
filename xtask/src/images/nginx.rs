//! `nginx`: Debian's, behind an entry point that says what Docker Hub's says.

use anyhow::Result;
use serde_json::json;

use super::{Image, PATH, folder::Folder, layer_of, linux, packages};

pub const IMAGE: Image = Image {
    name: "nginx",
    tag: "latest",
    packages: &[
        "nginx",
        "nginx-common",
        "libc6",
        "libcrypt1",
        "libpcre2-8-0",
        "libssl3",
        "zlib1g",
    ],
    fill,
    config: || {
        json!({
            "Env": [PATH, "NGINX_VERSION=1.22.1"],
            "Entrypoint": ["/docker-entrypoint.sh"],
            "Cmd": ["nginx", "-g", "daemon off;"],
            "ExposedPorts": {"80/tcp": {}},
            "StopSignal": "SIGQUIT",
            "WorkingDir": "/",
        })
    },
};

fn fill(image: &Folder) -> Result<()> {
    layer_of(&packages("nginx"), image)?;
    linux::skeleton(
        image,
        &format!(
            "{}nginx:x:101:101:nginx:/nonexistent:/bin/false\n",
            linux::USERS
        ),
    )?;
    linux::install_busybox(image, |applet| TOOLS.contains(&applet))?;
    image.remove("etc/nginx/sites-enabled")?;
    image.write("etc/nginx/nginx.conf", CONF)?;
    image.write("etc/nginx/conf.d/default.conf", DEFAULT_CONF)?;
    image.script("docker-entrypoint.sh", ENTRYPOINT)?;
    image.link("var/log/nginx/access.log", "/dev/stdout")?;
    image.link("var/log/nginx/error.log", "/dev/stderr")
}

/// No ping, no ip: the image that learners pull has none either.
const TOOLS: [&str; 22] = [
    "cat", "chmod", "cp", "date", "echo", "env", "false", "grep", "head", "hostname", "id", "kill",
    "ls", "mkdir", "mv", "rm", "sed", "sh", "sleep", "tail", "touch", "true",
];

const ENTRYPOINT: &str = "\
#!/bin/sh
set -e
me=/docker-entrypoint.sh
if [ \"$1\" = nginx ] || [ \"$1\" = nginx-debug ]; then
    echo \"$me: /docker-entrypoint.d/ is not empty, will attempt to perform configuration\"
    echo \"$me: Looking for shell scripts in /docker-entrypoint.d/\"
    for script in 10-listen-on-ipv6-by-default 20-envsubst-on-templates 30-tune-worker-processes; do
        echo \"$me: Launching /docker-entrypoint.d/$script.sh\"
    done
    echo \"$me: Configuration complete; ready for start up\"
fi
exec \"$@\"
";

const CONF: &str = "\
user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events {
    worker_connections 1024;
}
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    log_format main '$remote_addr - $remote_user [$time_local] \"$request\" '
                    '$status $body_bytes_sent \"$http_referer\" '
                    '\"$http_user_agent\" \"$http_x_forwarded_for\"';
    access_log /var/log/nginx/access.log main;
    include /etc/nginx/conf.d/*.conf;
}
";

const DEFAULT_CONF: &str = "\
server {
    listen 80;
    listen [::]:80;
    server_name localhost;

    location / {
        root /usr/share/nginx/html;
        index index.html index.htm;
    }
}
";
