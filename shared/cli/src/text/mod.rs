//! Programs that work on text, line by line: what comes through a pipe, or files of the lab.
//!
//! Each takes lines as they come, so that `docker logs -f web | grep GET` shows what it finds at once.

mod awk;
mod cut;
mod grep;
mod head_tail;
mod jq;
mod regex;
mod sed;
mod sort;
mod tr;
mod wc;

use crate::{Context, Input, console::Console, shell::Ended, streams::INTERRUPTED};

pub use awk::Awk;
pub use cut::Cut;
pub use grep::Grep;
pub use head_tail::{Head, Tail};
pub use jq::Jq;
pub use sed::Sed;
pub use sort::{Sort, Uniq};
pub use tr::Tr;
pub use wc::Wc;

/// A line longer than this is taken as several.
const LINE: usize = 64 * 1024;
/// As a shell counts a program that nobody listened to any more.
const BROKEN_PIPE: u8 = 141;

/// Takes lines, gives text.
pub trait Filter: Send {
    /// A file begins, or (`-`) the input.
    fn file(&mut self, _name: &str, _out: &mut Vec<u8>) {}
    /// A line with its end, if it has one.
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>);
    /// A file ends.
    fn end(&mut self, _out: &mut Vec<u8>) {}
    /// Nothing comes any more.
    fn finish(&mut self, _out: &mut Vec<u8>) {}
    /// It wants nothing more of this file.
    fn done(&self) -> bool {
        false
    }
    /// What goes to standard error, once finished.
    fn failure(&mut self) -> Option<String> {
        None
    }
    /// Its exit code, once finished.
    fn code(&self) -> u8 {
        0
    }
}

/// Runs a filter over files, or over the input where there are none. `failed`: its code where a file is not there.
pub async fn filter(
    name: &str,
    mut filter: impl Filter,
    files: &[String],
    failed: u8,
    context: &Context,
    console: &mut Console,
) -> Ended {
    let input = ["-".to_owned()];
    let names = if files.is_empty() { &input[..] } else { files };
    let mut code = None;
    for file in names {
        let mut out = Vec::new();
        if file == "-" {
            filter.file(file, &mut out);
            console.out(out).await;
            if let Some(ended) = from_input(&mut filter, console).await {
                return ended;
            }
        } else {
            match context.files.read(&context.session.path(file)) {
                Ok(held) => {
                    filter.file(file, &mut out);
                    let mut lines = Lines::default();
                    lines.push(&held, &mut filter, &mut out);
                    lines.finish(&mut filter, &mut out);
                    filter.end(&mut out);
                    console.out(out).await;
                }
                Err(error) => {
                    let why = match name {
                        "head" | "tail" => format!("cannot open '{file}' for reading: {error}"),
                        "sort" => format!("cannot read: {file}: {error}"),
                        "sed" => format!("can't read {file}: {error}"),
                        _ => format!("{file}: {error}"),
                    };
                    console.err_line(&format!("{name}: {why}")).await;
                    code = Some(failed);
                }
            }
        }
        if console.closed() {
            return Ended::with(BROKEN_PIPE);
        }
    }
    let mut out = Vec::new();
    filter.finish(&mut out);
    console.out(out).await;
    if let Some(why) = filter.failure() {
        console.err(why).await;
    }
    Ended::with(code.unwrap_or_else(|| filter.code()))
}

async fn from_input(filter: &mut impl Filter, console: &mut Console) -> Option<Ended> {
    let mut lines = Lines::default();
    loop {
        let mut out = Vec::new();
        match console.next().await {
            Input::Bytes(bytes) => lines.push(&bytes, filter, &mut out),
            Input::Resize(_) => {}
            Input::Interrupt => return Some(Ended::with(INTERRUPTED)),
            Input::End => {
                lines.finish(filter, &mut out);
                filter.end(&mut out);
                console.out(out).await;
                return None;
            }
        }
        console.out(out).await;
        if console.closed() {
            return Some(Ended::with(BROKEN_PIPE));
        }
        if filter.done() {
            return None;
        }
    }
}

/// Puts lines together from the pieces in which they come.
#[derive(Default)]
struct Lines {
    partial: Vec<u8>,
}

impl Lines {
    fn push(&mut self, bytes: &[u8], filter: &mut impl Filter, out: &mut Vec<u8>) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if filter.done() {
                return;
            }
            let whole = piece.ends_with(b"\n");
            if self.partial.is_empty() && whole {
                filter.line(piece, out);
                continue;
            }
            self.partial.extend_from_slice(piece);
            if whole || self.partial.len() > LINE {
                filter.line(&std::mem::take(&mut self.partial), out);
            }
        }
    }

    fn finish(&mut self, filter: &mut impl Filter, out: &mut Vec<u8>) {
        let last = std::mem::take(&mut self.partial);
        if !last.is_empty() && !filter.done() {
            filter.line(&last, out);
        }
    }
}

/// The line's text, without its end.
pub(crate) fn text(line: &[u8]) -> String {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    String::from_utf8_lossy(line).into_owned()
}

pub(crate) fn put(line: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(line.as_bytes());
    out.push(b'\n');
}

/// The old way to write a number of lines, in the first place: `head -5`.
pub(crate) fn old_number(words: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    if let Some(first) = words.first_mut()
        && let Some(number) = first.strip_prefix('-')
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
    {
        *first = format!("-n{number}");
    }
    words
}
