//! How the lab's files are named on the page.

/// `/site/index.html` as `site/index.html`.
pub fn shown(path: &str) -> &str {
    path.trim_start_matches('/')
}

/// The path that a typed name means; `None` where it is no name.
pub fn path(typed: &str) -> Option<String> {
    let path = lab::files::resolve("/", typed.trim());
    (path != "/" && !typed.trim().ends_with('/')).then_some(path)
}

/// `1 line`, `1.2 KB`
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        bytes => format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_paths() {
        assert_eq!(path(" app.py ").as_deref(), Some("/app.py"));
        assert_eq!(path("site//a.html").as_deref(), Some("/site/a.html"));
        assert_eq!(path("../x").as_deref(), Some("/x"));
        assert_eq!(path("site/"), None);
        assert_eq!(path(" "), None);
        assert_eq!(shown("/site/a"), "site/a");
        assert_eq!(size(999), "999 B");
        assert_eq!(size(1234), "1.2 KB");
    }
}
