//! `xargs`: the words that come through a pipe become a command's arguments.

use async_trait::async_trait;

use super::{Call, Program};
use crate::{
    Context, Input,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    shell::{self, Ended, Then},
    streams::INTERRUPTED,
};

/// What it reads at most.
const MOST: usize = 1024 * 1024;
/// Commands that it runs at most.
const MOST_RUNS: usize = 1000;

pub struct Xargs;

static XARGS: Grammar = Grammar {
    names: &["xargs"],
    usage: "[-n N] [-I TEXT] [-r] COMMAND [WORD...]",
    about: "Runs a command with what comes through a pipe as its arguments",
    flags: XARGS_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["command"],
    program_from: Some(0),
};

#[async_trait]
impl Program for Xargs {
    fn grammar(&self) -> &'static Grammar {
        &XARGS
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&XARGS, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let mut input = Vec::new();
        loop {
            match console.next().await {
                Input::Bytes(bytes) if input.len() < MOST => input.extend_from_slice(&bytes),
                Input::Bytes(_) | Input::Resize(_) => {}
                Input::End => break,
                Input::Interrupt => return Ended::with(INTERRUPTED),
            }
        }
        let input = String::from_utf8_lossy(&input).into_owned();
        let echo = ["echo".to_owned()];
        let command = if given.arguments.is_empty() {
            &echo[..]
        } else {
            &given.arguments
        };
        let runs: Vec<Vec<String>> = if let Some(place) = given.text("replace") {
            let lines = input.lines().map(str::trim).filter(|line| !line.is_empty());
            lines
                .map(|line| {
                    command
                        .iter()
                        .map(|word| word.replace(&place, line))
                        .collect()
                })
                .collect()
        } else {
            let words: Vec<String> = input
                .split_whitespace()
                .map(|word| word.trim_matches(['"', '\'']).to_owned())
                .collect();
            let most = given
                .number("max-args")
                .and_then(|most| usize::try_from(most).ok())
                .filter(|most| *most > 0);
            let most = most.unwrap_or(words.len().max(1));
            match words.is_empty() {
                true if given.on("no-run-if-empty") => Vec::new(),
                true => vec![command.to_vec()],
                false => words
                    .chunks(most)
                    .map(|words| [command, words].concat())
                    .collect(),
            }
        };
        let mut code = 0;
        for words in runs.iter().take(MOST_RUNS) {
            let ended = shell::run_words(words, context, console).await;
            match ended {
                Ended {
                    code: INTERRUPTED | 126 | 127,
                    ..
                }
                | Ended {
                    then: Then::Stop, ..
                } => return ended,
                Ended { code: 0, .. } => {}
                _ => code = 123,
            }
        }
        Ended::with(code)
    }
}

static XARGS_FLAGS: &[Flag] = &[
    Flag::number("max-args", "So many words for each run").short('n'),
    Flag::switch("no-run-if-empty", "Run nothing if nothing comes").short('r'),
    Flag::one("replace", "text", "Put each line in place of this text").short('I'),
];
