//! The root file systems of the images that come with the simulated engine, as the lab's images have them.
//!
//! Each is a text beside this file, a line a node: `d 755 /etc`, `l /bin/busybox /bin/sh`, `p 755 1982256 /bin/busybox`
//! (a program of that size, or a file of which only the size is told, for its content is its authors'), `f 644 /etc/passwd`
//! with the content in the indented lines after it; `d 755:100:101` is not root's. What libraries are made of is left out.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use bytes::Bytes;
use jiff::Timestamp;

use super::{Content, Kind, Layer, Node};

/// The files of a built-in image: `busybox`, `nginx`. One layer, shared by all who ask.
pub fn rootfs(image: &str) -> Option<Arc<Layer>> {
    static READ: LazyLock<BTreeMap<&str, Arc<Layer>>> = LazyLock::new(|| {
        let read = TEXTS.map(|(image, text)| (image, Arc::new(read(text))));
        read.into_iter().collect()
    });
    let image = if image == "alpine" { "busybox" } else { image };
    READ.get(image).cloned()
}

const TEXTS: [(&str, &str); 6] = [
    ("busybox", include_str!("busybox.txt")),
    ("hello-world", include_str!("hello-world.txt")),
    ("mysql", include_str!("mysql.txt")),
    ("nginx", include_str!("nginx.txt")),
    ("python", include_str!("python.txt")),
    ("redis", include_str!("redis.txt")),
];

/// `/`, which no layer names.
pub(super) fn root() -> &'static Node {
    static ROOT: LazyLock<Node> = LazyLock::new(|| Node::folder(0o755, Timestamp::UNIX_EPOCH));
    &ROOT
}

fn read(text: &str) -> Layer {
    let mut nodes: Vec<(String, Node)> = Vec::new();
    for line in text.lines() {
        if let Some(content) = line.strip_prefix('\t') {
            if let Some((_, node)) = nodes.last_mut() {
                add_line(node, content);
            }
        } else if let Some(node) = node(line) {
            nodes.push(node);
        }
    }
    nodes.into_iter().collect()
}

fn node(line: &str) -> Option<(String, Node)> {
    let mut words = line.split(' ');
    let (kind, first) = (words.next()?, words.next()?);
    if kind == "l" {
        let node = Node::link(first, Timestamp::UNIX_EPOCH);
        return Some((words.next()?.to_owned(), node));
    }
    let mut mode = first.split(':');
    let permissions = u32::from_str_radix(mode.next()?, 8).ok()?;
    let mut id = || mode.next().and_then(|id| id.parse().ok()).unwrap_or(0);
    let (owner, group) = (id(), id());
    let kind = match kind {
        "d" => Kind::Folder,
        "p" => Kind::File(Content::Program(words.next()?.parse().ok()?)),
        _ => Kind::File(Content::Bytes(Bytes::new())),
    };
    let node = Node {
        kind,
        owner,
        group,
        ..Node::folder(permissions, Timestamp::UNIX_EPOCH)
    };
    Some((words.next()?.to_owned(), node))
}

fn add_line(node: &mut Node, line: &str) {
    if let Kind::File(Content::Bytes(bytes)) = &mut node.kind {
        let whole = [bytes, line.as_bytes(), b"\n"].concat();
        *bytes = whole.into();
    }
}
