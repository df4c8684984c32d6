//! One layer: what it changes in the layers below it.

use std::{collections::BTreeMap, ops::Bound};

use serde::{Deserialize, Serialize};

use super::Node;

/// Changes by path; the paths are absolute and have no link on their way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    changes: BTreeMap<String, Change>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    Put(Node),
    /// A folder that hides what the layers below have in it.
    PutOver(Node),
    /// A whiteout: what the layers below have here is gone.
    Gone,
}

/// What one layer says of a path.
pub enum Seen<'a> {
    Here(&'a Node),
    Hidden,
    /// Nothing: look into the layers below.
    Through,
}

impl Layer {
    /// By path, in order.
    pub fn changes(&self) -> impl Iterator<Item = (&str, &Change)> {
        self.changes
            .iter()
            .map(|(path, change)| (path.as_str(), change))
    }

    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Bytes in its files.
    pub fn size(&self) -> u64 {
        self.nodes()
            .filter(|(_, node)| !node.is_folder())
            .map(|(_, node)| node.size())
            .sum()
    }

    pub fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.changes().filter_map(|(path, change)| match change {
            Change::Put(node) | Change::PutOver(node) => Some((path, node)),
            Change::Gone => None,
        })
    }

    pub fn put(&mut self, path: &str, node: Node) {
        let over = matches!(
            self.changes.get(path),
            Some(Change::Gone | Change::PutOver(_))
        );
        let change = if over && node.is_folder() {
            Change::PutOver(node)
        } else {
            Change::Put(node)
        };
        self.changes.insert(path.to_owned(), change);
    }

    /// Takes away what this layer has at a path and under it.
    pub fn cut(&mut self, path: &str) {
        let under: Vec<String> = self.under(path).map(|(path, _)| path.clone()).collect();
        for path in under {
            self.changes.remove(&path);
        }
        self.changes.remove(path);
    }

    /// Hides what the layers below have at a path.
    pub fn hide(&mut self, path: &str) {
        self.changes.insert(path.to_owned(), Change::Gone);
    }

    pub(super) fn look(&self, path: &str) -> Seen<'_> {
        match self.changes.get(path) {
            Some(Change::Put(node) | Change::PutOver(node)) => return Seen::Here(node),
            Some(Change::Gone) => return Seen::Hidden,
            None => {}
        }
        if parents(path).any(|parent| self.hides_below(parent)) {
            Seen::Hidden
        } else {
            Seen::Through
        }
    }

    fn hides_below(&self, path: &str) -> bool {
        match self.changes.get(path) {
            None => false,
            Some(Change::Put(node)) => !node.is_folder(),
            Some(Change::PutOver(_) | Change::Gone) => true,
        }
    }

    /// Names right in a folder that this layer puts there.
    pub(super) fn names(&self, folder: &str) -> impl Iterator<Item = &str> {
        let start = folder.trim_end_matches('/').len() + 1;
        self.under(folder).filter_map(move |(path, change)| {
            let name = &path[start..];
            (!name.is_empty() && !name.contains('/') && *change != Change::Gone).then_some(name)
        })
    }

    fn under(&self, folder: &str) -> impl Iterator<Item = (&String, &Change)> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let from = Bound::Excluded(prefix.as_str());
        self.changes
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(move |(path, _)| path.starts_with(&prefix))
    }
}

impl FromIterator<(String, Node)> for Layer {
    fn from_iter<T: IntoIterator<Item = (String, Node)>>(nodes: T) -> Self {
        let changes = nodes
            .into_iter()
            .map(|(path, node)| (path, Change::Put(node)));
        Self {
            changes: changes.collect(),
        }
    }
}

/// `/a/b` and `/a` for `/a/b/c`.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/')
        .map(|(at, _)| &path[..at])
        .filter(|parent| !parent.is_empty())
}
