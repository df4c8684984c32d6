//! Reloading, a cut, and `kill -9` of the agent: nothing is lost, and a person is told what there is to do.

use std::time::Duration;

use tests::browser::{
    Browser,
    engine::{Engine, FOREIGN},
    lesson::{CREATE, PING, STEPS, WEB},
    reset::Plan,
};
use tests::spawned::{Spawned, run};

#[tokio::test]
async fn nothing_is_lost() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(engine) = Engine::newest().await else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let start = |port| Spawned::start(run(port, state.path()).env("DOCKER_HOST", &engine.host));
    let agent = start(0);
    browser.open(&agent.address()).await;
    let (lesson, picture, terminal) = (browser.lesson(), browser.picture(), browser.terminal(1));
    lesson.run(CREATE).await;
    lesson.next().await;
    lesson.run(WEB).await;
    lesson.holds(2).await;
    lesson.next().await;
    lesson.predict("web answers").await;
    lesson.run(PING).await;
    let before = terminal.ping_after(1).await;
    lesson.holds(3).await;

    // A reload in the middle of a ping: the step, the answer, the rows and what runs are as before.
    browser.reload().await;
    lesson.is_at(STEPS[2]).await;
    lesson.prediction_says("you, rightly").await;
    terminal.runs(PING).await;
    let after = terminal.ping_after(before).await;
    terminal.scroll_to_top().await;
    terminal.shows(CREATE).await;
    terminal.scroll_to_end().await;

    // An agent that says nothing for two seconds goes on as if nothing had been.
    agent.freeze();
    tokio::time::sleep(Duration::from_secs(2)).await;
    agent.go_on();
    let later = terminal.ping_after(after + 2).await;
    let text = terminal.text().await;
    for number in later - 2..=later {
        assert_eq!(text.matches(&format!("seq={number} ")).count(), 1, "{text}");
    }
    assert_eq!(browser.notices().await, Vec::<String>::new());

    // Killed: a small sign, and the lesson stays where it is.
    let port = agent.port();
    agent.kill();
    browser
        .until(
            "the sign says that the page reconnects",
            "return [...document.querySelectorAll('header [role=status]')].some(sign => sign.innerText.startsWith('Reconnecting'))",
        )
        .await;
    assert_eq!(lesson.heading().await, STEPS[2]);
    assert_eq!(browser.notices().await, Vec::<String>::new());

    // Started again, it has a new token: the page says where a new address is, and takes it in the same tab.
    let agent = start(port);
    let sentence = "This page may not speak to Causeway (any more): open the newest address that it printed in its terminal.";
    browser
        .wait("the page says what to do", async || {
            let notices = browser.notices().await;
            notices
                .iter()
                .any(|notice| notice.starts_with(sentence))
                .then_some(())
        })
        .await;
    browser.open(&agent.address()).await;
    lesson.is_at(STEPS[2]).await;
    lesson.prediction_says("you, rightly").await;
    lesson.holds(3).await;
    assert_eq!(browser.notices().await, Vec::<String>::new());
    for name in ["web", "alpine"] {
        let shape = picture.has_container(name, &["172."]).await;
        assert!(!shape.foreign, "{shape:?}");
    }
    assert_eq!(terminal.running().await, None);
    let plan = browser.reset().ask().await;
    assert_eq!(
        plan,
        Plan {
            containers: vec!["alpine".to_owned(), "web".to_owned()],
            networks: vec!["mynet".to_owned()],
        }
    );
    browser.reset().confirm().await;
    picture.has_no("mynet").await;
    assert_eq!(engine.containers(), [FOREIGN]);
}
