//! Commands typed into the prompt do the same as clicks.

use tests::browser::{
    Browser,
    files::Files,
    lesson::{CREATE, PING, WEB},
};
use thirtyfour::Key;

#[tokio::test]
async fn typing_is_as_good_as_clicking() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let files = Files::serve(browser.settings.site.clone()).await;
    browser.open(&files.address).await;
    let (lesson, terminal, keys) = (browser.lesson(), browser.terminal(1), browser.keyboard());

    terminal.type_line(CREATE).await;
    lesson.holds(1).await;
    lesson.outcome_is(CREATE, "✓ done").await;
    terminal.type_line(WEB).await;
    lesson.holds(2).await;
    terminal.is_free().await;
    keys.focus_is_seen().await;

    // The history goes back line by line, and forth again.
    let prompt = async || {
        let prompt = terminal.prompt().await;
        prompt.value().await.unwrap().unwrap_or_default()
    };
    keys.press(Key::Up).await;
    assert_eq!(prompt().await, WEB);
    keys.press(Key::Up).await;
    assert_eq!(prompt().await, CREATE);
    keys.press(Key::Up).await;
    assert_eq!(prompt().await, CREATE);
    keys.press(Key::Down).await;
    assert_eq!(prompt().await, WEB);
    keys.press(Key::Down).await;
    assert_eq!(prompt().await, "");

    // What was run once more fails as docker says it does.
    keys.press(Key::Up).await;
    keys.press(Key::Up).await;
    keys.press(Key::Enter).await;
    terminal
        .shows("network with name mynet already exists")
        .await;
    lesson.outcome_is(CREATE, "exit 1").await;
    keys.press(Key::Up).await;
    assert_eq!(prompt().await, CREATE, "a new line begins at the newest");
    keys.press(Key::Down).await;

    terminal.type_line(PING).await;
    terminal.ping_after(0).await;
    lesson.holds(3).await;
    terminal.ctrl_c().await;
    terminal.shows("packets received").await;
    terminal.is_free().await;
}
