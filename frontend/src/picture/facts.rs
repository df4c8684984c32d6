//! The picture in words: for a screen reader, and for everyone who opens it.

use lab::topology::{Change, ContainerNode, Topology};
use leptos::prelude::*;

use crate::{page::Page, terminal};

/// Every container with its networks and addresses, as a table.
pub fn facts(page: Page, topology: Memo<Topology>) -> impl IntoView {
    view! {
        <details class="facts">
            <summary>"The same as a table"</summary>
            <table>
                <thead>
                    <tr><th scope="col">"Container"</th><th scope="col">"State"</th><th scope="col">"Networks and addresses"</th><th scope="col">"Log"</th></tr>
                </thead>
                <tbody>
                    {move || topology.with(|topology| {
                        topology.containers.values().map(|container| row(page, topology, container)).collect_view()
                    })}
                </tbody>
            </table>
            <p>{move || topology.with(networks)}</p>
        </details>
    }
}

/// What became different, as a sentence or two.
pub fn changes(before: &Topology, now: &Topology) -> String {
    let said = before
        .changes_to(now)
        .into_iter()
        .filter_map(|change| match change {
            Change::Network(network) if !before.networks.contains_key(&network.id) => {
                Some(format!("Network {} was created.", network.name))
            }
            Change::NetworkRemoved(id) => Some(format!(
                "Network {} was removed.",
                before.networks.get(&id)?.name
            )),
            Change::Container(container) => Some(
                format!(
                    "{} is {:?} {}.",
                    container.name,
                    container.state,
                    on(now, &container)
                )
                .replace(" .", "."),
            ),
            Change::ContainerRemoved(id) => {
                Some(format!("{} was removed.", before.containers.get(&id)?.name))
            }
            Change::Host(_) | Change::Network(_) => None,
        });
    said.collect::<Vec<_>>().join(" ")
}

fn row(page: Page, topology: &Topology, container: &ContainerNode) -> impl IntoView + use<> {
    let name = container.name.clone();
    let label = format!("Follow the log of {name}");
    let title = if container.ours {
        name.clone()
    } else {
        format!("{name} (not this lab's)")
    };
    let on_click = move |_| terminal::follow_logs(page, &name);
    view! {
        <tr>
            <th scope="row">{title}</th>
            <td>{format!("{:?}", container.state)}</td>
            <td>{on(topology, container)}</td>
            <td><button class="link" aria-label=label on:click=on_click>"logs"</button></td>
        </tr>
    }
}

fn on(topology: &Topology, container: &ContainerNode) -> String {
    let endpoints = container.endpoints.iter().filter_map(|(id, endpoint)| {
        let network = topology.networks.get(id)?;
        let address = endpoint.address.map(|address| format!(" at {address}"));
        Some(format!(
            "on {}{}",
            network.name,
            address.unwrap_or_default()
        ))
    });
    endpoints.collect::<Vec<_>>().join(", ")
}

fn networks(topology: &Topology) -> String {
    let names = topology
        .networks
        .values()
        .map(|network| format!("{} ({})", network.name, network.driver));
    format!("Networks: {}.", names.collect::<Vec<_>>().join(", "))
}
