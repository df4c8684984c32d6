//! Where everything of a topology is drawn: rails with containers hanging from them. A pure function, in whole pixels.
//!
//! It does not know colours, text or a browser; the same input gives the same layout, and what stays keeps its column.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ContainerId, NetworkId,
    topology::{ContainerNode, NetworkNode, Topology},
};

pub const BOX_WIDTH: i32 = 186;
pub const BOX_HEIGHT: i32 = 84;
pub const RAIL_HEIGHT: i32 = 12;
/// Characters of a name that fit into a box.
pub const NAME_FITS: usize = 16;

const COLUMN: i32 = BOX_WIDTH + 28;
const MARGIN: i32 = 28;
const OUTSIDE_HEIGHT: i32 = 28;
const HOST_TOP: i32 = 84;
const HOST_HEAD: i32 = 48;
const RAIL_LABEL: i32 = 26;
const DROP: i32 = 42;
const GAP: i32 = 26;
const LEAST_COLUMNS: i32 = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Rect {
    pub fn middle(&self) -> i32 {
        self.x + self.width / 2
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }
}

/// One attachment: a vertical line from a rail to a container's box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drop {
    pub x: i32,
    /// On the rail.
    pub from: i32,
    /// On the box.
    pub to: i32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    pub width: i32,
    pub height: i32,
    pub rails: BTreeMap<NetworkId, Rect>,
    pub boxes: BTreeMap<ContainerId, Rect>,
    pub drops: BTreeMap<(ContainerId, NetworkId), Drop>,
    /// Containers in host mode, on the host's own edge.
    pub on_host: BTreeSet<ContainerId>,
    /// Containers without any network.
    pub apart: BTreeSet<ContainerId>,
    columns: BTreeMap<ContainerId, usize>,
}

impl Layout {
    /// The bar on top: everything that is not this host.
    pub fn outside(&self) -> Rect {
        Rect {
            x: MARGIN,
            y: 18,
            width: self.width - 2 * MARGIN,
            height: OUTSIDE_HEIGHT,
        }
    }

    pub fn host(&self) -> Rect {
        Rect {
            x: MARGIN,
            y: HOST_TOP,
            width: self.width - 2 * MARGIN,
            height: self.height - HOST_TOP - 18,
        }
    }
}

/// Lays a topology out. `previous`: what it looked like before, so that nothing moves that did not change.
pub fn layout(topology: &Topology, previous: Option<&Layout>) -> Layout {
    let rails = rails(topology);
    let bands: BTreeMap<&NetworkId, usize> = rails
        .iter()
        .enumerate()
        .map(|(band, rail)| (&rail.id, band))
        .collect();
    let hangings = hangings(topology, &bands, rails.len());
    let columns = columns(&hangings, previous);
    place(&rails, &hangings, columns)
}

/// The networks that are drawn as rails, top to bottom: the default bridge, then the others as they were created.
fn rails(topology: &Topology) -> Vec<&NetworkNode> {
    let mut rails: Vec<&NetworkNode> = topology
        .networks
        .values()
        .filter(|network| !matches!(network.driver.as_str(), "host" | "null"))
        .collect();
    rails.sort_by_key(|network| {
        (
            network.name != "bridge",
            !network.ours,
            &network.created,
            &network.id,
        )
    });
    rails
}

/// A container and the bands that it is tied to.
struct Hanging<'a> {
    container: &'a ContainerNode,
    /// The rails it hangs from, top to bottom; its box is below the last. Empty: in the band below all rails.
    ties: Vec<(usize, &'a NetworkId)>,
    last: usize,
}

fn hangings<'a>(
    topology: &'a Topology,
    bands: &BTreeMap<&'a NetworkId, usize>,
    below: usize,
) -> Vec<Hanging<'a>> {
    let mut hangings: Vec<Hanging<'a>> = topology
        .containers
        .values()
        .map(|container| {
            let mut ties: Vec<_> = container
                .endpoints
                .keys()
                .filter_map(|network| Some((*bands.get(network)?, network)))
                .collect();
            ties.sort_unstable();
            let last = ties.last().map_or(below, |(band, _)| *band);
            Hanging {
                container,
                ties,
                last,
            }
        })
        .collect();
    hangings.sort_by_key(|hanging| (&hanging.container.created, &hanging.container.id));
    hangings
}

/// A column for each container, free in every band that its drops pass. Those that had one keep it if they can.
fn columns(hangings: &[Hanging<'_>], previous: Option<&Layout>) -> BTreeMap<ContainerId, usize> {
    let mut taken: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut columns = BTreeMap::new();
    let before = |hanging: &Hanging<'_>| {
        previous
            .and_then(|layout| layout.columns.get(&hanging.container.id))
            .copied()
    };
    let (kept, new): (Vec<_>, Vec<_>) = hangings
        .iter()
        .partition(|hanging| before(hanging).is_some());
    for hanging in kept.into_iter().chain(new) {
        let first = hanging.ties.first().map_or(hanging.last, |(band, _)| *band);
        let free =
            |column: &usize| (first..=hanging.last).all(|band| !taken.contains(&(band, *column)));
        let column = before(hanging)
            .filter(free)
            .or_else(|| (0..=hangings.len()).find(free))
            .unwrap_or_default();
        taken.extend((first..=hanging.last).map(|band| (band, column)));
        columns.insert(hanging.container.id.clone(), column);
    }
    columns
}

fn place(
    rails: &[&NetworkNode],
    hangings: &[Hanging<'_>],
    columns: BTreeMap<ContainerId, usize>,
) -> Layout {
    let most = columns
        .values()
        .max()
        .map_or(0, |column| to_i32(*column) + 1);
    let inner = most.max(LEAST_COLUMNS) * COLUMN;
    let mut layout = Layout {
        width: inner + 4 * MARGIN,
        columns,
        ..Layout::default()
    };
    let mut y = HOST_TOP + HOST_HEAD;
    let mut box_tops = Vec::new();
    for (band, rail) in rails.iter().enumerate() {
        let at = Rect {
            x: 2 * MARGIN,
            y: y + RAIL_LABEL,
            width: inner,
            height: RAIL_HEIGHT,
        };
        layout.rails.insert(rail.id.clone(), at);
        let top = at.y + RAIL_HEIGHT + DROP;
        box_tops.push(top);
        let hangs = hangings.iter().any(|hanging| hanging.last == band);
        y = if hangs {
            top + BOX_HEIGHT + GAP
        } else {
            at.y + RAIL_HEIGHT + GAP
        };
    }
    box_tops.push(y + 8);
    if hangings.iter().any(|hanging| hanging.ties.is_empty()) {
        y += 8 + BOX_HEIGHT + GAP;
    }
    layout.height = y + 18;
    for hanging in hangings {
        hang(&mut layout, hanging, box_tops[hanging.last]);
    }
    layout
}

fn hang(layout: &mut Layout, hanging: &Hanging<'_>, top: i32) {
    let id = &hanging.container.id;
    let at = Rect {
        x: 2 * MARGIN + 16 + to_i32(layout.columns[id]) * COLUMN,
        y: top,
        width: BOX_WIDTH,
        height: BOX_HEIGHT,
    };
    layout.boxes.insert(id.clone(), at);
    let count = to_i32(hanging.ties.len());
    for (place, (_, network)) in hanging.ties.iter().enumerate() {
        let rail = layout.rails[*network];
        let drop = Drop {
            // Side by side, so that two attachments are never taken for one.
            x: at.x + at.width * (to_i32(place) + 1) / (count + 1),
            from: rail.y + rail.height / 2,
            to: at.y,
        };
        layout.drops.insert((id.clone(), (*network).clone()), drop);
    }
    if hanging.ties.is_empty() {
        if hanging.container.network_mode == "host" {
            layout.on_host.insert(id.clone());
        } else {
            layout.apart.insert(id.clone());
        }
    }
}

/// Columns and rows on a screen are few.
fn to_i32(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::topology::{ContainerState, Endpoint};

    fn network(number: usize) -> NetworkNode {
        NetworkNode {
            id: NetworkId::new(format!("net{number}")),
            name: if number == 0 {
                "bridge".to_owned()
            } else {
                format!("net{number}")
            },
            driver: "bridge".to_owned(),
            scope: "local".to_owned(),
            subnets: Vec::new(),
            internal: false,
            attachable: false,
            interface: None,
            name_server: number > 0,
            created: format!("{number:03}"),
            ours: number > 0,
        }
    }

    fn container(number: usize, networks: &BTreeSet<usize>) -> ContainerNode {
        let endpoint =
            |network: &usize| (NetworkId::new(format!("net{network}")), Endpoint::default());
        ContainerNode {
            id: ContainerId::new(format!("c{number}")),
            name: format!("c{number}"),
            image: "nginx".to_owned(),
            state: ContainerState::Running,
            exit_code: None,
            network_mode: "bridge".to_owned(),
            endpoints: networks.iter().map(endpoint).collect(),
            ports: Vec::new(),
            created: format!("{number:03}"),
            ours: true,
        }
    }

    fn topology(networks: usize, containers: &[BTreeSet<usize>]) -> Topology {
        let containers = containers
            .iter()
            .enumerate()
            .map(|(number, on)| container(number, on));
        Topology {
            networks: (0..networks)
                .map(network)
                .map(|network| (network.id.clone(), network))
                .collect(),
            containers: containers
                .map(|container| (container.id.clone(), container))
                .collect(),
            ..Topology::default()
        }
    }

    #[test]
    fn containers_hang_below_their_rail_in_the_order_of_their_creation() {
        let on = |network| BTreeSet::from([network]);
        let layout = layout(&topology(2, &[on(0), on(1), on(1)]), None);
        let at = |name: &str| layout.boxes[&ContainerId::new(name)];
        assert!(at("c0").y < layout.rails[&NetworkId::new("net1")].y);
        assert!(at("c1").y > layout.rails[&NetworkId::new("net1")].y);
        assert_eq!(at("c1").y, at("c2").y);
        assert_eq!(at("c1").x + COLUMN, at("c2").x);
    }

    fn labs() -> impl Strategy<Value = (usize, Vec<BTreeSet<usize>>)> {
        (1..6_usize).prop_flat_map(|networks| {
            let on = prop::collection::btree_set(0..networks, 0..=networks.min(3));
            (Just(networks), prop::collection::vec(on, 0..20))
        })
    }

    proptest! {
        #[test]
        fn nothing_overlaps_and_no_drop_crosses_a_box((networks, containers) in labs()) {
            let layout = layout(&topology(networks, &containers), None);
            let boxes: Vec<_> = layout.boxes.iter().collect();
            for (place, (id, at)) in boxes.iter().enumerate() {
                for (_, other) in &boxes[place + 1..] {
                    prop_assert!(!at.overlaps(other), "{at:?} {other:?}");
                }
                for rail in layout.rails.values() {
                    prop_assert!(!at.overlaps(rail));
                }
                for ((owner, _), drop) in &layout.drops {
                    let line = Rect { x: drop.x, y: drop.from, width: 1, height: drop.to - drop.from };
                    prop_assert!(owner == *id || !at.overlaps(&line), "{owner} crosses {id}");
                }
                prop_assert!(at.x + at.width <= layout.host().x + layout.host().width);
                prop_assert!(at.y + at.height <= layout.host().y + layout.host().height);
            }
        }

        #[test]
        fn a_container_that_comes_or_goes_moves_no_other_sideways((networks, containers) in labs(), gone in any::<prop::sample::Index>()) {
            prop_assume!(!containers.is_empty());
            let before = topology(networks, &containers);
            let first = layout(&before, None);
            let mut after = before.clone();
            let key = ContainerId::new(format!("c{}", gone.index(containers.len())));
            after.containers.remove(&key);
            let second = layout(&after, Some(&first));
            for (id, at) in &second.boxes {
                prop_assert_eq!(at.x, first.boxes[id].x);
            }
        }

        #[test]
        fn the_same_lab_looks_the_same((networks, containers) in labs()) {
            let lab = topology(networks, &containers);
            prop_assert_eq!(layout(&lab, None), layout(&lab, None));
        }
    }
}
