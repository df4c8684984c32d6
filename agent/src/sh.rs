//! `causeway sh`: lines in, what docker would print out, and the last exit code. No page, no server.

use std::io::{self, IsTerminal as _, Write as _};

use bytes::Bytes;
use cli::{Context, Input, Io, Output};
use futures::{StreamExt as _, stream};

use crate::{
    args::Sh,
    engine::Chosen,
    state::StateDir,
    terminal::{self, Keys, Typed},
};

/// Lines are not longer.
const MOST_LINE: usize = 1024 * 1024;

/// Gives the exit code.
pub async fn run(options: Sh) -> anyhow::Result<u8> {
    let state = StateDir::open(options.lab.state.clone())?;
    let chosen = Chosen::find(&options.lab, &state).await?;
    if let Some(why) = &chosen.about.why {
        eprintln!("{why}");
    }
    chosen.guard.recover().await?;
    let shell = Shell {
        context: Context {
            engine: chosen.guard.clone(),
            host: chosen.host.clone(),
            hosts: chosen.hosts.clone(),
            clock: chosen.clock.clone(),
            files: chosen.files.now(),
            session: cli::Session::default(),
        },
        keys: Keys::new(),
        at_terminal: io::stdin().is_terminal() && io::stdout().is_terminal(),
    };
    let code = match options.line {
        Some(line) => shell.one(&line, true).await,
        None => shell.all().await,
    };
    chosen.files.save();
    if let Some(world) = &chosen.world {
        world.save();
    }
    Ok(code)
}

struct Shell {
    context: Context,
    keys: Keys,
    at_terminal: bool,
}

impl Shell {
    /// Every line until the end of the input.
    async fn all(&self) -> u8 {
        let mut code = 0;
        loop {
            if self.at_terminal {
                prompt("$ ");
            }
            let Some(line) = self.line().await else {
                if self.at_terminal {
                    prompt("\n");
                }
                return code;
            };
            if !line.trim().is_empty() {
                code = self.one(&line, self.at_terminal).await;
            }
            if self.context.session.is_left() {
                return code;
            }
        }
    }

    /// One line, which goes on where it ends in `\`, in an open quote or in the middle of a loop.
    async fn line(&self) -> Option<String> {
        let mut line = String::new();
        loop {
            let Some(next) = self.keys.line(MOST_LINE).await else {
                return (!line.is_empty()).then_some(line);
            };
            line.push_str(&next);
            if line.len() > MOST_LINE || !cli::is_unfinished(&line) {
                return Some(line);
            }
            line.push('\n');
            if self.at_terminal {
                prompt("> ");
            }
        }
    }

    /// `reads`: what is typed goes to the command. In a script, the rest of the input is the next lines'.
    async fn one(&self, line: &str, reads: bool) -> u8 {
        let terminal = self.at_terminal.then(terminal::size).flatten();
        let raw = terminal
            .filter(|_| wants_every_key(line))
            .and_then(|_| terminal::Raw::enter());
        let signals = stream::select(terminal::interrupts(), terminal::resizes());
        let typed = if reads {
            let keys = self.keys.clone();
            // What has ended says so once: asked again, it would say so for ever, and at once.
            stream::unfold(Some(keys), async |keys| {
                let keys = keys?;
                let typed = keys.next().await;
                let more = !matches!(typed, Typed::End);
                Some((typed, more.then_some(keys)))
            })
            .map(input)
            .boxed()
        } else {
            stream::once(async { Input::End }).boxed()
        };
        let io = Io {
            input: stream::select(signals, typed).boxed(),
            output: Box::new(Standard { raw: raw.is_some() }),
            terminal,
        };
        let code = cli::run(line, &self.context, io).await;
        drop(raw);
        code
    }
}

fn input(typed: Typed) -> Input {
    match typed {
        // A raw terminal sends Ctrl-C as it is.
        Typed::Bytes(bytes) if *bytes == [3] => Input::Interrupt,
        Typed::Bytes(bytes) => Input::Bytes(bytes),
        Typed::End => Input::End,
    }
}

/// Whether a line runs something interactive on a terminal (`-it`), for which every key counts at once.
fn wants_every_key(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let attaches = words
        .iter()
        .any(|word| matches!(*word, "run" | "exec" | "attach" | "start"));
    let flag = |long: &str, short: char| {
        words.iter().any(|word| match word.strip_prefix('-') {
            Some(letters) if !letters.starts_with('-') => letters.contains(short),
            Some(_) => *word == long,
            None => false,
        })
    };
    let detached = flag("--detach", 'd');
    attaches
        && !detached
        && flag("--interactive", 'i')
        && (flag("--tty", 't') || words.contains(&"start"))
        || words.contains(&"attach")
}

/// Standard output and error. Whoever reads them may have gone; then there is nobody to tell.
struct Standard {
    raw: bool,
}

#[async_trait::async_trait]
impl Output for Standard {
    async fn stdout(&mut self, bytes: &[u8]) {
        let bytes = self.shown(bytes);
        let mut out = io::stdout().lock();
        let _ = out.write_all(&bytes).and_then(|()| out.flush());
    }

    async fn stderr(&mut self, bytes: &[u8]) {
        let bytes = self.shown(bytes);
        let _ = io::stderr().lock().write_all(&bytes);
    }
}

impl Standard {
    /// A raw terminal goes to the line's start only if it is told so.
    fn shown(&self, bytes: &[u8]) -> Bytes {
        if !self.raw {
            return Bytes::copy_from_slice(bytes);
        }
        let lines = bytes.split_inclusive(|byte| *byte == b'\n');
        let ended = lines.flat_map(|line| match line.strip_suffix(b"\n") {
            Some(line) => [line, b"\r\n"].concat(),
            None => line.to_vec(),
        });
        ended.collect()
    }
}

fn prompt(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: bool) {
        assert_eq!(wants_every_key(line), expected, "{line}");
    }

    #[test]
    fn interactive_lines_want_every_key() {
        check("docker run -it alpine sh", true);
        check("docker run -i --name a -t alpine sh", true);
        check("docker exec --interactive --tty web sh", true);
        check("docker attach web", true);
        check("docker start -ai web", true);
        check("docker run -i alpine cat", false);
        check("docker run -dit alpine", false);
        check("docker ps -a", false);
    }
}
