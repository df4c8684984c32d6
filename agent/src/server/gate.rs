//! The one layer around every route: who asks for what from where, and the headers on every answer.
//!
//! What is not let through here is refused; no route decides on its own. It does not know what the routes do.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// On every answer, refusals too.
const HEADERS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; \
         img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The routes that change something or speak: only the page itself may ask for these.
pub const LAUNCH: &str = "/launch";
pub const SESSION: &str = "/session";

/// Lets through what comes from the page on our own address.
pub async fn gate(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut answer = match admit(port, &request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => {
            tracing::warn!(
                method = %request.method(),
                path = request.uri().path(),
                "refused: {}",
                refusal.trim_end()
            );
            (StatusCode::FORBIDDEN, refusal).into_response()
        }
    };
    for (name, value) in HEADERS {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    let unsaid = HeaderValue::from_static("no-store");
    answer
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(unsaid);
    answer
}

fn admit(port: u16, request: &Request) -> Result<(), &'static str> {
    let headers = request.headers();
    let host = only(headers, &header::HOST).filter(|host| is_ours(host, port));
    // A request line may name a host, too.
    let named = request
        .uri()
        .authority()
        .map(axum::http::uri::Authority::as_str);
    let Some(host) = host.filter(|host| named.is_none_or(|named| named == *host)) else {
        return Err(
            "Causeway answers only under its own address, the one that it printed when it was started.\n",
        );
    };
    let path = request.uri().path();
    match *request.method() {
        Method::GET | Method::HEAD if path != SESSION => Ok(()),
        Method::GET if path == SESSION => from_our_page(headers, host),
        Method::POST if path == LAUNCH => from_our_page(headers, host),
        _ => Err("There is nothing here that can be asked for in this way.\n"),
    }
}

fn from_our_page(headers: &HeaderMap, host: &str) -> Result<(), &'static str> {
    let origin = only(headers, &header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
    if origin == Some(host) {
        Ok(())
    } else {
        Err(
            "Only Causeway's own page may speak to it: open the address that it printed when it was started.\n",
        )
    }
}

/// The header's value, if it is there exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Browsers leave out HTTP's own port.
fn is_ours(host: &str, port: u16) -> bool {
    ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|name| match host.strip_prefix(name) {
            Some("") => port == 80,
            Some(rest) => rest == format!(":{port}"),
            None => false,
        })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn check(request: &str, expected: bool) {
        let mut words = request.split_whitespace();
        let mut built = Request::builder()
            .method(words.next().unwrap())
            .uri(words.next().unwrap());
        for header in words {
            let (name, value) = header.split_once('=').unwrap();
            built = built.header(name, value);
        }
        let request_built = built.body(Body::empty()).unwrap();
        assert_eq!(admit(4100, &request_built).is_ok(), expected, "{request}");
    }

    #[test]
    fn the_host_is_ours() {
        for host in ["127.0.0.1:4100", "localhost:4100", "[::1]:4100"] {
            check(&format!("GET / host={host}"), true);
        }
        for host in [
            "127.0.0.1",
            "localhost",
            "127.0.0.1:4101",
            "127.0.0.1:41000",
            "localhost.:4100",
            "LOCALHOST:4100",
            "evil.example:4100",
            "127.0.0.1.evil.example:4100",
            "evil.example",
            "127.0.0.2:4100",
            "0.0.0.0:4100",
            "user@localhost:4100",
            "[::]:4100",
        ] {
            check(&format!("GET / host={host}"), false);
        }
        check("GET /", false);
        check("GET / host=localhost:4100 host=evil.example", false);
        check("GET http://evil.example/ host=localhost:4100", false);
    }

    #[test]
    fn only_the_page_speaks() {
        let ours = "host=localhost:4100 origin=http://localhost:4100";
        check(&format!("GET /session {ours}"), true);
        check(&format!("POST /launch {ours}"), true);
        for origin in [
            "",
            "origin=null",
            "origin=https://localhost:4100",
            "origin=http://localhost",
            "origin=http://localhost:8080",
            "origin=http://127.0.0.1:4100",
            "origin=http://evil.example",
            "origin=http://localhost:4100 origin=http://localhost:4100",
        ] {
            check(&format!("GET /session host=localhost:4100 {origin}"), false);
            check(&format!("POST /launch host=localhost:4100 {origin}"), false);
        }
    }

    #[test]
    fn nothing_else_is_let_through() {
        let ours = "host=localhost:4100 origin=http://localhost:4100";
        for asked in [
            "POST /",
            "PUT /launch",
            "DELETE /session",
            "OPTIONS /launch",
            "CONNECT /session",
            "HEAD /session",
            "POST /session",
        ] {
            check(&format!("{asked} {ours}"), false);
        }
    }

    #[test]
    fn http_leaves_out_its_own_port() {
        assert!(
            is_ours("localhost", 80) && is_ours("localhost:80", 80) && !is_ours("localhost", 4100)
        );
    }
}
