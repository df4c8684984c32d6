//! Fidelity by chance: rows of commands that nobody chose, on a real engine and on the simulated one. After each command
//! both have said the same, and at the end the same is there and reaches the same.
//!
//! The seed is new each time and printed; `CAUSEWAY_SEED` repeats it, `CAUSEWAY_SEQUENCES` asks for another number. A row
//! that fails is made smaller, and written as a transcript under `target/chance`.

use std::{env, fs, time::SystemTime};

use proptest::{
    collection::vec,
    prelude::{Just, Strategy, any},
    prop_oneof,
    sample::select,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use serde_json::Value;
use tests::{
    docker::Version,
    program::target_folder,
    transcript::{
        Said, Step, Transcript,
        ground::Ground,
        judge::{Causeway, Judge},
        normal::Normal,
    },
};

/// In one row.
const COMMANDS: usize = 15;
/// Rows in one run.
const SEQUENCES: u32 = 100;

#[test]
#[ignore = "until the last differences are gone"]
fn whatever_is_typed_both_engines_say_the_same() {
    let Some(ground) = Ground::of(Version::Newest) else {
        return;
    };
    let seed = number("CAUSEWAY_SEED").unwrap_or_else(now);
    let sequences = number("CAUSEWAY_SEQUENCES")
        .and_then(|number| u32::try_from(number).ok())
        .unwrap_or(SEQUENCES);
    println!("CAUSEWAY_SEED={seed}, {sequences} sequences of {COMMANDS} commands");
    let config = Config {
        cases: sequences,
        max_shrink_iters: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let runtime = runtime();
    let outcome =
        TestRunner::new_with_rng(config, rng).run(&vec(command(), COMMANDS), |commands| {
            let difference = runtime.block_on(compare(&ground, &commands));
            ground.clear();
            difference.map_or(Ok(()), |difference| Err(TestCaseError::fail(difference)))
        });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, commands)) => {
            let kept = keep(&ground, &runtime, &commands, seed);
            panic!("CAUSEWAY_SEED={seed}\n{why}\nkept in {kept}");
        }
        Err(error) => panic!("CAUSEWAY_SEED={seed}: {error}"),
    }
}

/// Something to type. Each stop is at once, and nothing takes long, or goes on while the next is typed: time is not the
/// same on both.
fn command() -> impl Strategy<Value = String> {
    let container = || select(vec!["web", "db", "app"]);
    let network = || select(vec!["red", "blue", "bridge"]);
    let own = || select(vec!["red", "blue"]);
    let image = || select(vec!["busybox sleep 1000", "nginx", "busybox nosuchprogram"]);
    let option = || {
        prop_oneof![
            4 => Just(String::new()),
            1 => network().prop_map(|name| format!(" --network {name}")),
            1 => Just(" --network host".to_owned()),
            1 => Just(" --network none".to_owned()),
            1 => own().prop_map(|name| format!(" --network {name} --network-alias api")),
            1 => container().prop_map(|name| format!(" --network container:{name}")),
            1 => Just(" -p 8080:80".to_owned()),
            1 => Just(" -p 127.0.0.1:8081:80".to_owned()),
            1 => Just(" --hostname host".to_owned()),
        ]
    };
    let verb = select(vec![
        "start",
        "stop -t 0",
        "kill",
        "pause",
        "unpause",
        "rm",
        "rm -f",
        "restart -t 0",
        "port",
    ]);
    prop_oneof![
        4 => (container(), option(), image())
            .prop_map(|(name, option, image)| format!("docker run -d --name {name}{option} {image}")),
        2 => (container(), option(), image())
            .prop_map(|(name, option, image)| format!("docker create --name {name}{option} {image}")),
        6 => (verb, container()).prop_map(|(verb, name)| format!("docker {verb} {name}")),
        2 => (own(), any::<bool>()).prop_map(|(name, internal)| {
            format!("docker network create {}{name}", if internal { "--internal " } else { "" })
        }),
        1 => own().prop_map(|name| format!("docker network rm {name}")),
        3 => (network(), container())
            .prop_map(|(network, name)| format!("docker network connect {network} {name}")),
        2 => (network(), container())
            .prop_map(|(network, name)| format!("docker network disconnect {network} {name}")),
        1 => (container(), container()).prop_map(|(name, other)| format!("docker rename {name} {other}")),
        1 => container().prop_map(|name| format!("docker rename {name} other")),
        3 => (container(), select(vec!["web", "db", "app", "api", "172.17.0.2", "172.18.0.2"]))
            .prop_map(|(name, whom)| format!("docker exec {name} ping -c 1 -W 1 {whom}")),
        1 => container().prop_map(|name| format!("docker exec {name} hostname -i")),
        1 => container().prop_map(|name| format!("docker exec {name} ip route")),
        1 => Just("docker ps -a --format '{{.Names}} {{.Image}} {{.Status}} {{.Ports}}'".to_owned()),
        1 => Just("docker network ls --format '{{.Name}} {{.Driver}}'".to_owned()),
        1 => own().prop_map(|name| format!("docker network inspect {name}")),
        1 => container().prop_map(|name| {
            format!("docker inspect -f '{{{{json .NetworkSettings}}}} {{{{json .State}}}}' {name}")
        }),
    ]
}

/// Where the two first differ, if they do.
async fn compare(ground: &Ground, commands: &[String]) -> Option<String> {
    let mut real = Side::new(Causeway::on(ground).await);
    let mut simulated = Side::new(Causeway::simulated(1));
    for command in commands {
        if let Some(difference) = both(&mut real, &mut simulated, command).await {
            return Some(difference);
        }
    }
    for question in state(&mut real).await {
        if let Some(difference) = both(&mut real, &mut simulated, &question).await {
            return Some(difference);
        }
    }
    None
}

struct Side<'a> {
    judge: Causeway<'a>,
    normal: Normal,
}

impl<'a> Side<'a> {
    fn new(judge: Causeway<'a>) -> Self {
        Self {
            judge,
            normal: Normal::default(),
        }
    }

    async fn run(&mut self, line: &str) -> Said {
        let mut said = self.judge.run(line).await;
        if line.starts_with("docker network inspect") {
            said.out = by_name(&said.out).unwrap_or(said.out);
        }
        self.normal.said(said)
    }
}

/// A network's containers come in the order of their ids, which are random: here, in that of their names.
fn by_name(networks: &str) -> Option<String> {
    let mut networks: Vec<Value> = serde_json::from_str(networks).ok()?;
    for network in &mut networks {
        let containers = network.get_mut("Containers")?.as_object_mut()?;
        let mut sorted: Vec<(String, Value)> = std::mem::take(containers).into_iter().collect();
        sorted.sort_by_key(|(_, container)| container["Name"].to_string());
        containers.extend(sorted);
    }
    serde_json::to_string_pretty(&networks).ok()
}

async fn both(real: &mut Side<'_>, simulated: &mut Side<'_>, line: &str) -> Option<String> {
    let (real, simulated) = (real.run(line).await, simulated.run(line).await);
    (real != simulated).then(|| {
        format!("$ {line}\n--- docker said\n{real}--- the simulated engine said\n{simulated}")
    })
}

/// Everything there is, and who reaches whom by name and by address.
async fn state(real: &mut Side<'_>) -> Vec<String> {
    let mut questions: Vec<String> = [
        "docker ps -a --format '{{.Names}} {{.Status}} {{.Ports}} {{.Networks}}'",
        "docker inspect $(docker ps -aq)",
        "docker network inspect $(docker network ls --format '{{.Name}}')",
    ]
    .map(str::to_owned)
    .to_vec();
    let running = real
        .run("docker ps --filter status=running --format '{{.Names}}'")
        .await;
    let running: Vec<&str> = running.out.lines().collect();
    for from in &running {
        for to in running.iter().filter(|to| *to != from) {
            questions.push(format!("docker exec {from} ping -c 1 -W 1 {to}"));
            let address = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
            let addresses = format!("docker inspect -f '{address}' {to}");
            let addresses = real.run(&addresses).await.out;
            questions.extend(
                addresses
                    .split_whitespace()
                    .map(|address| format!("docker exec {from} ping -c 1 -W 1 {address}")),
            );
        }
    }
    questions
}

/// The row that is left, as a transcript of what docker says.
fn keep(
    ground: &Ground,
    runtime: &tokio::runtime::Runtime,
    commands: &[String],
    seed: u64,
) -> String {
    let mut real = Side::new(runtime.block_on(Causeway::on(ground)));
    let mut steps = Vec::new();
    for line in commands {
        let said = runtime.block_on(real.run(line));
        steps.push(Step::Run {
            line: line.clone(),
            said,
        });
    }
    ground.clear();
    let transcript = Transcript {
        title: format!("Found by chance, with the seed {seed}"),
        recorded: ground.versions(),
        steps,
    };
    let folder = target_folder().join("chance");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join(format!("{seed}.txt"));
    fs::write(&file, transcript.to_string()).expect("a file");
    file.display().to_string()
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.expect("a clock after 1970").as_secs()
}
