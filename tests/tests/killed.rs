//! `kill -9` of the agent at random moments of a lesson: nothing is orphaned, nothing of others is touched, and the
//! progress is whole.

use std::{collections::BTreeSet, env, fs, path::Path, time::Duration};

use course::{Progress, What, our_course};
use session::wire::ClientMessage;
use tests::{
    docker::{Docker, Everything, Version, on},
    spawned::Spawned,
    view::View,
};
use tokio::time::timeout;

const KILLS: usize = 20;
/// About as long as a round of the lesson takes.
const ROUND_MS: u64 = 2500;

#[tokio::test]
async fn an_agent_that_is_killed_leaves_no_orphans_and_forgets_nothing() {
    on(Version::Newest, async |docker| {
        let mut random = Random::seeded();
        let state = tempfile::tempdir().expect("a folder for the state");
        let before = docker.everything();
        let mut reached = BTreeSet::new();
        for kill in 0..KILLS {
            let moment = Duration::from_millis(random.next() % ROUND_MS);
            let mut agent = Spawned::on(docker, state.path());
            let mut view = agent.view().await;
            // The moment comes in the middle of whatever is being done.
            let _ = timeout(moment, live(&mut view, kill)).await;
            agent.kill();
            drop(view);

            reached = check_progress(state.path(), &reached);
            let mut agent = Spawned::on(docker, state.path());
            check_owned(docker, &mut agent.view().await, &before, kill, moment).await;
            check_journal(docker, state.path(), &before);
        }
        assert!(
            !reached.is_empty(),
            "no moment came late enough to mean anything"
        );
        let mut agent = Spawned::on(docker, state.path());
        agent.view().await.reset().await;
        assert_eq!(docker.everything(), before);
    })
    .await;
}

/// The lesson, and all of it removed again, for ever. Every other time it begins with the removal.
async fn live(view: &mut View, kill: usize) {
    let lesson = our_course().lessons[0].id.clone();
    let mut remove = kill % 2 == 1;
    loop {
        if remove {
            view.run(1, "docker rm -f web alpine").await;
            view.run(1, "docker network rm mynet").await;
        }
        remove = true;
        for (step, line) in [
            "docker network create mynet",
            "docker run -d --name web --network mynet nginx",
        ]
        .into_iter()
        .enumerate()
        {
            let lesson = lesson.clone();
            view.send(ClientMessage::Open { lesson, step }).await;
            view.run(1, line).await;
        }
        view.start(
            1,
            "docker run -it --name alpine --network mynet alpine ping web",
        )
        .await;
        view.within(Duration::from_millis(700), |view| view.exit(1).is_some())
            .await;
        view.interrupt(1).await;
        view.ended(1, "ping").await;
    }
}

/// Whole, and nothing of what was there is missing: gives what was reached.
fn check_progress(state: &Path, before: &BTreeSet<(String, usize)>) -> BTreeSet<(String, usize)> {
    let text = fs::read_to_string(state.join("progress.json")).unwrap_or_else(|_| {
        assert!(before.is_empty(), "the progress is gone");
        r#"{"facts":[]}"#.to_owned()
    });
    let progress: Progress = serde_json::from_str(&text).expect("whole progress");
    let facts = progress.facts.into_iter();
    let reached = facts.filter(|fact| fact.what == What::Reached);
    let reached = reached.map(|fact| (fact.lesson, fact.step)).collect();
    assert!(before.is_subset(&reached), "{before:?} became {reached:?}");
    reached
}

/// Everything that came since is the lab's, and the page shows it as such.
async fn check_owned(
    docker: &Docker,
    view: &mut View,
    before: &Everything,
    kill: usize,
    moment: Duration,
) {
    let [containers, networks, _] = new(docker, before);
    let what =
        format!("after kill {kill}, {moment:?}: {containers:?} and {networks:?} are the lab's");
    view.until(&what, |view| {
        let topology = &view.topology;
        let of_ours = topology.containers.values().filter(|one| one.ours);
        let of_ours: BTreeSet<&str> = of_ours.map(|one| one.id.as_str()).collect();
        let nets = topology.networks.values().filter(|one| one.ours);
        let nets: BTreeSet<&str> = nets.map(|one| one.id.as_str()).collect();
        of_ours == containers.iter().map(String::as_str).collect()
            && nets == networks.iter().map(String::as_str).collect()
    })
    .await;
}

/// The journal names the full id of each.
fn check_journal(docker: &Docker, state: &Path, before: &Everything) {
    let journal = fs::read_to_string(state.join("journal.jsonl")).expect("a journal");
    let [containers, networks, images] = new(docker, before);
    for id in containers.iter().chain(&networks) {
        assert!(
            journal.contains(&format!("\"id\":\"{id}\"")),
            "{id} in {journal}"
        );
    }
    assert_eq!(images, Vec::<String>::new());
}

fn new(docker: &Docker, before: &Everything) -> Everything {
    let mut now = docker.everything();
    for (now, before) in now.iter_mut().zip(before) {
        now.retain(|id| !before.contains(id));
    }
    now
}

/// Numbers that come again for the same seed.
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        let named = env::var("CAUSEWAY_TEST_SEED").ok();
        let seed = named.and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| u64::from(std::process::id()));
        println!("CAUSEWAY_TEST_SEED={seed} does the same again");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
