//! Names as part of a URL's path: none may lead to another route than the one it was meant for.

use lab::{Error, Result};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':')
    .remove(b'@')
    .remove(b'/');

pub(super) fn container(name: &str) -> Result<String> {
    let name = filled("container", name)?;
    escaped(name).ok_or_else(|| Error::not_found(format!("No such container: {name}")))
}

pub(super) fn network(name: &str) -> Result<String> {
    let name = filled("network", name)?;
    escaped(name).ok_or_else(|| Error::not_found(format!("network {name} not found")))
}

pub(super) fn exec(name: &str) -> Result<String> {
    let name = filled("exec", name)?;
    escaped(name).ok_or_else(|| Error::not_found(format!("No such exec instance: {name}")))
}

pub(super) fn image(name: &str) -> Result<String> {
    let name = filled("image", name)?;
    escaped(name).ok_or_else(|| Error::refused(400, "invalid reference format"))
}

pub(super) fn node(name: &str) -> Result<String> {
    let name = filled("node", name)?;
    escaped(name).ok_or_else(|| Error::not_found(format!("node {name} not found")))
}

pub(super) fn service(name: &str) -> Result<String> {
    let name = filled("service", name)?;
    escaped(name).ok_or_else(|| Error::not_found(format!("service {name} not found")))
}

pub(super) fn task(name: &str) -> Result<String> {
    let name = filled("task", name)?;
    escaped(name).ok_or_else(|| Error::not_found(format!("task {name} not found")))
}

/// In the docker CLI's words: without a name, the path would be another route's.
fn filled<'a>(kind: &str, name: &'a str) -> Result<&'a str> {
    match name.trim() {
        "" => Err(Error::refused(
            400,
            format!("invalid {kind} name or ID: value is empty"),
        )),
        name => Ok(name),
    }
}

/// `None`: a path with such steps in it leads elsewhere, so nothing can have this name.
fn escaped(name: &str) -> Option<String> {
    let leads_elsewhere = name.split('/').any(|step| matches!(step, "" | "." | ".."));
    (!leads_elsewhere).then(|| utf8_percent_encode(name, ESCAPED).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Result<&str, &str>) {
        let read = container(name).map_err(|error| error.to_string());
        assert_eq!(
            read.as_deref().map_err(String::as_str),
            expected,
            "{name:?}"
        );
    }

    #[test]
    fn a_name_stays_a_name() {
        check("web", Ok("web"));
        check("web?force=1#x", Ok("web%3Fforce%3D1%23x"));
        check("%2e%2e", Ok("%252e%252e"));
        check("naïve \0", Ok("na%C3%AFve%20%00"));
        check("../networks", Err("No such container: ../networks"));
        check("a//b", Err("No such container: a//b"));
        check("", Err("invalid container name or ID: value is empty"));
        assert_eq!(
            image("library/nginx:1@sha256:ab"),
            Ok("library/nginx:1@sha256:ab".to_owned())
        );
    }
}
