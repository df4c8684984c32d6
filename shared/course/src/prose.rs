//! Reads the Markdown of a lesson: paragraphs, lists, code, headings and fenced blocks. What a page would not show is a
//! mistake, so that nothing an author wrote is lost without a word.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use crate::{Mistake, Paragraph, Span};

/// A piece of a lesson's text, and where it stands in the file.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub file: &'a str,
    /// The whole file.
    pub text: &'a str,
    /// Where the piece begins in it.
    pub offset: usize,
}

impl Place<'_> {
    pub fn wrong(&self, at: usize, message: impl Into<String>) -> Mistake {
        Mistake::at(self.file, self.text, self.offset + at, message)
    }
}

/// What the text is made of, in order, each with its place.
pub enum Part {
    /// A heading of the first level.
    Heading(Vec<Span>),
    Paragraph(Paragraph),
    Fenced {
        info: String,
        content: String,
    },
}

/// All parts, and all mistakes.
pub fn read(markdown: &str, place: Place<'_>) -> (Vec<(usize, Part)>, Vec<Mistake>) {
    let mut reader = Reader {
        markdown,
        place,
        inline: Inline::default(),
        code: None,
        items: 0,
        parts: Vec::new(),
        mistakes: Vec::new(),
    };
    for (event, range) in Parser::new(markdown).into_offset_iter() {
        reader.event(event, &range);
    }
    (reader.parts, reader.mistakes)
}

/// Text that has paragraphs only, as in a hint.
pub fn paragraphs(markdown: &str, place: Place<'_>) -> Result<Vec<Paragraph>, Vec<Mistake>> {
    let (parts, mut mistakes) = read(markdown, place);
    let mut paragraphs = Vec::new();
    for (at, part) in parts {
        match part {
            Part::Paragraph(paragraph) => paragraphs.push(paragraph),
            Part::Heading(_) | Part::Fenced { .. } => {
                mistakes.push(place.wrong(at, "only text stands here, no heading and no block"));
            }
        }
    }
    if mistakes.is_empty() {
        Ok(paragraphs)
    } else {
        Err(mistakes)
    }
}

/// One line of text, as an answer is.
pub fn line(markdown: &str, place: Place<'_>) -> Result<Vec<Span>, Vec<Mistake>> {
    let mut paragraphs = paragraphs(markdown, place)?.into_iter();
    match (paragraphs.next(), paragraphs.next()) {
        (Some(Paragraph::Text(spans)), None) => Ok(spans),
        _ => Err(vec![place.wrong(0, "one line of text stands here")]),
    }
}

struct Reader<'a> {
    markdown: &'a str,
    place: Place<'a>,
    inline: Inline,
    /// The code block that is being read: its info string, its text, where it begins.
    code: Option<(String, String, usize)>,
    /// How deep in list items.
    items: usize,
    parts: Vec<(usize, Part)>,
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
    fn push(&mut self, text: &str) {
        match (self.strong, self.emphasis, self.spans.last_mut()) {
            (true, _, Some(Span::Strong(before)))
            | (false, true, Some(Span::Emphasis(before)))
            | (false, false, Some(Span::Plain(before))) => before.push_str(text),
            (true, ..) => self.spans.push(Span::Strong(text.to_owned())),
            (_, true, _) => self.spans.push(Span::Emphasis(text.to_owned())),
            _ => self.spans.push(Span::Plain(text.to_owned())),
        }
    }
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range.start),
            Event::Text(text) => match &mut self.code {
                Some((_, content, _)) => content.push_str(&text),
                None => self.inline.push(&text),
            },
            Event::Code(code) => self.inline.spans.push(Span::Code(code.into_string())),
            Event::SoftBreak | Event::HardBreak => self.inline.push(" "),
            Event::Html(_) | Event::InlineHtml(_) => {
                self.wrong(range.start, "HTML is not read here: write Markdown");
            }
            Event::Rule => self.wrong(
                range.start,
                "lines across are not drawn: a heading `# …` begins a step",
            ),
            _ => self.wrong(range.start, "this is not read here: write plain Markdown"),
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                if !self.is_closed(range) {
                    self.wrong(
                        range.start,
                        "this block does not end: write ``` on a line of its own below it",
                    );
                }
                self.code = Some((info.trim().to_owned(), String::new(), range.start));
            }
            Tag::CodeBlock(CodeBlockKind::Indented) => {
                self.code = Some((String::new(), String::new(), range.start));
            }
            Tag::Strong => self.inline.strong = true,
            Tag::Emphasis => self.inline.emphasis = true,
            Tag::Item => self.items += 1,
            Tag::List(number) => {
                // An item's own text stands before the list within it.
                self.paragraph(range.start);
                if number.is_some() {
                    self.wrong(range.start, "numbered lists are not read here: write `- ` before each item, or make each a step");
                }
            }
            Tag::Image { .. } => self.wrong(
                range.start,
                "pictures are not shown in lessons: the topology draws the lab by itself",
            ),
            Tag::Link { .. } => self.wrong(range.start, "links are not read here: write the words"),
            Tag::BlockQuote(_) => {
                self.wrong(range.start, "quotes are not read here: write the words");
            }
            Tag::Heading { level, .. } if level != HeadingLevel::H1 => self.wrong(
                range.start,
                "a lesson has headings of one level only: `# …` begins a step",
            ),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, at: usize) {
        match tag {
            TagEnd::CodeBlock => {
                if let Some((info, content, start)) = self.code.take() {
                    let part = if info.is_empty() {
                        Part::Paragraph(Paragraph::Code(content))
                    } else {
                        Part::Fenced { info, content }
                    };
                    self.parts.push((start, part));
                }
            }
            TagEnd::Strong => self.inline.strong = false,
            TagEnd::Emphasis => self.inline.emphasis = false,
            TagEnd::Heading(HeadingLevel::H1) => {
                let spans = std::mem::take(&mut self.inline).spans;
                self.parts.push((at, Part::Heading(spans)));
            }
            TagEnd::Paragraph | TagEnd::Heading(_) => self.paragraph(at),
            TagEnd::Item => {
                self.paragraph(at);
                self.items -= 1;
            }
            _ => {}
        }
    }

    /// What was read so far is a paragraph, or an item.
    fn paragraph(&mut self, at: usize) {
        let spans = std::mem::take(&mut self.inline).spans;
        if !spans.is_empty() {
            let paragraph = if self.items > 0 {
                Paragraph::Item(spans)
            } else {
                Paragraph::Text(spans)
            };
            self.parts.push((at, Part::Paragraph(paragraph)));
        }
    }

    /// Without its closing fence a block would swallow all that follows.
    fn is_closed(&self, range: &Range<usize>) -> bool {
        let block = self.markdown[range.clone()].trim_end();
        let Some((first, rest)) = block.split_once('\n') else {
            return false;
        };
        let fence = if first.starts_with('~') { "~~~" } else { "```" };
        let last = rest.rsplit('\n').next().unwrap_or_default().trim();
        last.starts_with(fence) && last.chars().all(|char| fence.contains(char))
    }

    fn wrong(&mut self, at: usize, message: &str) {
        self.mistakes.push(self.place.wrong(at, message));
    }
}
