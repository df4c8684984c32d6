//! What is on an engine and not the lab's: made before each test, and the same to the last byte after it.
//!
//! Some of it carries the lab's own label, set by hand or copied by `docker commit`: a label alone makes nothing the lab's.

use std::{collections::BTreeMap, thread};

use crate::docker::Docker;

/// The label as the lab writes it, with a nonce that nobody drew.
const LABEL: &str = "dev.causeway.lab=00112233445566778899aabbccddeeff";

const CONTAINERS: [&str; 4] = [
    "foreign-plain",
    "foreign-labelled",
    "foreign-copied",
    "foreign-exited",
];
const NETWORKS: [&str; 2] = ["foreign-net", "foreign-net-labelled"];
const IMAGE: &str = "foreign-image";

pub struct Foreign(());

/// All that docker says of them, by kind.
pub type Look = BTreeMap<String, String>;

impl Foreign {
    pub fn make(docker: &Docker) -> Self {
        let label = format!("--label {LABEL}");
        at_once(
            docker,
            &[
                "network create foreign-net".to_owned(),
                format!("network create {label} foreign-net-labelled"),
            ],
        );
        at_once(
            docker,
            &[
                "run -d --name foreign-plain --network foreign-net busybox sleep 3600".to_owned(),
                format!(
                    "run -d --name foreign-labelled {label} --network foreign-net-labelled busybox sleep 3600"
                ),
                format!("run --name foreign-exited {label} busybox sh -c exit"),
            ],
        );
        docker.docker("commit foreign-labelled foreign-image");
        at_once(
            docker,
            &[
                "create --name foreign-copied --network foreign-net foreign-image".to_owned(),
                "network connect foreign-net-labelled foreign-plain".to_owned(),
            ],
        );
        Self(())
    }

    pub fn look(&self, docker: &Docker) -> Look {
        let look = |kind: &str, names: &[&str]| {
            let words = [kind, "inspect"].into_iter().chain(names.iter().copied());
            let (said, err, _) = docker.answer(words);
            (kind.to_owned(), said + err.as_str())
        };
        [
            look("container", &CONTAINERS),
            look("network", &NETWORKS),
            look("image", &[IMAGE]),
        ]
        .into()
    }
}

fn at_once(docker: &Docker, lines: &[String]) {
    thread::scope(|scope| {
        for line in lines {
            scope.spawn(move || docker.docker(line));
        }
    });
}
