//! What docker said to a row of commands, as a file that reads like an example.
//!
//! ```text
//! # A name means nothing on the default bridge
//! = docker CLI 28.5.2, Docker Engine 28.5.2
//!
//! $ docker run -d --name web nginx
//! | <id 1>
//! $ docker run --rm busybox ping -c 1 web
//! ! ping: bad address 'web'
//! ? 1
//! ```
//!
//! `|` is a line of standard output, `!` of standard error, `?` an exit code that is not 0; a last line that does not
//! end is followed by `\`. `+ NAME` makes a file of the `|` lines under it, `~ COMMAND ~ TEXT` waits until the command
//! says the text (which is no part of what is compared). Everything that differs from run to run is [`normal`]ised.

pub mod ground;
pub mod judge;
pub mod normal;

use std::fmt::{self, Write as _};

use anyhow::{Context as _, Result, bail};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    pub title: String,
    /// What it was recorded with.
    pub recorded: String,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Run { line: String, said: Said },
    File { name: String, content: String },
    WaitFor { line: String, text: String },
}

/// What a command wrote and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Transcript {
    pub fn parse(text: &str) -> Result<Self> {
        let mut transcript = Self::default();
        for (number, line) in text.split('\n').enumerate() {
            let read = transcript.line(line);
            read.with_context(|| format!("line {}: {line}", number + 1))?;
        }
        Ok(transcript)
    }

    fn line(&mut self, line: &str) -> Result<()> {
        let (mark, rest) = line.split_at_checked(1).unwrap_or_default();
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        match (mark, self.steps.last_mut()) {
            ("", _) => {}
            ("#", None) => rest.clone_into(&mut self.title),
            ("=", None) => rest.clone_into(&mut self.recorded),
            ("$", _) => self.steps.push(Step::Run {
                line: rest.to_owned(),
                said: Said::default(),
            }),
            ("+", _) => self.steps.push(Step::File {
                name: rest.to_owned(),
                content: String::new(),
            }),
            ("~", _) => {
                let (line, text) = rest.split_once(" ~ ").context("~ COMMAND ~ TEXT")?;
                self.steps.push(Step::WaitFor {
                    line: line.to_owned(),
                    text: text.to_owned(),
                });
            }
            ("|", Some(Step::File { content, .. })) => {
                let _ = writeln!(content, "{rest}");
            }
            ("|", Some(Step::Run { said, .. })) => {
                let _ = writeln!(said.out, "{rest}");
            }
            ("!", Some(Step::Run { said, .. })) => {
                let _ = writeln!(said.err, "{rest}");
            }
            ("\\", Some(Step::Run { said, .. })) => {
                let last = if said.err.is_empty() {
                    &mut said.out
                } else {
                    &mut said.err
                };
                last.pop();
            }
            ("?", Some(Step::Run { said, .. })) => said.code = rest.parse()?,
            _ => bail!("no such line here"),
        }
        Ok(())
    }

    /// How many commands it has, and how many of them fail.
    pub fn count(&self) -> (usize, usize) {
        let codes = self.steps.iter().filter_map(|step| match step {
            Step::Run { said, .. } => Some(said.code),
            _ => None,
        });
        codes.fold((0, 0), |(all, failed), code| {
            (all + 1, failed + usize::from(code != 0))
        })
    }
}

impl fmt::Display for Transcript {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(text, "# {}\n= {}\n", self.title, self.recorded)?;
        for step in &self.steps {
            match step {
                Step::Run { line, said } => write!(text, "$ {line}\n{said}")?,
                Step::File { name, content } => {
                    writeln!(text, "+ {name}")?;
                    marked(text, '|', content)?;
                }
                Step::WaitFor { line, text: until } => writeln!(text, "~ {line} ~ {until}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        marked(text, '|', &self.out)?;
        marked(text, '!', &self.err)?;
        if self.code != 0 {
            writeln!(text, "? {}", self.code)?;
        }
        Ok(())
    }
}

fn marked(text: &mut fmt::Formatter<'_>, mark: char, lines: &str) -> fmt::Result {
    // A carriage return stays: programs write them, too.
    for line in lines.split_inclusive('\n') {
        match line.trim_end_matches('\n') {
            "" => writeln!(text, "{mark}")?,
            line => writeln!(text, "{mark} {line}")?,
        }
    }
    if !lines.is_empty() && !lines.ends_with('\n') {
        writeln!(text, "\\")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "\
# A name means nothing on the default bridge
= docker CLI 28.5.2, Docker Engine 28.5.2

+ app.py
| import redis
|
| print(1)
~ docker logs web ~ start worker
$ docker ps -q
| <id 1>
|
|   indented
$ docker inspect -f x nothing
| x
\\
$ docker nothing
| said
! docker: unknown
!
! Run
? 1
";

    #[test]
    fn what_is_read_is_written_again() {
        let transcript = Transcript::parse(EXAMPLE).expect("right");
        assert_eq!(transcript.to_string(), EXAMPLE);
        assert_eq!(transcript.count(), (3, 1));
    }
}
