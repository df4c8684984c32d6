//! What an engine must do, in Docker's own words: run against every engine, real and simulated, they are told apart by nothing.
//!
//! Each function panics at the first difference. It makes things whose names begin with `prefix`, removes what an earlier
//! run left under these names, and cleans up after itself. The image `busybox` must be there. Statuses and messages
//! are those of Docker Engine 28, as seen on one; where Engine 20.10 says it in other words, both are named.

mod errors;
mod events;
mod exec;
mod lab;
mod swarm;

pub use errors::errors;
pub use events::events;
pub use exec::{exec, logs};
pub use swarm::swarm;

use futures::StreamExt;

use crate::{
    Engine, Error,
    models::{
        ContainerStateStatusEnum, NetworkConnectRequest, NetworkCreateRequest,
        NetworkDisconnectRequest,
    },
    options::{
        ListNetworksOptions, RemoveContainerOptions, StopContainerOptions, WaitContainerOptions,
    },
};
use lab::{Lab, busybox, says};

/// Networks are made, found by name, id and short id, joined, left and removed.
pub async fn networks(engine: &dyn Engine, prefix: &str) {
    let lab = Lab::clean(engine, prefix).await;
    let (net, web) = (lab.name("net"), lab.name("web"));
    let id = lab.network("net", Some("10.231.7.0/24")).await;

    for asked in [net.as_str(), &id, &id[..12]] {
        let found = lab.inspect_network(asked).await;
        assert_eq!(
            (found.name.as_deref(), found.id.as_deref()),
            (Some(net.as_str()), Some(id.as_str())),
            "{asked}"
        );
        assert_eq!(
            (found.driver.as_deref(), found.scope.as_deref()),
            (Some("bridge"), Some("local"))
        );
    }
    let listed = engine
        .list_networks(ListNetworksOptions::default())
        .await
        .expect("a list");
    let mut predefined: Vec<_> = listed
        .iter()
        .filter_map(|network| network.name.as_deref())
        .collect();
    predefined.retain(|name| ["bridge", "host", "none", &net].contains(name));
    predefined.sort_unstable();
    let mut expected = vec!["bridge", "host", "none", &net];
    expected.sort_unstable();
    assert_eq!(predefined, expected);

    let again = engine
        .create_network(NetworkCreateRequest {
            name: net.clone(),
            ..Default::default()
        })
        .await;
    says(
        again,
        409,
        &[format!("network with name {net} already exists")],
    );

    let container = lab.sleeper("web", &net).await;
    engine.start_container(&web).await.expect("a start");
    let endpoint = lab.endpoint(&web, &net).await;
    assert_eq!(endpoint.ip_address.as_deref(), Some("10.231.7.2"));
    assert_eq!(endpoint.gateway.as_deref(), Some("10.231.7.1"));
    assert_eq!(endpoint.network_id.as_deref(), Some(id.as_str()));
    let held = engine.remove_network(&net).await;
    let Err(Error::Refused {
        status: 403,
        message,
    }) = &held
    else {
        panic!("in use, but {held:?}")
    };
    assert!(
        message.starts_with(&format!("error while removing network: network {net} ")),
        "{message}"
    );
    assert!(message.contains("has active endpoints"), "{message}");

    let join = || NetworkConnectRequest {
        container: web.clone(),
        endpoint_config: None,
    };
    says(
        engine.connect_network(&net, join()).await,
        403,
        &[format!(
            "endpoint with name {web} already exists in network {net}"
        )],
    );
    let leave = || NetworkDisconnectRequest {
        container: web.clone(),
        force: None,
    };
    engine
        .disconnect_network(&net, leave())
        .await
        .expect("it leaves");
    says(
        engine.disconnect_network(&net, leave()).await,
        500,
        &[format!(
            "container {container} is not connected to network {net}"
        )],
    );
    engine
        .connect_network(&id, join())
        .await
        .expect("it joins again");
    assert_eq!(
        lab.endpoint(&web, &net).await.network_id.as_deref(),
        Some(id.as_str())
    );

    lab.remove(&web).await;
    engine.remove_network(&id[..12]).await.expect("by short id");
    says(
        engine.remove_network(&net).await,
        404,
        &[format!("network {net} not found")],
    );
}

/// A container's life: made, started, stopped, started again, renamed, removed.
pub async fn containers(engine: &dyn Engine, prefix: &str) {
    let lab = Lab::clean(engine, prefix).await;
    let web = lab.name("web");
    let id = lab.sleeper("web", "bridge").await;
    says(
        engine
            .create_container(Some(&web), busybox(&["true"], "bridge"))
            .await,
        409,
        &[format!(
            "Conflict. The container name \"/{web}\" is already in use by container \"{id}\". You have to remove (or \
             rename) that container to be able to reuse that name."
        )],
    );
    assert_eq!(lab.status(&web).await, ContainerStateStatusEnum::CREATED);
    says(
        engine.kill_container(&web, "KILL").await,
        409,
        &[
            format!("cannot kill container: {web}: container {id} is not running"),
            format!("Cannot kill container: {web}: Container {id} is not running"),
        ],
    );
    assert!(!lab.is_listed(&id, false).await && lab.is_listed(&id, true).await);

    engine
        .start_container(&id[..12])
        .await
        .expect("by short id");
    engine
        .start_container(&web)
        .await
        .expect("a second start does nothing");
    assert_eq!(lab.status(&web).await, ContainerStateStatusEnum::RUNNING);
    assert!(lab.is_listed(&id, false).await);
    says(
        engine
            .remove_container(&web, RemoveContainerOptions::default())
            .await,
        409,
        &[
            format!(
                "cannot remove container \"{web}\": container is running: stop the container before removing or force remove"
            ),
            format!(
                "You cannot remove a running container {id}. Stop the container before attempting removal or force remove"
            ),
        ],
    );

    let ends = WaitContainerOptions {
        condition: "next-exit".into(),
    };
    let mut exit = engine
        .wait_container(&web, ends)
        .await
        .expect("it is watched");
    engine.kill_container(&web, "KILL").await.expect("a kill");
    let code = exit
        .next()
        .await
        .expect("an exit")
        .expect("a status")
        .status_code;
    assert_eq!(code, 137);
    assert_eq!(lab.status(&web).await, ContainerStateStatusEnum::EXITED);

    engine.start_container(&web).await.expect("it starts again");
    let at_once = StopContainerOptions {
        t: Some(0),
        ..Default::default()
    };
    engine.stop_container(&web, at_once).await.expect("a stop");
    assert_eq!(lab.status(&web).await, ContainerStateStatusEnum::EXITED);

    let site = lab.name("site");
    engine
        .rename_container(&web, &site)
        .await
        .expect("a new name");
    assert_eq!(lab.inspect(&id).await.name, Some(format!("/{site}")));
    says(
        engine.inspect_container(&web, false).await,
        404,
        &[format!("No such container: {web}")],
    );
    engine
        .remove_container(&site, RemoveContainerOptions::default())
        .await
        .expect("it goes");
    assert!(!lab.is_listed(&id, true).await);
}

/// A paused container is there and does nothing. Apart, since not every engine can do it yet.
pub async fn pausing(engine: &dyn Engine, prefix: &str) {
    let lab = Lab::clean(engine, prefix).await;
    let web = lab.name("web");
    lab.sleeper("web", "bridge").await;
    engine.start_container(&web).await.expect("a start");
    engine.pause_container(&web).await.expect("a pause");
    assert_eq!(lab.status(&web).await, ContainerStateStatusEnum::PAUSED);
    engine.unpause_container(&web).await.expect("and on");
    assert_eq!(lab.status(&web).await, ContainerStateStatusEnum::RUNNING);
    lab.remove(&web).await;
}
