//! The page's files, from memory: type, compression, caching. It knows no file system and no session.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;

/// One file of the page, as `build.rs` puts it into the binary.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// In the URL, without the first slash: `index.html`.
    pub name: &'static str,
    /// Of the bytes: the `ETag`.
    pub hash: &'static str,
    pub bytes: &'static [u8],
    pub brotli: Option<&'static [u8]>,
}

/// The page, sorted by name.
#[derive(Clone, Copy, Debug)]
pub struct Page(pub &'static [Asset]);

/// Built without `CAUSEWAY_SITE`: a page that says what to do.
const NOT_BUILT: &[Asset] = &[Asset {
    name: "index.html",
    hash: "not-built",
    bytes:
        b"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Causeway</title>\n\
        <p>the page is not built: <code>cargo xtask run</code></p>\n</html>\n",
    brotli: None,
}];

const BUILT: &[Asset] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

impl Page {
    /// The page in this binary.
    pub fn built_in() -> Self {
        Self(if BUILT.is_empty() { NOT_BUILT } else { BUILT })
    }

    /// Answers GET and HEAD for a path; a body too many is dropped by the server for HEAD.
    pub fn answer(self, path: &str, asked: &HeaderMap) -> Response<Body> {
        match self.find(path) {
            Some(asset) => asset.answer(asked),
            None => answer(
                StatusCode::NOT_FOUND,
                Body::from("There is no such page here.\n"),
            ),
        }
    }

    fn find(self, path: &str) -> Option<Asset> {
        let name = match path.trim_start_matches('/') {
            "" => "index.html",
            name => name,
        };
        self.0.iter().find(|asset| asset.name == name).copied()
    }
}

impl Asset {
    fn answer(self, asked: &HeaderMap) -> Response<Body> {
        let brotli = self.brotli.filter(|_| accepts_brotli(asked));
        let tag = format!(
            "\"{}{}\"",
            self.hash,
            if brotli.is_some() { "-br" } else { "" }
        );
        let mut response = if has(asked, &tag) {
            answer(StatusCode::NOT_MODIFIED, Body::empty())
        } else {
            answer(
                StatusCode::OK,
                Body::from(Bytes::from_static(brotli.unwrap_or(self.bytes))),
            )
        };
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(content_type(self.name)),
        );
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(caching(self.name)),
        );
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        if self.brotli.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        if brotli.is_some() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        response
    }
}

fn answer(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

fn accepts_brotli(asked: &HeaderMap) -> bool {
    let refused = |quality: &str| matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
    items(asked, &header::ACCEPT_ENCODING).any(|coding| match coding.split_once(';') {
        Some((name, quality)) => name.trim() == "br" && !refused(quality),
        None => coding == "br",
    })
}

fn has(asked: &HeaderMap, tag: &str) -> bool {
    items(asked, &header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

fn items<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    let values = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// What has its content's hash in its name never changes; the rest is asked for again each time.
fn caching(name: &str) -> &'static str {
    let stem = name.rsplit('/').next().unwrap_or(name);
    let hashed = stem
        .split(['-', '.', '_'])
        .any(|part| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if hashed {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page(&[
        Asset {
            name: "app-0123456789abcdef.js",
            hash: "1",
            bytes: b"plain",
            brotli: Some(b"small"),
        },
        Asset {
            name: "index.html",
            hash: "2",
            bytes: b"<p>",
            brotli: None,
        },
    ]);

    /// `expected`: status, then the headers that were set.
    fn check(path: &str, asked: &[(header::HeaderName, &'static str)], expected: &str) {
        let asked = asked
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
        let response = PAGE.answer(path, &asked.collect());
        let mut lines = vec![response.status().as_str().to_owned()];
        for (name, value) in response.headers() {
            lines.push(format!("{name}: {}", value.to_str().unwrap()));
        }
        lines[1..].sort();
        assert_eq!(lines.join("\n"), expected);
    }

    #[test]
    fn the_page_is_asked_for_again_each_time() {
        check(
            "/",
            &[],
            "200\ncache-control: no-cache\ncontent-type: text/html; charset=utf-8\netag: \"2\"",
        );
        check(
            "/index.html",
            &[(header::IF_NONE_MATCH, "\"1\", W/\"2\"")],
            "304\ncache-control: no-cache\ncontent-type: text/html; charset=utf-8\netag: \"2\"",
        );
    }

    #[test]
    fn hashed_names_are_kept_and_small_twins_sent() {
        let kept = "cache-control: public, max-age=31536000, immutable";
        let script = "content-type: text/javascript; charset=utf-8";
        check(
            "/app-0123456789abcdef.js",
            &[(header::ACCEPT_ENCODING, "gzip, br;q=0.9")],
            &format!(
                "200\n{kept}\ncontent-encoding: br\n{script}\netag: \"1-br\"\nvary: accept-encoding"
            ),
        );
        check(
            "/app-0123456789abcdef.js",
            &[(header::ACCEPT_ENCODING, "gzip, br;q=0")],
            &format!("200\n{kept}\n{script}\netag: \"1\"\nvary: accept-encoding"),
        );
    }

    #[test]
    fn nothing_else_is_served() {
        for path in ["/../Cargo.toml", "//etc/passwd", "/index.html/", "/app"] {
            check(path, &[], "404\ncontent-type: text/plain; charset=utf-8");
        }
    }
}
