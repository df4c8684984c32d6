//! Our own course, lesson by lesson, by the same code on every engine: before a step's commands none of its checks
//! holds, after them each does, and the page is told so.

use std::time::Duration;

use course::{Block, Lesson, Step, our_course};
use session::wire::ClientMessage;
use tests::{
    agent::TestAgent,
    docker::{Docker, Version, on, on_both},
    view::View,
};

/// How long a command may still run after what it is for: longer, and it is one that has to be stopped.
const ENDS_SOON: Duration = Duration::from_secs(2);

#[tokio::test]
async fn each_check_fails_before_and_holds_after_on_docker() {
    on_both(async |docker| {
        let before = docker.everything();
        let agent = TestAgent::on(docker).await;
        let mut view = agent.view().await;
        take_the_course(&mut view).await;
        assert_eq!(docker.everything(), before);
    })
    .await;
}

#[tokio::test]
async fn each_check_fails_before_and_holds_after_on_the_simulated_engine() {
    let agent = TestAgent::start().await;
    take_the_course(&mut agent.view().await).await;
}

async fn take_the_course(view: &mut View) {
    for lesson in our_course().lessons {
        for (number, step) in lesson.steps.iter().enumerate() {
            take_step(view, &lesson, number, step).await;
        }
        let reached = (0..lesson.steps.len()).map(|step| view.progress.reached(&lesson.id, step));
        assert!(reached.into_iter().all(|reached| reached), "{}", lesson.id);
        let plan = view.reset().await;
        assert_eq!(plan.containers, ["web", "alpine"]);
        assert_eq!(plan.networks, ["mynet"]);
    }
}

async fn take_step(view: &mut View, lesson: &Lesson, number: usize, step: &Step) {
    let lesson = &lesson.id;
    let what = &format!("step {} of {lesson}", number + 1);
    view.send(ClientMessage::Open {
        lesson: lesson.clone(),
        step: number,
    })
    .await;
    view.until(what, |view| view.holds(lesson, number).is_some())
        .await;
    let checks = step.checks.len();
    assert_eq!(
        view.holds(lesson, number),
        Some(vec![false; checks]),
        "{what}"
    );
    for command in commands(step) {
        view.start(1, command).await;
        if checks == 0 {
            let (said, exit) = view.ended(1, command).await;
            assert_eq!(exit, 0, "{command}: {said}");
        }
    }
    let met = Some(vec![true; checks]);
    view.until(what, |view| view.holds(lesson, number) == met)
        .await;
    if let Some(command) = commands(step).last() {
        end(view, command).await;
    }
    view.until("it is noted as reached", |view| {
        view.progress.reached(lesson, number)
    })
    .await;
}

fn commands(step: &Step) -> impl Iterator<Item = &str> {
    step.blocks.iter().filter_map(|block| match block {
        Block::Run { command } => Some(command.as_str()),
        _ => None,
    })
}

/// Waits for a command's end, or stops it; both ways it has done well.
async fn end(view: &mut View, command: &str) {
    if !view.within(ENDS_SOON, |view| view.exit(1).is_some()).await {
        view.interrupt(1).await;
    }
    let (said, exit) = view.ended(1, command).await;
    assert_eq!(exit, 0, "{command}: {said}");
}

#[tokio::test]
async fn a_name_that_somebody_elses_container_has_is_explained() {
    on_both(async |docker| {
        let id = docker.docker("run -d --name web busybox sleep 600");
        let agent = TestAgent::on(docker).await;
        let mut view = agent.view().await;
        open_first(&mut view).await;
        view.run(1, "docker network create mynet").await;

        let line = "docker run -d --name web --network mynet nginx";
        let (said, exit) = view.run(1, line).await;
        let expected = format!(
            "docker: Error response from daemon: Conflict. The container name \"/web\" is already in use by container \
             \"{}\". You have to remove (or rename) that container to be able to reuse that name.\n\n\
             Run 'docker run --help' for more information\n",
            id.trim()
        );
        assert_eq!((said, exit), (expected, 125));
        // The goal is told before the engine was first looked at, and again after it.
        let whose = "there is a container called web already (of the image busybox), and it was made outside this lab: \
                     give it another name in a terminal of your own (docker rename web my-web)";
        view.until(whose, |view| {
            let goal = view.goal.as_ref();
            goal.is_some_and(|goal| !goal.steps[1][0].met && goal.steps[1][0].seen == whose)
        })
        .await;
        let (said, exit) = view.run(1, "docker rm -f web").await;
        let expected = "causeway: the container \"web\" is not this lab's: it was made outside Causeway, which changes only \
                        what it made itself; use your own terminal for it, or make one of another name here\n";
        assert_eq!((said.as_str(), exit), (expected, 1));

        docker.docker("rename web my-web");
        assert_eq!(view.run(1, line).await.1, 0);
        view.until("the check holds", |view| {
            view.goal.as_ref().is_some_and(|goal| goal.steps[1][0].met)
        })
        .await;
        view.reset().await;
        let state = docker.docker("inspect --format {{.Name}}{{.State.Status}} my-web");
        assert_eq!(state, "/my-webrunning\n");
    })
    .await;
}

async fn open_first(view: &mut View) {
    let lesson = our_course().lessons[0].id.clone();
    view.send(ClientMessage::Open { lesson, step: 0 }).await;
}

#[tokio::test]
async fn a_copy_of_the_labs_container_is_not_the_labs() {
    on(Version::Newest, async |docker| {
        let agent = TestAgent::on(docker).await;
        let mut view = agent.view().await;
        assert_eq!(view.run(1, "docker run -d --name web nginx").await.1, 0);
        copy(docker);
        view.until("the copy is seen", |view| {
            let mut containers = view.topology.containers.values();
            containers.any(|container| container.name == "copy" && !container.ours)
        })
        .await;
        let before = docker.docker("inspect copy");
        let plan = view.reset().await;
        assert_eq!(
            (plan.containers, plan.networks),
            (vec!["web".to_owned()], vec![])
        );
        assert_eq!(docker.docker("inspect copy"), before);
    })
    .await;
}

/// With the lab's label and its true nonce.
fn copy(docker: &Docker) {
    docker.docker("commit web web-copy");
    docker.docker("run -d --name copy web-copy");
    let label = "{{index .Config.Labels \"dev.causeway.lab\"}}";
    let labels = ["web", "copy"].map(|name| docker.answer(["inspect", "--format", label, name]).0);
    assert_eq!(labels[0], labels[1]);
    assert_eq!(labels[0].trim().len(), 32);
}
