//! A shell with a person at it: banner, prompt, lines, history.

use super::{
    Flow, Place, Shell,
    edit::{Editor, Line},
};
use crate::programs::text;

impl Shell {
    pub(super) async fn talk(&mut self) -> i64 {
        self.options.interactive = true;
        self.place = Place::Typed;
        self.guard_signals();
        self.process.print(&format!(
            "\n\n{} built-in shell (ash)\nEnter 'help' for a list of built-in commands.\n\n",
            text::VERSION
        ));
        let mut editor = Editor::default();
        let mut text = String::new();
        loop {
            self.tell_ended_jobs();
            let prompt = self.prompt(if text.is_empty() { "PS1" } else { "PS2" });
            let line = editor.read(self, &prompt).await;
            match line {
                Line::End if self.has_stopped_jobs() => {
                    self.process.complain("You have stopped jobs.\n");
                    continue;
                }
                Line::End => {
                    self.process.print("\n");
                    return self.leave().await;
                }
                Line::Cancelled => {
                    text.clear();
                    self.status = 130;
                    continue;
                }
                Line::Text(line) => text.push_str(&line),
            }
            let list = match ::sh::read(&text) {
                Err(mistake) if mistake.is_unfinished() => continue,
                Err(mistake) => {
                    self.say_mistake(&text, &mistake);
                    text.clear();
                    continue;
                }
                Ok(list) => list,
            };
            let whole = std::mem::take(&mut text);
            if self.run_list(&list, &whole, false).await == Flow::Exit {
                return self.leave().await;
            }
            self.asks = 0;
            self.depth = 0;
        }
    }

    fn has_stopped_jobs(&mut self) -> bool {
        self.look_after_jobs();
        let stopped = self.jobs.list.iter().any(|job| job.stopped);
        // Asked twice, it leaves.
        stopped && !std::mem::replace(&mut self.jobs.warned, true)
    }

    /// `PS1` as it is shown.
    fn prompt(&self, variable: &str) -> String {
        let pattern = self.variables.get(variable).unwrap_or_default();
        let mut shown = String::new();
        let mut letters = pattern.chars();
        while let Some(letter) = letters.next() {
            if letter != '\\' {
                shown.push(letter);
                continue;
            }
            match letters.next() {
                Some('w') => shown.push_str(&self.shown_folder()),
                Some('W') => {
                    let folder = self.shown_folder();
                    shown.push_str(
                        folder
                            .rsplit('/')
                            .next()
                            .filter(|name| !name.is_empty())
                            .unwrap_or(&folder),
                    );
                }
                Some('$') => shown.push(if self.process.user.id == 0 { '#' } else { '$' }),
                Some('h') => shown.push_str(self.variables.get("HOSTNAME").unwrap_or_default()),
                Some('u') => shown.push_str(self.variables.get("USER").unwrap_or("root")),
                Some('n') => shown.push('\n'),
                Some('e') => shown.push('\x1b'),
                Some('[' | ']') | None => {}
                Some(other) => shown.push(other),
            }
        }
        shown
    }

    fn shown_folder(&self) -> String {
        let folder = &self.process.folder;
        match self.variables.get("HOME").filter(|home| *home != "/") {
            Some(home) => match folder.strip_prefix(home) {
                Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("~{rest}"),
                _ => folder.clone(),
            },
            None => folder.clone(),
        }
    }
}
