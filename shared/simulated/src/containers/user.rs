//! Users and groups by name, as a container's own files know them.

use crate::world::Container;

/// What Docker says where `user` (`nginx`, `1000`, `nginx:web`) is nobody there.
pub fn missing(container: &Container, user: &str) -> Option<String> {
    let (user, group) = user.split_once(':').unwrap_or((user, ""));
    if !is_known(container, "/etc/passwd", user) {
        return Some(format!(
            "unable to find user {user}: no matching entries in passwd file"
        ));
    }
    if !is_known(container, "/etc/group", group) {
        return Some(format!(
            "unable to find group {group}: no matching entries in group file"
        ));
    }
    None
}

/// A number needs no entry.
fn is_known(container: &Container, file: &str, name: &str) -> bool {
    if name.is_empty() || name.parse::<u32>().is_ok() {
        return true;
    }
    let lines = container.files.read(file).unwrap_or_default();
    String::from_utf8_lossy(&lines)
        .lines()
        .any(|line| line.split(':').next() == Some(name))
}
