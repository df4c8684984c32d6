//! The lesson from start to end on a real Docker engine, with the mouse.

use tests::browser::{
    Browser,
    engine::{Engine, FOREIGN},
    lesson::{CREATE, INSPECT, PING, STEPS, WEB},
    reset::Plan,
};
use tests::spawned::Spawned;

#[tokio::test]
async fn the_lesson_by_click() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(engine) = Engine::newest().await else {
        return;
    };
    let foreign = engine.look(FOREIGN);
    let agent = Spawned::found_through(&engine.host);
    browser.open(&agent.address()).await;
    let (lesson, picture) = (browser.lesson(), browser.picture());

    // The default bridge is there, and it knows no names.
    lesson.is_at(STEPS[0]).await;
    lesson.holds(0).await;
    let bridge = picture.has_rail("bridge").await;
    assert_eq!(bridge.crossed_out, "no name server", "{bridge:?}");
    let somebodys = picture.has_container(FOREIGN, &["nginx", "172."]).await;
    assert!(somebodys.foreign, "{somebodys:?}");

    lesson.run(CREATE).await;
    let mynet = picture.has_rail("mynet").await;
    assert!(mynet.text.contains("names 127.0.0.11"), "{mynet:?}");
    assert!(!mynet.foreign, "{mynet:?}");
    lesson.outcome_is(CREATE, "✓ done").await;
    lesson.holds(1).await;

    lesson.next().await;
    lesson.is_at(STEPS[1]).await;
    lesson.run(WEB).await;
    lesson.holds(2).await;
    let address = engine.address("web");
    let web = picture.has_container("web", &["nginx", &address]).await;
    assert!(!web.foreign, "{web:?}");
    let row = picture.row("web").await.expect("a row for web");
    assert_eq!(
        (row.state.as_str(), row.on),
        ("Running", format!("on mynet at {address}"))
    );

    lesson.next().await;
    lesson.is_at(STEPS[2]).await;
    lesson.predict("bad address").await;
    lesson.prediction_says("Kept. Now run it and see.").await;
    lesson.run(PING).await;
    let terminal = browser.terminal(1);
    let first = terminal.ping_after(0).await;
    let later = terminal.ping_after(first).await;
    assert!(later - first < 3, "lines come one by one: {first}, {later}");
    lesson.holds(3).await;
    picture
        .has_container("alpine", &["alpine", &engine.address("alpine")])
        .await;

    // What was foretold stays beside what happened.
    lesson.prediction_says("nobody knows the name · you").await;
    lesson
        .prediction_says("The new container asked 127.0.0.11")
        .await;

    terminal.stop().await;
    terminal.is_free().await;
    terminal.shows("packets received").await;
    lesson.next().await;
    lesson.is_at(STEPS[3]).await;
    lesson.run(INSPECT).await;
    terminal.shows("\"IPv4Address\": ").await;
    lesson.outcome_is(INSPECT, "✓ done").await;

    // Another one, ended by Ctrl-C.
    terminal
        .type_line("docker run --rm -it --network mynet alpine ping web")
        .await;
    terminal.ping_after(0).await;
    terminal.ctrl_c().await;
    terminal.is_free().await;
    assert_eq!(engine.containers(), ["alpine", FOREIGN, "web"]);

    // The web server's log, in a tab of its own.
    picture.follow_the_log_of("web").await;
    let log = browser.terminal(2);
    log.runs("docker logs -f web").await;
    terminal.tab().await.click().await.expect("a tab");
    terminal.run(&format!("curl http://{address}")).await;
    terminal.shows("Welcome to nginx!").await;
    log.tab().await.click().await.expect("a tab");
    log.shows("GET / HTTP/1.1").await;

    // Reset removes what it says, and that is all.
    let plan = browser.reset().ask().await;
    assert_eq!(
        plan,
        Plan {
            containers: vec!["alpine".to_owned(), "web".to_owned()],
            networks: vec!["mynet".to_owned()],
        }
    );
    browser.reset().keep().await;
    assert_eq!(engine.containers(), ["alpine", FOREIGN, "web"]);
    browser.reset().ask().await;
    browser.reset().confirm().await;
    for name in ["alpine", "web", "mynet"] {
        picture.has_no(name).await;
    }
    assert_eq!(engine.containers(), [FOREIGN]);
    assert_eq!(engine.networks(), ["bridge", "host", "none"]);
    assert_eq!(engine.look(FOREIGN), foreign);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}
