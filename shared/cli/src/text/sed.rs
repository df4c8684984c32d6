//! `sed`, as far as lines need it: `s/…/…/gip`, `d`, `p`, `q`, `=`, with addresses (`2`, `2,5`, `$`, `/…/`).

use regex_lite::{Captures, Regex};

use async_trait::async_trait;

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

pub struct Sed;

static SED: Grammar = Grammar {
    names: &["sed"],
    usage: "[-n] [-E] [-i] SCRIPT [FILE...]",
    about: "Changes lines: sed s/old/new/",
    flags: FLAGS,
    count: Count::AtLeast(0),
    arguments: &["script", "file"],
    program_from: None,
};

#[async_trait]
impl Program for Sed {
    fn grammar(&self) -> &'static Grammar {
        &SED
    }

    async fn run(&self, call: Call<'_>, context: &Context, console: &mut Console) -> Ended {
        let given = match call.given(&SED, console).await {
            Ok(given) => given,
            Err(ended) => return ended,
        };
        let mut files = given.arguments.clone();
        let mut scripts = given.all("expression");
        if scripts.is_empty() {
            if files.is_empty() {
                console
                    .err_line(
                        "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...",
                    )
                    .await;
                return Ended::with(1);
            }
            scripts = vec![files.remove(0)];
        }
        let style = if given.on("regexp-extended") || given.on("r") {
            Style::Extended
        } else {
            Style::Basic
        };
        let steps = match steps(&scripts.join("\n"), style) {
            Ok(steps) => steps,
            Err(why) => return call.fail(1, &why, console).await,
        };
        let edit = || Edit {
            steps: steps.clone(),
            silent: given.on("quiet"),
            ..Edit::default()
        };
        if !given.on("in-place") {
            return filter("sed", edit(), &files, 2, context, console).await;
        }
        let mut code = 0;
        for file in &files {
            let path = context.session.path(file);
            let written = context.files.read(&path).and_then(|held| {
                let (mut edit, mut out) = (edit(), Vec::new());
                for line in held.split_inclusive(|byte| *byte == b'\n') {
                    if !edit.done() {
                        edit.line(line, &mut out);
                    }
                }
                edit.finish(&mut out);
                context.files.write(&path, out)
            });
            if let Err(error) = written {
                call.fail(2, &format!("can't read {file}: {error}"), console)
                    .await;
                code = 2;
            }
        }
        Ended::with(code)
    }
}

static FLAGS: &[Flag] = &[
    Flag::many("expression", "script", "Do this too").short('e'),
    Flag::switch("in-place", "Change the file itself").short('i'),
    Flag::switch("quiet", "Show only what p shows").short('n'),
    Flag::switch("r", "").short('r'),
    Flag::switch("regexp-extended", "The pattern's ( | + ? are special").short('E'),
];

#[derive(Clone)]
enum Address {
    Line(usize),
    Last,
    Found(Regex),
}

#[derive(Clone)]
struct Step {
    from: Option<Address>,
    to: Option<Address>,
    not: bool,
    act: Act,
}

#[derive(Clone)]
enum Act {
    Replace {
        regex: Regex,
        with: String,
        all: bool,
        nth: usize,
        print: bool,
    },
    Delete,
    Print,
    Quit,
    Number,
    Text {
        before: bool,
        text: String,
    },
    Letters(Vec<char>, Vec<char>),
}

fn steps(script: &str, style: Style) -> Result<Vec<Step>, String> {
    let mut reader = Reader {
        rest: script,
        style,
    };
    let mut steps = Vec::new();
    loop {
        reader.rest = reader.rest.trim_start_matches([' ', '\n', ';', '\t']);
        if reader.rest.is_empty() {
            return Ok(steps);
        }
        steps.push(reader.step().map_err(|why| {
            format!(
                "-e expression #1, char {}: {why}",
                script.len() - reader.rest.len()
            )
        })?);
    }
}

struct Reader<'s> {
    rest: &'s str,
    style: Style,
}

impl Reader<'_> {
    fn step(&mut self) -> Result<Step, String> {
        let from = self.address()?;
        let mut to = None;
        if let Some(rest) = self.rest.strip_prefix(',') {
            self.rest = rest.trim_start();
            to = Some(self.address()?.ok_or("unexpected `,'")?);
        }
        self.rest = self.rest.trim_start();
        let not = self.rest.starts_with('!');
        self.rest = self.rest.trim_start_matches('!').trim_start();
        let Some(letter) = self.rest.chars().next() else {
            return Err("missing command".to_owned());
        };
        self.rest = &self.rest[letter.len_utf8()..];
        let act = match letter {
            's' => self.replace()?,
            'y' => {
                let mark = self.mark("y")?;
                let (from, to) = (self.until(mark, "y")?, self.until(mark, "y")?);
                if from.chars().count() != to.chars().count() {
                    return Err("strings for `y' command are different lengths".to_owned());
                }
                Act::Letters(from.chars().collect(), to.chars().collect())
            }
            'd' => Act::Delete,
            'p' => Act::Print,
            'q' => Act::Quit,
            '=' => Act::Number,
            'i' | 'a' => {
                let rest = self
                    .rest
                    .trim_start()
                    .trim_start_matches('\\')
                    .trim_start_matches('\n');
                let end = rest.find('\n').unwrap_or(rest.len());
                self.rest = &rest[end..];
                Act::Text {
                    before: letter == 'i',
                    text: rest[..end].to_owned(),
                }
            }
            other => return Err(format!("unknown command: `{other}'")),
        };
        Ok(Step { from, to, not, act })
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        let digits = self
            .rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(self.rest.len());
        if digits > 0 {
            let (number, rest) = self.rest.split_at(digits);
            self.rest = rest;
            let number = number
                .parse()
                .map_err(|_| "invalid usage of line address 0")?;
            return Ok(Some(Address::Line(number)));
        }
        if let Some(rest) = self.rest.strip_prefix('$') {
            self.rest = rest;
            return Ok(Some(Address::Last));
        }
        if let Some(rest) = self.rest.strip_prefix('/') {
            self.rest = rest;
            let pattern = self
                .until('/', "address")
                .map_err(|_| "unterminated address regex")?;
            return Ok(Some(Address::Found(regex(&pattern, self.style, false)?)));
        }
        Ok(None)
    }

    fn mark(&mut self, name: &str) -> Result<char, String> {
        let mark = self
            .rest
            .chars()
            .next()
            .ok_or(format!("unterminated `{name}' command"))?;
        self.rest = &self.rest[mark.len_utf8()..];
        Ok(mark)
    }

    /// Up to the mark, which may be escaped.
    fn until(&mut self, mark: char, name: &str) -> Result<String, String> {
        let mut text = String::new();
        let mut letters = self.rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            if letter == mark {
                self.rest = &self.rest[at + letter.len_utf8()..];
                return Ok(text);
            }
            if letter == '\\' {
                match letters.next() {
                    Some((_, escaped)) if escaped == mark => text.push(mark),
                    Some((_, escaped)) => text.extend(['\\', escaped]),
                    None => break,
                }
            } else {
                text.push(letter);
            }
        }
        Err(format!("unterminated `{name}' command"))
    }

    fn replace(&mut self) -> Result<Act, String> {
        let mark = self.mark("s")?;
        let pattern = self.until(mark, "s")?;
        let with = self.until(mark, "s")?;
        let (mut all, mut nth, mut print, mut ignore_case) = (false, 1, false, false);
        while let Some(letter) = self.rest.chars().next() {
            match letter {
                'g' => all = true,
                'p' => print = true,
                'i' | 'I' => ignore_case = true,
                '1'..='9' => nth = letter.to_digit(10).map_or(1, |digit| digit as usize),
                ' ' | ';' | '\n' | '}' => break,
                _ => return Err("unknown option to `s'".to_owned()),
            }
            self.rest = &self.rest[1..];
        }
        let regex = regex(&pattern, self.style, ignore_case)?;
        Ok(Act::Replace {
            regex,
            with,
            all,
            nth,
            print,
        })
    }
}

#[derive(Default)]
struct Edit {
    steps: Vec<Step>,
    silent: bool,
    number: usize,
    /// The line that came, until it is known whether it is the last.
    held: Option<Vec<u8>>,
    /// Which ranges are open.
    open: Vec<bool>,
    quit: bool,
}

impl Edit {
    fn chosen(&mut self, index: usize, line: &str, last: bool) -> bool {
        let step = &self.steps[index];
        let is = |address: &Address| match address {
            Address::Line(number) => self.number == *number,
            Address::Last => last,
            Address::Found(regex) => regex.is_match(line),
        };
        let chosen = match (&step.from, &step.to) {
            (None, _) => true,
            (Some(from), None) => is(from),
            (Some(_), Some(to)) if self.open[index] => {
                let past = matches!(to, Address::Line(number) if self.number >= *number);
                self.open[index] = !(past || is(to));
                !matches!(to, Address::Line(number) if self.number > *number)
            }
            (Some(from), Some(to)) => {
                let begins = is(from);
                self.open[index] = begins
                    && !matches!(to, Address::Line(number) if *number <= self.number)
                    && !(last && matches!(to, Address::Last));
                begins
            }
        };
        chosen != step.not
    }

    fn edit(&mut self, line: &[u8], last: bool, out: &mut Vec<u8>) {
        self.number += 1;
        self.open.resize(self.steps.len(), false);
        let ended = line.ends_with(b"\n");
        let mut line = text(line);
        let show = |line: &str, out: &mut Vec<u8>| {
            if ended || !last {
                put(line, out);
            } else {
                out.extend_from_slice(line.as_bytes());
            }
        };
        let mut after = Vec::new();
        for index in 0..self.steps.len() {
            if !self.chosen(index, &line, last) {
                continue;
            }
            match &self.steps[index].act {
                Act::Delete => return,
                Act::Print => put(&line, out),
                Act::Number => put(&self.number.to_string(), out),
                Act::Quit => {
                    self.quit = true;
                    break;
                }
                Act::Text { before: true, text } => put(text, out),
                Act::Text { text, .. } => after.push(text.clone()),
                Act::Letters(from, to) => {
                    let letter = |letter| {
                        from.iter()
                            .position(|from| *from == letter)
                            .and_then(|at| to.get(at))
                            .copied()
                            .unwrap_or(letter)
                    };
                    line = line.chars().map(letter).collect();
                }
                Act::Replace {
                    regex,
                    with,
                    all,
                    nth,
                    print,
                } => {
                    let (new, changed) = replaced(&line, regex, with, *all, *nth);
                    line = new;
                    if changed && *print {
                        put(&line, out);
                    }
                }
            }
        }
        if !self.silent {
            show(&line, out);
        }
        for text in &after {
            put(text, out);
        }
    }
}

fn replaced(line: &str, regex: &Regex, with: &str, all: bool, nth: usize) -> (String, bool) {
    let mut new = String::new();
    let mut end = 0;
    let mut changed = false;
    for (index, found) in regex.captures_iter(line).enumerate() {
        let Some(whole) = found.get(0) else {
            continue;
        };
        if index + 1 < nth {
            continue;
        }
        new.push_str(&line[end..whole.start()]);
        new.push_str(&filled(with, &found));
        end = whole.end();
        changed = true;
        if !all {
            break;
        }
    }
    new.push_str(&line[end..]);
    (new, changed)
}

/// `&` and `\1` in what is put in.
fn filled(with: &str, found: &Captures<'_>) -> String {
    let group = |number: usize| {
        found
            .get(number)
            .map(|group| group.as_str())
            .unwrap_or_default()
    };
    let mut text = String::new();
    let mut letters = with.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '&' => text.push_str(group(0)),
            '\\' => match letters.next() {
                Some(digit @ '0'..='9') => {
                    text.push_str(group(digit.to_digit(10).map_or(0, |digit| digit as usize)));
                }
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            letter => text.push(letter),
        }
    }
    text
}

impl Filter for Edit {
    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        // Without `$` nobody asks which line is the last, and nothing waits.
        let last_matters = self.steps.iter().any(|step| {
            matches!(step.from, Some(Address::Last)) || matches!(step.to, Some(Address::Last))
        });
        if !last_matters {
            let last = !line.ends_with(b"\n");
            self.edit(line, last, out);
            return;
        }
        if let Some(held) = self.held.replace(line.to_vec()) {
            self.edit(&held, false, out);
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        if let Some(held) = self.held.take() {
            self.edit(&held, true, out);
        }
    }

    fn done(&self) -> bool {
        self.quit
    }
}
