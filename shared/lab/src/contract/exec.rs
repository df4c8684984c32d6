//! Programs inside containers, and what they wrote.

use futures::StreamExt;

use super::lab::{Lab, busybox, command, says};
use crate::{
    Engine,
    options::{LogsOptions, WaitContainerOptions},
};

/// Programs run in a container that runs, and only there.
pub async fn exec(engine: &dyn Engine, prefix: &str) {
    let lab = Lab::clean(engine, prefix).await;
    let web = lab.name("web");
    let id = lab.sleeper("web", "bridge").await;
    let refused = [
        format!("container {id} is not running"),
        format!("Container {id} is not running"),
    ];
    says(
        engine.create_exec(&web, command(&["true"])).await,
        409,
        &refused,
    );

    engine.start_container(&web).await.expect("a start");
    assert_eq!(
        lab.run(&web, &["echo", "hello"]).await,
        ("hello\n".into(), Some(0))
    );
    assert_eq!(
        lab.run(&web, &["sh", "-c", "exit 1"]).await,
        (String::new(), Some(1))
    );
    assert_eq!(
        lab.run(&web, &["hostname"]).await,
        (format!("{}\n", &id[..12]), Some(0))
    );
    says(
        engine.inspect_exec("nope").await,
        404,
        &["No such exec instance: nope".into()],
    );
    lab.remove(&web).await;
}

/// What a container wrote is kept, stream by stream, and so is its exit code.
pub async fn logs(engine: &dyn Engine, prefix: &str) {
    let lab = Lab::clean(engine, prefix).await;
    let web = lab.name("web");
    let body = busybox(
        &["sh", "-c", "echo one; echo two; echo three >&2; exit 3"],
        "bridge",
    );
    engine
        .create_container(Some(&web), body)
        .await
        .expect("made");
    let watch = WaitContainerOptions {
        condition: "next-exit".into(),
    };
    let mut exit = engine
        .wait_container(&web, watch)
        .await
        .expect("it is watched");
    engine.start_container(&web).await.expect("a start");
    let code = exit
        .next()
        .await
        .expect("an exit")
        .expect("a status")
        .status_code;
    assert_eq!(
        (
            code,
            lab.inspect(&web)
                .await
                .state
                .and_then(|state| state.exit_code)
        ),
        (3, Some(3))
    );

    let read = |tail: &str, stdout: bool, stderr: bool| LogsOptions {
        stdout,
        stderr,
        tail: tail.into(),
        ..Default::default()
    };
    assert_eq!(
        lab.logged(&web, read("all", true, false)).await,
        ["one\ntwo\n", ""]
    );
    assert_eq!(
        lab.logged(&web, read("all", false, true)).await,
        ["", "three\n"]
    );
    // Engine 20.10 counts the lines of both streams, and then leaves one stream out.
    let last = lab.logged(&web, read("1", true, false)).await;
    assert!(last == ["two\n", ""] || last == ["", ""], "{last:?}");
    says(
        engine.logs(&web, read("all", false, false)).await.map(drop),
        400,
        &["Bad parameters: you must choose at least one stream".into()],
    );
    lab.remove(&web).await;
}
