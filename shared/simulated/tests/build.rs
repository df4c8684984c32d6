//! `docker build` on the simulated engine, in the real one's words.

use std::sync::Arc;

use futures::{StreamExt, executor::block_on};
use jiff::Timestamp;
use lab::{Images, archive, clock::VirtualClock, options::BuildImageOptions};
use simulated::Simulated;

/// What a build tells, ids as `#`.
fn check(engine: &Simulated, dockerfile: &'static str, expected: &str) {
    let files = [
        archive::Entry::file("Dockerfile", dockerfile),
        archive::Entry::file("app.py", "print(1)\n"),
    ];
    let context = archive::pack(&files).expect("an archive");
    let options = BuildImageOptions {
        t: Some("own".to_owned()),
        ..Default::default()
    };
    let told = block_on(async {
        let mut messages = match engine.build_image(options, context).await {
            Ok(messages) => messages,
            Err(error) => return error.to_string(),
        };
        let mut told = String::new();
        while let Some(message) = messages.next().await {
            let message = message.expect("a message");
            told.push_str(&message.stream.unwrap_or_default());
            if let Some(error) = message.error_detail {
                told.extend([format!(
                    "{:?} {}",
                    error.code,
                    error.message.unwrap_or_default()
                )]);
            }
        }
        told
    });
    let id = |word: &str| word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = told.split(' ').map(|word| {
        let bare = word.trim_end();
        if id(bare) {
            word.replace(bare, "#")
        } else {
            word.to_owned()
        }
    });
    let lines = words.collect::<Vec<_>>().join(" ");
    let lines: Vec<&str> = lines.lines().collect();
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            line.split(' ')
                .map(|word| if id(word) { "#" } else { word })
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(lines.join("\n"), expected, "{dockerfile}");
}

#[test]
fn it_builds_as_docker_does() {
    let clock = Arc::new(VirtualClock::starting_at(Timestamp::UNIX_EPOCH));
    let engine = Simulated::new(clock, 7);
    let dockerfile = "FROM busybox\nWORKDIR /app\nCOPY app.py .\nRUN cat app.py\nCMD [\"sh\"]\n";
    check(
        &engine,
        dockerfile,
        "Step 1/5 : FROM busybox\n ---> #\nStep 2/5 : WORKDIR /app\n ---> Running in #\n ---> Removed intermediate container #\n ---> #\n\
         Step 3/5 : COPY app.py .\n ---> #\nStep 4/5 : RUN cat app.py\n ---> Running in #\nprint(1)\n ---> Removed intermediate container #\n ---> #\n\
         Step 5/5 : CMD [\"sh\"]\n ---> Running in #\n ---> Removed intermediate container #\n ---> #\nSuccessfully built #\nSuccessfully tagged own:latest",
    );
    check(
        &engine,
        dockerfile,
        "Step 1/5 : FROM busybox\n ---> #\nStep 2/5 : WORKDIR /app\n ---> Using cache\n ---> #\n\
         Step 3/5 : COPY app.py .\n ---> Using cache\n ---> #\nStep 4/5 : RUN cat app.py\n ---> Using cache\n ---> #\n\
         Step 5/5 : CMD [\"sh\"]\n ---> Using cache\n ---> #\nSuccessfully built #\nSuccessfully tagged own:latest",
    );
    check(
        &engine,
        "FROM busybox\nRUN exit 3",
        "Step 1/2 : FROM busybox\n ---> #\nStep 2/2 : RUN exit 3\n ---> Running in #\n\
         Some(3) The command '/bin/sh -c exit 3' returned a non-zero code: 3",
    );
    check(
        &engine,
        "FROM busybox\nCOPY nope /x",
        "Step 1/2 : FROM busybox\n ---> #\nStep 2/2 : COPY nope /x\n\
         None COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist",
    );
    check(
        &engine,
        "FORM busybox",
        "dockerfile parse error on line 1: unknown instruction: FORM (did you mean FROM?)",
    );
}
