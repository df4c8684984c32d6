//! The images that every simulated machine has: the lab's own, which real engines get from `cargo xtask`, with the
//! configuration that Docker Hub's have.

use std::collections::HashMap;

use jiff::Timestamp;
use lab::models::ImageConfig;

use super::{HistoryEntry, Image, Layer, made_id};

/// One of them, as it stands in the list.
pub struct Shelved {
    pub name: &'static str,
    pub tag: &'static str,
    entrypoint: &'static [&'static str],
    command: &'static [&'static str],
    /// After `PATH`.
    env: &'static [&'static str],
    ports: &'static [&'static str],
    volumes: &'static [&'static str],
    folder: &'static str,
    signal: Option<&'static str>,
    /// In bytes.
    size: i64,
}

const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const PLAIN: Shelved = Shelved {
    name: "",
    tag: "latest",
    entrypoint: &[],
    command: &[],
    env: &[],
    ports: &[],
    volumes: &[],
    folder: "",
    signal: None,
    size: 0,
};

pub const SHELF: [Shelved; 7] = [
    Shelved {
        name: "alpine",
        command: &["/bin/sh"],
        folder: "/",
        size: 1_985_613,
        ..PLAIN
    },
    Shelved {
        name: "busybox",
        command: &["sh"],
        size: 1_985_613,
        ..PLAIN
    },
    Shelved {
        name: "hello-world",
        command: &["/hello"],
        folder: "/",
        size: 1_982_401,
        ..PLAIN
    },
    Shelved {
        name: "mysql",
        tag: "5.7",
        entrypoint: &["docker-entrypoint.sh"],
        command: &["mysqld"],
        env: &["MYSQL_MAJOR=5.7", "MYSQL_VERSION=5.7.44-1.el7"],
        ports: &["3306/tcp", "33060/tcp"],
        volumes: &["/var/lib/mysql"],
        folder: "/",
        size: 54_299_497,
        ..PLAIN
    },
    Shelved {
        name: "nginx",
        entrypoint: &["/docker-entrypoint.sh"],
        command: &["nginx", "-g", "daemon off;"],
        env: &["NGINX_VERSION=1.22.1"],
        ports: &["80/tcp"],
        folder: "/",
        signal: Some("SIGQUIT"),
        size: 22_497_833,
        ..PLAIN
    },
    Shelved {
        name: "python",
        tag: "3.9-slim",
        command: &["python3"],
        env: &["LANG=C.UTF-8", "PYTHON_VERSION=3.11.2"],
        folder: "/",
        size: 49_481_398,
        ..PLAIN
    },
    Shelved {
        name: "redis",
        entrypoint: &["docker-entrypoint.sh"],
        command: &["redis-server"],
        env: &["REDIS_VERSION=7.0.15"],
        ports: &["6379/tcp"],
        volumes: &["/data"],
        folder: "/data",
        size: 33_103_757,
        ..PLAIN
    },
];

const COMMENT: &str = "made of Debian packages";
/// 2025-01-01T00:00:00Z
const CREATED: i64 = 1_735_689_600;

impl Shelved {
    pub fn reference(&self) -> String {
        format!("{}:{}", self.name, self.tag)
    }

    /// Its id and those of its parts are made of its name, so that they are the same in every world.
    pub fn image(&self) -> Image {
        let reference = self.reference();
        let created = Timestamp::from_second(CREATED).unwrap_or_default();
        Image {
            id: made_id(&reference),
            parent: None,
            created,
            config: self.config(),
            layers: vec![Layer::shelved(self.name, self.size)],
            history: vec![HistoryEntry {
                created,
                created_by: "cargo xtask".to_owned(),
                comment: COMMENT.to_owned(),
                empty: false,
            }],
            comment: COMMENT.to_owned(),
            author: String::new(),
            tagged: None,
        }
    }

    fn config(&self) -> ImageConfig {
        let words = |words: &[&str]| {
            (!words.is_empty()).then(|| words.iter().map(|word| (*word).to_owned()).collect())
        };
        let mut env = vec![PATH.to_owned()];
        env.extend(self.env.iter().map(|variable| (*variable).to_owned()));
        ImageConfig {
            entrypoint: words(self.entrypoint),
            cmd: words(self.command),
            env: Some(env),
            exposed_ports: words(self.ports),
            volumes: words(self.volumes),
            working_dir: Some(self.folder.to_owned()),
            stop_signal: self.signal.map(str::to_owned),
            user: Some(String::new()),
            labels: None::<HashMap<String, String>>,
            ..Default::default()
        }
    }
}
