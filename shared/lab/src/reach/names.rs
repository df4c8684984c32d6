//! From a name to an address: who is asked, and what is answered.

use std::net::{IpAddr, Ipv4Addr};

use super::{Hop, NameServer, Outcome, Reach, Stack, Trace, is_up, not_running, stack};
use crate::topology::{ContainerNode, Endpoint, NetworkNode, Topology};

impl Trace<'_> {
    pub(super) fn by_name(self, name: &str) -> Reach {
        if let Ok(address) = name.parse() {
            return self.send(address);
        }
        if name.eq_ignore_ascii_case("localhost") {
            // From /etc/hosts: nobody is asked.
            return self.send(IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
        match stack(self.topology, self.sender) {
            Stack::Loopback => self.nobody_to_ask(name),
            Stack::Host => {
                let sender = &self.sender.name;
                let because =
                    format!("{sender} has the host's network, where Docker's names are not known");
                self.ask_host(name, &because)
            }
            Stack::Own(owner) if owner.endpoints.is_empty() => self.nobody_to_ask(name),
            Stack::Own(owner) => {
                if owner.id.short() == name {
                    // Its own hostname, from /etc/hosts.
                    return self.send(IpAddr::V4(Ipv4Addr::LOCALHOST));
                }
                self.ask_docker(owner, name)
            }
        }
    }

    fn ask_docker(self, owner: &ContainerNode, name: &str) -> Reach {
        let networks = named_networks(self.topology, owner);
        let Some(first) = networks.first() else {
            return self.ask_host(name, "the default bridge has no names");
        };
        for network in &networks {
            if let Some(address) = answer(self.topology, network, name) {
                return self
                    .via([asked_docker(name, network, Some(address))])
                    .send(address);
            }
        }
        let trace = self.via([asked_docker(name, first, None)]);
        let elsewhere = called(trace.topology, name);
        match elsewhere {
            Some(container) if !is_up(container) => not_running(trace.hops, container),
            Some(container) => {
                let (sender, places) = (
                    trace.sender.name.clone(),
                    listed(&places(trace.topology, container)),
                );
                let why = format!(
                    "{sender} asked 127.0.0.11, Docker's name server, for \"{name}\": it tells only the names of who \
                     shares a network with {sender}, and {name} is on {places}"
                );
                trace.no_name(name, why)
            }
            None => {
                let names: Vec<&str> = networks
                    .iter()
                    .map(|network| network.name.as_str())
                    .collect();
                let why = format!(
                    "{} asked 127.0.0.11, Docker's name server, for \"{name}\": no container on {} has that name",
                    trace.sender.name,
                    listed(&names)
                );
                trace.no_name(name, why)
            }
        }
    }

    fn ask_host(self, name: &str, because: &str) -> Reach {
        let address = self.topology.host.name_servers.first().copied();
        let server = Some(NameServer::Host { address });
        let who = address.map_or_else(
            || "your host's name server".to_owned(),
            |it| format!("{it}, your host's name server,"),
        );
        let why = format!("{} asked {who} for \"{name}\": {because}", self.sender.name);
        self.via([Hop::Asks {
            name: name.to_owned(),
            server,
            answer: None,
        }])
        .no_name(name, why)
    }

    fn nobody_to_ask(self, name: &str) -> Reach {
        let why = format!(
            "{} has no network but its own loopback: there is nobody to ask for \"{name}\"",
            self.sender.name
        );
        self.via([Hop::Asks {
            name: name.to_owned(),
            server: None,
            answer: None,
        }])
        .no_name(name, why)
    }

    fn no_name(self, name: &str, why: String) -> Reach {
        self.ends(
            Outcome::NoName {
                asked: name.to_owned(),
            },
            why,
        )
    }
}

fn asked_docker(name: &str, network: &NetworkNode, answer: Option<IpAddr>) -> Hop {
    Hop::Asks {
        name: name.to_owned(),
        server: Some(NameServer::Docker {
            network: network.id.clone(),
        }),
        answer,
    }
}

/// Its networks that have a name server.
fn named_networks<'a>(topology: &'a Topology, container: &ContainerNode) -> Vec<&'a NetworkNode> {
    let networks = container
        .endpoints
        .keys()
        .filter_map(|id| topology.networks.get(id));
    networks.filter(|network| network.name_server).collect()
}

fn answer(topology: &Topology, network: &NetworkNode, name: &str) -> Option<IpAddr> {
    let running = topology
        .containers
        .values()
        .filter(|container| is_up(container));
    let endpoints = running.filter_map(|container| container.endpoints.get(&network.id));
    let mut called = endpoints.filter(|endpoint| has_name(endpoint, name));
    called.find_map(|endpoint| endpoint.address.or(endpoint.address_v6))
}

fn has_name(endpoint: &Endpoint, name: &str) -> bool {
    endpoint
        .names
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// Who is called so anywhere, running ones first.
fn called<'a>(topology: &'a Topology, name: &str) -> Option<&'a ContainerNode> {
    let is_called = |container: &&ContainerNode| {
        container.name == name
            || container
                .endpoints
                .values()
                .any(|endpoint| has_name(endpoint, name))
    };
    let mut all = topology.containers.values().filter(is_called);
    all.clone()
        .find(|container| is_up(container))
        .or_else(|| all.next())
}

fn places<'a>(topology: &'a Topology, container: &'a ContainerNode) -> Vec<&'a str> {
    let networks = container
        .endpoints
        .keys()
        .filter_map(|id| topology.networks.get(id));
    let names: Vec<&str> = networks.map(|network| network.name.as_str()).collect();
    if names.is_empty() {
        vec!["none"]
    } else {
        names
    }
}

/// `a`, `a and b`, `a, b and c`
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
