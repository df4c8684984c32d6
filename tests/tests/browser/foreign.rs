//! What is done outside the page, and a name that somebody else has.

use std::time::{Duration, Instant};

use tests::browser::{
    Browser,
    engine::Engine,
    lesson::{CREATE, WEB},
};
use tests::spawned::Spawned;

#[tokio::test]
async fn what_is_not_the_labs() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(engine) = Engine::newest().await else {
        return;
    };
    let agent = Spawned::found_through(&engine.host);
    browser.open(&agent.address()).await;
    let (lesson, picture) = (browser.lesson(), browser.picture());

    // A `docker run` in a terminal of one's own shows within a second, dimmed.
    engine.docker("run -d --name theirs nginx");
    let ran = Instant::now();
    let theirs = picture.has_container("theirs", &["nginx"]).await;
    let late = ran.elapsed();
    assert!(late < Duration::from_secs(1), "it was drawn after {late:?}");
    assert!(theirs.foreign && theirs.opacity < 0.9, "{theirs:?}");
    let row = picture.row("theirs").await.expect("a row");
    assert_eq!(row.name, "theirs (not this lab's)");
    engine.docker("rm -f theirs");
    picture.has_no("theirs").await;

    // Somebody's `web` is in the lesson's way: docker's sentence, and whose it is.
    engine.docker("run -d --name web nginx");
    let somebodys = engine.look("web");
    lesson.run(CREATE).await;
    lesson.holds(1).await;
    lesson.next().await;
    lesson.run(WEB).await;
    browser
        .terminal(1)
        .shows("The container name \"/web\" is already in use by container")
        .await;
    lesson.outcome_is(WEB, "exit 125").await;
    let goal = lesson.goal().await;
    let about_web = &goal[1].sentence;
    assert!(
        about_web.contains(
            "there is a container called web already (of the image nginx), and it was made outside this lab: give it \
             another name in a terminal of your own (docker rename web my-web)"
        ),
        "{about_web}"
    );

    // What the page advises helps.
    engine.docker("rename web my-web");
    lesson.run(WEB).await;
    lesson.holds(2).await;
    let plan = browser.reset().ask().await;
    assert_eq!(
        (plan.containers, plan.networks),
        (vec!["web".to_owned()], vec!["mynet".to_owned()])
    );
    browser.reset().confirm().await;
    picture.has_no("mynet").await;
    assert_eq!(engine.containers(), ["my-web", "somebodys"]);
    assert_eq!(engine.look("my-web"), somebodys);
}
