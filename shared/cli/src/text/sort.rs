//! `sort` and `uniq`.

use std::cmp::Ordering;

use async_trait::async_trait;

use super::{Filter, filter, put, text};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    programs::{Call, Program},
    shell::Ended,
};

/// Lines that `sort` keeps at most; what comes after them is left out.
const KEPT: usize = 200_000;

pub struct Sort;

static SORT: Grammar = Grammar {
    names: &["sort"],
    usage: "[-r] [-n] [-u] [-h] [-V] [-f] [-k FIELD] [-t TEXT] [FILE...]",
    about: "Puts lines in order",
    flags: SORT_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Sort {
    fn grammar(&self) -> &'static Grammar {
        &SORT
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&SORT, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let order = Order {
            reverse: given.on("reverse"),
            numeric: given.on("numeric-sort"),
            human: given.on("human-numeric-sort"),
            version: given.on("version-sort"),
            fold: given.on("ignore-case"),
            key: given.text("key").and_then(|key| {
                let (from, to) = key.split_once(',').unwrap_or((&key, ""));
                Some((leading(from)?, leading(to)))
            }),
            separator: given.text("field-separator"),
        };
        let unique = given.on("unique");
        let lines = Lines {
            order,
            unique,
            kept: Vec::new(),
        };
        filter("sort", lines, &given.arguments, 2, context, console).await
    }
}

pub struct Uniq;

static UNIQ: Grammar = Grammar {
    names: &["uniq"],
    usage: "[-c] [-d] [-u] [-i] [FILE]",
    about: "Drops lines that are as the one before",
    flags: UNIQ_FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Uniq {
    fn grammar(&self) -> &'static Grammar {
        &UNIQ
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&UNIQ, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let same = Same {
            count: given.on("count"),
            repeated: given.on("repeated"),
            single: given.on("unique"),
            fold: given.on("ignore-case"),
            last: None,
        };
        filter("uniq", same, &given.arguments, 1, context, console).await
    }
}

static SORT_FLAGS: &[Flag] = &[
    Flag::one("field-separator", "text", "What divides the fields").short('t'),
    Flag::switch("human-numeric-sort", "By numbers as 2K and 1G").short('h'),
    Flag::switch("ignore-case", "Capitals and small letters are the same").short('f'),
    Flag::one("key", "field", "By this field: 2, or 2,2").short('k'),
    Flag::switch("numeric-sort", "By numbers").short('n'),
    Flag::switch("reverse", "The other way round").short('r'),
    Flag::switch("unique", "Each line once").short('u'),
    Flag::switch("version-sort", "web2 before web10").short('V'),
];

static UNIQ_FLAGS: &[Flag] = &[
    Flag::switch("count", "With how often each came").short('c'),
    Flag::switch("ignore-case", "Capitals and small letters are the same").short('i'),
    Flag::switch("repeated", "Only those that came again").short('d'),
    Flag::switch("unique", "Only those that did not").short('u'),
];

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
struct Order {
    reverse: bool,
    numeric: bool,
    human: bool,
    version: bool,
    fold: bool,
    /// From this field to that one, counted from one.
    key: Option<(usize, Option<usize>)>,
    separator: Option<String>,
}

impl Order {
    fn compare(&self, left: &str, right: &str) -> Ordering {
        let (a, b) = (self.part(left), self.part(right));
        let order = if self.numeric {
            number(&a).total_cmp(&number(&b))
        } else if self.human {
            human(&a).total_cmp(&human(&b))
        } else if self.version {
            crate::go::natural_order(&a, &b)
        } else if self.fold {
            a.to_uppercase().cmp(&b.to_uppercase())
        } else {
            a.cmp(&b)
        };
        // Equal ones are in the order of all their bytes.
        order
    }

    fn part(&self, line: &str) -> String {
        let Some((from, to)) = self.key else {
            return line.to_owned();
        };
        let fields: Vec<&str> = match &self.separator {
            Some(separator) => line.split(separator.as_str()).collect(),
            None => line.split_whitespace().collect(),
        };
        let to = to.unwrap_or(fields.len()).min(fields.len());
        fields
            .get(from.saturating_sub(1)..to)
            .unwrap_or_default()
            .join(" ")
    }
}

struct Lines {
    order: Order,
    unique: bool,
    kept: Vec<String>,
}

impl Filter for Lines {
    fn line(&mut self, line: &[u8], _: &mut Vec<u8>) {
        if self.kept.len() < KEPT {
            self.kept.push(text(line));
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        let order = &self.order;
        let way = |ordering: Ordering| {
            if order.reverse {
                ordering.reverse()
            } else {
                ordering
            }
        };
        if self.unique {
            self.kept.sort_by(|a, b| way(order.compare(a, b)));
            self.kept.dedup_by(|a, b| order.compare(a, b).is_eq());
        } else {
            self.kept
                .sort_by(|a, b| way(order.compare(a, b).then_with(|| a.cmp(b))));
        }
        for line in self.kept.drain(..) {
            put(&line, out);
        }
    }
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
struct Same {
    count: bool,
    repeated: bool,
    single: bool,
    fold: bool,
    last: Option<(String, usize)>,
}

impl Same {
    fn show(&mut self, out: &mut Vec<u8>) {
        let Some((line, times)) = self.last.take() else {
            return;
        };
        if (self.repeated && times == 1) || (self.single && times > 1) {
            return;
        }
        let count = if self.count {
            format!("{times:>7} ")
        } else {
            String::new()
        };
        put(&format!("{count}{line}"), out);
    }
}

impl Filter for Same {
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let line = text(line);
        if let Some((last, times)) = &mut self.last {
            let same = if self.fold {
                last.to_lowercase() == line.to_lowercase()
            } else {
                *last == line
            };
            if same {
                *times += 1;
                return;
            }
        }
        self.show(out);
        self.last = Some((line, 1));
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.show(out);
    }
}

fn leading(text: &str) -> Option<usize> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().ok().filter(|number| *number > 0)
}

/// The number that a line begins with.
fn number(line: &str) -> f64 {
    let line = line.trim_start();
    let end = line
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .unwrap_or(line.len());
    line[..end].parse().unwrap_or_default()
}

fn human(line: &str) -> f64 {
    let value = number(line);
    let rest = line
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    let power = match rest.chars().next().map(|unit| unit.to_ascii_uppercase()) {
        Some('K') => 1,
        Some('M') => 2,
        Some('G') => 3,
        Some('T') => 4,
        _ => 0,
    };
    value * 1024_f64.powi(power)
}
