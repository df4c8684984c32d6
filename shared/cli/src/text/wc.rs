//! `wc`: lines, words, bytes.

use async_trait::async_trait;

use super::{Filter, filter, put};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    programs::{Call, Program},
    shell::Ended,
};

pub struct Wc;

static WC: Grammar = Grammar {
    names: &["wc"],
    usage: "[-l] [-w] [-c] [-m] [FILE...]",
    about: "Counts lines, words and bytes",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Wc {
    fn grammar(&self) -> &'static Grammar {
        &WC
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&WC, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let all = !["lines", "words", "bytes", "chars"]
            .into_iter()
            .any(|name| given.on(name));
        let shown = [
            all || given.on("lines"),
            all || given.on("words"),
            given.on("chars"),
            all || given.on("bytes"),
        ];
        let counts = Counts {
            shown,
            files: given.arguments.len(),
            width: width(&given.arguments, shown, context),
            ..Counts::default()
        };
        filter("wc", counts, &given.arguments, 1, context, console).await
    }
}

static FLAGS: &[Flag] = &[
    Flag::switch("bytes", "Bytes only").short('c'),
    Flag::switch("chars", "Characters only").short('m'),
    Flag::switch("lines", "Lines only").short('l'),
    Flag::switch("words", "Words only").short('w'),
];

/// As wide as the files' sizes together need; 7 where that is not known before.
fn width(files: &[String], shown: [bool; 4], context: &Context) -> usize {
    if shown.iter().filter(|shown| **shown).count() == 1 && files.len() < 2 {
        return 1;
    }
    if files.is_empty() || files.iter().any(|file| file == "-") {
        return 7;
    }
    let sizes = files.iter().map(
        |file| match context.files.read(&context.session.path(file)) {
            Ok(held) => held.len(),
            Err(_) => 0,
        },
    );
    sizes.sum::<usize>().to_string().len()
}

#[derive(Default)]
struct Counts {
    shown: [bool; 4],
    files: usize,
    width: usize,
    name: String,
    now: [usize; 4],
    total: [usize; 4],
}

impl Counts {
    fn show(&self, counts: [usize; 4], name: &str, out: &mut Vec<u8>) {
        let width = self.width;
        let shown = counts.iter().zip(self.shown).filter(|(_, shown)| *shown);
        let mut words: Vec<String> = shown.map(|(count, _)| format!("{count:>width$}")).collect();
        if !name.is_empty() {
            words.push(name.to_owned());
        }
        put(&words.join(" "), out);
    }
}

impl Filter for Counts {
    fn file(&mut self, name: &str, _: &mut Vec<u8>) {
        self.name = if self.files == 0 {
            String::new()
        } else {
            name.to_owned()
        };
        self.now = [0; 4];
    }

    fn line(&mut self, line: &[u8], _: &mut Vec<u8>) {
        let text = String::from_utf8_lossy(line);
        self.now[0] += usize::from(line.ends_with(b"\n"));
        self.now[1] += text.split_whitespace().count();
        self.now[2] += text.chars().count();
        self.now[3] += line.len();
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        self.show(self.now, &self.name, out);
        for (total, now) in self.total.iter_mut().zip(self.now) {
            *total += now;
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if self.files > 1 {
            self.show(self.total, "total", out);
        }
    }
}
