//! Several simulated machines: each with its own containers and networks, all in what is saved.

use std::sync::Arc;

use futures::executor::block_on;
use jiff::Timestamp;
use lab::{Containers, Host, clock::VirtualClock, models::ContainerCreateBody};
use simulated::Simulated;

fn new() -> Simulated {
    let clock = VirtualClock::starting_at(Timestamp::UNIX_EPOCH);
    Simulated::new(Arc::new(clock), 7)
}

fn containers(engine: &Simulated) -> usize {
    let all = lab::options::ListContainersOptions {
        all: true,
        ..Default::default()
    };
    block_on(engine.list_containers(all))
        .expect("it answers")
        .len()
}

#[test]
fn each_has_its_name_and_address() {
    let engine = new();
    let hosts = engine.hosts();
    let shown: Vec<String> = hosts
        .iter()
        .map(|name| {
            let facts = block_on(engine.on(name).expect("it answers").facts());
            format!("{} {}", facts.name, facts.interfaces[0].address)
        })
        .collect();
    assert_eq!(
        shown,
        [
            "causeway 192.168.65.3",
            "host2 192.168.65.4",
            "host3 192.168.65.5"
        ]
    );
    assert!(engine.on("192.168.65.4").is_some() && engine.on("host4").is_none());
}

#[test]
fn what_is_on_one_is_not_on_another_and_all_is_saved() {
    let engine = new();
    let other = engine.on("host2").expect("it answers");
    let body = ContainerCreateBody {
        image: Some("alpine".to_owned()),
        cmd: Some(vec!["sleep".to_owned(), "60".to_owned()]),
        ..Default::default()
    };
    block_on(other.create_container(Some("web"), body)).expect("it answers");
    block_on(other.start_container("web")).expect("it answers");
    assert_eq!((containers(&engine), containers(&other)), (0, 1));

    let clock = VirtualClock::starting_at(Timestamp::UNIX_EPOCH);
    let again = Simulated::restore(Arc::new(clock), &engine.save()).expect("it answers");
    let other = again.on("host2").expect("it answers");
    assert_eq!((containers(&again), containers(&other)), (0, 1));
    assert_eq!(again.save(), engine.save());
}
