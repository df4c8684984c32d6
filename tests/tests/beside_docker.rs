//! `causeway sh` beside the docker CLI, on the same engine: the same bytes on both outputs, and the same exit code.

use tests::{
    docker::{Docker, Version, on, on_both},
    program::{docker_sh, run},
};

type Said = (String, String, i32);

fn ours(docker: &Docker, line: &str) -> Said {
    let state = tempfile::tempdir().expect("a folder for the state");
    run(&mut docker_sh(docker, state.path()), line)
}

/// Quotes in these lines stand around whole words.
fn dockers(docker: &Docker, line: &str) -> Said {
    let pieces = line.split('\'').enumerate();
    let words = pieces.flat_map(|(number, piece)| match number % 2 {
        0 => piece.split_whitespace().collect(),
        _ => vec![piece],
    });
    docker.answer(words.skip(1))
}

/// Of what is there, made by somebody else: nothing has to be left out.
const LOOKING: [&str; 29] = [
    "docker network ls",
    "docker network ls -q --no-trunc",
    "docker network ls --filter driver=bridge --format {{.Name}}:{{.Scope}}",
    "docker network inspect mynet",
    "docker network inspect mynet bridge",
    "docker network inspect nothing",
    "docker network inspect mynet nothing",
    "docker network inspect --format {{.Driver}} mynet",
    "docker ps",
    "docker ps -a",
    "docker ps -aq --no-trunc",
    "docker ps --filter name=web --format {{.Names}}",
    "docker ps -a --no-trunc --format {{.ID}}:{{.Image}}:{{.Command}}:{{.Ports}}",
    "docker inspect web",
    "docker inspect --format {{.State.Status}} web",
    "docker inspect --format {{.NetworkSettings.Networks.mynet.IPAddress}} web",
    "docker inspect nothing",
    "docker logs web",
    "docker logs --tail 2 web",
    "docker logs -t web",
    "docker logs nothing",
    "docker port web",
    "docker top web",
    "docker images nginx",
    "docker network rm nothing",
    "docker network rm bridge",
    "docker netwrok ls",
    "docker ps --nosuchflag",
    "docker network create",
];

#[tokio::test]
async fn what_is_there_is_told_byte_for_byte() {
    on_both(async |docker| {
        docker.docker("network create mynet");
        docker.docker("run -d --name web --network mynet -p 127.0.0.1::80 nginx");
        docker.docker("run --name said busybox echo hello");
        let mut different = Vec::new();
        // Of an older engine, the CLI fills in what that one never said; ours leaves it out.
        let whole = "docker inspect --format '{{json .NetworkSettings}}' web";
        let whole = Some(whole).filter(|_| docker.version == Version::Newest);
        for line in LOOKING.into_iter().chain(whole) {
            different.extend(difference(docker, line));
        }
        assert!(different.is_empty(), "{}", different.join("\n\n"));
    })
    .await;
}

/// Looked at ten times at most: an age may change between the two.
fn difference(docker: &Docker, line: &str) -> Option<String> {
    let pairs = (0..10).map(|_| (ours(docker, line), dockers(docker, line)));
    let different: Vec<_> = pairs
        .take_while(|(ours, dockers)| ours != dockers)
        .collect();
    let (ours, dockers) = different.get(9)?;
    Some(format!("{line}\n  ours: {ours:?}\ndocker: {dockers:?}"))
}

/// The lesson, its mistakes, and the end of it.
const DOING: [&str; 25] = [
    "docker network create mynet",
    "docker network create mynet",
    "docker network create --subnet nonsense other",
    "docker run -d --name web --network mynet nginx",
    "docker run -d --name web --network mynet nginx",
    "docker run -d --name other --network nothing nginx",
    "docker run nothing/is:here",
    "docker run --name ends busybox false",
    "docker run --name fails busybox nosuchprogram",
    "docker run --rm busybox echo hello",
    "docker run --rm --network mynet alpine ping -c 1 -W 1 nobody",
    "docker run -d --name a!b nginx",
    "docker run --nosuchflag nginx",
    "docker run",
    "docker exec web true",
    "docker exec web nosuchprogram",
    "docker exec ends true",
    "docker exec nothing true",
    "docker network rm mynet",
    "docker rm web",
    "docker start -a ends",
    "docker stop -t 0 web",
    "docker kill web",
    "docker rm web ends fails other nothing",
    "docker network rm mynet",
];

#[tokio::test]
async fn what_is_done_is_told_as_docker_tells_it() {
    on(Version::Newest, async |docker| {
        let state = tempfile::tempdir().expect("a folder for the state");
        let ours: Vec<Said> = DOING
            .iter()
            .map(|line| run(&mut docker_sh(docker, state.path()), line))
            .collect();
        for (line, ours) in DOING.iter().zip(ours) {
            let dockers = dockers(docker, line);
            assert_eq!(normal(ours), normal(dockers), "{line}");
        }
    })
    .await;
}

/// With every id replaced: nothing else is different from one time to the next.
fn normal((out, err, code): Said) -> Said {
    (without_ids(&out), without_ids(&err), code)
}

fn without_ids(text: &str) -> String {
    let mut shown = String::new();
    let mut digits = String::new();
    for letter in text.chars().chain(['\n']) {
        if letter.is_ascii_digit() || ('a'..='f').contains(&letter) {
            digits.push(letter);
            continue;
        }
        shown.push_str(match digits.len() {
            12 | 64 => "ID",
            _ => &digits,
        });
        digits.clear();
        shown.push(letter);
    }
    shown.pop();
    shown
}
