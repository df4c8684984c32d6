//! Pictures of every place in light and dark, from 1024 to 1920 pixels, and what must be so in each of them.

use tests::browser::{
    Browser,
    files::Files,
    lesson::{CREATE, INSPECT, PING, STEPS, WEB},
    look::Look,
};

const GOAL: (&str, &str) = ("the goal", "[aria-label='Goal of this lesson']");
const TERMINAL: (&str, &str) = ("the terminal", "[aria-label='Terminals']");
const RUN: (&str, &str) = ("the Run button", "button[aria-label^='Run docker']");

#[tokio::test]
async fn every_place_looks_right() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let files = Files::serve(browser.settings.site.clone()).await;
    browser.open(&files.address).await;
    let lesson = browser.lesson();
    let mut look = Look::at(&browser);
    let seen = [RUN, GOAL, TERMINAL];

    lesson.is_at(STEPS[0]).await;
    look.take("step-1", &seen).await;
    lesson.run(CREATE).await;
    lesson.holds(1).await;
    look.take("step-1-done", &seen).await;
    lesson.next().await;
    lesson.run(WEB).await;
    lesson.holds(2).await;
    look.take("step-2-done", &seen).await;
    lesson.next().await;
    lesson.is_at(STEPS[2]).await;
    look.take("step-3", &seen).await;
    lesson.predict("bad address").await;
    lesson.run(PING).await;
    lesson.holds(3).await;
    browser.terminal(1).ping_after(2).await;
    look.take("step-3-pinging", &seen).await;
    browser.terminal(1).stop().await;
    lesson.next().await;
    lesson.is_at(STEPS[3]).await;
    lesson.run(INSPECT).await;
    browser.terminal(1).is_free().await;
    look.take("step-4", &seen).await;
    browser.picture().follow_the_log_of("web").await;
    browser.terminal(2).runs("docker logs -f web").await;
    look.take("two-terminals", &[TERMINAL]).await;
    browser.reset().ask().await;
    look.take("reset", &[("the question", "[role=alertdialog] h2")])
        .await;
    browser.reset().keep().await;
    browser.open(&format!("{}#/", files.address)).await;
    browser
        .until(
            "the map is there",
            "return document.querySelector('h1').innerText === 'The course'",
        )
        .await;
    look.take("map", &[]).await;
    look.is_right();
}
