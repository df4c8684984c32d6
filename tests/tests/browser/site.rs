//! The page as plain files: no agent, no Docker.

use tests::browser::{
    Browser,
    files::Files,
    lesson::{CREATE, INSPECT, Lesson, PING, STEPS, WEB},
};

#[tokio::test]
async fn the_lesson_without_an_agent() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let files = Files::serve(browser.settings.site.clone()).await;
    browser.open(&files.address).await;
    let lesson = browser.lesson();
    assert_eq!(
        browser.notices().await,
        [
            "No agent serves this page, so a simulated Docker engine inside the page runs the lesson."
        ]
    );
    to_the_ping(&browser, &lesson).await;

    // A reload keeps the lab and the progress; what ran in the page has ended with it.
    browser.reload().await;
    lesson.is_at(STEPS[2]).await;
    browser.terminal(1).is_free().await;
    lesson.prediction_says("you, rightly").await;
    browser.picture().has_rail("mynet").await;
    browser
        .picture()
        .has_container("web", &["nginx", "172."])
        .await;

    lesson.next().await;
    lesson.is_at(STEPS[3]).await;
    lesson.run(INSPECT).await;
    lesson.outcome_is(INSPECT, "✓ done").await;
    assert_eq!(
        elsewhere(&browser, &files.address).await,
        Vec::<String>::new()
    );
    // The page asks whether an agent is there; here nobody is.
    let complaints = browser.complaints().await;
    let unexpected: Vec<_> = complaints
        .iter()
        .filter(|complaint| !complaint.contains("/agent"))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
}

/// From the first step to a ping that has shown what the prediction asked, and was stopped.
async fn to_the_ping(browser: &Browser, lesson: &Lesson<'_>) {
    lesson.is_at(STEPS[0]).await;
    lesson.run(CREATE).await;
    lesson.holds(1).await;
    lesson.next().await;
    lesson.run(WEB).await;
    lesson.holds(2).await;
    lesson.next().await;
    lesson.is_at(STEPS[2]).await;
    lesson.predict("web answers").await;
    lesson.run(PING).await;
    let terminal = browser.terminal(1);
    let first = terminal.ping_after(0).await;
    terminal.ping_after(first).await;
    lesson.holds(3).await;
    lesson.prediction_says("you, rightly").await;
}

/// Addresses of other origins that were asked for anything.
async fn elsewhere(browser: &Browser, own: &str) -> Vec<String> {
    let script = "return performance.getEntries()
        .filter(entry => ['resource', 'navigation'].includes(entry.entryType))
        .map(entry => entry.name)
        .filter(name => !name.startsWith(arguments[0]) && !name.startsWith('data:'))";
    browser.ask(script, &[own]).await
}
