//! What is read of a lesson: each kind of text and block once.

use course::{Answer, Block, Check, Lesson, Level, Paragraph, Prediction, Span, Step, read_lesson};

const TEXT: &str = r#"+++
title = "Names"
level = "beginner"
summary = "names at 127.0.0.11"
images = ["nginx"]
+++
# Make `it`

Some **strong
text**, *soft* and `code`.

- one
- two
  - within

    indented

```run
docker run -d \
  --name web nginx
```

```check
network mynet driver=bridge
network other
container web runs on=mynet
container web runs
alpine reaches web
```

# Then

```predict
What
happens?
- [x] `web` answers
> It is
> there.
- [ ] nothing
```

```hint
Look *here*.

- and here
```
"#;

fn plain(text: &str) -> Span {
    Span::Plain(text.to_owned())
}

fn code(text: &str) -> Span {
    Span::Code(text.to_owned())
}

fn expected() -> Lesson {
    let name = |name: &str| name.to_owned();
    Lesson {
        id: name("names"),
        title: name("Names"),
        level: Level::Beginner,
        summary: name("names at 127.0.0.11"),
        images: vec![name("nginx")],
        steps: vec![
            Step {
                title: vec![plain("Make "), code("it")],
                blocks: vec![
                    Block::Prose {
                        paragraphs: vec![
                            Paragraph::Text(vec![
                                plain("Some "),
                                Span::Strong(name("strong text")),
                                plain(", "),
                                Span::Emphasis(name("soft")),
                                plain(" and "),
                                code("code"),
                                plain("."),
                            ]),
                            Paragraph::Item(vec![plain("one")]),
                            Paragraph::Item(vec![plain("two")]),
                            Paragraph::Item(vec![plain("within")]),
                            Paragraph::Item(vec![plain("indented")]),
                        ],
                    },
                    Block::Run {
                        command: name("docker run -d --name web nginx"),
                    },
                ],
                checks: vec![
                    Check::Network {
                        name: name("mynet"),
                        driver: Some(name("bridge")),
                    },
                    Check::Network {
                        name: name("other"),
                        driver: None,
                    },
                    Check::Runs {
                        container: name("web"),
                        network: Some(name("mynet")),
                    },
                    Check::Runs {
                        container: name("web"),
                        network: None,
                    },
                    Check::Reaches {
                        from: name("alpine"),
                        to: name("web"),
                    },
                ],
            },
            Step {
                title: vec![plain("Then")],
                blocks: vec![
                    Block::Predict(Prediction {
                        question: name("What happens?"),
                        answers: vec![
                            Answer {
                                text: vec![code("web"), plain(" answers")],
                                right: true,
                                why: vec![plain("It is"), plain(" "), plain("there.")],
                            },
                            Answer {
                                text: vec![plain("nothing")],
                                right: false,
                                why: Vec::new(),
                            },
                        ],
                    }),
                    Block::Hint {
                        text: vec![
                            Paragraph::Text(vec![
                                plain("Look "),
                                Span::Emphasis(name("here")),
                                plain("."),
                            ]),
                            Paragraph::Item(vec![plain("and here")]),
                        ],
                    },
                ],
                checks: Vec::new(),
            },
        ],
    }
}

#[test]
fn all_of_it_is_read() {
    assert_eq!(read_lesson("beginner/07-names.md", TEXT), Ok(expected()));
}

#[test]
fn line_ends_of_windows_change_nothing() {
    let text = TEXT.replace('\n', "\r\n");
    assert_eq!(read_lesson("beginner/07-names.md", &text), Ok(expected()));
}
