//! `trap`: what a shell does when a signal comes, or when it ends.

use super::{Flow, Shell};
use crate::process::{INT, signal_name, signal_number};

/// Not a signal: the shell's end.
const EXIT: u8 = 0;

impl Shell {
    /// Runs what was asked for the signals that have come.
    pub(super) async fn run_traps(&mut self) -> Option<Flow> {
        while let Some(signal) = self.process.take_signal() {
            if let Some(action) = self.traps.get(&signal).cloned() {
                let status = self.status;
                let flow = self.eval(&action).await;
                self.status = if flow == Flow::On {
                    status
                } else {
                    self.status
                };
                if flow != Flow::On {
                    return Some(flow);
                }
            } else if signal == INT && self.options.interactive {
                self.status = 130;
                return Some(Flow::Abort);
            }
        }
        None
    }

    pub(super) async fn run_exit_trap(&mut self) {
        if let Some(action) = self.traps.remove(&EXIT) {
            let status = self.status;
            if self.eval(&action).await == Flow::On {
                self.status = status;
            }
        }
    }

    /// Runs a text as if it stood here.
    pub(super) async fn eval(&mut self, text: &str) -> Flow {
        match ::sh::read(text) {
            Ok(list) => self.run_list(&list, text, false).await,
            Err(mistake) => {
                self.say_mistake(text, &mistake);
                Flow::Abort
            }
        }
    }

    pub(super) fn trap(&mut self, arguments: &[String]) -> i64 {
        let (action, names) = match arguments {
            [_] => {
                let lines = self.traps.iter().map(|(signal, action)| {
                    format!(
                        "trap -- '{action}' {}\n",
                        signal_name(*signal).unwrap_or("EXIT")
                    )
                });
                self.process.print(&lines.collect::<String>());
                return 0;
            }
            [_, only] => ("-", std::slice::from_ref(only)),
            [_, action, names @ ..] => (action.as_str(), names),
            [] => return 0,
        };
        for name in names {
            let signal = match name.as_str() {
                "EXIT" | "0" => Some(EXIT),
                name => signal_number(name),
            };
            let Some(signal) = signal else {
                self.builtin_complains("trap", &format!("{name}: invalid signal specification"));
                return 1;
            };
            self.set_trap(signal, action);
        }
        0
    }

    fn set_trap(&mut self, signal: u8, action: &str) {
        self.process.unhandle(&[signal]);
        self.traps.remove(&signal);
        match action {
            "-" => {}
            "" => self.process.ignore(&[signal]),
            action => {
                if signal != EXIT {
                    self.process.handle(&[signal]);
                }
                self.traps.insert(signal, action.to_owned());
            }
        }
        if self.options.interactive && !self.traps.contains_key(&INT) {
            self.process.handle(&[INT]);
        }
    }
}
