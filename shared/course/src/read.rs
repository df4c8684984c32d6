//! Reads a lesson from its Markdown. Every mistake is found, not only the first; one mistake never hides the others.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};
use serde::Deserialize;

use crate::{
    Block, Check, Lesson, Level, Mistake, Paragraph, Span, Step,
    blocks::{self, Place},
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
    let wrong = |offset, message: String| Mistake::at(file, text, offset, message);
    if text.len() > MOST_BYTES {
        let message = format!(
            "this lesson has {} KB, and {} KB is the most: make two of it",
            text.len() / 1024,
            MOST_BYTES / 1024
        );
        return Err(vec![wrong(0, message)]);
    }
    let (front, body) = split(text).ok_or_else(|| {
        let message =
            "a lesson begins with a line `+++`, then title, level and summary, then a line `+++`";
        vec![wrong(0, message.to_owned())]
    })?;
    let front_offset = front.as_ptr() as usize - text.as_ptr() as usize;
    let body_offset = body.as_ptr() as usize - text.as_ptr() as usize;
    let mut mistakes = Vec::new();
    let front = toml::from_str::<FrontMatter>(front)
        .map_err(|error| {
            let at = front_offset + error.span().map_or(0, |span| span.start);
            mistakes.push(wrong(at, error.message().trim().replace('\n', " ")));
        })
        .ok();
    let mut reader = Reader {
        file,
        text,
        offset: body_offset,
        steps: Vec::new(),
        mistakes,
    };
    reader.read(body);
    let Reader {
        steps,
        mut mistakes,
        ..
    } = reader;
    if steps.is_empty() {
        mistakes.push(Mistake::at(
            file,
            text,
            body_offset,
            "there is no step: a heading `# …` begins one",
        ));
    }
    match front {
        Some(front) if mistakes.is_empty() => Ok(Lesson {
            id: id(file).to_owned(),
            title: front.title,
            level: front.level,
            summary: front.summary,
            images: front.images,
            steps,
        }),
        _ => Err(mistakes),
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("+++\n")?;
    rest.split_once("\n+++\n")
}

fn id(file: &str) -> &str {
    let name = file
        .rsplit('/')
        .next()
        .unwrap_or(file)
        .trim_end_matches(".md");
    name.trim_start_matches(|char: char| char.is_ascii_digit())
        .trim_start_matches('-')
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    /// Where the body begins in the text.
    offset: usize,
    steps: Vec<Step>,
    mistakes: Vec<Mistake>,
}

/// The paragraph, item or heading that is being read.
#[derive(Default)]
struct Inline {
    spans: Vec<Span>,
    strong: bool,
    emphasis: bool,
}

impl Inline {
    fn push(&mut self, text: String) {
        match (self.strong, self.emphasis, self.spans.last_mut()) {
            (true, ..) => self.spans.push(Span::Strong(text)),
            (_, true, _) => self.spans.push(Span::Emphasis(text)),
            (.., Some(Span::Plain(before))) => before.push_str(&text),
            _ => self.spans.push(Span::Plain(text)),
        }
    }
}

impl Reader<'_> {
    fn read(&mut self, body: &str) {
        let mut inline = Inline::default();
        let mut code: Option<(String, String, usize)> = None;
        for (event, range) in Parser::new(body).into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let info = match kind {
                        CodeBlockKind::Fenced(info) => info.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    code = Some((info, String::new(), range.start));
                }
                Event::Text(text) if code.is_some() => {
                    if let Some((_, content, _)) = &mut code {
                        content.push_str(&text);
                    }
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((info, content, start)) = code.take() {
                        self.fenced(&info, &content, start);
                    }
                }
                Event::Start(Tag::Strong) => inline.strong = true,
                Event::End(TagEnd::Strong) => inline.strong = false,
                Event::Start(Tag::Emphasis) => inline.emphasis = true,
                Event::End(TagEnd::Emphasis) => inline.emphasis = false,
                Event::Text(text) => inline.push(text.into_string()),
                Event::Code(code) => inline.spans.push(Span::Code(code.into_string())),
                Event::SoftBreak | Event::HardBreak => inline.push(" ".to_owned()),
                Event::End(TagEnd::Heading(HeadingLevel::H1)) => {
                    self.begin_step(std::mem::take(&mut inline));
                }
                Event::End(TagEnd::Paragraph) => self.paragraph(
                    Paragraph::Text(std::mem::take(&mut inline).spans),
                    range.start,
                ),
                Event::End(TagEnd::Item) if !inline.spans.is_empty() => {
                    self.paragraph(
                        Paragraph::Item(std::mem::take(&mut inline).spans),
                        range.start,
                    );
                }
                Event::Html(_) | Event::InlineHtml(_) => {
                    self.wrong(range.start, "HTML is not read here: write Markdown");
                }
                Event::Start(Tag::Image { .. }) => {
                    self.wrong(
                        range.start,
                        "pictures are not shown in lessons: the topology draws the lab by itself",
                    );
                }
                Event::Start(Tag::Link { .. }) => {
                    self.wrong(range.start, "links are not read here: write the words");
                }
                Event::Start(Tag::Heading { level, .. }) if level != HeadingLevel::H1 => {
                    self.wrong(
                        range.start,
                        "a lesson has headings of one level only: `# …` begins a step",
                    );
                }
                _ => {}
            }
        }
    }

    fn begin_step(&mut self, inline: Inline) {
        let title = inline.spans.into_iter().map(|span| match span {
            Span::Plain(text) | Span::Strong(text) | Span::Emphasis(text) | Span::Code(text) => {
                text
            }
        });
        self.steps.push(Step {
            title: title.collect(),
            blocks: Vec::new(),
            checks: Vec::new(),
        });
    }

    fn paragraph(&mut self, paragraph: Paragraph, at: usize) {
        let Some(step) = self.step(at) else { return };
        if let Some(Block::Prose { paragraphs }) = step.blocks.last_mut() {
            paragraphs.push(paragraph);
        } else {
            step.blocks.push(Block::Prose {
                paragraphs: vec![paragraph],
            });
        }
    }

    fn fenced(&mut self, info: &str, content: &str, start: usize) {
        // The content begins on the line after the fence.
        let begin = self.text[self.offset + start..]
            .find('\n')
            .map_or(start, |end| start + end + 1);
        let place = Place {
            file: self.file,
            text: self.text,
            offset: self.offset + begin,
        };
        let read = match info.trim() {
            "" => return self.paragraph(Paragraph::Code(content.to_owned()), start),
            "run" => blocks::run(content, place).map(Fenced::Block),
            "predict" => blocks::predict(content, place).map(Fenced::Block),
            "hint" => Ok(Fenced::Block(blocks::hint(content))),
            "check" => blocks::checks(content, place).map(Fenced::Checks),
            other => {
                let message = format!(
                    "a block is `run`, `predict`, `check` or `hint`, and this one says `{other}`"
                );
                return self.wrong(start, &message);
            }
        };
        match read {
            Ok(Fenced::Block(block)) => {
                if let Some(step) = self.step(start) {
                    step.blocks.push(block);
                }
            }
            Ok(Fenced::Checks(checks)) => {
                if let Some(step) = self.step(start) {
                    step.checks.extend(checks);
                }
            }
            Err(mistakes) => self.mistakes.extend(mistakes),
        }
    }

    fn step(&mut self, at: usize) -> Option<&mut Step> {
        if self.steps.is_empty() {
            self.wrong(
                at,
                "this stands before the first step: a heading `# …` begins one",
            );
        }
        self.steps.last_mut()
    }

    fn wrong(&mut self, at: usize, message: &str) {
        self.mistakes
            .push(Mistake::at(self.file, self.text, self.offset + at, message));
    }
}

enum Fenced {
    Block(Block),
    Checks(Vec<Check>),
}
