//! Lines that run in terminals, what is typed to them, and what they print.

use cli::Input;
use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{Sender, unbounded},
    future::abortable,
};
use lab::Size;

use super::{Desk, Happening};
use crate::{
    connection::ClientId,
    output::TerminalOutput,
    ring::Ring,
    terminal::{Running, Terminal},
    wire::{TerminalId, Update},
};

const MOST_TERMINALS: usize = 16;

impl Desk {
    pub(super) fn run(&mut self, page: ClientId, id: TerminalId, line: String, size: Size) {
        if let Some(sentence) = self.cannot_run(id) {
            return self.refuse(page, sentence);
        }
        let begin = self.ends.remove(&id).unwrap_or_default();
        let terminal = self
            .terminals
            .entry(id)
            .or_insert_with(|| Terminal::new(Ring::beginning_at(begin)));
        self.runs += 1;
        terminal.run = self.runs;
        terminal.ring.push(prompt(&line).as_bytes());
        let (input, typed) = unbounded();
        let io = cli::Io {
            input: typed.boxed(),
            output: Box::new(TerminalOutput {
                terminal: id,
                run: self.runs,
                to: self.report.clone(),
                last: b'\n',
            }),
            terminal: Some(size),
        };
        let context = cli::Context {
            session: terminal.session.clone(),
            ..self.context.clone()
        };
        let running = run_line(
            line.clone(),
            context,
            io,
            id,
            self.runs,
            self.report.clone(),
        );
        let (running, stop) = abortable(running);
        terminal.running = Some(Running {
            line: line.clone(),
            page,
            input,
            stop,
        });
        self.tasks.push(running.map(drop).boxed());
        self.tell(Update::Started { terminal: id, line });
        self.show(id);
    }

    fn cannot_run(&self, id: TerminalId) -> Option<String> {
        match self.terminals.get(&id) {
            Some(terminal) if terminal.running.is_some() => Some(
                "A command runs in this terminal: stop it first, or use another terminal."
                    .to_owned(),
            ),
            None if self.terminals.len() >= MOST_TERMINALS => Some(format!(
                "There are {MOST_TERMINALS} terminals already, which is the most: close one first."
            )),
            _ => None,
        }
    }

    pub(super) fn input(&mut self, terminal: TerminalId, input: Input) {
        if let Some(terminal) = self.terminals.get(&terminal) {
            terminal.input(input);
        }
    }

    pub(super) fn output(&mut self, id: TerminalId, run: u64, bytes: &[u8]) {
        if let Some(terminal) = self.of_run(id, run) {
            terminal.ring.push(bytes);
            self.show(id);
        }
    }

    pub(super) fn ended(&mut self, id: TerminalId, run: u64, exit: u8) {
        if let Some(terminal) = self.of_run(id, run) {
            let ran = terminal.running.take();
            terminal.last_exit = Some(exit);
            let session = terminal.session.clone();
            self.files_changed();
            if let Some(ran) = ran {
                self.open_files(ran.page, &session);
            }
            self.tell(Update::Ended { terminal: id, exit });
        }
    }

    pub(super) fn close(&mut self, id: TerminalId) {
        if let Some(terminal) = self.terminals.remove(&id) {
            self.ends.insert(id, terminal.ring.end());
            self.pages.values_mut().for_each(|page| page.forget(id));
            self.tell(Update::Closed { terminal: id });
        }
    }

    /// The terminal, if this run is still the one that it shows.
    fn of_run(&mut self, id: TerminalId, run: u64) -> Option<&mut Terminal> {
        let terminal = self.terminals.get_mut(&id);
        terminal.filter(|terminal| terminal.run == run)
    }

    fn show(&mut self, id: TerminalId) {
        if let Some(terminal) = self.terminals.get(&id) {
            for page in self.pages.values_mut() {
                page.show(id, &terminal.ring);
            }
        }
    }
}

async fn run_line(
    line: String,
    context: cli::Context,
    io: cli::Io,
    terminal: TerminalId,
    run: u64,
    mut report: Sender<Happening>,
) {
    let exit = cli::run(&line, &context, io).await;
    let ended = Happening::Ended {
        terminal,
        run,
        exit,
    };
    // The session is gone only when nobody reads any more.
    let _ = report.send(ended).await;
}

/// The line as it stands in the terminal's text. What was typed is data: control characters are not passed on.
fn prompt(line: &str) -> String {
    let shown: String = line
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    // 2 is the palette's teal.
    format!("\x1b[32m$\x1b[0m {shown}\r\n")
}
