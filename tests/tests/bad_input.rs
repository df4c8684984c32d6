//! What people and containers do wrong, over the real wire: one clear sentence each, and the next line runs.

use session::wire::{ClientMessage, TerminalId};
use tests::{
    agent::TestAgent,
    docker::{Version, on, on_both},
    program::{docker_sh, run_reading, simulated_sh},
    spawned::Spawned,
    view::View,
};

/// What is typed, what comes out, and the exit code: the same on every engine.
const TABLE: [(&str, &str, u8); 17] = [
    ("htop", "bash: htop: command not found\n", 127),
    (
        "rm -rf /",
        "rm: cannot remove '/': it is the lab's own folder, which stays (remove what is in it: rm -r *)\n",
        1,
    ),
    (
        "docker netwrok ls",
        "docker: unknown command: docker netwrok\n\nRun 'docker --help' for more information\n",
        1,
    ),
    (
        "docker ps --al",
        "unknown flag: --al\n\nUsage:  docker ps [OPTIONS]\n\nRun 'docker ps --help' for more information\n",
        125,
    ),
    (
        "docker network create",
        "docker: 'docker network create' requires 1 argument\n\nUsage:  docker network create [OPTIONS] NETWORK\n\nRun 'docker network create --help' for more information\n",
        1,
    ),
    (
        "docker network create taken",
        "Error response from daemon: network with name taken already exists\n",
        1,
    ),
    (
        "docker run -d --name taken nginx",
        "docker: Error response from daemon: Conflict. The container name \"/taken\" is already in use by container \"ID\". You have to remove (or rename) that container to be able to reuse that name.\n\nRun 'docker run --help' for more information\n",
        125,
    ),
    (
        "docker network rm nothing",
        "Error response from daemon: network nothing not found\nexit status 1\n",
        1,
    ),
    (
        "docker run -d --network nothing --name lost nginx",
        "ID\ndocker: Error response from daemon: failed to set up container networking: network nothing not found\n\nRun 'docker run --help' for more information\n",
        125,
    ),
    (
        "docker exec taken true",
        "Error response from daemon: container ID is not running\n",
        1,
    ),
    (
        "docker run \"alpine",
        "causeway: The quote \" at character 12 is not closed; add another \" where it ends.\n",
        2,
    ),
    (
        "docker ps\0",
        "causeway: Character 10 is a NUL, which cannot be typed or passed to a program; remove it.\n",
        2,
    ),
    (
        "docker run –d nginx",
        "causeway: – at character 12 is a typographic dash, as web pages have them: type - instead.\n",
        2,
    ),
    (
        "docker run --name “web” nginx",
        "causeway: “ at character 19 is a typographic quote, as web pages have them: type \" instead.\n",
        2,
    ),
    (
        "docker run --rm busybox nosuchprogram",
        "docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"nosuchprogram\": executable file not found in $PATH\n\nRun 'docker run --help' for more information\n",
        127,
    ),
    ("docker run --name ends busybox false", "", 1),
    ("docker logs ends", "", 0),
];

#[tokio::test]
async fn mistakes_are_told_alike_on_docker_and_on_the_simulated_engine() {
    on(Version::Newest, async |docker| {
        let agent = TestAgent::on(docker).await;
        check_table(&mut agent.view().await).await;
    })
    .await;
    let agent = TestAgent::start().await;
    check_table(&mut agent.view().await).await;
}

async fn check_table(view: &mut View) {
    view.run(1, "docker network create taken").await;
    view.run(1, "docker run --name taken busybox true").await;
    let mut different = Vec::new();
    for (line, expected, code) in TABLE {
        let (said, exit) = view.run(1, line).await;
        let said = without_ids(&said);
        if (said.as_str(), exit) != (expected, code) {
            different.push(format!(
                "{line}\n  said {exit}: {said:?}\n  not {code}: {expected:?}"
            ));
        }
        check_next_line(view).await;
    }
    assert!(
        different.is_empty(),
        "{:?}\n{}",
        view.engine.kind,
        different.join("\n\n")
    );
}

async fn check_next_line(view: &mut View) {
    let line = "docker network ls --filter name=taken --format {{.Name}}";
    assert_eq!(view.run(1, line).await, ("taken\n".to_owned(), 0));
}

/// 64 hexadecimal digits are an id.
fn without_ids(text: &str) -> String {
    let is_id =
        |word: &str| word.len() == 64 && word.chars().all(|digit| digit.is_ascii_hexdigit());
    let words = text.split_inclusive([' ', '"', '\n']);
    words
        .map(|word| {
            let bare = word.trim_end_matches([' ', '"', '\n']);
            let end = &word[bare.len()..];
            format!("{}{end}", if is_id(bare) { "ID" } else { bare })
        })
        .collect()
}

/// No registry is asked for what is not here where none can be reached: docker's words, and the simulated engine's own.
#[tokio::test]
async fn an_image_that_is_not_here_is_said() {
    let line = "docker run --pull never nothere";
    on_both(async |docker| {
        let agent = TestAgent::on(docker).await;
        let mut view = agent.view().await;
        let (out, err, code) = docker.answer(line.split(' ').skip(1));
        let (said, exit) = view.run(1, line).await;
        assert_eq!((said, i32::from(exit)), (out + err.as_str(), code));
    })
    .await;
    let agent = TestAgent::start().await;
    let mut view = agent.view().await;
    let said = "docker: Error response from daemon: No such image: nothere:latest\n\nRun 'docker run --help' for more information\n";
    assert_eq!(view.run(1, line).await, (said.to_owned(), 125));
    let said = "Unable to find image 'nothere:latest' locally\ncauseway: not simulated: pulling nothere; the images here are alpine:latest, busybox:latest, hello-world:latest, mysql:5.7, nginx:latest, python:3.9-slim, redis:latest\n";
    assert_eq!(
        view.run(1, "docker run nothere").await,
        (said.to_owned(), 1)
    );
}

/// A script's line of a megabyte, with a line after it.
#[tokio::test]
async fn a_line_of_a_megabyte_is_not_read_and_the_next_one_is() {
    let script = |length: usize| {
        let long = "x".repeat(length);
        format!(
            "docker run {long} ; docker network ls\ndocker network ls --filter name=host --format {{{{.Name}}}}\n"
        )
    };
    let check = |(out, err, code): (String, String, i32), size: usize| {
        let expected = format!(
            "causeway: This line is {size} KiB long; a line may have 64 KiB, so put what is long into a file or an image.\n"
        );
        assert_eq!((out.as_str(), err, code), ("host\n", expected, 0));
    };
    let state = tempfile::tempdir().expect("a folder for the state");
    let simulated = |length| run_reading(&mut simulated_sh(state.path()), &script(length));
    check(simulated(1_000_000), 976);
    // What is over a megabyte is dropped: its end, a few kilobytes on, is no line of its own.
    check(simulated(2_140_000), 1024);
    on(Version::Newest, async |docker| {
        let state = tempfile::tempdir().expect("a folder for the state");
        check(
            run_reading(&mut docker_sh(docker, state.path()), &script(1_000_000)),
            976,
        );
    })
    .await;
}

#[tokio::test]
async fn bytes_that_are_no_text_come_through() {
    on_both(async |docker| {
        let agent = TestAgent::on(docker).await;
        let mut view = agent.view().await;
        view.run(1, "docker network create taken").await;
        let (_, exit) = view
            .run(1, "docker run --rm busybox head -c 4096 /dev/urandom")
            .await;
        assert_eq!(exit, 0);
        assert!(view.bytes(1).len() >= 4096, "{}", view.bytes(1).len());
        check_next_line(&mut view).await;
    })
    .await;
}

/// Title, clipboard, and three questions that a terminal must not answer: what is typed stays what the program reads.
#[tokio::test]
async fn escapes_are_data_and_are_not_answered() {
    let escapes = r"\033]0;title\007\033]52;c;aGk=\007\033[6n\033[c\033[5n";
    let line = format!(
        "docker run --rm -it busybox sh -c \"printf '{escapes}'; read -t 2 answer; echo answer=\\$answer\""
    );
    let expected = "\x1b]0;title\x07\x1b]52;c;aGk=\x07\x1b[6n\x1b[c\x1b[5nanswer=\n";
    on_both(async |docker| {
        let agent = TestAgent::on(docker).await;
        let mut view = agent.view().await;
        assert_eq!(view.run(1, &line).await, (expected.to_owned(), 0));
    })
    .await;
}

const MANY: u64 = 10 << 20;

#[tokio::test]
async fn ten_megabytes_without_a_line_end_stay_bounded() {
    on_both(async |docker| {
        let state = tempfile::tempdir().expect("a folder for the state");
        let mut agent = Spawned::on(docker, state.path());
        let mut quick = agent.view().await;
        let mut slow = agent.view().await;
        let line = format!(
            "docker run --rm busybox sh -c \"head -c {MANY} /dev/zero | tr '\\0' x; echo end\""
        );
        quick.start(1, &line).await;
        let is_over = |view: &View| view.exit(1) == Some(0) && view.bytes(1).ends_with(b"xend\r\n");
        quick.until("the end", is_over).await;
        // It comes back to a terminal that has gone on without it.
        slow.until("the end", is_over).await;
        let said = slow.text(1);
        check_bounded(&said);
        let memory = agent.most_memory();
        assert!(memory < 96 << 10, "{memory} KiB");
        println!(
            "{:?}: {memory} KiB, {} bytes shown",
            docker.version,
            said.len()
        );
        slow.send(ClientMessage::Close {
            terminal: TerminalId(1),
        })
        .await;
        assert_eq!(
            slow.run(
                2,
                "docker ps -q --filter status=running --filter name=nothing"
            )
            .await
            .1,
            0
        );
    })
    .await;
}

/// Less than all of it, and what is missing is said.
fn check_bounded(said: &str) {
    let shown = said.len() as u64;
    assert!(shown < MANY, "{shown}");
    assert!(
        said.contains(" bytes skipped\x1b[0m\n"),
        "nothing was skipped"
    );
}
