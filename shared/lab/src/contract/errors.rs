//! What an engine refuses.

use super::lab::{Lab, busybox, command, says};
use crate::{
    Engine,
    models::{ContainerCreateBody, NetworkCreateRequest},
    options::{
        AttachContainerOptions, InspectNetworkOptions, LogsOptions, RemoveContainerOptions,
        RemoveImageOptions, RestartContainerOptions, StopContainerOptions, TopOptions,
    },
};

/// What is not there, and what is not allowed, each in Docker's words.
pub async fn errors(engine: &dyn Engine, prefix: &str) {
    let lab = Lab::clean(engine, prefix).await;
    let nope = lab.name("nope");
    let no_container = [format!("No such container: {nope}")];
    let force = RemoveContainerOptions {
        force: true,
        ..Default::default()
    };
    let output = LogsOptions {
        stdout: true,
        tail: "all".into(),
        ..Default::default()
    };
    let attach = AttachContainerOptions {
        stream: true,
        stdout: true,
        ..Default::default()
    };
    says(
        engine.inspect_container(&nope, false).await,
        404,
        &no_container,
    );
    says(engine.start_container(&nope).await, 404, &no_container);
    says(
        engine
            .stop_container(&nope, StopContainerOptions::default())
            .await,
        404,
        &no_container,
    );
    says(
        engine
            .restart_container(&nope, RestartContainerOptions::default())
            .await,
        404,
        &no_container,
    );
    says(engine.pause_container(&nope).await, 404, &no_container);
    says(engine.unpause_container(&nope).await, 404, &no_container);
    says(
        engine.rename_container(&nope, &lab.name("other")).await,
        404,
        &no_container,
    );
    says(
        engine.remove_container(&nope, force).await,
        404,
        &no_container,
    );
    says(
        engine.logs(&nope, output).await.map(drop),
        404,
        &no_container,
    );
    says(
        engine.attach_container(&nope, attach).await.map(drop),
        404,
        &no_container,
    );
    says(
        engine.top(&nope, TopOptions::default()).await,
        404,
        &no_container,
    );
    says(
        engine.create_exec(&nope, command(&["true"])).await,
        404,
        &no_container,
    );
    let killed = ["cannot", "Cannot"]
        .map(|it| format!("{it} kill container: {nope}: No such container: {nope}"));
    says(engine.kill_container(&nope, "KILL").await, 404, &killed);

    let no_network = [format!("network {nope} not found")];
    let look = InspectNetworkOptions::default();
    says(engine.inspect_network(&nope, look).await, 404, &no_network);
    says(engine.remove_network(&nope).await, 404, &no_network);
    let bridge = ["bridge is a pre-defined network and cannot be removed".to_owned()];
    says(engine.remove_network("bridge").await, 403, &bridge);
    let driver = NetworkCreateRequest {
        name: nope.clone(),
        driver: Some("nosuch".into()),
        ..Default::default()
    };
    let no_driver = ["plugin \"nosuch\" not found".to_owned()];
    says(engine.create_network(driver).await, 404, &no_driver);

    let bad = "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed";
    let answer = engine
        .create_container(Some("a!b"), busybox(&["true"], "bridge"))
        .await;
    says(
        answer,
        400,
        &[format!("Invalid container name (a!b), {bad}")],
    );
    let no_image = [format!("No such image: {nope}:latest")];
    let body = ContainerCreateBody {
        image: Some(nope.clone()),
        ..Default::default()
    };
    says(engine.create_container(None, body).await, 404, &no_image);
    let no_image_to_see = [
        no_image[0].clone(),
        format!("no such image: {nope}: No such image: {nope}:latest"),
    ];
    says(engine.inspect_image(&nope).await, 404, &no_image_to_see);
    says(
        engine
            .remove_image(&nope, RemoveImageOptions::default())
            .await,
        404,
        &no_image,
    );
}
