//! A swarm of three simulated machines: nodes, networks that span them, services and their tasks.

use std::{sync::Arc, time::Duration};

use futures::executor::block_on;
use jiff::Timestamp;
use lab::{
    Clock, Containers, Engine, Networks, Swarm,
    clock::VirtualClock,
    models::{
        ContainerCreateBody, ExecConfig, HostConfig, NetworkAttachmentConfig, NetworkCreateRequest,
        ServiceSpec, ServiceSpecMode, ServiceSpecModeReplicated, SwarmInitRequest,
        SwarmJoinRequest, TaskSpec, TaskSpecContainerSpec,
    },
};
use simulated::Simulated;

struct Machines {
    clock: Arc<VirtualClock>,
    one: Simulated,
    two: Simulated,
    three: Simulated,
}

fn three() -> Machines {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let one = Simulated::new(clock.clone(), 7);
    let (two, three) = (one.on("host2"), one.on("host3"));
    Machines {
        clock,
        two: two.expect("there is a host2"),
        three: three.expect("there is a host3"),
        one,
    }
}

impl Machines {
    /// All three in one swarm that the first manages.
    fn joined() -> Self {
        let all = three();
        block_on(all.one.init_swarm(SwarmInitRequest::default())).expect("a swarm");
        let swarm = block_on(all.one.inspect_swarm()).expect("a manager");
        let swarm = swarm.parse().expect("a swarm");
        let token = swarm.join_tokens.and_then(|tokens| tokens.worker);
        for host in [&all.two, &all.three] {
            let request = SwarmJoinRequest {
                remote_addrs: Some(vec!["192.168.65.3:2377".to_owned()]),
                join_token: token.clone(),
                ..Default::default()
            };
            block_on(host.join_swarm(request)).expect("it joins");
        }
        all
    }

    fn overlay(&self, name: &str) {
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            driver: Some("overlay".to_owned()),
            attachable: Some(true),
            ..Default::default()
        };
        block_on(self.one.create_network(request)).expect("an overlay network");
    }

    fn service(&self, name: &str, image: &str, command: &[&str], replicas: i64, network: &str) {
        let attachment = NetworkAttachmentConfig {
            target: Some(network.to_owned()),
            ..Default::default()
        };
        let spec = ServiceSpec {
            name: Some(name.to_owned()),
            task_template: Some(TaskSpec {
                container_spec: Some(TaskSpecContainerSpec {
                    image: Some(image.to_owned()),
                    args: Some(command.iter().map(|word| (*word).to_owned()).collect()),
                    ..Default::default()
                }),
                networks: Some(vec![attachment]),
                ..Default::default()
            }),
            mode: Some(ServiceSpecMode {
                replicated: Some(ServiceSpecModeReplicated {
                    replicas: Some(replicas),
                }),
                ..Default::default()
            }),
            ..Default::default()
        };
        block_on(self.one.create_service(spec)).expect("a service");
    }

    /// The tasks' names, machines, states and errors.
    fn tasks(&self) -> Vec<String> {
        let nodes = block_on(
            self.one
                .list_nodes(lab::options::ListNodesOptions::default()),
        );
        let nodes = nodes.expect("nodes");
        let tasks = block_on(
            self.one
                .list_tasks(lab::options::ListTasksOptions::default()),
        );
        let mut shown: Vec<String> = tasks
            .expect("tasks")
            .into_iter()
            .map(|task| {
                let node = nodes.iter().find(|node| node.id == task.node_id);
                let node = node.and_then(|node| node.description.as_ref()?.hostname.clone());
                let status = task.status.unwrap_or_default();
                let state = status.state.map(|state| state.to_string());
                format!(
                    "{} {} {} {}",
                    task.slot.unwrap_or_default(),
                    node.unwrap_or_default(),
                    state.unwrap_or_default(),
                    status.err.unwrap_or_default()
                )
            })
            .collect();
        shown.sort();
        shown
    }

    fn wait(&self, seconds: u64) {
        block_on(self.clock.sleep(Duration::from_secs(seconds)));
    }
}

fn run(engine: &Simulated, name: &str, network: &str) {
    let body = ContainerCreateBody {
        image: Some("alpine".to_owned()),
        cmd: Some(vec!["sleep".to_owned(), "600".to_owned()]),
        host_config: Some(HostConfig {
            network_mode: Some(network.to_owned()),
            ..Default::default()
        }),
        ..Default::default()
    };
    block_on(engine.create_container(Some(name), body)).expect("a container");
    block_on(engine.start_container(name)).expect("it starts");
}

/// What a command inside a container prints.
fn exec(engine: &dyn Engine, container: &str, command: &[&str]) -> String {
    use futures::StreamExt;
    let config = ExecConfig {
        cmd: Some(command.iter().map(|word| (*word).to_owned()).collect()),
        attach_stdout: Some(true),
        ..Default::default()
    };
    let id = block_on(engine.create_exec(container, config)).expect("an exec");
    let attached = block_on(engine.start_exec(&id, false)).expect("it runs");
    let chunks: Vec<_> = block_on(attached.output.collect());
    let bytes = chunks.into_iter().flatten();
    let bytes = bytes.flat_map(|chunk| chunk.bytes().to_vec());
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}

#[test]
fn containers_of_two_machines_reach_each_other_by_name() {
    let all = Machines::joined();
    all.overlay("att");
    run(&all.one, "aa", "att");
    run(&all.two, "bb", "att");
    let pinged = exec(&all.one, "aa", &["ping", "-c", "1", "bb"]);
    assert!(
        pinged
            .starts_with("PING bb (10.0.1.4): 56 data bytes\n64 bytes from 10.0.1.4: seq=0 ttl=64"),
        "{pinged}"
    );
}

#[test]
fn tasks_are_spread_over_the_machines() {
    let all = Machines::joined();
    all.overlay("net1");
    all.service("web", "nginx:latest", &[], 3, "net1");
    assert_eq!(
        all.tasks(),
        [
            "1 causeway running ",
            "2 host2 running ",
            "3 host3 running "
        ]
    );
    run(&all.two, "bb", "net1");
    let found = exec(&all.two, "bb", &["nslookup", "web"]);
    assert!(found.contains("Address: 10.0.1.2\n"), "{found}");
    let page = exec(&all.two, "bb", &["wget", "-qO-", "http://web"]);
    assert!(page.contains("Welcome to nginx!"), "{page}");
}

#[test]
fn what_ends_is_replaced_after_five_seconds() {
    let all = Machines::joined();
    all.overlay("net1");
    all.service("fails", "alpine:latest", &["false"], 1, "net1");
    assert_eq!(all.tasks()[0], "1 causeway failed task: non-zero exit (1)");
    all.wait(5);
    let tasks = all.tasks();
    assert_eq!(tasks.len(), 3, "{tasks:?}");
}

#[test]
fn an_image_that_is_not_there_is_rejected() {
    let all = Machines::joined();
    all.overlay("net1");
    all.service("bad", "nosuch:latest", &[], 1, "net1");
    let tasks = all.tasks();
    assert!(
        tasks.contains(&"1 causeway rejected No such image: nosuch:latest".to_owned()),
        "{tasks:?}"
    );
}
