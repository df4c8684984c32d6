//! The topology's shapes, each with all that it is drawn from: two that are equal need not be drawn again.

use lab::{
    layout::{Drop, Layout, NAME_FITS, Rect},
    topology::{ContainerNode, ContainerState, Endpoint, NetworkNode, Topology},
};
use leptos::prelude::*;

use crate::{page::Page, terminal};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RailShape {
    name: String,
    about: String,
    names: Result<String, ()>,
    class: String,
    at: Place,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContainerShape {
    name: String,
    short: String,
    image: String,
    state: &'static str,
    word: String,
    addresses: Vec<String>,
    mac: Option<String>,
    class: String,
    at: Place,
    drops: Vec<DropShape>,
    ring: bool,
    running: bool,
    ours: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DropShape {
    class: &'static str,
    x: i32,
    from: i32,
    to: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl From<Rect> for Place {
    fn from(rect: Rect) -> Self {
        Self {
            x: rect.x,
            y: rect.y,
            width: rect.width,
            height: rect.height,
        }
    }
}

/// The outside world, the host's frame and its door.
pub fn surroundings(topology: &Topology, layout: &Layout) -> impl IntoView + use<> {
    let (outside, host) = (layout.outside(), layout.host());
    let interface = topology.host.interfaces.first();
    let door = interface
        .map_or("eth0", |interface| interface.name.as_str())
        .to_owned();
    let address = interface.map(|interface| format!(" · {} {}", interface.name, interface.address));
    let about = format!("{}{}", topology.host.name, address.unwrap_or_default());
    let middle = host.middle();
    view! {
        <g class="outside">
            <rect x=outside.x y=outside.y width=outside.width height=outside.height rx="10"></rect>
            <text x=outside.x + 18 y=outside.y + 19>"outside world"</text>
            <line x1=middle x2=middle y1=outside.y + outside.height y2=host.y></line>
        </g>
        <g class="host">
            <rect x=host.x y=host.y width=host.width height=host.height rx="14"></rect>
            <text class="host-name" x=host.x + 22 y=host.y + 30>"host"<tspan class="about" dx="10">{about}</tspan></text>
            <g class="door">
                <rect x=middle - 30 y=host.y - 11 width="60" height="22" rx="5"></rect>
                <text x=middle y=host.y + 5 text-anchor="middle">{door}</text>
            </g>
        </g>
    }
}

pub fn rails(topology: &Topology, layout: &Layout) -> Vec<RailShape> {
    layout
        .rails
        .iter()
        .filter_map(|(id, at)| {
            let network = topology.networks.get(id)?;
            Some(RailShape {
                name: network.name.clone(),
                about: about(network),
                names: if network.name_server {
                    Ok(known_names(topology, network))
                } else {
                    Err(())
                },
                class: format!(
                    "rail {}{}",
                    kind(network),
                    foreign(network.ours || network.name == "bridge")
                ),
                at: (*at).into(),
            })
        })
        .collect()
}

pub fn rail(shape: RailShape) -> impl IntoView {
    let Place {
        x,
        y,
        width,
        height,
    } = shape.at;
    let right = x + width;
    let (pill, class) = match shape.names {
        Ok(names) if names.is_empty() => ("names 127.0.0.11".to_owned(), "names"),
        Ok(names) => (cut(&format!("names 127.0.0.11: {names}"), 40), "names"),
        Err(()) => ("no name server".to_owned(), "names none"),
    };
    let network = shape.name.clone();
    let pill_width = 20 + i32::try_from(pill.chars().count()).unwrap_or(20) * 7;
    view! {
        <g class=shape.class data-network=network>
            <text x=x y=y - 9 class="rail-name">{shape.name}<tspan class="about" dx="10">{shape.about}</tspan></text>
            <g class=class>
                <rect x=right - pill_width y=y - 27 width=pill_width height="22" rx="11"></rect>
                <text x=right - pill_width / 2 y=y - 12 text-anchor="middle">{pill}</text>
            </g>
            <rect class="bar-line" x=x y=y width=width height=height rx="6"></rect>
        </g>
    }
}

pub fn containers(topology: &Topology, layout: &Layout) -> Vec<ContainerShape> {
    layout
        .boxes
        .iter()
        .filter_map(|(id, at)| Some(shape(topology, layout, topology.containers.get(id)?, *at)))
        .collect()
}

fn shape(
    topology: &Topology,
    layout: &Layout,
    container: &ContainerNode,
    at: Rect,
) -> ContainerShape {
    let drops = layout
        .drops
        .iter()
        .filter(|((owner, _), _)| *owner == container.id);
    let network = |id| topology.networks.get(id);
    let home = drops
        .clone()
        .next_back()
        .and_then(|((_, id), _)| network(id));
    let endpoints = || container.endpoints.values();
    ContainerShape {
        name: cut(&container.name, NAME_FITS),
        short: container.name.clone(),
        image: cut(&container.image, 12),
        state: state(container.state),
        word: word(container),
        addresses: endpoints().filter_map(address).take(2).collect(),
        mac: endpoints()
            .find_map(|endpoint| endpoint.mac.clone())
            .filter(|mac| !mac.is_empty()),
        class: format!(
            "container {}{}",
            home.map_or("apart", kind),
            foreign(container.ours)
        ),
        at: at.into(),
        drops: drops
            .map(|((_, id), drop)| drop_shape(network(id), *drop))
            .collect(),
        ring: layout.apart.contains(&container.id),
        running: container.state == ContainerState::Running,
        ours: container.ours,
    }
}

pub fn container(page: Page, shape: ContainerShape) -> impl IntoView {
    let Place {
        x,
        y,
        width,
        height,
    } = shape.at;
    let (name, own) = (shape.short.clone(), shape.short.clone());
    let logs = if shape.ours {
        let title = format!("Follow the log of {name}");
        view! {
            <g class="logs" on:click=move |_| terminal::follow_logs(page, &name)>
                <title>{title}</title>
                <rect x=x + width - 46 y=y + height - 24 width="38" height="18" rx="4"></rect>
                <text x=x + width - 27 y=y + height - 11 text-anchor="middle">"logs"</text>
            </g>
        }
        .into_any()
    } else {
        view! { <text class="whose" x=x + width - 10 y=y + height - 12 text-anchor="end">"not this lab's"</text> }.into_any()
    };
    let addresses = shape
        .addresses
        .into_iter()
        .enumerate()
        .map(|(row, address)| {
            let at = y + 46 + 14 * i32::try_from(row).unwrap_or(0);
            view! { <text class="address" x=x + 14 y=at>{address}</text> }
        })
        .collect_view();
    let one = shape.drops.len() < 2;
    view! {
        <g class=format!("{} {}", shape.class, shape.state) data-container=own>
            <title>{shape.short}</title>
            {shape.drops.into_iter().map(drop_view).collect_view()}
            {shape.ring.then(|| view! { <path class="ring" d=format!("M{} {}c-14 -22 30 -22 16 0", x + width / 2 - 8, y)></path> })}
            <rect class="box" x=x y=y width=width height=height rx="10"></rect>
            <circle class="state" cx=x + 18 cy=y + 20 r="5"></circle>
            <text class="name" x=x + 30 y=y + 25>{shape.name}</text>
            <text class="image" x=x + width - 10 y=y + 25 text-anchor="end">{if shape.running { shape.image } else { shape.word }}</text>
            {addresses}
            {(one && shape.ours).then_some(shape.mac).flatten().map(|mac| view! { <text class="mac" x=x + 14 y=y + 66>{mac}</text> })}
            {logs}
        </g>
    }
}

fn drop_shape(network: Option<&NetworkNode>, drop: Drop) -> DropShape {
    DropShape {
        class: network.map_or("apart", kind),
        x: drop.x,
        from: drop.from,
        to: drop.to,
    }
}

fn drop_view(drop: DropShape) -> impl IntoView {
    view! {
        <g class=format!("drop {}", drop.class)>
            <line x1=drop.x x2=drop.x y1=drop.from y2=drop.to></line>
            <circle cx=drop.x cy=drop.from r="5"></circle>
        </g>
    }
}

/// The colour family of a network.
fn kind(network: &NetworkNode) -> &'static str {
    match network.driver.as_str() {
        _ if network.name == "bridge" => "default",
        "bridge" => "custom",
        "overlay" => "overlay",
        _ => "lan",
    }
}

fn foreign(ours: bool) -> &'static str {
    if ours { "" } else { " foreign" }
}

fn about(network: &NetworkNode) -> String {
    let mut about: Vec<String> = network
        .subnets
        .iter()
        .map(|subnet| subnet.subnet.clone())
        .collect();
    about.extend(network.interface.clone());
    about.push(match network.driver.as_str() {
        _ if network.name == "bridge" => "default".to_owned(),
        "bridge" => "custom bridge".to_owned(),
        driver => driver.to_owned(),
    });
    if network.internal {
        about.push("internal".to_owned());
    }
    if !network.ours && network.name != "bridge" {
        about.push("not this lab's".to_owned());
    }
    about.join(" · ")
}

fn known_names(topology: &Topology, network: &NetworkNode) -> String {
    let names: Vec<&str> = topology
        .containers
        .values()
        .filter(|container| {
            container.state == ContainerState::Running
                && container.endpoints.contains_key(&network.id)
        })
        .map(|container| container.name.as_str())
        .collect();
    names.join(", ")
}

fn address(endpoint: &Endpoint) -> Option<String> {
    endpoint.address.map(|address| address.to_string())
}

fn state(state: ContainerState) -> &'static str {
    match state {
        ContainerState::Running => "running",
        ContainerState::Paused => "paused",
        ContainerState::Created | ContainerState::Restarting => "starting",
        ContainerState::Removing | ContainerState::Exited | ContainerState::Dead => "stopped",
    }
}

fn word(container: &ContainerNode) -> String {
    match (container.state, container.exit_code) {
        (ContainerState::Exited, Some(code)) => format!("exited ({code})"),
        (state, _) => format!("{state:?}").to_lowercase(),
    }
}

fn cut(text: &str, fits: usize) -> String {
    if text.chars().count() <= fits {
        return text.to_owned();
    }
    let kept: String = text.chars().take(fits.saturating_sub(1)).collect();
    format!("{kept}…")
}
