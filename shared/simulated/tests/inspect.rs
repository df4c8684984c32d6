//! `docker inspect` of containers of many shapes, as Engine 28.5 answered it for the same requests (`shapes.json`).

#![allow(clippy::unwrap_used, reason = "a test says so by failing")]

use std::sync::Arc;

use futures::executor::block_on;
use jiff::Timestamp;
use lab::{Containers, clock::VirtualClock};
use serde_json::{Map, Value};
use simulated::Simulated;

/// What is another one each time, if it is anything.
const OF_THE_MOMENT: [&str; 19] = [
    "Id",
    "Created",
    "Pid",
    "StartedAt",
    "FinishedAt",
    "ResolvConfPath",
    "HostnamePath",
    "HostsPath",
    "LogPath",
    "SandboxID",
    "SandboxKey",
    "EndpointID",
    "MacAddress",
    "NetworkID",
    "ID",
    "LowerDir",
    "MergedDir",
    "UpperDir",
    "WorkDir",
];

#[test]
fn a_plain_one_is_equal_to_the_byte_through_its_life() {
    let shapes = shapes();
    let plain = &shapes["plain"];
    let lived = live("plain", &plain["asked"]);
    for (stage, inspect) in ["created", "running", "exited"].iter().zip(lived) {
        assert_eq!(pretty(&inspect), pretty(&plain[stage]), "{stage}");
    }
}

#[test]
fn every_option_shows_where_the_engine_shows_it() {
    let shapes = shapes();
    let plain = &shapes["plain"];
    for shape in shapes["others"].as_array().unwrap() {
        let name = shape["name"].as_str().unwrap();
        let mut asked = plain["asked"].clone();
        apply(&mut asked, &shape["asked"]);
        let [created, running, _] = live(name, &asked);
        let mut expected = plain["created"].clone();
        apply(&mut expected, &shape["created"]);
        assert_eq!(sorted(&created), sorted(&expected), "{name}, created");
        let mut expected = plain["running"].clone();
        apply(&mut expected, &shape["created"]);
        apply(&mut expected, shape.get("running").unwrap_or(&Value::Null));
        assert_eq!(sorted(&running), sorted(&expected), "{name}, running");
    }
}

fn shapes() -> Value {
    serde_json::from_str(include_str!("shapes.json")).unwrap()
}

/// Made, started, killed: how it is inspected each time.
fn live(name: &str, asked: &Value) -> [Value; 3] {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let engine = Simulated::new(clock, 7);
    block_on(async {
        let body = serde_json::from_value(asked.clone()).unwrap();
        let id = engine.create_container(Some(name), body).await.unwrap().id;
        let created = inspect(&engine, &id).await;
        engine.start_container(&id).await.unwrap();
        let running = inspect(&engine, &id).await;
        engine.kill_container(&id, "KILL").await.unwrap();
        [created, running, inspect(&engine, &id).await]
    })
}

async fn inspect(engine: &Simulated, id: &str) -> Value {
    let raw = engine.inspect_container(id, false).await.unwrap();
    let mut inspect = raw.value().unwrap();
    forget(&mut inspect, "", id);
    inspect
}

fn forget(value: &mut Value, key: &str, id: &str) {
    match value {
        Value::Object(fields) => fields
            .iter_mut()
            .for_each(|(key, value)| forget(value, key, id)),
        Value::Array(items) => items.iter_mut().for_each(|item| forget(item, "", id)),
        _ => {
            let nothing = ["", "0001-01-01T00:00:00Z"].contains(&value.as_str().unwrap_or("…"));
            let of_the_moment = OF_THE_MOMENT.contains(&key) || key == "Image";
            let own = key == "Hostname" && value.as_str() == Some(&id[..12]);
            if own || of_the_moment && !nothing && *value != 0 {
                *value = "…".into();
            }
        }
    }
}

/// `HostConfig.Memory` becomes what it says; `(absent)` takes away.
fn apply(value: &mut Value, changes: &Value) {
    for (path, change) in changes.as_object().into_iter().flatten() {
        let mut parts: Vec<&str> = path.split('.').collect();
        let last = parts.pop().unwrap();
        let mut place = &mut *value;
        for part in parts {
            if !place[part].is_object() {
                place[part] = Value::Object(Map::new());
            }
            place = &mut place[part];
        }
        let absent = change == "(absent)";
        // An object that got fields is no empty one any more.
        if absent && place[last].as_object().is_none_or(Map::is_empty) {
            place.as_object_mut().unwrap().remove(last);
        } else if !absent {
            place[last] = change.clone();
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// Line by line, so that a failure shows where.
fn sorted(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    pretty(&value)
}
