//! `cut`: fields or characters of each line.

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

pub struct Cut;

static CUT: Grammar = Grammar {
    names: &["cut"],
    usage: "-d TEXT -f LIST | -c LIST [FILE...]",
    about: "Lets through some fields of each line",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["file"],
    program_from: None,
};

#[async_trait]
impl Program for Cut {
    fn grammar(&self) -> &'static Grammar {
        &CUT
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&CUT, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let (list, characters) = match (
            given.text("fields"),
            given.text("characters").or(given.text("bytes")),
        ) {
            (Some(list), None) => (list, false),
            (None, Some(list)) => (list, true),
            (Some(_), Some(_)) => {
                let why = "only one type of list may be specified\nTry 'cut --help' for more information.";
                return call.fail(1, why, console).await;
            }
            (None, None) => {
                let why = "you must specify a list of bytes, characters, or fields\nTry 'cut --help' for more information.";
                return call.fail(1, why, console).await;
            }
        };
        let delimiter = given.text("delimiter").unwrap_or("\t".to_owned());
        if delimiter.chars().count() != 1 {
            let why =
                "the delimiter must be a single character\nTry 'cut --help' for more information.";
            return call.fail(1, why, console).await;
        }
        let Some(ranges) = ranges(&list) else {
            let what = if characters {
                "byte/character position"
            } else {
                "field value"
            };
            let why = format!("invalid {what} ‘{list}’\nTry 'cut --help' for more information.");
            return call.fail(1, &why, console).await;
        };
        let cut = Parts {
            ranges,
            characters,
            only: given.on("only-delimited"),
            between: given.text("output-delimiter").unwrap_or(delimiter.clone()),
            delimiter,
        };
        filter("cut", cut, &given.arguments, 1, context, console).await
    }
}

static FLAGS: &[Flag] = &[
    Flag::one("bytes", "list", "").short('b'),
    Flag::one("characters", "list", "These characters: 1-12").short('c'),
    Flag::one("delimiter", "text", "What divides the fields").short('d'),
    Flag::one("fields", "list", "These fields: 1,3-5").short('f'),
    Flag::switch("only-delimited", "Not the lines that have no such divider").short('s'),
    Flag::one("output-delimiter", "text", "What is between them then"),
];

/// `1,3-5,7-`
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    let range = |item: &str| {
        let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
        match item.split_once('-') {
            None => number(item).map(|number| (number, number)),
            Some(("", "")) => None,
            Some((from, "")) => Some((number(from)?, usize::MAX)),
            Some(("", to)) => Some((1, number(to)?)),
            Some((from, to)) => Some((number(from)?, number(to)?)),
        }
    };
    list.split(',').map(range).collect()
}

struct Parts {
    ranges: Vec<(usize, usize)>,
    characters: bool,
    only: bool,
    delimiter: String,
    between: String,
}

impl Filter for Parts {
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let line = text(line);
        let wanted = |index: &usize| {
            self.ranges
                .iter()
                .any(|(from, to)| (*from..=*to).contains(&(index + 1)))
        };
        if self.characters {
            let letters = line.chars().enumerate().filter(|(index, _)| wanted(index));
            put(&letters.map(|(_, letter)| letter).collect::<String>(), out);
        } else if line.contains(&self.delimiter) {
            let fields = line
                .split(&self.delimiter)
                .enumerate()
                .filter(|(index, _)| wanted(index));
            put(
                &fields
                    .map(|(_, field)| field)
                    .collect::<Vec<_>>()
                    .join(&self.between),
                out,
            );
        } else if !self.only {
            put(&line, out);
        }
    }
}
