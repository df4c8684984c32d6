//! The blocks between a lesson's fences: commands, predictions, checks, hints.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::{Answer, Block, Check, Mistake, Paragraph, Prediction, Span};

/// Where a block's content begins, for what is said about it.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub file: &'a str,
    pub text: &'a str,
    pub offset: usize,
}

impl Place<'_> {
    fn wrong(&self, at: usize, message: impl Into<String>) -> Mistake {
        Mistake::at(self.file, self.text, self.offset + at, message)
    }
}

pub fn run(content: &str, place: Place<'_>) -> Result<Block, Vec<Mistake>> {
    let command = content.trim_end().replace("\\\n", " ");
    if command.is_empty() {
        return Err(vec![place.wrong(
            0,
            "a `run` block holds one command, and this one is empty",
        )]);
    }
    if let Some(end) = command.find('\n') {
        return Err(vec![place.wrong(
            end + 1,
            "a `run` block holds one command: give each its own block",
        )]);
    }
    Ok(Block::Run { command })
}

pub fn predict(content: &str, place: Place<'_>) -> Result<Block, Vec<Mistake>> {
    let mut question = String::new();
    let mut answers: Vec<Answer> = Vec::new();
    let mut mistakes = Vec::new();
    for (at, line) in lines(content) {
        if let Some((right, text)) = answer(line) {
            answers.push(Answer {
                text: spans(text),
                right,
                why: Vec::new(),
            });
        } else if let Some(why) = line.trim_start().strip_prefix("> ") {
            match answers.last_mut() {
                Some(answer) => answer.why.extend(spans(why)),
                None => mistakes
                    .push(place.wrong(at, "`> why` stands below the answer that it explains")),
            }
        } else if answers.is_empty() {
            question.push_str(line);
        } else {
            mistakes.push(place.wrong(
                at,
                "an answer is `- [x] right` or `- [ ] wrong`, and `> why` below it",
            ));
        }
    }
    let right = answers.iter().filter(|answer| answer.right).count();
    if question.is_empty() {
        mistakes.push(place.wrong(0, "a prediction begins with its question"));
    }
    if answers.len() < 2 || right != 1 {
        let message = format!(
            "a prediction has at least two answers and one right one, and this has {} and {right}",
            answers.len()
        );
        mistakes.push(place.wrong(0, message));
    }
    if mistakes.is_empty() {
        Ok(Block::Predict(Prediction { question, answers }))
    } else {
        Err(mistakes)
    }
}

pub fn hint(content: &str) -> Block {
    let paragraphs = content
        .split("\n\n")
        .map(|text| Paragraph::Text(spans(text.trim())));
    Block::Hint {
        text: paragraphs.collect(),
    }
}

/// One check a line: `network mynet driver=bridge`, `container web runs on=mynet`, `alpine reaches web`.
pub fn checks(content: &str, place: Place<'_>) -> Result<Vec<Check>, Vec<Mistake>> {
    let (checks, mistakes): (Vec<_>, Vec<_>) = lines(content)
        .map(|(at, line)| check(line).map_err(|message| place.wrong(at, message)))
        .partition(Result::is_ok);
    let mistakes: Vec<Mistake> = mistakes.into_iter().filter_map(Result::err).collect();
    if mistakes.is_empty() {
        Ok(checks.into_iter().flatten().collect())
    } else {
        Err(mistakes)
    }
}

fn check(line: &str) -> Result<Check, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["network", name, rest @ ..] => Ok(Check::Network {
            name: (*name).to_owned(),
            driver: option(rest, "driver")?,
        }),
        ["container", name, "runs", rest @ ..] => Ok(Check::Runs {
            container: (*name).to_owned(),
            network: option(rest, "on")?,
        }),
        [from, "reaches", to] => Ok(Check::Reaches {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
        }),
        _ => Err("a check is `network NAME [driver=D]`, `container NAME runs [on=NETWORK]` or `NAME reaches NAME`".to_owned()),
    }
}

fn option(words: &[&str], key: &str) -> Result<Option<String>, String> {
    match words {
        [] => Ok(None),
        [word] if word.starts_with(&format!("{key}=")) => {
            Ok(Some(word[key.len() + 1..].to_owned()))
        }
        _ => Err(format!(
            "after the name there may be `{key}=…` and nothing else"
        )),
    }
}

fn answer(line: &str) -> Option<(bool, &str)> {
    let text = |mark| line.strip_prefix(mark);
    text("- [x] ")
        .map(|text| (true, text))
        .or_else(|| text("- [ ] ").map(|text| (false, text)))
}

/// Lines that are not empty, each with its place.
fn lines(content: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    content
        .split_inclusive('\n')
        .map(move |line| {
            let start = at;
            at += line.len();
            (start, line.trim_end())
        })
        .filter(|(_, line)| !line.is_empty())
}

/// A line of Markdown: plain, strong, emphasis, code.
fn spans(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut style: fn(String) -> Span = Span::Plain;
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::Strong) => style = Span::Strong,
            Event::Start(Tag::Emphasis) => style = Span::Emphasis,
            Event::End(TagEnd::Strong | TagEnd::Emphasis) => style = Span::Plain,
            Event::Text(text) => spans.push(style(text.into_string())),
            Event::Code(code) => spans.push(Span::Code(code.into_string())),
            Event::SoftBreak => spans.push(Span::Plain(" ".to_owned())),
            _ => {}
        }
    }
    spans
}
