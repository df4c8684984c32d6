//! The images that lessons and tests run, made from Debian's packages: no registry is asked. `busybox` and `alpine`
//! are Debian's busybox with its applets, `nginx` is Debian's nginx with the libraries that it links to.

use std::{
    env::consts::ARCH,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};

use serde_json::{Value, json};

use crate::{debian, engine::Engine, root, steps};

struct Image {
    name: &'static str,
    fill: fn(&Folder) -> Result<()>,
    /// What a Dockerfile would say, as the image's configuration says it.
    config: fn() -> Value,
}

const IMAGES: [Image; 3] = [
    Image {
        name: "busybox",
        fill: busybox,
        config: || json!({"Env": [PATH], "Cmd": ["sh"]}),
    },
    Image {
        name: "alpine",
        fill: busybox,
        config: || json!({"Env": [PATH], "Cmd": ["/bin/sh"]}),
    },
    Image {
        name: "nginx",
        fill: nginx,
        config: || {
            json!({
                "Env": [PATH],
                "Cmd": ["nginx", "-g", "daemon off;"],
                "ExposedPorts": {"80/tcp": {}},
                "StopSignal": "SIGQUIT",
            })
        },
    },
];

const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The same input gives the same image, with the same id, on every machine and day.
const CREATED: &str = "2025-01-01T00:00:00Z";

/// No image may be larger than this.
const LIMIT: u64 = 70_000_000;

const SUITE: &str = "bookworm";
const NGINX: [&str; 7] = [
    "nginx",
    "nginx-common",
    "libc6",
    "libcrypt1",
    "libpcre2-8-0",
    "libssl3",
    "zlib1g",
];

/// Makes the images; gives their files, as `docker load` reads them.
pub fn make() -> Result<Vec<PathBuf>> {
    debian::unpacked(&["busybox-static"], SUITE, &packages("busybox"))?;
    debian::unpacked(&NGINX, SUITE, &packages("nginx"))?;
    steps::step("making the images busybox, alpine and nginx", || {
        IMAGES.iter().map(Image::make).collect()
    })
}

/// Gives this engine the images as `busybox:latest` and so on.
pub fn load(engine: &Engine, files: &[PathBuf]) -> Result<()> {
    for file in files {
        steps::output(engine.docker(["load", "--quiet", "--input"]).arg(file))?;
    }
    Ok(())
}

impl Image {
    fn make(&self) -> Result<PathBuf> {
        let root = Folder::new(images().join(self.name).join("root"))?;
        (self.fill)(&root)?;
        let archive = Folder::new(images().join(self.name).join("archive"))?;
        let layer = archive.0.join("layer.tar");
        tar(&root.0, &layer)?;
        archive.write("config.json", &self.description(&layer)?.to_string())?;
        let manifest = json!([{
            "Config": "config.json",
            "RepoTags": [format!("{}:latest", self.name)],
            "Layers": ["layer.tar"],
        }]);
        archive.write("manifest.json", &manifest.to_string())?;
        let file = images().join(format!("{}.tar", self.name));
        tar(&archive.0, &file)?;
        let size = fs::metadata(&file)?.len();
        ensure!(
            size <= LIMIT,
            "the image {} has {size} bytes, more than {LIMIT}",
            self.name
        );
        Ok(file)
    }

    fn description(&self, layer: &Path) -> Result<Value> {
        let sum = steps::output(Command::new("sha256sum").arg(layer))?;
        let sum = sum.split(' ').next().unwrap_or_default();
        Ok(json!({
            "architecture": match ARCH {
                "x86_64" => "amd64",
                "aarch64" => "arm64",
                other => other,
            },
            "os": "linux",
            "created": CREATED,
            "config": (self.config)(),
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{sum}")]},
            "history": [{"created": CREATED, "created_by": "cargo xtask"}],
        }))
    }
}

fn tar(folder: &Path, file: &Path) -> Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["--create", "--sort=name", "--owner=0", "--group=0"]);
    tar.args(["--numeric-owner", "--mtime=@0", "--file"]);
    steps::output(tar.arg(file).arg("--directory").arg(folder).arg(".")).map(drop)
}

fn images() -> PathBuf {
    root().join("target/images")
}

/// What was unpacked for this image.
fn packages(name: &str) -> PathBuf {
    images().join("packages").join(name)
}

fn busybox(image: &Folder) -> Result<()> {
    skeleton(
        image,
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    )?;
    install_busybox(image, |_| true)
}

fn nginx(image: &Folder) -> Result<()> {
    for part in ["usr", "etc", "lib", "lib64", "var"] {
        let from = packages("nginx").join(part);
        if from.exists() {
            image.copy(&from, "")?;
        }
    }
    // What a package brings and a server never reads.
    for part in [
        "usr/share/doc",
        "usr/share/man",
        "usr/share/lintian",
        "usr/share/vim",
        "lib/systemd",
    ] {
        image.remove(part)?;
    }
    skeleton(
        image,
        "root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/nonexistent:/bin/false\n\
         nobody:x:65534:65534:nobody:/:/bin/false\n",
    )?;
    install_busybox(image, |applet| NGINX_TOOLS.contains(&applet))?;
    image.write("etc/nginx/nginx.conf", NGINX_CONF)?;
    image.link("var/log/nginx/access.log", "/dev/stdout")?;
    image.link("var/log/nginx/error.log", "/dev/stderr")
}

/// No ping, no ip: the image that learners pull has none either.
const NGINX_TOOLS: [&str; 13] = [
    "cat", "date", "echo", "env", "false", "grep", "head", "hostname", "id", "ls", "sh", "sleep",
    "tail",
];

const NGINX_CONF: &str = "\
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
    access_log /var/log/nginx/access.log combined;
    server {
        listen 80;
        listen [::]:80;
        root /usr/share/nginx/html;
        index index.html;
    }
}
";

/// What every Linux image has.
fn skeleton(image: &Folder, users: &str) -> Result<()> {
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
fn install_busybox(image: &Folder, wanted: fn(&str) -> bool) -> Result<()> {
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

/// The root folder of an image.
struct Folder(PathBuf);

impl Folder {
    fn new(path: PathBuf) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    fn make(&self, folder: &str) -> Result<()> {
        let path = self.0.join(folder);
        fs::create_dir_all(&path).with_context(|| path.display().to_string())
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.room(name)?;
        fs::write(&path, text).with_context(|| path.display().to_string())
    }

    /// A symbolic link; the target is a path inside the image.
    fn link(&self, name: &str, target: &str) -> Result<()> {
        let path = self.room(name)?;
        let mut ln = Command::new("ln");
        steps::output(ln.args(["--symbolic", "--force", target]).arg(path)).map(drop)
    }

    /// Copies a folder with everything in it, links as links.
    fn copy(&self, from: &Path, into: &str) -> Result<()> {
        let mut cp = Command::new("cp");
        steps::output(cp.arg("--archive").arg(from).arg(self.0.join(into))).map(drop)
    }

    fn remove(&self, folder: &str) -> Result<()> {
        let path = self.0.join(folder);
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// The path of a file, its folder made.
    fn room(&self, name: &str) -> Result<PathBuf> {
        let path = self.0.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        Ok(path)
    }
}
