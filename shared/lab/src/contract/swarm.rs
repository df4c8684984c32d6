//! A swarm of one machine: what is refused without one, what it has, and that nothing is left of it.

use super::lab::{Lab, says};
use crate::{
    Engine,
    models::{
        NetworkCreateRequest, ServiceSpec, SwarmInitRequest, TaskSpec, TaskSpecContainerSpec,
    },
    options::{InspectServiceOptions, LeaveSwarmOptions, ListNodesOptions, ListServicesOptions},
};

const NO_MANAGER: &str = "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";

/// The engine must be in no swarm, and is in none afterwards.
pub async fn swarm(engine: &dyn Engine, prefix: &str) {
    let lab = Lab::clean(engine, prefix).await;
    without_one(engine, &lab).await;
    let loopback = SwarmInitRequest {
        listen_addr: Some("127.0.0.1:2377".to_owned()),
        advertise_addr: Some("127.0.0.1".to_owned()),
        ..Default::default()
    };
    let node = engine.init_swarm(loopback.clone()).await;
    let node = node.expect("a swarm");
    says(
        engine.init_swarm(loopback).await,
        503,
        &["This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one.".to_owned()],
    );
    let nodes = engine.list_nodes(ListNodesOptions::default()).await;
    let ids: Vec<_> = nodes
        .expect("nodes")
        .into_iter()
        .map(|node| node.id)
        .collect();
    assert_eq!(ids, [Some(node)]);
    networks(engine, &lab).await;
    services(engine, &lab).await;
    let left = engine.leave_swarm(LeaveSwarmOptions { force: true }).await;
    left.expect("it leaves");
    says(engine.inspect_swarm().await, 503, &[NO_MANAGER.to_owned()]);
}

async fn without_one(engine: &dyn Engine, lab: &Lab<'_>) {
    let no_manager = [NO_MANAGER.to_owned()];
    says(engine.inspect_swarm().await, 503, &no_manager);
    says(engine.create_service(service(lab)).await, 503, &no_manager);
    says(engine.create_network(overlay(lab)).await, 403, &no_manager);
    says(
        engine.leave_swarm(LeaveSwarmOptions { force: false }).await,
        503,
        &["This node is not part of a swarm".to_owned()],
    );
}

async fn networks(engine: &dyn Engine, lab: &Lab<'_>) {
    let made = engine.create_network(overlay(lab)).await;
    let id = made.expect("an overlay network").id;
    let found = lab.inspect_network(&id).await;
    assert_eq!(
        (found.driver.as_deref(), found.scope.as_deref()),
        (Some("overlay"), Some("swarm"))
    );
    let name = lab.name("net");
    says(
        engine.create_network(overlay(lab)).await,
        409,
        &[format!("network with name {name} already exists")],
    );
    engine.remove_network(&name).await.expect("it goes");
}

async fn services(engine: &dyn Engine, lab: &Lab<'_>) {
    let made = engine.create_service(service(lab)).await;
    let id = made.expect("a service").id;
    let name = lab.name("web");
    says(
        engine.create_service(service(lab)).await,
        409,
        &[format!(
            "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service {name} already exists"
        )],
    );
    let listed = engine.list_services(ListServicesOptions::default()).await;
    let ids: Vec<_> = listed
        .expect("a list")
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(ids, [id]);
    engine.remove_service(&name).await.expect("it goes");
    let gone = engine
        .inspect_service(&name, InspectServiceOptions::default())
        .await;
    says(gone, 404, &[format!("service {name} not found")]);
}

fn overlay(lab: &Lab<'_>) -> NetworkCreateRequest {
    NetworkCreateRequest {
        name: lab.name("net"),
        driver: Some("overlay".to_owned()),
        ..Default::default()
    }
}

fn service(lab: &Lab<'_>) -> ServiceSpec {
    let container = TaskSpecContainerSpec {
        image: Some("busybox:latest".to_owned()),
        args: Some(vec!["sleep".to_owned(), "60".to_owned()]),
        ..Default::default()
    };
    ServiceSpec {
        name: Some(lab.name("web")),
        task_template: Some(TaskSpec {
            container_spec: Some(container),
            ..Default::default()
        }),
        ..Default::default()
    }
}
