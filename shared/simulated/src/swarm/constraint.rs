//! `--constraint node.role==worker`: on which nodes a task may be.

use lab::{Error, Result};

use crate::cluster::NodeState;

/// What docker says about one that it cannot read.
pub fn check(constraint: &str) -> Result<()> {
    if parts(constraint).is_some() {
        return Ok(());
    }
    Err(Error::refused(
        500,
        "rpc error: code = Unknown desc = constraint expected one operator from ==, !=",
    ))
}

pub fn holds(constraint: &str, node: &NodeState) -> bool {
    let Some((key, equal, wanted)) = parts(constraint) else {
        return false;
    };
    let role = if node.manager { "manager" } else { "worker" };
    let is = match key {
        "node.id" => node.id == wanted,
        "node.hostname" => node.name.eq_ignore_ascii_case(wanted),
        "node.ip" => node.address == wanted,
        "node.role" => role.eq_ignore_ascii_case(wanted),
        "node.platform.os" => wanted.eq_ignore_ascii_case("linux"),
        "node.platform.arch" => matches!(wanted, "x86_64" | "amd64"),
        key => match key.strip_prefix("node.labels.") {
            Some(label) => node.labels.get(label).is_some_and(|is| is == wanted),
            None => return false,
        },
    };
    is == equal
}

/// Key, whether it is to be equal, value.
fn parts(constraint: &str) -> Option<(&str, bool, &str)> {
    let (key, equal, value) = if let Some((key, value)) = constraint.split_once("==") {
        (key, true, value)
    } else {
        let (key, value) = constraint.split_once("!=")?;
        (key, false, value)
    };
    Some((key.trim(), equal, value.trim()))
}
