//! The images that lessons and tests run, made from Debian's packages: no registry is asked. Each is shaped like Docker
//! Hub's image of that name (entry point, command, environment, ports, folders), so that a lesson goes the same way on both.

use std::{
    env::consts::ARCH,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};

use serde_json::{Value, json};

use crate::{debian, engine::Engine, root, steps};

mod busybox;
mod folder;
mod hello_world;
mod linux;
mod mysql;
mod nginx;
mod python;
mod redis;

use folder::Folder;

/// An image: one file here.
struct Image {
    name: &'static str,
    tag: &'static str,
    /// Debian's, that are unpacked for it.
    packages: &'static [&'static str],
    fill: fn(&Folder) -> Result<()>,
    /// What a Dockerfile would say, as the image's configuration says it.
    config: fn() -> Value,
}

const IMAGES: [Image; 7] = [
    busybox::BUSYBOX,
    busybox::ALPINE,
    hello_world::IMAGE,
    mysql::IMAGE,
    nginx::IMAGE,
    python::IMAGE,
    redis::IMAGE,
];

const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The same input gives the same image, with the same id, on every machine and day.
const CREATED: &str = "2025-01-01T00:00:00Z";

/// No image may be larger than this.
const LIMIT: u64 = 70_000_000;

const SUITE: &str = "bookworm";
/// Makes the images; gives their files, as `docker load` reads them.
pub fn make() -> Result<Vec<PathBuf>> {
    for image in IMAGES.iter().filter(|image| !image.packages.is_empty()) {
        debian::unpacked(image.packages, SUITE, &packages(image.name))?;
    }
    python::fetch_wheels()?;
    let names: Vec<String> = IMAGES.iter().map(Image::reference).collect();
    let what = format!("making the images {}", names.join(", "));
    steps::step(&what, || IMAGES.iter().map(Image::make).collect())
}

/// Gives this engine the images as `busybox:latest` and so on.
pub fn load(engine: &Engine, files: &[PathBuf]) -> Result<()> {
    for file in files {
        steps::output(engine.docker(["load", "--quiet", "--input"]).arg(file))?;
    }
    Ok(())
}

impl Image {
    fn reference(&self) -> String {
        format!("{}:{}", self.name, self.tag)
    }

    fn make(&self) -> Result<PathBuf> {
        let root = Folder::new(images().join(self.name).join("root"))?;
        (self.fill)(&root)?;
        let archive = Folder::new(images().join(self.name).join("archive"))?;
        let layer = archive.0.join("layer.tar");
        tar(&root.0, &layer)?;
        archive.write("config.json", &self.description(&layer)?.to_string())?;
        let manifest = json!([{
            "Config": "config.json",
            "RepoTags": [self.reference()],
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
            "history": [{"created": CREATED, "created_by": "cargo xtask", "comment": "made of Debian packages"}],
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

fn layer_of(packages: &Path, image: &Folder) -> Result<()> {
    for part in ["usr", "etc", "lib", "lib64", "var"] {
        let from = packages.join(part);
        if from.exists() {
            image.copy(&from, "")?;
        }
    }
    // What a package brings and a program never reads.
    for part in [
        "usr/share/doc",
        "usr/share/man",
        "usr/share/lintian",
        "usr/share/vim",
        "usr/share/locale",
        "lib/systemd",
    ] {
        image.remove(part)?;
    }
    Ok(())
}
