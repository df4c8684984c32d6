//! Image names, as docker reads them: `nginx` is `nginx:latest`, and some are none.

/// A name that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageName {
    /// As docker shows it: without `docker.io/` and `library/`.
    pub name: String,
    /// `:latest`, `:5.7`, `@sha256:…`
    pub version: Version,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    Tag(String),
    Digest(String),
    /// It is no name but an image's id.
    Id,
}

impl ImageName {
    /// Reads a name; an error is in docker's words.
    pub fn read(text: &str) -> Result<Self, String> {
        let invalid = || "invalid reference format".to_owned();
        if text.len() == 64
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        {
            return Ok(Self {
                name: text.to_owned(),
                version: Version::Id,
            });
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (path, tag) = match rest.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (rest, None),
        };
        let (domain, path) = split_domain(path);
        let full = if domain == "docker.io" && !path.contains('/') {
            format!("library/{path}")
        } else {
            path.to_owned()
        };
        if path.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(format!(
                "invalid reference format: repository name ({full}) must be lowercase"
            ));
        }
        let tag_is_valid = tag.is_none_or(|tag| {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            tag.len() <= 128
                && tag.starts_with(word)
                && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'))
        });
        if !tag_is_valid
            || !path.split('/').all(is_component)
            || digest.is_some_and(|digest| !digest.contains(':'))
        {
            return Err(invalid());
        }
        let short = path.strip_prefix("library/").unwrap_or(path);
        let name = if domain == "docker.io" {
            short.to_owned()
        } else {
            format!("{domain}/{path}")
        };
        let version = match digest {
            Some(digest) => Version::Digest(digest.to_owned()),
            None => Version::Tag(tag.unwrap_or("latest").to_owned()),
        };
        Ok(Self { name, version })
    }
}

impl ImageName {
    /// Whether `latest` is not what was written but what is meant.
    pub fn is_default_tag(&self, written: &str) -> bool {
        let last = written.rsplit('/').next().unwrap_or(written);
        matches!(self.version, Version::Tag(_)) && !last.contains(':')
    }

    /// `docker.io/library/nginx:latest`
    pub fn full(&self) -> String {
        let (domain, path) = split_domain(&self.name);
        match (domain, path.contains('/')) {
            ("docker.io", false) => format!("docker.io/library/{self}"),
            ("docker.io", true) => format!("docker.io/{self}"),
            _ => self.to_string(),
        }
    }
}

impl std::fmt::Display for ImageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.version {
            Version::Tag(tag) => write!(f, "{}:{tag}", self.name),
            Version::Digest(digest) => write!(f, "{}@{digest}", self.name),
            Version::Id => f.write_str(&self.name),
        }
    }
}

fn split_domain(path: &str) -> (&str, &str) {
    match path.split_once('/') {
        Some((domain, rest))
            if domain.contains(['.', ':'])
                || domain == "localhost"
                || domain.to_lowercase() != domain =>
        {
            (
                if domain == "index.docker.io" {
                    "docker.io"
                } else {
                    domain
                },
                rest,
            )
        }
        _ => ("docker.io", path),
    }
}

/// Lower-case letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_component(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let between = |c: char| matches!(c, '.' | '_' | '-');
    let separators = text
        .split(|c: char| !between(c))
        .filter(|part| !part.is_empty());
    let known = |part: &str| matches!(part, "." | "_" | "__") || part.chars().all(|c| c == '-');
    ends(text.chars().next())
        && ends(text.chars().last())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || between(c))
        && separators.into_iter().all(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = ImageName::read(text).map_or_else(|error| error, |name| name.to_string());
        assert_eq!(shown, expected, "{text}");
    }

    #[test]
    fn names() {
        check("nginx", "nginx:latest");
        check("docker.io/library/nginx:1.27", "nginx:1.27");
        check("localhost:5000/lab/web", "localhost:5000/lab/web:latest");
        check("mysql:5.7", "mysql:5.7");
        check(
            "UPPER",
            "invalid reference format: repository name (library/UPPER) must be lowercase",
        );
        check("a b", "invalid reference format");
        check("nginx:", "invalid reference format");
        check("-x", "invalid reference format");
        check("a..b", "invalid reference format");
    }
}
