//! The lesson from start to end on a real Docker engine, without a mouse.

use tests::browser::{
    Browser,
    engine::{Engine, FOREIGN},
    lesson::{CREATE, INSPECT, PING, STEPS, WEB},
};
use tests::spawned::Spawned;
use thirtyfour::Key;

#[tokio::test]
async fn the_lesson_by_keyboard() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(engine) = Engine::newest().await else {
        return;
    };
    let agent = Spawned::found_through(&engine.host);
    browser.open(&agent.address()).await;
    let (lesson, keys, terminal) = (browser.lesson(), browser.keyboard(), browser.terminal(1));

    keys.tab_to(&format!("Run {CREATE}")).await;
    keys.press(Key::Enter).await;
    lesson.holds(1).await;
    assert_eq!(keys.focus_is_seen().await.name, format!("Run {CREATE}"));
    keys.tab_to("Next").await;
    keys.press(Key::Enter).await;

    // A new step begins at its heading.
    lesson.is_at(STEPS[1]).await;
    assert_eq!(keys.focus_is_seen().await.name, STEPS[1]);
    keys.tab_to(&format!("Run {WEB}")).await;
    keys.press(" ").await;
    lesson.holds(2).await;
    keys.tab_to("Next").await;
    keys.press(Key::Enter).await;
    lesson.is_at(STEPS[2]).await;

    // Arrows look at the answers, Space chooses; a choice is final.
    keys.tab_to("web answers").await;
    assert!(keys.press(Key::Down).await.name.starts_with("bad address"));
    assert!(keys.press(Key::Up).await.name.starts_with("web answers"));
    lesson.prediction_says("Choose before you run it.").await;
    keys.press(" ").await;
    lesson.prediction_says("Kept. Now run it and see.").await;
    assert!(keys.focus_is_seen().await.name.starts_with("web answers"));
    keys.press(Key::Down).await;
    keys.press(" ").await;

    keys.tab_to(&format!("Run {PING}")).await;
    keys.press(Key::Enter).await;
    terminal.ping_after(0).await;
    lesson.holds(3).await;
    lesson.prediction_says("you, rightly").await;
    keys.tab_to("Stop").await;
    keys.press(Key::Enter).await;
    terminal.is_free().await;
    let focus = keys.focus_is_seen().await;
    assert_eq!(focus.tag, "INPUT", "after Stop: {focus:?}");

    // Typed; the keys go to what runs, and come back to the prompt when it has ended.
    keys.press("docker run --rm -it --network mynet alpine sh\n")
        .await;
    terminal.shows("/ #").await;
    keys.press("hostname -i\n").await;
    terminal.shows("172.").await;
    keys.control('d').await;
    terminal.is_free().await;
    assert_eq!(keys.focus_is_seen().await.tag, "INPUT");
    keys.back_to("Next").await;
    keys.press(Key::Enter).await;
    lesson.is_at(STEPS[3]).await;
    keys.tab_to(&format!("Run {INSPECT}")).await;
    keys.press(Key::Enter).await;
    lesson.outcome_is(INSPECT, "✓ done").await;

    // The question keeps the focus inside; Escape and "Keep" change nothing and give it back.
    let reset = browser.reset();
    keys.back_to("Reset lab").await;
    for leave in [Key::Escape, Key::Enter] {
        keys.press(Key::Enter).await;
        reset.plan().await;
        for _ in 0..5 {
            let focus = keys.focus_is_seen().await;
            assert!(focus.in_dialog, "{focus:?}");
            keys.press(Key::Tab).await;
        }
        keys.tab_to("Keep everything").await;
        keys.press(leave).await;
        reset.is_closed().await;
        assert_eq!(keys.focus_is_seen().await.name, "Reset lab");
    }
    assert_eq!(engine.containers(), ["alpine", FOREIGN, "web"]);
    keys.press(Key::Enter).await;
    reset.plan().await;
    keys.tab_to("Remove these").await;
    keys.press(Key::Enter).await;
    reset.is_closed().await;
    for name in ["alpine", "web", "mynet"] {
        browser.picture().has_no(name).await;
    }
    assert_eq!(engine.containers(), [FOREIGN]);
    assert_eq!(keys.focus_is_seen().await.name, "Reset lab");
}
