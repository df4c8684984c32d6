//! Lives of containers: what they go through, with the words and numbers that Engine 28.5 had for the same.

#![allow(clippy::unwrap_used, reason = "a test says so by failing")]

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::{StreamExt, executor::block_on};
use jiff::Timestamp;
use lab::{
    Clock, Containers, Error, Exec, System,
    clock::VirtualClock,
    models::{
        ContainerCreateBody, ExecConfig, HealthConfig, HostConfig, RestartPolicy,
        RestartPolicyNameEnum,
    },
    options::{
        EventsOptions, ListContainersOptions, LogsOptions, RemoveContainerOptions,
        StopContainerOptions, WaitContainerOptions,
    },
};
use serde_json::{Value, json};
use simulated::Simulated;

struct World {
    engine: Simulated,
    clock: Arc<VirtualClock>,
}

fn world() -> World {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let engine = Simulated::new(Arc::clone(&clock) as Arc<dyn Clock>, 7);
    World { engine, clock }
}

fn busybox(command: &[&str]) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some("busybox".to_owned()),
        cmd: Some(command.iter().map(|word| (*word).to_owned()).collect()),
        ..Default::default()
    }
}

fn restarting(command: &[&str], name: RestartPolicyNameEnum, most: i64) -> ContainerCreateBody {
    ContainerCreateBody {
        host_config: Some(HostConfig {
            restart_policy: Some(RestartPolicy {
                name: Some(name),
                maximum_retry_count: Some(most),
            }),
            ..Default::default()
        }),
        ..busybox(command)
    }
}

impl World {
    fn create(&self, name: &str, body: ContainerCreateBody) -> Result<String, Error> {
        block_on(self.engine.create_container(Some(name), body)).map(|created| created.id)
    }

    fn run(&self, name: &str, body: ContainerCreateBody) -> String {
        let id = self.create(name, body).unwrap();
        block_on(self.engine.start_container(name)).unwrap();
        id
    }

    fn sleep(&self, milliseconds: u64) {
        block_on(self.clock.sleep(Duration::from_millis(milliseconds)));
    }

    fn inspect(&self, name: &str) -> Value {
        let raw = block_on(self.engine.inspect_container(name, false)).unwrap();
        raw.value().unwrap()
    }

    /// Its state's word, exit code and count of restarts.
    fn state(&self, name: &str) -> (String, i64, i64) {
        let inspect = self.inspect(name);
        let state = &inspect["State"];
        (
            state["Status"].as_str().unwrap().to_owned(),
            state["ExitCode"].as_i64().unwrap(),
            inspect["RestartCount"].as_i64().unwrap(),
        )
    }

    fn list(&self, filters: &[(&str, &str)]) -> Result<Vec<String>, Error> {
        let mut map: HashMap<String, Vec<String>> = HashMap::new();
        for (key, value) in filters {
            map.entry((*key).to_owned())
                .or_default()
                .push((*value).to_owned());
        }
        let options = ListContainersOptions {
            all: true,
            filters: Some(map),
            ..Default::default()
        };
        let listed = block_on(self.engine.list_containers(options))?;
        let line = |one: lab::models::ContainerSummary| {
            let name = one.names.unwrap_or_default().concat();
            format!(
                "{} {}",
                name.trim_start_matches('/'),
                one.status.unwrap_or_default()
            )
        };
        Ok(listed.into_iter().map(line).collect())
    }

    /// What has happened since the beginning: action, name and what belongs to it.
    fn events(&self) -> Vec<String> {
        let options = EventsOptions {
            since: Some("0.000000001".to_owned()),
            until: Some((self.clock.now().as_second() + 1).to_string()),
            filters: Some(HashMap::from([(
                "type".to_owned(),
                vec!["container".to_owned()],
            )])),
        };
        let events = block_on(async {
            let events = self.engine.events(options).await.unwrap();
            events.collect::<Vec<_>>().await
        });
        let line = |event: lab::models::EventMessage| {
            let attributes = event.actor.unwrap().attributes.unwrap();
            let more = ["signal", "exitCode", "execDuration", "oldName"];
            let more: Vec<&str> = more
                .iter()
                .filter_map(|name| attributes.get(*name).map(String::as_str))
                .collect();
            [event.action.unwrap(), more.join(" ")]
                .join(" ")
                .trim_end()
                .to_owned()
        };
        events
            .into_iter()
            .map(|event| line(event.unwrap()))
            .collect()
    }

    fn logs(&self, name: &str, options: LogsOptions) -> String {
        block_on(async {
            let options = LogsOptions {
                stdout: true,
                stderr: true,
                ..options
            };
            let chunks = self.engine.logs(name, options).await.unwrap();
            let chunks: Vec<_> = chunks.collect().await;
            let text = |chunk: &Result<lab::Chunk, Error>| {
                String::from_utf8_lossy(chunk.as_ref().unwrap().bytes()).into_owned()
            };
            chunks.iter().map(text).collect()
        })
    }
}

fn says<T: std::fmt::Debug>(result: Result<T, Error>, status: u16, message: &str) {
    match result {
        Err(error) => assert_eq!(error, Error::refused(status, message)),
        Ok(done) => panic!("{message}: {done:?}"),
    }
}

#[test]
fn a_create_is_refused_in_the_engines_words() {
    let world = world();
    let with = |change: fn(&mut ContainerCreateBody, &mut HostConfig)| {
        let mut body = busybox(&["true"]);
        let mut host = HostConfig::default();
        change(&mut body, &mut host);
        body.host_config = Some(host);
        world.create("one", body)
    };
    says(
        with(|_, host| host.memory = Some(1000)),
        400,
        "Minimum memory limit allowed is 6MB",
    );
    says(
        with(|_, host| host.nano_cpus = Some(500_000_000_000)),
        400,
        "range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
    );
    says(
        with(|body, _| body.working_dir = Some("rel".to_owned())),
        400,
        "the working directory 'rel' is invalid, it needs to be an absolute path",
    );
    says(
        with(|body, _| body.stop_signal = Some("FOO".to_owned())),
        400,
        "invalid signal: FOO",
    );
    says(
        with(|body, _| body.env = Some(vec!["=x".to_owned()])),
        400,
        "invalid environment variable: =x",
    );
    says(
        with(|_, host| host.extra_hosts = Some(vec!["abc:xyz".to_owned()])),
        400,
        "invalid IP address in add-host: \"xyz\"",
    );
    let always = |body: &mut ContainerCreateBody, host: &mut HostConfig| {
        let _ = body;
        host.auto_remove = Some(true);
        host.restart_policy = Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::ALWAYS),
            maximum_retry_count: None,
        });
    };
    says(
        with(always),
        400,
        "can't create 'AutoRemove' container with restart policy",
    );
    says(
        world.create("-a", busybox(&["true"])),
        400,
        "Invalid container name (-a), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
    );
}

#[test]
fn a_start_that_fails_is_noted() {
    let world = world();
    let why = "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"nosuch\": executable file not found in $PATH";
    world.create("f1", busybox(&["nosuch"])).unwrap();
    says(block_on(world.engine.start_container("f1")), 400, why);
    assert_eq!(world.state("f1"), ("created".to_owned(), 127, 0));
    assert_eq!(world.inspect("f1")["State"]["Error"], why);
    let nobody = ContainerCreateBody {
        user: Some("nosuch".to_owned()),
        ..busybox(&["true"])
    };
    world.create("f5", nobody).unwrap();
    says(
        block_on(world.engine.start_container("f5")),
        500,
        "unable to find user nosuch: no matching entries in passwd file",
    );
    assert_eq!(world.state("f5"), ("created".to_owned(), 128, 0));
    world.create("f2", busybox(&["/etc"])).unwrap();
    assert!(block_on(world.engine.start_container("f2")).is_err());
    assert_eq!(world.state("f2"), ("created".to_owned(), 126, 0));
}

#[test]
fn policies_start_again_with_waits_that_double() {
    let world = world();
    world.run(
        "r1",
        restarting(&["sh", "-c", "exit 3"], RestartPolicyNameEnum::ALWAYS, 0),
    );
    world.run(
        "r2",
        restarting(
            &["sh", "-c", "exit 4"],
            RestartPolicyNameEnum::ON_FAILURE,
            2,
        ),
    );
    world.run(
        "r3",
        restarting(&["true"], RestartPolicyNameEnum::ON_FAILURE, 0),
    );
    world.sleep(4000);
    // 100 ms, 200 ms, … 1.6 s: the sixth is to come 6.3 s after the first end.
    assert_eq!(world.state("r1"), ("restarting".to_owned(), 3, 6));
    assert_eq!(world.state("r2"), ("exited".to_owned(), 4, 2));
    assert_eq!(world.state("r3"), ("exited".to_owned(), 0, 0));
    assert_eq!(
        world.list(&[]).unwrap(),
        [
            "r3 Exited (0) 4 seconds ago",
            "r2 Exited (4) 3 seconds ago",
            "r1 Restarting (3) Less than a second ago"
        ]
    );
    let id = world.inspect("r1")["Id"].as_str().unwrap().to_owned();
    let wait = format!("Container {id} is restarting, wait until the container is running");
    says(block_on(world.engine.pause_container("r1")), 409, &wait);
    says(
        block_on(
            world
                .engine
                .remove_container("r1", RemoveContainerOptions::default()),
        ),
        409,
        "cannot remove container \"r1\": container is restarting: stop the container before removing or force remove",
    );
    block_on(world.engine.kill_container("r1", "")).unwrap();
    assert_eq!(world.state("r1"), ("exited".to_owned(), 3, 6));
    block_on(world.engine.start_container("r1")).unwrap();
    world.sleep(250);
    assert_eq!(world.state("r1"), ("restarting".to_owned(), 3, 2));
}

#[test]
fn health_is_what_the_last_probes_said() {
    let world = world();
    let checked = |test: &str, retries| ContainerCreateBody {
        healthcheck: Some(HealthConfig {
            test: Some(vec!["CMD-SHELL".to_owned(), test.to_owned()]),
            interval: Some(1_000_000_000),
            timeout: Some(1_000_000_000),
            retries: Some(retries),
            ..Default::default()
        }),
        ..busybox(&["sleep", "1000"])
    };
    world.run("h1", checked("echo hi; exit 0", 2));
    world.run("h2", checked("echo bad; exit 3", 2));
    world.run("h3", checked("sleep 5", 2));
    assert_eq!(
        world.list(&[("name", "h1")]).unwrap(),
        ["h1 Up Less than a second (health: starting)"]
    );
    world.sleep(1500);
    assert_eq!(
        world.inspect("h1")["State"]["Health"],
        json!({
            "Status": "healthy",
            "FailingStreak": 0,
            "Log": [{
                "Start": "1970-01-01T00:00:01Z",
                "End": "1970-01-01T00:00:01Z",
                "ExitCode": 0,
                "Output": "hi\n",
            }],
        })
    );
    world.sleep(3000);
    assert_eq!(
        world.list(&[]).unwrap(),
        [
            "h3 Up 4 seconds (unhealthy)",
            "h2 Up 4 seconds (unhealthy)",
            "h1 Up 4 seconds (healthy)"
        ]
    );
    assert_eq!(
        world.inspect("h3")["State"]["Health"]["Log"][0],
        json!({
            "Start": "1970-01-01T00:00:01Z",
            "End": "1970-01-01T00:00:02Z",
            "ExitCode": -1,
            "Output": "Health check exceeded timeout (1s)",
        })
    );
    assert_eq!(
        world.list(&[("health", "healthy")]).unwrap(),
        ["h1 Up 4 seconds (healthy)"]
    );
    says(
        world.list(&[("health", "foo")]),
        400,
        "invalid filter 'health=foo': invalid value for health (foo): must be one of none, starting, healthy, unhealthy",
    );
}

#[test]
fn signals_end_it_or_do_not() {
    let world = world();
    world.sleep(1);
    let id = world.run("rr", busybox(&["sleep", "1000"]));
    for (signal, status, message) in [
        ("FOO", 400, "cannot kill container: rr: invalid signal: FOO"),
        ("0", 400, "cannot kill container: rr: invalid signal: 0"),
        (
            "99",
            400,
            "cannot kill container: rr: the linux daemon does not support signal 99",
        ),
    ] {
        says(
            block_on(world.engine.kill_container("rr", signal)),
            status,
            message,
        );
    }
    for signal in ["sigusr1", "usr1", "RTMIN+3", "64", "TERM"] {
        block_on(world.engine.kill_container("rr", signal)).unwrap();
    }
    assert_eq!(world.state("rr"), ("running".to_owned(), 0, 0));
    block_on(world.engine.pause_container("rr")).unwrap();
    says(
        block_on(world.engine.pause_container("rr")),
        409,
        &format!("Container {id} is already paused"),
    );
    says(
        block_on(world.engine.create_exec(
            "rr",
            ExecConfig {
                cmd: Some(vec!["true".to_owned()]),
                ..Default::default()
            },
        )),
        409,
        "Container rr is paused, unpause the container before exec",
    );
    says(
        block_on(world.engine.start_container("rr")),
        409,
        "cannot start a paused container, try unpause instead",
    );
    let patience = StopContainerOptions {
        t: Some(1),
        signal: None,
    };
    block_on(world.engine.stop_container("rr", patience)).unwrap();
    assert_eq!(world.state("rr"), ("exited".to_owned(), 137, 0));
    says(
        block_on(world.engine.unpause_container("rr")),
        500,
        &format!("Container {id} is not paused"),
    );
    assert_eq!(
        world.events(),
        [
            "create",
            "start",
            "kill 10",
            "kill 10",
            "kill 37",
            "kill 64",
            "kill 15",
            "pause",
            "kill 15",
            "unpause",
            "kill 9",
            "stop",
            "die 137 1"
        ]
    );
}

#[test]
fn waits_end_when_they_are_to() {
    let world = world();
    world
        .create("cc", busybox(&["sh", "-c", "exit 7"]))
        .unwrap();
    let wait = |condition: &str| {
        let options = WaitContainerOptions {
            condition: condition.to_owned(),
        };
        block_on(world.engine.wait_container("cc", options))
    };
    let code = |mut exits: lab::engine::Items<lab::models::ContainerWaitResponse>| {
        block_on(exits.next()).unwrap().unwrap().status_code
    };
    assert_eq!(
        code(wait("").unwrap()),
        0,
        "one that was never started does not run"
    );
    let next = wait("next-exit").unwrap();
    let removed = wait("removed").unwrap();
    block_on(world.engine.start_container("cc")).unwrap();
    assert_eq!(code(next), 7);
    assert_eq!(code(wait("not-running").unwrap()), 7);
    block_on(
        world
            .engine
            .remove_container("cc", RemoveContainerOptions::default()),
    )
    .unwrap();
    assert_eq!(code(removed), 7);
    world.create("cc", busybox(&["true"])).unwrap();
    match wait("foo") {
        Err(error) => assert_eq!(error, Error::refused(400, "invalid condition: \"foo\"")),
        Ok(_) => panic!("it waits for anything"),
    }
}

#[test]
fn ps_filters_as_the_engine_does() {
    let world = world();
    let labelled = |labels: &[(&str, &str)], command: &[&str]| ContainerCreateBody {
        labels: Some(
            labels
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        ),
        ..busybox(command)
    };
    world.run(
        "a1",
        labelled(&[("x", "1"), ("y", "2")], &["sleep", "1000"]),
    );
    world.run("a2", labelled(&[("x", "2")], &["sleep", "1000"]));
    world.run("a3", busybox(&["sh", "-c", "exit 3"]));
    let alpine = ContainerCreateBody {
        image: Some("alpine".to_owned()),
        ..busybox(&["true"])
    };
    world.create("b4", alpine).unwrap();
    let check = |filters: &[(&str, &str)], expected: &str| {
        let names: Vec<String> = world
            .list(filters)
            .unwrap()
            .iter()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect();
        assert_eq!(names.join(" "), expected, "{filters:?}");
    };
    for (key, value, expected) in [
        ("name", "a", "a3 a2 a1"),
        ("name", "^a1", "a1"),
        ("name", "^/a1$", "a1"),
        ("name", "a[12]", "a2 a1"),
        ("name", "[", ""),
        ("status", "running", "a2 a1"),
        ("status", "exited", "a3"),
        ("exited", "3", "a3"),
        ("exited", "0", ""),
        ("label", "x", "a2 a1"),
        ("label", "x=1", "a1"),
        ("ancestor", "busybox", "a3 a2 a1"),
        ("ancestor", "busybox:latest", "a3 a2 a1"),
        ("ancestor", "nosuch", ""),
        ("before", "a3", "a2 a1"),
        ("since", "a3", "b4"),
        ("network", "bridge", "b4 a3 a2 a1"),
        ("network", "nosuch", ""),
        ("is-task", "true", ""),
        ("health", "none", "b4 a3 a2 a1"),
    ] {
        check(&[(key, value)], expected);
    }
    check(&[("name", "a1"), ("name", "b4")], "b4 a1");
    check(&[("label", "x=1"), ("label", "x=2")], "");
    for (key, value, status, message) in [
        ("foo", "bar", 400, "invalid filter 'foo'"),
        (
            "status",
            "foo",
            400,
            "invalid filter 'status=foo': invalid value for state (foo): must be one of created, running, paused, restarting, removing, exited, dead",
        ),
        (
            "exited",
            "x",
            400,
            "invalid filter 'exited=x': strconv.Atoi: parsing \"x\": invalid syntax",
        ),
        ("is-task", "x", 400, "invalid filter 'is-task=[x]'"),
        ("before", "nosuch", 404, "No such container: nosuch"),
        (
            "publish",
            "abc",
            500,
            "error while looking up for publish abc: strconv.ParseUint: parsing \"abc\": invalid syntax",
        ),
    ] {
        says(world.list(&[(key, value)]), status, message);
    }
}

#[test]
fn logs_are_kept_by_the_line() {
    let world = world();
    world.run(
        "l2",
        busybox(&["sh", "-c", "printf abc; sleep 2; echo; echo x; printf end"]),
    );
    let all = || LogsOptions {
        tail: "all".to_owned(),
        ..Default::default()
    };
    assert_eq!(
        world.logs("l2", all()),
        "",
        "a line that has not ended is not there yet"
    );
    world.sleep(2000);
    assert_eq!(world.logs("l2", all()), "abc\nx\nend");
    assert_eq!(
        world.logs(
            "l2",
            LogsOptions {
                timestamps: true,
                ..all()
            }
        ),
        "1970-01-01T00:00:02.000000000Z abc\n1970-01-01T00:00:02.000000000Z x\n1970-01-01T00:00:02.000000000Z end"
    );
    let last = LogsOptions {
        tail: "2".to_owned(),
        ..Default::default()
    };
    assert_eq!(world.logs("l2", last), "x\nend");
    block_on(world.engine.start_container("l2")).unwrap();
    world.sleep(2000);
    assert_eq!(world.logs("l2", all()), "abc\nx\nendabc\nx\nend");
    assert_eq!(
        world.logs("l2", LogsOptions { since: 3, ..all() }),
        "abc\nx\nend"
    );
}
