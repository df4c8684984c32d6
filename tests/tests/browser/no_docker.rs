//! An agent where there is no Docker: one sentence more, nothing else differs.

use tests::browser::{
    Browser,
    lesson::{CREATE, INSPECT, PING, STEPS, WEB},
};
use tests::spawned::Spawned;

#[tokio::test]
async fn the_lesson_without_docker() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let nothing = "unix:///var/empty/docker.sock";
    let agent = Spawned::found_through(nothing);
    browser.open(&agent.address()).await;
    let (lesson, terminal) = (browser.lesson(), browser.terminal(1));
    let notices = browser.notices().await;
    let [notice] = notices.as_slice() else {
        panic!("one notice is enough: {notices:?}");
    };
    assert!(notice.contains("/var/empty/docker.sock"), "{notice}");
    assert!(
        notice.ends_with("until then, the simulated engine runs the lesson."),
        "{notice}"
    );

    lesson.run(CREATE).await;
    lesson.next().await;
    lesson.run(WEB).await;
    lesson.holds(2).await;
    lesson.next().await;
    lesson.is_at(STEPS[2]).await;
    lesson.predict("web answers").await;
    lesson.run(PING).await;
    let first = terminal.ping_after(0).await;
    terminal.ping_after(first).await;
    lesson.holds(3).await;
    terminal.stop().await;
    terminal.is_free().await;
    lesson.next().await;
    lesson.is_at(STEPS[3]).await;
    lesson.run(INSPECT).await;
    lesson.outcome_is(INSPECT, "✓ done").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}
