//! The agent's server, over real sockets: who is let in, what is refused and in which words, and a good run.

use session::wire::{
    ClientMessage, MAX_FRAME, PROTOCOL, Resume, ServerMessage, TerminalId, Update,
};
use tests::agent::TestAgent;
use tokio_tungstenite::tungstenite::Message;

/// The prompt and the line, as a terminal shows them.
fn typed(line: &str) -> String {
    format!("\u{1b}[32m$\u{1b}[0m {line}\r\n")
}

fn networks() -> String {
    typed("docker network ls") + NETWORKS
}

const NETWORKS: &str = "\
NETWORK ID     NAME      DRIVER    SCOPE\r
63cbe1e45932   bridge    bridge    local\r
73d33b666a1e   host      host      local\r
225ec07a9950   none      null      local\r
";

#[tokio::test]
async fn every_route_wants_our_host() {
    let agent = TestAgent::start().await;
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/agent"),
        ("POST", "/launch"),
        ("GET", "/session"),
        ("GET", "/nothing"),
    ] {
        for host in [
            "evil.example",
            "127.0.0.1",
            "127.0.0.1:1",
            "127.0.0.1.evil.example",
        ] {
            let answer = agent
                .request(method, path)
                .header("Host", host)
                .send()
                .await;
            assert_eq!(answer.status, 403, "{method} {path} {host}");
        }
    }
    let code = agent.launch_code();
    let answer = agent
        .request("POST", "/launch")
        .header("Host", "evil.example")
        .json(&code)
        .send()
        .await;
    assert_eq!(
        answer.body,
        "Causeway answers only under its own address, the one that it printed when it was started.\n"
    );
}

#[tokio::test]
async fn the_session_wants_our_origin() {
    let agent = TestAgent::start().await;
    let asked = || agent.handshake();
    assert_eq!(asked().without("Origin").open().await.err(), Some(403));
    let port = agent.host().replace("127.0.0.1", "");
    for origin in [
        "null".to_owned(),
        "http://evil.example".to_owned(),
        "http://127.0.0.1".to_owned(),
        format!("https://127.0.0.1{port}"),
        format!("http://localhost{port}"),
    ] {
        assert_eq!(
            asked().header("Origin", &origin).open().await.err(),
            Some(403),
            "{origin}"
        );
    }
    assert!(asked().open().await.is_ok());
}

#[tokio::test]
async fn localhost_and_its_ipv6_address_are_ours_too() {
    let agent = TestAgent::start().await;
    for name in ["localhost", "[::1]"] {
        let host = agent.host().replace("127.0.0.1", name);
        let handshake = agent.handshake().header("Host", &host);
        assert!(
            handshake
                .header("Origin", &format!("http://{host}"))
                .open()
                .await
                .is_ok(),
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_launch_code_is_good_once() {
    let agent = TestAgent::start().await;
    let code = agent.launch_code();
    assert_eq!(agent.launch(&code).await.status, 200);
    let again = agent.launch(&code).await;
    assert_eq!(again.status, 403);
    assert_eq!(
        again.body,
        "This address was used already, or is older than ten minutes: open the newest one that Causeway printed in its \
         terminal.\n"
    );
    assert_eq!(agent.launch("").await.status, 403);
    let bodies = [r#"{"code":"1","more":2}"#, "{}", "code"];
    for body in bodies {
        let status = agent
            .request("POST", "/launch")
            .json(body)
            .send()
            .await
            .status;
        assert!((400..500).contains(&status), "{body}: {status}");
    }
}

/// Sends one frame on a new connection, and compares the sentence and the close code that come back.
async fn check_first(frame: Message, expected: &str, code: u16) {
    let agent = TestAgent::start().await;
    let mut page = agent.silent_page().await;
    page.send_raw(frame).await;
    assert_eq!(page.refusal().await, (expected.to_owned(), code));
}

/// The same, after a good hello.
async fn check_later(frame: Message, expected: &str, code: u16) {
    let agent = TestAgent::start().await;
    let mut page = agent.page().await;
    page.send_raw(frame).await;
    assert_eq!(page.refusal().await, (expected.to_owned(), code));
}

const POLICY: u16 = 1008;
const INVALID: u16 = 1007;
const SIZE: u16 = 1009;
const NOT_ADMITTED: &str = "This page may not speak to Causeway (any more): open the newest address that it printed in its terminal.";

fn hello(token: &str) -> Message {
    Message::text(format!(
        r#"{{"type":"hello","protocol":{PROTOCOL},{token}"resume":null,"progress":null}}"#
    ))
}

#[tokio::test]
async fn a_wrong_token_is_refused() {
    check_first(
        hello(r#""token":"0123456789abcdef","#),
        NOT_ADMITTED,
        POLICY,
    )
    .await;
    check_first(hello(r#""token":null,"#), NOT_ADMITTED, POLICY).await;
    check_first(hello(""), NOT_ADMITTED, POLICY).await;
}

#[tokio::test]
async fn nothing_is_answered_before_the_token() {
    let expected = "The first message has to be a hello: reload the page.";
    check_first(Message::text(r#"{"type":"plan_reset"}"#), expected, POLICY).await;
    check_first(Message::binary(vec![0, 0, 0, 1, b'x']), expected, POLICY).await;
}

#[tokio::test]
async fn a_silent_page_is_sent_away() {
    let agent = TestAgent::start().await;
    let expected = "The first message did not come within five seconds: reload the page.";
    assert_eq!(
        agent.silent_page().await.refusal().await,
        (expected.to_owned(), POLICY)
    );
}

#[tokio::test]
async fn a_frame_that_is_no_message_is_refused() {
    let expected = "This frame is not a message that is known here (expected value at line 1 column 1): reload the page.";
    check_first(Message::text("hello"), expected, INVALID).await;
    check_later(Message::text("hello"), expected, INVALID).await;
    check_later(
        Message::text(r#"{"type":"interrupt","terminal":1,"more":1}"#),
        "This frame is not a message that is known here (unknown field `more`, expected `terminal`): reload the page.",
        INVALID,
    )
    .await;
    check_later(
        Message::binary(vec![1, 2]),
        "This frame is too short to name its terminal: reload the page.",
        INVALID,
    )
    .await;
}

#[tokio::test]
async fn a_frame_that_is_too_big_is_refused() {
    let expected = "This frame is too big, at most 65536 bytes are read: send less at a time.";
    check_first(Message::text(" ".repeat(MAX_FRAME + 1)), expected, SIZE).await;
    check_later(Message::text(" ".repeat(MAX_FRAME + 1)), expected, SIZE).await;
    check_later(Message::binary(vec![0; 1024 * 1024]), expected, SIZE).await;
}

#[tokio::test]
async fn another_version_is_said() {
    check_first(
        Message::text(r#"{"type":"hello","protocol":99,"token":null,"new":true}"#),
        "The page speaks version 99 of the protocol and this session version 2: reload the page.",
        INVALID,
    )
    .await;
}

#[tokio::test]
async fn a_line_is_run_and_its_end_is_told() {
    let agent = TestAgent::start().await;
    let mut page = agent.page().await;
    assert_eq!(page.run(1, "docker network ls").await, (networks(), 0));
    let error = "Error response from daemon: network mynet not found\r\nexit status 1\r\n";
    assert_eq!(
        page.run(1, "docker network rm mynet").await,
        (typed("docker network rm mynet") + error, 1)
    );
}

#[tokio::test]
async fn after_a_cut_a_page_goes_on_where_it_was() {
    let agent = TestAgent::start().await;
    let token = agent.token().await;
    let mut page = agent.silent_page().await;
    let welcome = page.hello(&token).await;
    page.run(1, "docker network ls").await;
    drop(page);

    let mut page = agent.silent_page().await;
    let had = networks().len() as u64 - 10;
    let resume = Resume {
        epoch: welcome.epoch,
        seq: welcome.seq,
        offsets: [(TerminalId(1), had)].into(),
    };
    page.resume(&token, resume).await;
    assert_eq!(
        page.output(1).await,
        (had, NETWORKS[NETWORKS.len() - 10..].to_owned())
    );
}

#[tokio::test]
async fn two_pages_see_the_same() {
    let agent = TestAgent::start().await;
    let mut one = agent.page().await;
    let mut other = agent.page().await;
    let ran = one.run(1, "docker network ls").await;
    assert_eq!(other.until_ended(1).await, ran);
    assert_eq!(other.run(2, "docker network create mynet").await.1, 0);
    let line = "docker network ls --format '{{.Name}}'";
    let (shown, exit) = one.run(3, line).await;
    assert_eq!(
        (shown, exit),
        (typed(line) + "bridge\r\nhost\r\nmynet\r\nnone\r\n", 0)
    );
}

#[tokio::test]
async fn a_page_that_is_sent_away_leaves_the_others_alone() {
    let agent = TestAgent::start().await;
    let mut good = agent.page().await;
    let mut bad = agent.page().await;
    bad.send_raw(Message::text("nonsense")).await;
    bad.refusal().await;
    assert_eq!(good.run(1, "docker network ls").await, (networks(), 0));
}

#[tokio::test]
async fn what_was_made_is_told_to_everyone() {
    let agent = TestAgent::start().await;
    let mut page = agent.page().await;
    page.send(ClientMessage::Run {
        terminal: TerminalId(1),
        line: "docker network create mynet".to_owned(),
        size: lab::Size::default(),
    })
    .await;
    loop {
        let message = page.next().await.unwrap();
        if let ServerMessage::Update {
            update: Update::Topology { changes },
            ..
        } = message
        {
            assert!(format!("{changes:?}").contains("mynet"), "{changes:?}");
            break;
        }
    }
}

const POLICY_OF_CONTENT: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[tokio::test]
async fn every_answer_has_the_guards_headers() {
    let agent = TestAgent::start().await;
    for (path, host) in [
        ("/", agent.host()),
        ("/agent", agent.host()),
        ("/nothing", agent.host()),
        ("/", "evil".to_owned()),
    ] {
        let answer = agent
            .request("GET", path)
            .header("Host", &host)
            .send()
            .await;
        for (name, expected) in [
            ("content-security-policy", POLICY_OF_CONTENT),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(expected), "{path}");
        }
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[tokio::test]
async fn the_page_finds_out_that_an_agent_serves_it() {
    let agent = TestAgent::start().await;
    let answer = agent.get("/agent").await;
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(
        answer.body,
        format!(r#"{{"agent":"causeway","version":"{version}"}}"#)
    );
}

#[tokio::test]
async fn the_page_is_served_from_memory() {
    let agent = TestAgent::start().await;
    let page = agent.get("/").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let tag = page.header("etag").unwrap();
    let again = agent
        .request("GET", "/")
        .header("If-None-Match", tag)
        .send()
        .await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/etc/passwd"] {
        assert_eq!(agent.get(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn the_token_is_in_no_answer_but_one() {
    let agent = TestAgent::start().await;
    let token = agent.token().await;
    assert_eq!(token.len(), 64);
    for path in ["/", "/agent", "/nothing"] {
        assert!(!format!("{:?}", agent.get(path).await).contains(&token));
    }
    assert_ne!(agent.launch_code(), token);
}
