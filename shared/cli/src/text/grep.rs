//! `grep`: the lines that have a pattern in them.

use async_trait::async_trait;

use regex_lite::Regex;

use super::{
    Filter, filter, put,
    regex::{Style, regex},
    text,
};
use crate::{
    Context,
    console::Console,
    flags::Flag,
    grammar::{Count, Grammar},
    programs::{Call, Program},
    shell::Ended,
};

pub struct Grep;

static GREP: Grammar = Grammar {
    names: &["grep", "egrep", "fgrep"],
    usage: "[-E] [-F] [-i] [-v] [-c] [-n] [-o] [-w] [-x] [-q] [-A N] [-B N] PATTERN [FILE...]",
    about: "Lets through the lines that have a pattern in them",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["pattern", "file"],
    program_from: None,
};

#[async_trait]
impl Program for Grep {
    fn grammar(&self) -> &'static Grammar {
        &GREP
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&GREP, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let mut arguments = given.arguments.clone();
        let mut patterns = given.all("regexp");
        if patterns.is_empty() {
            if arguments.is_empty() {
                console.err_line("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.").await;
                return Ended::with(2);
            }
            patterns = vec![arguments.remove(0)];
        }
        let style = match call.name {
            _ if given.on("fixed-strings") => Style::Fixed,
            _ if given.on("extended-regexp") || given.on("perl-regexp") => Style::Extended,
            "egrep" => Style::Extended,
            "fgrep" => Style::Fixed,
            _ => Style::Basic,
        };
        let mut regexes = Vec::new();
        for pattern in patterns.iter().flat_map(|pattern| pattern.split('\n')) {
            match regex(pattern, style, given.on("ignore-case")) {
                Ok(regex) => regexes.push(regex),
                Err(why) => return call.fail(2, &why, console).await,
            }
        }
        let number = |name| {
            given
                .number(name)
                .and_then(|number| usize::try_from(number).ok())
        };
        let context_lines = number("context").unwrap_or_default();
        let search = Search {
            regexes,
            invert: given.on("invert-match"),
            count: given.on("count"),
            numbers: given.on("line-number"),
            only: given.on("only-matching"),
            word: given.on("word-regexp"),
            whole: given.on("line-regexp"),
            quiet: given.on("quiet"),
            list: given.on("files-with-matches"),
            names: (arguments.len() > 1 || given.on("with-filename")) && !given.on("no-filename"),
            most: number("max-count"),
            before: number("before-context").unwrap_or(context_lines),
            after: number("after-context").unwrap_or(context_lines),
            ..Search::default()
        };
        filter("grep", search, &arguments, 2, context, console).await
    }
}

static FLAGS: &[Flag] = &[
    Flag::number("after-context", "So many lines after each, too").short('A'),
    Flag::number("before-context", "So many lines before each, too").short('B'),
    Flag::one("color", "when", ""),
    Flag::number("context", "So many lines before and after each, too").short('C'),
    Flag::switch("count", "Only say how many").short('c'),
    Flag::switch("extended-regexp", "The pattern's ( | + ? are special").short('E'),
    Flag::switch("files-with-matches", "Only say in which files").short('l'),
    Flag::switch("fixed-strings", "The pattern is plain text").short('F'),
    Flag::switch("ignore-case", "Capitals and small letters are the same").short('i'),
    Flag::switch("invert-match", "Those without it").short('v'),
    Flag::switch("line-number", "With the lines' numbers").short('n'),
    Flag::switch("line-regexp", "Only whole lines").short('x'),
    Flag::number("max-count", "Stop after so many").short('m'),
    Flag::switch("no-filename", "Without the files' names").short('h'),
    Flag::switch("only-matching", "Only what was found, not the lines").short('o'),
    Flag::switch("perl-regexp", "").short('P'),
    Flag::switch("quiet", "Say nothing: the exit code tells").short('q'),
    Flag::many("regexp", "pattern", "Look for this too").short('e'),
    Flag::switch("with-filename", "With the files' names").short('H'),
    Flag::switch("word-regexp", "Only whole words").short('w'),
];

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
struct Search {
    regexes: Vec<Regex>,
    invert: bool,
    count: bool,
    numbers: bool,
    only: bool,
    word: bool,
    whole: bool,
    quiet: bool,
    list: bool,
    names: bool,
    most: Option<usize>,
    before: usize,
    after: usize,
    name: String,
    line: usize,
    found: usize,
    ever: bool,
    /// Lines that may still be shown before one that is found.
    kept: Vec<(usize, String)>,
    /// Lines still to be shown after the last one found.
    owed: usize,
    shown: Option<usize>,
}

impl Search {
    fn matches(&self, text: &str) -> Vec<(usize, usize)> {
        let found = self.regexes.iter().flat_map(|regex| regex.find_iter(text));
        let found = found.map(|found| (found.start(), found.end()));
        let fits = |(start, end): &(usize, usize)| {
            let part = |letter: Option<char>| {
                letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
            };
            let inside =
                part(text[..*start].chars().next_back()) || part(text[*end..].chars().next());
            !(self.word && inside || self.whole && (*start, *end) != (0, text.len()))
        };
        found.filter(fits).collect()
    }

    fn show(&mut self, number: usize, text: &str, mark: char, out: &mut Vec<u8>) {
        let gap = (self.before > 0 || self.after > 0)
            && self.shown.is_some_and(|shown| shown + 1 < number);
        if gap {
            put("--", out);
        }
        self.shown = Some(number);
        let name = if self.names {
            format!("{}{mark}", self.name)
        } else {
            String::new()
        };
        let number = if self.numbers {
            format!("{number}{mark}")
        } else {
            String::new()
        };
        put(&format!("{name}{number}{text}"), out);
    }
}

impl Filter for Search {
    fn file(&mut self, name: &str, _: &mut Vec<u8>) {
        self.name = if name == "-" {
            "(standard input)".to_owned()
        } else {
            name.to_owned()
        };
        (self.line, self.found, self.owed, self.shown) = (0, 0, 0, None);
        self.kept.clear();
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        self.line += 1;
        let text = text(line);
        let found = self.matches(&text);
        if found.is_empty() != self.invert {
            if self.owed > 0 {
                self.owed -= 1;
                self.show(self.line, &text, '-', out);
            } else if self.before > 0 {
                self.kept.push((self.line, text));
                let surplus = self.kept.len().saturating_sub(self.before);
                self.kept.drain(..surplus);
            }
            return;
        }
        self.found += 1;
        self.ever = true;
        if self.quiet || self.count || self.list {
            return;
        }
        for (number, text) in std::mem::take(&mut self.kept) {
            self.show(number, &text, '-', out);
        }
        if self.only {
            for (start, end) in found.into_iter().filter(|(start, end)| start < end) {
                self.show(self.line, &text[start..end], ':', out);
            }
        } else {
            self.show(self.line, &text, ':', out);
        }
        self.owed = self.after;
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if self.quiet {
            return;
        }
        if self.list {
            if self.found > 0 {
                put(&self.name, out);
            }
        } else if self.count {
            let name = if self.names {
                format!("{}:", self.name)
            } else {
                String::new()
            };
            put(&format!("{name}{}", self.found), out);
        }
    }

    fn done(&self) -> bool {
        let enough = self
            .most
            .is_some_and(|most| self.found >= most && self.owed == 0);
        enough || (self.ever && self.quiet)
    }

    fn code(&self) -> u8 {
        u8::from(!self.ever)
    }
}
