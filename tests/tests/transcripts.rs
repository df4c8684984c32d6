//! What the docker CLI said on a real engine, in `tests/transcripts`, and what Causeway says to the same commands: on that
//! engine, and on the simulated one. The bytes are the same, but for what `differences.toml` names with its reason.
//!
//! `cargo xtask record` writes the transcripts anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use serde::Deserialize;
use tests::{
    docker::Version,
    transcript::{
        Step, Transcript,
        ground::Ground,
        judge::{Causeway, DockerCli, play},
    },
};

/// What may be different.
#[derive(Deserialize)]
struct Differences {
    #[serde(default)]
    difference: Vec<Difference>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    /// `causeway on docker`, `causeway on simulated`, `docker on simulated`
    judge: String,
    /// `network/create`
    transcript: String,
    command: String,
    reason: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// All of them, or those whose name has `CAUSEWAY_TRANSCRIPTS` in it.
fn transcripts() -> Vec<(String, PathBuf, Transcript)> {
    let wanted = env::var("CAUSEWAY_TRANSCRIPTS").unwrap_or_default();
    let mut found = Vec::new();
    for area in fs::read_dir(folder()).expect("transcripts").flatten() {
        for file in fs::read_dir(area.path()).into_iter().flatten().flatten() {
            let path = file.path();
            let name = path.with_extension("");
            let name = name.strip_prefix(folder()).expect("inside the folder");
            let name = name.to_string_lossy().replace('\\', "/");
            if name.contains(&wanted) {
                let text = fs::read_to_string(&path).expect("a transcript");
                let read = Transcript::parse(&text);
                let read = read.unwrap_or_else(|error| panic!("{name}: {error:#}"));
                found.push((name, path, read));
            }
        }
    }
    found.sort_by(|left, right| left.0.cmp(&right.0));
    assert!(
        !found.is_empty(),
        "no transcript has \"{wanted}\" in its name"
    );
    found
}

fn differences() -> Vec<Difference> {
    let text = fs::read_to_string(folder().join("differences.toml")).expect("differences.toml");
    toml::from_str::<Differences>(&text)
        .expect("differences")
        .difference
}

/// Transcripts that are not equal yet, by judge. They are played, too: one that has become equal must leave the list.
fn pending(judge: &str) -> Vec<String> {
    let text = fs::read_to_string(folder().join("pending.toml")).expect("pending.toml");
    let mut pending: BTreeMap<String, Vec<String>> = toml::from_str(&text).expect("lists");
    pending.remove(judge).unwrap_or_default()
}

/// What was said to each of a transcript's commands is compared with what was recorded.
struct Verdict {
    judge: &'static str,
    allowed: Vec<Difference>,
    used: BTreeSet<usize>,
    pending: Vec<String>,
    wrong: String,
}

impl Verdict {
    fn on(judge: &'static str) -> Self {
        Self {
            judge,
            allowed: differences(),
            used: BTreeSet::new(),
            pending: pending(judge),
            wrong: String::new(),
        }
    }

    fn compare(&mut self, name: &str, recorded: &[Step], heard: &[Step]) {
        let before = self.wrong.len();
        self.compare_each(name, recorded, heard);
        if self.pending.iter().any(|pending| pending == name) {
            if self.wrong.len() == before {
                let _ = write!(self.wrong, "\n{name} is equal: take it from pending.toml\n");
            } else if env::var_os("CAUSEWAY_TRANSCRIPTS").is_none() {
                self.wrong.truncate(before);
            }
        }
    }

    fn compare_each(&mut self, name: &str, recorded: &[Step], heard: &[Step]) {
        for (recorded, heard) in recorded.iter().zip(heard) {
            let (Step::Run { line, said }, Step::Run { said: heard, .. }) = (recorded, heard)
            else {
                continue;
            };
            let allowed = self.allowed.iter().position(|difference| {
                difference.judge == self.judge
                    && difference.transcript == name
                    && difference.command == *line
            });
            if said == heard {
                continue;
            }
            if let Some(allowed) = allowed {
                self.used.insert(allowed);
                continue;
            }
            let _ = write!(
                self.wrong,
                "\n{name}\n$ {line}\n--- docker said\n{said}--- {} said\n{heard}",
                self.judge
            );
        }
    }

    fn is_right(&self) {
        assert!(self.wrong.is_empty(), "{}", self.wrong);
        if env::var_os("CAUSEWAY_TRANSCRIPTS").is_some() {
            return;
        }
        for (place, difference) in self.allowed.iter().enumerate() {
            assert!(
                difference.judge != self.judge || self.used.contains(&place),
                "{} is no difference any more: {}",
                difference.command,
                difference.reason
            );
        }
    }
}

#[tokio::test]
async fn causeway_on_docker_says_the_same() {
    let Some(ground) = Ground::of(Version::Newest) else {
        return;
    };
    if env::var_os("CAUSEWAY_RECORD").is_some() {
        record(&ground).await;
        return;
    }
    let mut verdict = Verdict::on("causeway on docker");
    for (name, _, transcript) in transcripts() {
        let heard = play(&transcript, &mut Causeway::on(&ground).await).await;
        ground.clear();
        verdict.compare(&name, &transcript.steps, &heard);
    }
    verdict.is_right();
}

#[tokio::test]
async fn causeway_on_the_simulated_engine_says_the_same() {
    let mut verdict = Verdict::on("causeway on simulated");
    for (name, _, transcript) in transcripts() {
        let heard = play(&transcript, &mut Causeway::simulated(1)).await;
        verdict.compare(&name, &transcript.steps, &heard);
    }
    verdict.is_right();
}

/// Writes what the docker CLI says now.
async fn record(ground: &Ground) {
    let versions = ground.versions();
    for (name, path, transcript) in transcripts() {
        let began = Instant::now();
        let steps = play(&transcript, &mut DockerCli::new(ground)).await;
        ground.clear();
        println!("{:5.1} s  {name}", began.elapsed().as_secs_f32());
        let recorded = Transcript {
            steps,
            recorded: versions.clone(),
            ..transcript
        };
        fs::write(path, recorded.to_string()).expect("the transcript written");
    }
}

/// So many say something: fewer would prove less.
#[test]
fn there_is_enough_of_them() {
    let counts: Vec<(usize, usize)> = transcripts().iter().map(|(_, _, it)| it.count()).collect();
    let commands: usize = counts.iter().map(|(commands, _)| commands).sum();
    let failing: usize = counts.iter().map(|(_, failing)| failing).sum();
    assert!(counts.len() >= 80, "{} transcripts", counts.len());
    assert!(commands >= 500, "{commands} commands");
    assert!(failing * 3 >= commands, "{failing} of {commands} fail");
    let differences = differences();
    assert!(differences.len() < 10, "{} differences", differences.len());
    for difference in differences {
        assert!(difference.reason.len() > 20, "{}: why?", difference.command);
    }
}
