//! `head` and `tail`: the first and the last lines.

use async_trait::async_trait;

use super::{Filter, filter, old_number};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    programs::{Call, Program},
    shell::Ended,
};

/// Lines that `tail` keeps at most.
const KEPT: usize = 100_000;

pub struct Head;

static HEAD: Grammar = Grammar {
    names: &["head"],
    usage: "[-n LINES] [-c BYTES] [FILE...]",
    about: "Lets through the first lines",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Head {
    fn grammar(&self) -> &'static Grammar {
        &HEAD
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let words = old_number(call.words);
        let call = Call {
            name: call.name,
            words: &words,
        };
        let given = match call.given(&HEAD, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let (count, bytes) = match wanted(&given) {
            Ok(wanted) => wanted,
            Err(why) => return call.fail(1, &why, console).await,
        };
        let first = First {
            // `-n -2`: all but the last two.
            most: usize::try_from(count).unwrap_or(usize::MAX),
            but: usize::try_from(-count).unwrap_or_default(),
            bytes,
            many: given.arguments.len() > 1,
            ..First::default()
        };
        filter("head", first, &given.arguments, 1, context, console).await
    }
}

pub struct Tail;

static TAIL: Grammar = Grammar {
    names: &["tail"],
    usage: "[-n LINES] [FILE...]",
    about: "Lets through the last lines",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Tail {
    fn grammar(&self) -> &'static Grammar {
        &TAIL
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let words = old_number(call.words);
        let call = Call {
            name: call.name,
            words: &words,
        };
        let given = match call.given(&TAIL, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        if given.on("follow") {
            let why = "causeway: tail -f: files are not followed here; a container's log is: docker logs -f CONTAINER";
            console.err_line(why).await;
            return Ended::with(1);
        }
        let from = given.text("lines").filter(|lines| lines.starts_with('+'));
        let (count, bytes) = match wanted(&given) {
            Ok(wanted) => wanted,
            Err(why) => return call.fail(1, &why, console).await,
        };
        let last = Last {
            from: from.map(|_| usize::try_from(count).unwrap_or_default().max(1)),
            most: usize::try_from(count.abs()).unwrap_or_default().min(KEPT),
            bytes,
            many: given.arguments.len() > 1,
            ..Last::default()
        };
        filter("tail", last, &given.arguments, 1, context, console).await
    }
}

static FLAGS: &[Flag] = &[
    Flag::one("lines", "number", "So many lines").short('n'),
    Flag::one("bytes", "number", "So many bytes").short('c'),
    Flag::switch("follow", "").short('f'),
    Flag::switch("quiet", "Without the files' names").short('q'),
];

/// How many lines, and whether bytes are meant.
fn wanted(given: &crate::flags::Given) -> Result<(i64, bool), String> {
    let (text, bytes) = match given.text("bytes") {
        Some(text) => (text, true),
        None => (given.text("lines").unwrap_or("10".to_owned()), false),
    };
    let what = if bytes { "bytes" } else { "lines" };
    let number = text
        .parse()
        .map_err(|_| format!("invalid number of {what}: ‘{text}’"));
    number.map(|number| (number, bytes))
}

fn title(name: &str, first: bool, out: &mut Vec<u8>) {
    let gap = if first { "" } else { "\n" };
    let name = if name == "-" { "standard input" } else { name };
    out.extend_from_slice(format!("{gap}==> {name} <==\n").as_bytes());
}

#[derive(Default)]
struct First {
    most: usize,
    but: usize,
    bytes: bool,
    many: bool,
    files: usize,
    seen: usize,
    held: Vec<Vec<u8>>,
}

impl Filter for First {
    fn file(&mut self, name: &str, out: &mut Vec<u8>) {
        if self.many {
            title(name, self.files == 0, out);
        }
        self.files += 1;
        self.seen = 0;
        self.held.clear();
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        if self.bytes {
            let room = self.most.saturating_sub(self.seen).min(line.len());
            out.extend_from_slice(&line[..room]);
            self.seen += line.len();
        } else if self.but > 0 {
            self.held.push(line.to_vec());
            if self.held.len() > self.but {
                out.extend(self.held.remove(0));
            }
        } else {
            self.seen += 1;
            out.extend_from_slice(line);
        }
    }

    fn done(&self) -> bool {
        self.but == 0 && self.seen >= self.most
    }
}

#[derive(Default)]
struct Last {
    most: usize,
    /// From this line on.
    from: Option<usize>,
    bytes: bool,
    many: bool,
    files: usize,
    seen: usize,
    kept: std::collections::VecDeque<Vec<u8>>,
}

impl Filter for Last {
    fn file(&mut self, name: &str, out: &mut Vec<u8>) {
        if self.many {
            title(name, self.files == 0, out);
        }
        self.files += 1;
        self.seen = 0;
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.seen += 1;
        if let Some(from) = self.from {
            if self.seen >= from {
                out.extend_from_slice(line);
            }
            return;
        }
        self.kept.push_back(line.to_vec());
        // At least one byte is in each line.
        if self.kept.len() > self.most {
            self.kept.pop_front();
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let kept: Vec<u8> = self.kept.drain(..).flatten().collect();
        let from = if self.bytes {
            kept.len().saturating_sub(self.most)
        } else {
            0
        };
        out.extend_from_slice(&kept[from..]);
    }
}
