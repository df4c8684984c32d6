//! `cat` and `tee`.

use async_trait::async_trait;

use super::{Call, Program};
use crate::{
    Context, Input,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    shell::Ended,
    streams::INTERRUPTED,
};

pub struct Cat;

static CAT: Grammar = Grammar {
    names: &["cat"],
    usage: "[-n] [FILE...]",
    about: "Shows files of the lab, or what comes through a pipe",
    flags: CAT_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Cat {
    fn grammar(&self) -> &'static Grammar {
        &CAT
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&CAT, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let files = if given.arguments.is_empty() {
            vec!["-".to_owned()]
        } else {
            given.arguments.clone()
        };
        let mut numbers = given.on("number").then_some((0, true));
        let mut code = 0;
        for file in &files {
            if file == "-" {
                loop {
                    match console.next().await {
                        Input::Bytes(bytes) => show(&bytes, &mut numbers, console).await,
                        Input::End => break,
                        Input::Interrupt => return Ended::with(INTERRUPTED),
                        Input::Resize(_) => {}
                    }
                    if console.closed() {
                        return Ended::with(141);
                    }
                }
                continue;
            }
            match context.files.read(&context.session.path(file)) {
                Ok(held) => show(&held, &mut numbers, console).await,
                Err(error) => {
                    call.fail(1, &format!("{file}: {error}"), console).await;
                    code = 1;
                }
            }
        }
        Ended::with(code)
    }
}

static CAT_FLAGS: &[Flag] = &[Flag::switch("number", "Number the lines").short('n')];

/// `numbers`: the last line's, and whether one begins here.
async fn show(bytes: &[u8], numbers: &mut Option<(u32, bool)>, console: &mut Console) {
    let Some((number, begins)) = numbers else {
        return console.out(bytes).await;
    };
    let mut text = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if *begins {
            *number += 1;
            text.extend_from_slice(format!("{number:>6}\t").as_bytes());
        }
        text.extend_from_slice(line);
        *begins = line.ends_with(b"\n");
    }
    console.out(text).await;
}

pub struct Tee;

static TEE: Grammar = Grammar {
    names: &["tee"],
    usage: "[-a] [FILE...]",
    about: "Writes what comes through a pipe into files of the lab, and passes it on",
    flags: TEE_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Tee {
    fn grammar(&self) -> &'static Grammar {
        &TEE
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&TEE, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let mut code = 0;
        let mut paths = Vec::new();
        for file in &given.arguments {
            let path = context.session.path(file);
            let opened = if given.on("append") {
                context.files.append(&path, b"")
            } else {
                context.files.write(&path, "")
            };
            match opened {
                Ok(()) => paths.push(path),
                Err(error) => {
                    call.fail(1, &format!("{file}: {error}"), console).await;
                    code = 1;
                }
            }
        }
        loop {
            match console.next().await {
                Input::Bytes(bytes) => {
                    for path in &paths {
                        if let Err(error) = context.files.append(path, &bytes) {
                            call.fail(1, &format!("{path}: {error}"), console).await;
                            code = 1;
                        }
                    }
                    console.out(&bytes).await;
                }
                Input::End => return Ended::with(code),
                Input::Interrupt => return Ended::with(INTERRUPTED),
                Input::Resize(_) => {}
            }
        }
    }
}

static TEE_FLAGS: &[Flag] = &[Flag::switch("append", "Write after what the files hold").short('a')];
