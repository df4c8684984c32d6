//! The blocks between a lesson's fences: commands, predictions, checks, hints.

use crate::{
    Answer, Block, Check, Mistake, Prediction, Span,
    prose::{self, Place},
};

/// One command; `\` at a line's end continues it on the next.
pub fn run(content: &str, place: Place<'_>) -> Result<Block, Vec<Mistake>> {
    let mut command = String::new();
    let mut continued = true;
    let mut last = 0;
    for (at, line) in lines(content) {
        if !continued {
            let message = "a `run` block holds one command: give each its own block";
            return Err(vec![place.wrong(at, message)]);
        }
        let part = line.strip_suffix('\\');
        continued = part.is_some();
        last = at;
        if !command.is_empty() {
            command.push(' ');
        }
        command.push_str(part.unwrap_or(line).trim());
    }
    if command.is_empty() {
        let message = "a `run` block holds one command, and this one is empty";
        return Err(vec![place.wrong(0, message)]);
    }
    if continued {
        let message = "this `\\` says that the command goes on, and the block ends here";
        return Err(vec![place.wrong(last, message)]);
    }
    Ok(Block::Run { command })
}

pub fn predict(content: &str, place: Place<'_>) -> Result<Block, Vec<Mistake>> {
    let mut question: Vec<&str> = Vec::new();
    let mut answers: Vec<Answer> = Vec::new();
    let mut mistakes = Vec::new();
    for (at, line) in lines(content) {
        if let Some((right, text)) = answer(line) {
            answers.push(Answer {
                text: spans(line, text, at, place, &mut mistakes),
                right,
                why: Vec::new(),
            });
        } else if let Some(text) = line.trim_start().strip_prefix("> ") {
            let why = spans(line, text, at, place, &mut mistakes);
            match answers.last_mut() {
                Some(answer) => {
                    if !answer.why.is_empty() {
                        answer.why.push(Span::Plain(" ".to_owned()));
                    }
                    answer.why.extend(why);
                }
                None => mistakes
                    .push(place.wrong(at, "`> why` stands below the answer that it explains")),
            }
        } else if answers.is_empty() {
            question.push(line);
        } else {
            let message = "an answer is `- [x] right` or `- [ ] wrong`, and `> why` below it";
            mistakes.push(place.wrong(at, message));
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
        let question = question.join(" ");
        Ok(Block::Predict(Prediction { question, answers }))
    } else {
        Err(mistakes)
    }
}

pub fn hint(content: &str, place: Place<'_>) -> Result<Block, Vec<Mistake>> {
    let text = prose::paragraphs(content, place)?;
    if text.is_empty() {
        return Err(vec![
            place.wrong(0, "a hint has text, and this one is empty"),
        ]);
    }
    Ok(Block::Hint { text })
}

/// One check a line: `network mynet driver=bridge`, `container web runs on=mynet`, `alpine reaches web`.
pub fn checks(content: &str, place: Place<'_>) -> Result<Vec<Check>, Vec<Mistake>> {
    let mut checks = Vec::new();
    let mut mistakes = Vec::new();
    for (at, line) in lines(content) {
        match check(line) {
            Ok(check) => checks.push(check),
            Err(message) => mistakes.push(place.wrong(at, message)),
        }
    }
    if checks.is_empty() && mistakes.is_empty() {
        let message = "a `check` block holds a check on each line, and this one is empty";
        mistakes.push(place.wrong(0, message));
    }
    if mistakes.is_empty() {
        Ok(checks)
    } else {
        Err(mistakes)
    }
}

fn check(line: &str) -> Result<Check, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["network", name, rest @ ..] if rest.first() != Some(&"reaches") => Ok(Check::Network {
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
    let value = |word: &str| {
        let value = word.strip_prefix(key)?.strip_prefix('=')?;
        (!value.is_empty()).then(|| value.to_owned())
    };
    match words {
        [] => Ok(None),
        [word] if value(word).is_some() => Ok(value(word)),
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

/// The text at the end of this line, which begins at this place.
fn spans(
    line: &str,
    text: &str,
    at: usize,
    place: Place<'_>,
    mistakes: &mut Vec<Mistake>,
) -> Vec<Span> {
    let place = Place {
        offset: place.offset + at + line.len() - text.len(),
        ..place
    };
    prose::line(text, place).unwrap_or_else(|wrong| {
        mistakes.extend(wrong);
        Vec::new()
    })
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
