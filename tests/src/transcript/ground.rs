//! A real engine that has images and nothing else, made empty again for each transcript.

use std::{fs::File, sync::LazyLock};

use regex_lite::{Captures, Regex};

use super::Said;
use crate::docker::{Docker, Everything, Version};

pub struct Ground {
    pub docker: Docker,
    empty: Everything,
    /// The second number of its default bridge's address: 17 in `172.17.0.1`.
    bridge: u8,
    /// Where it keeps its data; `/var/lib/docker` by default.
    data: String,
    /// What it calls its machine, as JSON.
    name: String,
    _alone: File,
}

impl Ground {
    /// `None` where there is no such engine, unless engines are required.
    pub fn of(version: Version) -> Option<Self> {
        let docker = Docker::named(version)?;
        let alone = docker.lock();
        let containers = docker.docker("ps -aq");
        assert_eq!(containers, "", "the engine for transcripts must be empty");
        let gateway = "{{range .IPAM.Config}}{{.Gateway}}{{end}}";
        let (address, ..) = docker.answer(["network", "inspect", "-f", gateway, "bridge"]);
        let bridge = address
            .split('.')
            .nth(1)
            .and_then(|number| number.parse().ok());
        Some(Self {
            empty: docker.everything(),
            name: docker
                .answer(["info", "-f", "{{json .Name}}"])
                .0
                .trim()
                .to_owned(),
            data: docker
                .docker("info -f {{.DockerRootDir}}")
                .trim()
                .to_owned(),
            bridge: bridge.expect("a bridge at 172.N.0.1"),
            docker,
            _alone: alone,
        })
    }

    /// As it was at first.
    pub fn clear(&self) {
        if self
            .docker
            .docker("info -f {{.Swarm.LocalNodeState}}")
            .trim()
            != "inactive"
        {
            self.docker.docker("swarm leave --force");
        }
        self.docker.sweep(&self.empty);
        self.docker.answer(["volume", "prune", "-f"]);
    }

    /// `docker CLI 28.5.2, Docker Engine 28.5.2`
    pub fn versions(&self) -> String {
        let versions = "version -f {{.Client.Version}},{{.Server.Version}}";
        let said = self.docker.docker(versions);
        let plain = |version: &str| version.split('+').next().unwrap_or_default().to_owned();
        let (cli, engine) = said.trim().split_once(',').expect("two versions");
        format!("docker CLI {}, Docker Engine {}", plain(cli), plain(engine))
    }

    /// What was said, with the addresses and folders that an engine has by default. Ours for tests have others, so that
    /// several can run on one machine.
    pub fn said(&self, said: Said) -> Said {
        Said {
            out: self.as_by_default(&said.out),
            err: self.as_by_default(&said.err),
            code: said.code,
        }
    }

    /// A command with this engine's addresses in the place of those that an engine has by default.
    pub fn line(&self, line: &str) -> String {
        (0..NETWORKS).fold(line.to_owned(), |line, place| {
            let (default, own) = (DEFAULT + place, self.bridge + place);
            line.replace(&format!("172.{default}."), &format!("172.{own}."))
        })
    }

    fn as_by_default(&self, text: &str) -> String {
        static ADDRESS: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"\b172\.(\d+)\.").expect("a pattern"));
        let text = text.replace(&self.data, "/var/lib/docker");
        let text = text.replace(&self.name, "\"causeway\"");
        if self.bridge == DEFAULT {
            return text;
        }
        let moved = |found: &Captures| {
            let number: u8 = found[1].parse().unwrap_or_default();
            match number.checked_sub(self.bridge) {
                Some(place) if place < NETWORKS => format!("172.{}.", DEFAULT + place),
                _ => found[0].to_owned(),
            }
        };
        ADDRESS.replace_all(&text, moved).into_owned()
    }
}

/// `172.17.0.1`
const DEFAULT: u8 = 17;
/// Addresses for the default bridge and so many networks have been moved.
const NETWORKS: u8 = 4;
