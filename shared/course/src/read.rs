//! Reads a lesson from its Markdown. Every mistake is found, not only the first; one mistake never hides the others.

use serde::Deserialize;

use crate::{
    Block, Lesson, Level, Mistake, Paragraph, Step, blocks,
    prose::{self, Part, Place},
};

/// A lesson larger than this is a mistake: nobody reads it.
const MOST_BYTES: usize = 256 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    level: Level,
    summary: String,
    #[serde(default)]
    images: Vec<String>,
}

/// Reads the lesson in this file (`03-names-on-a-custom-bridge.md`: the number orders it, the rest is its id).
pub fn read_lesson(file: &str, text: &str) -> Result<Lesson, Vec<Mistake>> {
    let text = &text.replace("\r\n", "\n");
    let start = Place {
        file,
        text,
        offset: 0,
    };
    if text.len() > MOST_BYTES {
        let message = format!(
            "this lesson has {} KB, and {} KB is the most: make two of it",
            text.len() / 1024,
            MOST_BYTES / 1024
        );
        return Err(vec![start.wrong(0, message)]);
    }
    let mut mistakes = Vec::new();
    let id = id(file);
    if id.is_none() {
        let message = "a lesson's file is called like `03-names-on-a-custom-bridge.md`: digits, then small letters, digits and `-`";
        mistakes.push(start.wrong(0, message));
    }
    let Some((front, body)) = split(text) else {
        let message =
            "a lesson begins with a line `+++`, then title, level and summary, then a line `+++`";
        mistakes.push(start.wrong(0, message));
        return Err(mistakes);
    };
    let front = match toml::from_str::<FrontMatter>(&text[front.clone()]) {
        Ok(front) => Some(front),
        Err(error) => {
            let at = front.start + error.span().map_or(0, |span| span.start);
            mistakes.push(start.wrong(at, error.message().trim().replace('\n', " ")));
            None
        }
    };
    let body = Place {
        offset: body,
        ..start
    };
    let steps = steps(body, &mut mistakes);
    match (front, id) {
        (Some(front), Some(id)) if mistakes.is_empty() => Ok(Lesson {
            id: id.to_owned(),
            title: front.title,
            level: front.level,
            summary: front.summary,
            images: front.images,
            steps,
        }),
        _ => Err(mistakes),
    }
}

/// Where the front matter is, and where the text after it begins.
fn split(text: &str) -> Option<(std::ops::Range<usize>, usize)> {
    let start = "+++\n".len();
    let rest = text.strip_prefix("+++\n")?;
    let mut at = start;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "+++" {
            return Some((start..at, at + line.len()));
        }
        at += line.len();
    }
    None
}

fn id(file: &str) -> Option<&str> {
    let name = file.rsplit('/').next()?.strip_suffix(".md")?;
    let id = name
        .trim_start_matches(|char: char| char.is_ascii_digit())
        .trim_start_matches('-');
    let is_allowed = |char: char| matches!(char, 'a'..='z' | '0'..='9' | '-');
    (!id.is_empty() && id.chars().all(is_allowed)).then_some(id)
}

fn steps(body: Place<'_>, mistakes: &mut Vec<Mistake>) -> Vec<Step> {
    let (parts, wrong) = prose::read(&body.text[body.offset..], body);
    mistakes.extend(wrong);
    let mut steps: Vec<Step> = Vec::new();
    for (at, part) in parts {
        match (part, steps.last_mut()) {
            (Part::Heading(title), _) => steps.push(Step {
                title,
                blocks: Vec::new(),
                checks: Vec::new(),
            }),
            (_, None) => mistakes.push(body.wrong(
                at,
                "this stands before the first step: a heading `# …` begins one",
            )),
            (Part::Paragraph(paragraph), Some(step)) => add(step, paragraph),
            (Part::Fenced { info, content }, Some(step)) => {
                if let Err(wrong) = fenced(step, &info, &content, at, body) {
                    mistakes.extend(wrong);
                }
            }
        }
    }
    if steps.is_empty() {
        mistakes.push(body.wrong(0, "there is no step: a heading `# …` begins one"));
    }
    mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
    steps
}

fn add(step: &mut Step, paragraph: Paragraph) {
    if let Some(Block::Prose { paragraphs }) = step.blocks.last_mut() {
        paragraphs.push(paragraph);
    } else {
        let paragraphs = vec![paragraph];
        step.blocks.push(Block::Prose { paragraphs });
    }
}

fn fenced(
    step: &mut Step,
    info: &str,
    content: &str,
    at: usize,
    body: Place<'_>,
) -> Result<(), Vec<Mistake>> {
    // The content begins on the line after the fence.
    let fence = body.text[body.offset + at..].split_inclusive('\n').next();
    let place = Place {
        offset: body.offset + at + fence.map_or(0, str::len),
        ..body
    };
    match info {
        "run" => step.blocks.push(blocks::run(content, place)?),
        "predict" => step.blocks.push(blocks::predict(content, place)?),
        "hint" => step.blocks.push(blocks::hint(content, place)?),
        "check" => step.checks.extend(blocks::checks(content, place)?),
        other => {
            let message = format!(
                "a block is `run`, `predict`, `check` or `hint`, and this one says `{other}`"
            );
            return Err(vec![body.wrong(at, message)]);
        }
    }
    Ok(())
}
