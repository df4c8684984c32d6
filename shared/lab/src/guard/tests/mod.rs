mod fake;

use std::{
    collections::HashMap,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Context,
};

use fake::Fake;
use futures::executor::block_on;

use super::*;
use crate::{
    Containers, Exec, Images, Networks,
    models::{
        ContainerCreateBody, DeviceMapping, ExecConfig, HostConfig, Mount, NetworkConnectRequest,
        NetworkCreateRequest, NetworkDisconnectRequest, PortBinding,
    },
    options::{
        AttachContainerOptions, InspectNetworkOptions, ListContainersOptions,
        RemoveContainerOptions, RemoveImageOptions, RestartContainerOptions, StopContainerOptions,
    },
};

struct World {
    engine: Arc<Fake>,
    journal: Arc<MemoryJournal>,
    guard: Guard,
}

fn world(limits: Limits) -> World {
    world_of(Arc::default(), Arc::default(), limits)
}

fn world_of(engine: Arc<Fake>, journal: Arc<MemoryJournal>, limits: Limits) -> World {
    static NONCES: AtomicUsize = AtomicUsize::new(0);
    let random = || format!("nonce-{}", NONCES.fetch_add(1, Ordering::Relaxed));
    let guard = Guard::new(
        Arc::clone(&engine) as _,
        Arc::clone(&journal) as _,
        limits,
        random,
    );
    World {
        engine,
        journal,
        guard,
    }
}

impl World {
    fn container(&self, name: &str) -> String {
        block_on(
            self.guard
                .create_container(Some(name), body(HostConfig::default())),
        )
        .expect("made")
        .id
    }

    fn network(&self, name: &str) -> String {
        block_on(self.guard.create_network(named(name)))
            .expect("made")
            .id
    }

    fn changes(&self) -> Vec<String> {
        std::mem::take(&mut *locked(&self.engine.changes))
    }
}

fn body(host: HostConfig) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some("busybox".into()),
        host_config: Some(host),
        ..Default::default()
    }
}

fn named(name: &str) -> NetworkCreateRequest {
    NetworkCreateRequest {
        name: name.into(),
        ..Default::default()
    }
}

fn force() -> RemoveContainerOptions {
    RemoveContainerOptions {
        force: true,
        ..Default::default()
    }
}

fn refusal<T>(answer: Result<T>) -> String {
    match answer {
        Err(Error::NotAllowed(sentence)) => sentence,
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("it was let through"),
    }
}

fn not_ours(what: &str, name: &str) -> String {
    format!(
        "the {what} \"{name}\" is not this lab's: it was made outside Causeway, which changes only what it made itself; \
         use your own terminal for it, or make one of another name here"
    )
}

#[test]
fn what_is_made_is_written_down_and_labelled() {
    let world = world(Limits::default());
    let (web, mynet) = (world.container("web"), world.network("mynet"));
    let entries = world.journal.entries();
    let written: Vec<_> = entries
        .iter()
        .map(|entry| (entry.intent.kind, entry.id.clone()))
        .collect();
    assert_eq!(
        written,
        [
            (Kind::Container, Some(web.clone())),
            (Kind::Network, Some(mynet.clone()))
        ]
    );
    let label = locked(&world.engine.containers)[&web].1.labels.clone();
    assert_eq!(
        label,
        Some(HashMap::from([(
            LABEL.to_owned(),
            entries[0].intent.nonce.clone()
        )]))
    );
    assert!(world.guard.owns(&web) && world.guard.owns(&mynet) && !world.guard.owns("web"));
}

#[test]
fn a_learner_does_not_see_the_label() {
    let world = world(Limits::default());
    let web = world.container("web");
    world.network("mynet");
    let listed = block_on(
        world
            .guard
            .list_containers(ListContainersOptions::default()),
    )
    .unwrap();
    assert_eq!(listed[0].labels, Some(HashMap::new()));
    let inspected = block_on(world.guard.inspect_container("web", false)).unwrap();
    assert!(
        inspected.json().ends_with(r#""Config":{"Labels":{}}}"#),
        "{}",
        inspected.json()
    );
    assert!(
        inspected
            .json()
            .starts_with(&format!(r#"{{"Id":"{web}","Name":"/web","HostConfig""#))
    );
    let network = block_on(
        world
            .guard
            .inspect_network("mynet", InspectNetworkOptions::default()),
    )
    .unwrap();
    assert!(
        network.json().ends_with(r#""Labels":{}}"#),
        "{}",
        network.json()
    );
}

#[test]
fn a_create_that_docker_refuses_leaves_nothing() {
    let world = world(Limits::default());
    world
        .engine
        .foreign_container("web", ContainerCreateBody::default());
    let error = block_on(
        world
            .guard
            .create_container(Some("web"), body(HostConfig::default())),
    )
    .unwrap_err();
    assert_eq!(
        error,
        Error::conflict("Conflict. The container name \"/web\" is already in use")
    );
    assert_eq!(world.journal.entries(), []);
}

#[test]
fn the_body_is_built_anew_with_limits() {
    let world = world(Limits::default());
    let asked = HostConfig {
        network_mode: Some("bridge".into()),
        memory: Some(64 << 20),
        oom_score_adj: Some(0),
        memory_swappiness: Some(-1),
        cgroupns_mode: None,
        privileged: Some(false),
        binds: Some(Vec::new()),
        ..Default::default()
    };
    let id = block_on(world.guard.create_container(Some("web"), body(asked)))
        .unwrap()
        .id;
    let sent = locked(&world.engine.containers)[&id]
        .1
        .host_config
        .clone()
        .unwrap();
    let expected = serde_json::json!({
        "Memory": 64 << 20,
        // The engine's machine has one processor only.
        "NanoCpus": 1_000_000_000,
        "PidsLimit": 512,
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "10485760"}},
        "NetworkMode": "bridge",
    });
    assert_eq!(serde_json::to_value(sent).unwrap(), expected);
}

#[test]
fn what_reaches_into_the_machine_is_refused() {
    let world = world(Limits::default());
    let check = |flag: &str, host: HostConfig| {
        let answer = block_on(world.guard.create_container(None, body(host)));
        let expected = format!(
            "\"{flag}\" is not part of this lab: it reaches beyond the container into your machine; leave it out, or run \
             it in your own terminal"
        );
        assert_eq!(refusal(answer), expected);
    };
    let some = || Some(vec!["x".to_owned()]);
    check(
        "--privileged",
        HostConfig {
            privileged: Some(true),
            ..Default::default()
        },
    );
    check(
        "-v",
        HostConfig {
            binds: Some(vec!["/:/host".into()]),
            ..Default::default()
        },
    );
    check(
        "--mount",
        HostConfig {
            mounts: Some(vec![Mount::default()]),
            ..Default::default()
        },
    );
    check(
        "--volumes-from",
        HostConfig {
            volumes_from: some(),
            ..Default::default()
        },
    );
    check(
        "--device",
        HostConfig {
            devices: Some(vec![DeviceMapping::default()]),
            ..Default::default()
        },
    );
    check(
        "--cap-add",
        HostConfig {
            cap_add: some(),
            ..Default::default()
        },
    );
    check(
        "--security-opt",
        HostConfig {
            security_opt: some(),
            ..Default::default()
        },
    );
    check(
        "--sysctl",
        HostConfig {
            sysctls: Some(HashMap::from([("a".into(), "1".into())])),
            ..Default::default()
        },
    );
    check(
        "--runtime",
        HostConfig {
            runtime: Some("runc".into()),
            ..Default::default()
        },
    );
    check(
        "--pid",
        HostConfig {
            pid_mode: Some("host".into()),
            ..Default::default()
        },
    );
    check(
        "--ipc",
        HostConfig {
            ipc_mode: Some("host".into()),
            ..Default::default()
        },
    );
    check(
        "--uts",
        HostConfig {
            uts_mode: Some("host".into()),
            ..Default::default()
        },
    );
    check(
        "--userns",
        HostConfig {
            userns_mode: Some("host".into()),
            ..Default::default()
        },
    );
    let volumes = ContainerCreateBody {
        volumes: Some(vec!["/data".into()]),
        ..body(HostConfig::default())
    };
    assert!(
        refusal(block_on(world.guard.create_container(None, volumes)))
            .starts_with("\"-v\" is not part")
    );
    assert_eq!(
        (
            world.journal.entries(),
            locked(&world.engine.containers).len()
        ),
        (Vec::new(), 0)
    );
}

#[test]
fn limits_are_kept() {
    let world = world(Limits {
        containers: 1,
        networks: 1,
        published: 1,
        execs: 1,
        ..Limits::default()
    });
    let refused =
        |host: HostConfig| refusal(block_on(world.guard.create_container(None, body(host))));
    assert_eq!(
        refused(HostConfig {
            memory: Some(2 << 30),
            ..Default::default()
        }),
        "a container of this lab may use at most 1024 MiB of memory: ask for less with --memory"
    );
    assert_eq!(
        refused(HostConfig {
            nano_cpus: Some(3_000_000_000),
            ..Default::default()
        }),
        "a container of this lab may use at most 2.00 processors: ask for less with --cpus"
    );
    assert_eq!(
        refused(HostConfig {
            pids_limit: Some(-1),
            ..Default::default()
        }),
        "a container of this lab may have at most 512 processes: ask for fewer with --pids-limit"
    );
    let ports =
        ["80/tcp", "81/tcp"].map(|port| (port.to_owned(), Some(vec![PortBinding::default()])));
    assert_eq!(
        refused(HostConfig {
            port_bindings: Some(HashMap::from(ports)),
            ..Default::default()
        }),
        "this lab may have at most 1 published ports at the same time: publish fewer of them"
    );
    world.container("web");
    assert_eq!(
        refused(HostConfig::default()),
        "this lab may have at most 1 containers at the same time: remove one with docker rm -f"
    );
    world.network("mynet");
    assert_eq!(
        refusal(block_on(world.guard.create_network(named("other")))),
        "this lab may have at most 1 networks at the same time: remove one with docker network rm"
    );
    let exec = || block_on(world.guard.create_exec("web", ExecConfig::default()));
    exec().expect("the first");
    assert_eq!(
        refusal(exec()),
        "this lab may have at most 1 running execs at the same time: end one of them first"
    );
}

#[test]
fn what_went_by_itself_makes_room() {
    let world = world(Limits {
        containers: 1,
        ..Limits::default()
    });
    let gone = world.container("once");
    locked(&world.engine.containers).remove(&gone);
    let next = world.container("next");
    assert!(!world.guard.owns(&gone) && world.guard.owns(&next));
}

#[test]
fn foreign_things_are_never_changed() {
    let world = world(Limits::default());
    // With our label, as `docker commit` copies it, and even with a nonce that is in the journal.
    world.container("web");
    let copied = locked(&world.engine.containers)
        .values()
        .next()
        .unwrap()
        .1
        .clone();
    let copy = world.engine.foreign_container("copy", copied);
    world.engine.foreign_network("theirs");
    let guard = &world.guard;

    let check = |answer: Result<()>| assert_eq!(refusal(answer), not_ours("container", "copy"));
    for asked in ["copy", &copy] {
        check(block_on(guard.start_container(asked)));
        check(block_on(
            guard.stop_container(asked, StopContainerOptions::default()),
        ));
        check(block_on(
            guard.restart_container(asked, RestartContainerOptions::default()),
        ));
        check(block_on(guard.kill_container(asked, "KILL")));
        check(block_on(guard.pause_container(asked)));
        check(block_on(guard.unpause_container(asked)));
        check(block_on(guard.rename_container(asked, "mine")));
        check(block_on(guard.remove_container(asked, force())));
        check(block_on(
            guard.resize_container(asked, crate::Size::default()),
        ));
        check(block_on(guard.create_exec(asked, ExecConfig::default())).map(drop));
        let with_input = AttachContainerOptions {
            stdin: true,
            ..Default::default()
        };
        check(block_on(guard.attach_container(asked, with_input)).map(drop));
        let connect = NetworkConnectRequest {
            container: asked.into(),
            endpoint_config: None,
        };
        check(block_on(guard.connect_network("bridge", connect)));
        let shared = HostConfig {
            network_mode: Some(format!("container:{asked}")),
            ..Default::default()
        };
        check(block_on(guard.create_container(None, body(shared))).map(drop));
        let linked = HostConfig {
            links: Some(vec![format!("{asked}:db")]),
            ..Default::default()
        };
        check(block_on(guard.create_container(None, body(linked))).map(drop));
    }

    let check = |answer: Result<()>| assert_eq!(refusal(answer), not_ours("network", "theirs"));
    check(block_on(guard.remove_network("theirs")));
    let connect = NetworkConnectRequest {
        container: "web".into(),
        endpoint_config: None,
    };
    check(block_on(guard.connect_network("theirs", connect)));
    let on_it = HostConfig {
        network_mode: Some("theirs".into()),
        ..Default::default()
    };
    check(block_on(guard.create_container(None, body(on_it))).map(drop));

    assert!(
        refusal(block_on(guard.start_exec_detached("foreign")))
            .starts_with("the exec \"foreign\" is not")
    );
    let image = block_on(guard.remove_image("nginx", RemoveImageOptions::default()));
    assert!(refusal(image).starts_with("the image \"nginx\" stays"));
    assert_eq!(world.changes(), <[String; 0]>::default());
}

#[test]
fn ones_own_are_changed_by_full_id() {
    let world = world(Limits::default());
    let (web, mynet) = (world.container("web"), world.network("mynet"));
    world.engine.foreign_network("bridge");
    let guard = &world.guard;
    block_on(guard.start_container("web")).unwrap();
    block_on(guard.rename_container(&web, "site")).unwrap();
    let join = |network: &str| {
        let request = NetworkConnectRequest {
            container: "web".into(),
            endpoint_config: None,
        };
        block_on(guard.connect_network(network, request)).unwrap();
    };
    join("mynet");
    join("bridge");
    let leave = NetworkDisconnectRequest {
        container: "web".into(),
        force: None,
    };
    block_on(guard.disconnect_network("mynet", leave)).unwrap();
    block_on(guard.remove_container("web", force())).unwrap();
    block_on(guard.remove_network("mynet")).unwrap();
    let expected = [
        "start 1",
        "rename 1 site",
        "connect 2 1",
        "connect bridge 1",
        "disconnect 2 1",
        "remove 1",
        "remove network 2",
    ];
    assert_eq!(world.changes(), expected);
    assert!(!guard.owns(&web) && !guard.owns(&mynet));
}

#[test]
fn errors_say_the_name_that_was_asked_for() {
    let world = world(Limits::default());
    let web = world.container("web");
    let error = block_on(world.guard.kill_container("web", "KILL")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("cannot kill container: web: container {web} is not running")
    );
    let error = block_on(world.guard.kill_container("nope", "KILL")).unwrap_err();
    assert_eq!(
        error,
        Error::not_found("cannot kill container: nope: No such container: nope")
    );
    world.engine.foreign_network("bridge");
    let error = block_on(world.guard.remove_network("bridge")).unwrap_err();
    assert_eq!(
        error,
        Error::refused(403, "bridge is a pre-defined network and cannot be removed")
    );
}

#[test]
fn the_host_is_granted_or_not() {
    let on_host = || {
        body(HostConfig {
            network_mode: Some("host".into()),
            ..Default::default()
        })
    };
    let world = world(Limits::default());
    let sentence = refusal(block_on(world.guard.create_container(None, on_host())));
    assert!(
        sentence.starts_with("this lesson does not grant \"--network host\""),
        "{sentence}"
    );
    let macvlan = || NetworkCreateRequest {
        driver: Some("macvlan".into()),
        options: Some(HashMap::from([("parent".into(), "eth0".into())])),
        ..named("lan")
    };
    let sentence = refusal(block_on(world.guard.create_network(macvlan())));
    assert!(
        sentence.starts_with("this lesson does not grant the network driver \"macvlan\""),
        "{sentence}"
    );

    let granted = world_of(
        Arc::default(),
        Arc::default(),
        Limits {
            host_network: true,
            host_interfaces: true,
            ..Limits::default()
        },
    );
    block_on(granted.guard.create_container(None, on_host())).expect("granted");
    block_on(granted.guard.create_network(macvlan())).expect("granted");
}

#[test]
fn a_lost_answer_is_found_again() {
    let before = world(Limits::default());
    before.engine.loses_answer.store(true, Ordering::Relaxed);
    let answer = block_on(
        before
            .guard
            .create_container(Some("web"), body(HostConfig::default())),
    );
    assert_eq!(
        answer,
        Err(Error::Unreachable("the engine went away".into()))
    );
    // A copy that somebody made of it later is not it.
    let (web, copied) = locked(&before.engine.containers)
        .first_key_value()
        .map(|(id, it)| (id.clone(), it.1.clone()))
        .unwrap();
    let copy = before.engine.foreign_container("copy", copied);
    assert_eq!(before.journal.entries()[0].id, None);

    let after = world_of(before.engine, before.journal, Limits::default());
    block_on(after.guard.recover()).unwrap();
    assert!(after.guard.owns(&web) && !after.guard.owns(&copy));
}

#[test]
fn a_change_right_after_a_lost_answer_finds_it_too() {
    let world = world(Limits::default());
    world.engine.loses_answer.store(true, Ordering::Relaxed);
    block_on(world.guard.create_network(named("mynet"))).unwrap_err();
    block_on(world.guard.remove_network("mynet")).unwrap();
    assert_eq!(
        (world.journal.entries(), world.changes()),
        (Vec::new(), vec!["remove network 1".to_owned()])
    );
}

#[test]
fn an_intent_that_came_to_nothing_is_forgotten_in_the_end() {
    let world = world(Limits::default());
    let intent = |engine: &str| Intent {
        nonce: engine.into(),
        kind: Kind::Container,
        engine: engine.into(),
    };
    world.journal.intend(&intent("engine-1")).unwrap();
    world.journal.intend(&intent("engine-2")).unwrap();
    let look = || {
        block_on(world.guard.recover()).unwrap();
        world
            .journal
            .entries()
            .into_iter()
            .map(|entry| entry.intent.engine)
            .collect::<Vec<_>>()
    };
    // A create that was cut off may be late.
    assert_eq!(look(), ["engine-1", "engine-2"]);
    (0..30).for_each(|_| drop(look()));
    // Another engine's entries are not this one's to judge.
    assert_eq!(look(), ["engine-2"]);
}

#[test]
fn a_reset_removes_what_it_said() {
    let world = world(Limits::default());
    let (mynet, web, gone) = (
        world.network("mynet"),
        world.container("web"),
        world.container("gone"),
    );
    world
        .engine
        .foreign_container("theirs", ContainerCreateBody::default());
    locked(&world.engine.containers).remove(&gone);
    let plan = block_on(world.guard.plan_reset()).unwrap();
    let thing = |kind, id: &str, name: &str| Thing {
        kind,
        id: id.into(),
        name: name.into(),
    };
    let expected = vec![
        thing(Kind::Container, &web, "web"),
        thing(Kind::Network, &mynet, "mynet"),
    ];
    assert_eq!(
        plan,
        ResetPlan {
            things: expected.clone()
        }
    );

    let later = world.container("later");
    let removed = block_on(world.guard.reset(&plan)).unwrap();
    assert_eq!(
        removed,
        Removed {
            things: expected,
            kept: Vec::new()
        }
    );
    assert_eq!(world.changes(), ["remove 2", "remove network 1"]);
    assert!(world.guard.owns(&later));
}

#[test]
fn a_reset_does_not_take_a_plan_at_its_word() {
    let world = world(Limits::default());
    let id = world
        .engine
        .foreign_container("theirs", ContainerCreateBody::default());
    let thing = Thing {
        kind: Kind::Container,
        id,
        name: "theirs".into(),
    };
    let removed = block_on(world.guard.reset(&ResetPlan {
        things: vec![thing.clone()],
    }))
    .unwrap();
    let kept = vec![Kept {
        thing,
        why: not_ours("container", "theirs"),
    }];
    assert_eq!(
        removed,
        Removed {
            things: Vec::new(),
            kept
        }
    );
    assert_eq!(world.changes(), <[String; 0]>::default());
}

/// A learner's Ctrl-C may drop a create at any point.
#[test]
fn a_create_that_was_dropped_is_found() {
    let world = world(Limits::default());
    world.engine.hangs.store(true, Ordering::Relaxed);
    {
        let mut create = Box::pin(world.guard.create_network(named("mynet")));
        let waker = futures::task::noop_waker();
        assert!(
            create
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        // While it is under way, nobody looks for it.
        block_on(world.guard.recover()).unwrap();
        assert_eq!(world.journal.entries()[0].id, None);
    }
    block_on(world.guard.recover()).unwrap();
    let (id, _) = locked(&world.engine.networks)
        .pop_first()
        .expect("it was made");
    assert!(world.guard.owns(&id));
}

/// What a create makes can be there before it is known whose it is.
#[test]
fn nothing_is_settled_while_a_create_is_under_way() {
    let world = world(Limits::default());
    let before = world.guard.settled();
    assert!(before.is_some());
    world.engine.hangs.store(true, Ordering::Relaxed);
    {
        let mut create = Box::pin(world.guard.create_network(named("mynet")));
        let waker = futures::task::noop_waker();
        let _ = create.as_mut().poll(&mut Context::from_waker(&waker));
        assert_eq!(locked(&world.engine.networks).len(), 1);
        assert_eq!(world.guard.settled(), None);
    }
    assert_ne!(world.guard.settled(), None);
    assert_ne!(world.guard.settled(), before);
}
