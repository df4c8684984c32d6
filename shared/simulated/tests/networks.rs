//! Networks, addresses and endpoints, with the answers of Docker Engine 28.5 to the same requests.

use std::{collections::HashMap, sync::Arc};

use futures::executor::block_on;
use jiff::Timestamp;
use lab::{
    Containers as _, Networks as _,
    clock::VirtualClock,
    models::{
        ContainerCreateBody, EndpointIpamConfig, EndpointSettings, HostConfig, Ipam, IpamConfig,
        NetworkConnectRequest, NetworkCreateRequest, NetworkDisconnectRequest, NetworkingConfig,
    },
    options::{InspectNetworkOptions, RemoveContainerOptions},
};
use simulated::Simulated;

struct Engine(Simulated);

impl Engine {
    fn new() -> Self {
        let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
        Self(Simulated::new(clock, 7))
    }

    /// What the engine says: nothing, or its complaint.
    fn create(
        &self,
        name: &str,
        subnet: &str,
        more: impl FnOnce(&mut NetworkCreateRequest),
    ) -> String {
        let mut request = NetworkCreateRequest {
            name: name.to_owned(),
            ipam: Some(Ipam {
                config: (!subnet.is_empty()).then(|| vec![ipam(subnet)]),
                ..Default::default()
            }),
            ..Default::default()
        };
        more(&mut request);
        said(block_on(self.0.create_network(request)))
    }

    /// A container that sleeps, with this address if it is not empty.
    fn run(&self, name: &str, network: &str, address: &str) -> String {
        let settings = EndpointSettings {
            ipam_config: (!address.is_empty()).then(|| EndpointIpamConfig {
                ipv4_address: Some(address.to_owned()),
                ..Default::default()
            }),
            ..Default::default()
        };
        let body = ContainerCreateBody {
            image: Some("busybox".to_owned()),
            cmd: Some(["sleep", "1000000"].map(str::to_owned).to_vec()),
            host_config: Some(HostConfig {
                network_mode: Some(network.to_owned()),
                ..Default::default()
            }),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(network.to_owned(), settings)])),
            }),
            ..Default::default()
        };
        said(block_on(async {
            self.0.create_container(Some(name), body).await?;
            self.0.start_container(name).await
        }))
    }

    fn connect(&self, network: &str, container: &str) -> String {
        let request = NetworkConnectRequest {
            container: container.to_owned(),
            endpoint_config: None,
        };
        said(block_on(self.0.connect_network(network, request)))
    }

    fn disconnect(&self, network: &str, container: &str) -> String {
        let request = NetworkDisconnectRequest {
            container: container.to_owned(),
            force: None,
        };
        said(block_on(self.0.disconnect_network(network, request)))
    }

    fn kill(&self, container: &str) {
        block_on(self.0.kill_container(container, "KILL")).expect("it is there");
    }

    fn remove(&self, container: &str) {
        let options = RemoveContainerOptions {
            force: true,
            ..Default::default()
        };
        block_on(self.0.remove_container(container, options)).expect("it is there");
    }

    /// `app 172.18.0.2` for each network of a container.
    fn addresses(&self, container: &str) -> Vec<String> {
        let inspect = block_on(self.0.inspect_container(container, false)).expect("it is there");
        let inspect: serde_json::Value = serde_json::from_str(inspect.json()).expect("it is there");
        let networks = inspect["NetworkSettings"]["Networks"]
            .as_object()
            .expect("it is there");
        let lines = networks.iter().map(|(name, endpoint)| {
            format!(
                "{name} {}",
                endpoint["IPAddress"].as_str().expect("it is there")
            )
        });
        lines.collect()
    }

    fn config(&self, network: &str) -> String {
        let options = InspectNetworkOptions::default();
        let inspect = block_on(self.0.inspect_network(network, options)).expect("it is there");
        let inspect: serde_json::Value = serde_json::from_str(inspect.json()).expect("it is there");
        inspect["IPAM"]["Config"].to_string()
    }
}

fn ipam(subnet: &str) -> IpamConfig {
    IpamConfig {
        subnet: Some(subnet.to_owned()),
        ..Default::default()
    }
}

fn said<T>(result: lab::Result<T>) -> String {
    result
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

fn range(request: &mut NetworkCreateRequest, range: &str) {
    let config = request.ipam.as_mut().and_then(|ipam| ipam.config.as_mut());
    config.expect("it is there")[0].ip_range = Some(range.to_owned());
}

#[test]
fn what_a_network_cannot_be() {
    let engine = Engine::new();
    assert_eq!(engine.create("a1", "10.1.0.0/16", |_| {}), "");
    let check = |subnet: &str, expected: &str| {
        assert_eq!(engine.create("a2", subnet, |_| {}), expected, "{subnet}");
    };
    check(
        "10.1.2.0/24",
        "invalid pool request: Pool overlaps with other one on this address space",
    );
    check(
        "10.3.0.1/16",
        "invalid network config:\ninvalid subnet 10.3.0.1/16: it should be 10.3.0.0/16",
    );
    check(
        "foo",
        "invalid network config:\ninvalid subnet foo: invalid CIDR block notation",
    );
    let named = |name: &str, driver: &str| {
        engine.create(name, "", |request| request.driver = Some(driver.to_owned()))
    };
    assert_eq!(named("a1", ""), "network with name a1 already exists");
    assert_eq!(named("", ""), "invalid name: name is empty");
    assert_eq!(
        named("host", ""),
        "operation is not permitted on predefined host network "
    );
    assert_eq!(named("b", "foo"), "plugin \"foo\" not found");
    assert_eq!(
        named("b", "host"),
        "only one instance of \"host\" network is allowed"
    );
    assert_eq!(
        engine.create("b", "", |request| {
            let mtu = ("com.docker.network.driver.mtu".to_owned(), "abc".to_owned());
            request.options = Some(HashMap::from([mtu]));
        }),
        "failed to parse com.docker.network.driver.mtu value: abc (strconv.Atoi: parsing \"abc\": invalid syntax)"
    );
}

#[test]
fn a_freed_subnet_and_a_freed_address_are_given_again() {
    let engine = Engine::new();
    for name in ["one", "two", "three"] {
        engine.create(name, "", |_| {});
    }
    block_on(engine.0.remove_network("two")).unwrap();
    engine.create("four", "", |_| {});
    assert_eq!(
        engine.config("four"),
        r#"[{"Subnet":"172.19.0.0/16","Gateway":"172.19.0.1"}]"#
    );
    for name in ["c1", "c2", "c3"] {
        engine.run(name, "one", "");
    }
    engine.kill("c1");
    engine.run("c4", "one", "");
    assert_eq!(engine.addresses("c4"), ["one 172.18.0.2"]);
    block_on(engine.0.start_container("c1")).unwrap();
    assert_eq!(engine.addresses("c1"), ["one 172.18.0.5"]);
    engine.remove("c3");
    engine.run("c5", "one", "");
    assert_eq!(engine.addresses("c5"), ["one 172.18.0.4"]);
}

#[test]
fn a_range_gives_its_first_address_to_the_gateway() {
    let engine = Engine::new();
    engine.create("sub", "10.2.0.0/16", |request| {
        range(request, "10.2.5.0/24");
    });
    assert_eq!(
        engine.config("sub"),
        r#"[{"Subnet":"10.2.0.0/16","IPRange":"10.2.5.0/24"}]"#
    );
    engine.run("c1", "sub", "");
    assert_eq!(engine.addresses("c1"), ["sub 10.2.5.1"]);
    // One chosen may be outside of the range, as long as it is inside of the subnet.
    assert_eq!(engine.run("c2", "sub", "10.2.6.3"), "");
    assert_eq!(
        engine.run("c3", "sub", "10.9.0.3"),
        "invalid config for network sub: invalid endpoint settings:\nno configured subnet or ip-range contain the IP address 10.9.0.3"
    );
    assert_eq!(
        engine.run("c4", "sub", "10.2.6.3"),
        "failed to set up container networking: Address already in use"
    );
    engine.create("own", "", |_| {});
    assert_eq!(
        engine.run("c5", "own", "172.18.0.9"),
        "invalid config for network own: invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user configured subnets"
    );
}

#[test]
fn endpoints_come_and_go() {
    let engine = Engine::new();
    engine.create("app", "", |_| {});
    engine.create("zed", "", |_| {});
    engine.run("c1", "app", "");
    assert_eq!(engine.connect("zed", "c1"), "");
    assert_eq!(
        engine.connect("zed", "c1"),
        "endpoint with name c1 already exists in network zed"
    );
    assert_eq!(engine.addresses("c1"), ["app 172.18.0.2", "zed 172.19.0.2"]);
    assert_eq!(engine.disconnect("app", "c1"), "");
    assert_eq!(engine.addresses("c1"), ["zed 172.19.0.2"]);
    assert_eq!(
        engine.connect("none", "c1"),
        "container cannot be connected to multiple networks with one of the networks in private (none) mode"
    );
    assert_eq!(
        engine.connect("host", "c1"),
        "cannot connect container to host network - container must be created in host network mode"
    );
    engine.kill("c1");
    // What is not there is missed at the start.
    assert_eq!(engine.connect("nonesuch", "c1"), "");
    assert_eq!(engine.connect("zed", "c1"), "");
    assert_eq!(
        said(block_on(engine.0.start_container("c1"))),
        "failed to set up container networking: network nonesuch not found"
    );
    assert_eq!(engine.disconnect("nonesuch", "c1"), "");
    assert_eq!(said(block_on(engine.0.start_container("c1"))), "");
    let refused = said(block_on(engine.0.remove_network("zed")));
    assert!(
        refused.starts_with(
            "error while removing network: network zed has active endpoints (name:\"c1\" id:\""
        ),
        "{refused}"
    );
}

#[test]
fn one_namespace_for_two() {
    let engine = Engine::new();
    engine.run("c1", "bridge", "");
    assert_eq!(engine.run("c2", "container:c1", ""), "");
    assert_eq!(
        engine.connect("none", "c2"),
        "container sharing network namespace with another container or host cannot be connected to any other network"
    );
    engine.kill("c1");
    assert_eq!(
        engine.run("c3", "container:c1", ""),
        "cannot join network namespace of a non running container: container c1 is exited"
    );
    assert_eq!(
        engine.run("c4", "container:nonesuch", ""),
        "joining network namespace of container: No such container: nonesuch"
    );
}
