//! The API's versions: which are spoken, which one a path asks for, and the headers that say so.

use axum::{
    http::{HeaderMap, HeaderValue},
    response::Response,
};
use lab::{Error, Result, models::SystemVersion};

/// Where the engine does not say: Docker Engine 28's.
const NEWEST: Version = Version(1, 51);
const OLDEST: Version = Version(1, 24);

/// 1.51
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub u32, pub u32);

impl Version {
    fn read(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

/// What the engine speaks, and what it calls itself.
pub(super) struct Versions {
    newest: Version,
    oldest: Version,
    headers: HeaderMap,
}

/// The version that a request asks for, and its path without it.
pub(super) struct Asked {
    pub version: Version,
    pub path: String,
}

impl Versions {
    pub fn of(engine: &SystemVersion) -> Self {
        let version = |text: &Option<String>| text.as_deref().and_then(Version::read);
        let newest = version(&engine.api_version).unwrap_or(NEWEST);
        let os = engine.os.as_deref().unwrap_or("linux");
        let server = format!("Docker/{} ({os})", engine.version.as_deref().unwrap_or(""));
        let mut headers = HeaderMap::new();
        let mut say = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        say("api-version", &newest.to_string());
        say("docker-experimental", "false");
        say("ostype", os);
        say("server", &server);
        Self {
            newest,
            oldest: version(&engine.min_api_version).unwrap_or(OLDEST),
            headers,
        }
    }

    /// `/v1.41/info`, or `/info` for the newest.
    pub fn of_request(&self, path: &str) -> Result<Asked> {
        let unversioned = Asked {
            version: self.newest,
            path: path.to_owned(),
        };
        let Some((asked, rest)) = path
            .strip_prefix("/v")
            .and_then(|path| path.split_once('/'))
        else {
            return Ok(unversioned);
        };
        if asked.is_empty() || !asked.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.')) {
            return Ok(unversioned);
        }
        // As dockerd: a number alone is a major version.
        let version = Version::read(asked).or_else(|| Some(Version(asked.parse().ok()?, 0)));
        let version = version.ok_or_else(super::page_not_found)?;
        self.is_spoken(version, asked)?;
        Ok(Asked {
            version,
            path: format!("/{rest}"),
        })
    }

    fn is_spoken(&self, version: Version, asked: &str) -> Result<()> {
        let (newest, oldest) = (self.newest, self.oldest);
        if version > newest {
            return Err(Error::refused(
                400,
                format!(
                    "client version {asked} is too new. Maximum supported API version is {newest}"
                ),
            ));
        }
        if version < oldest {
            return Err(Error::refused(
                400,
                format!(
                    "client version {asked} is too old. Minimum supported API version is {oldest}, please upgrade your client to a newer version"
                ),
            ));
        }
        Ok(())
    }

    /// The headers of every answer.
    pub fn sign(&self, mut answer: Response) -> Response {
        answer.headers_mut().extend(self.headers.clone());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        let versions = Versions::of(&SystemVersion::default());
        let said = match versions.of_request(path) {
            Ok(asked) => format!("{} {}", asked.version, asked.path),
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expected, "{path}");
    }

    #[test]
    fn a_version_is_a_part_of_the_path_or_not() {
        check("/info", "1.51 /info");
        check("/v1.41/info", "1.41 /info");
        check("/v1.51/containers/v1.2/json", "1.51 /containers/v1.2/json");
        check("/vx/info", "1.51 /vx/info");
        check("/volumes", "1.51 /volumes");
    }

    #[test]
    fn what_is_not_spoken_is_refused_in_dockerds_words() {
        check(
            "/v1.99/info",
            "client version 1.99 is too new. Maximum supported API version is 1.51",
        );
        check(
            "/v2.0/info",
            "client version 2.0 is too new. Maximum supported API version is 1.51",
        );
        check(
            "/v1.23/_ping",
            "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
        );
    }
}
