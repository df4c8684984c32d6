//! A command of words: an assignment, a function, a builtin or a program.

use sh::{Assignment, Redirect, Word};

use super::{Expanded, Flow, Found, Shell, builtins, expand::Split};
use crate::{
    process::{INT, Process, QUIT, TERM, TSTP},
    programs,
};

impl Shell {
    pub(super) async fn run_simple(
        &mut self,
        assignments: &[Assignment],
        words: &[Word],
        redirects: &[Redirect],
        text: &str,
        last: bool,
    ) -> Flow {
        let before = self.process.descriptors.clone();
        let outcome = self.prepare(assignments, words, redirects, text).await;
        let flow = match outcome {
            Err(flow) => flow,
            Ok((arguments, set)) if arguments.is_empty() => self.assign(&set),
            // What `exec > log` opened stays.
            Ok((arguments, set)) if arguments == ["exec"] => {
                self.status = 0;
                let flow = self.assign(&set);
                return flow;
            }
            Ok((arguments, set)) => self.run_words(arguments, &set, text, last).await,
        };
        self.process.descriptors = before;
        flow
    }

    async fn prepare(
        &mut self,
        assignments: &[Assignment],
        words: &[Word],
        redirects: &[Redirect],
        text: &str,
    ) -> Expanded<(Vec<String>, Vec<(String, String)>)> {
        let before = self.status;
        let arguments = self.expand_all(words, text).await?;
        let mut set = Vec::new();
        if words.is_empty() {
            self.status = 0;
        }
        for assignment in assignments {
            let value = self.expand_one(&assignment.value, text, Split::No).await?;
            set.push((assignment.name.clone(), value));
        }
        self.redirect(redirects).await?;
        if self.options.trace {
            self.trace(&arguments, &set);
        }
        if !arguments.is_empty() {
            self.status = before;
        }
        Ok((arguments, set))
    }

    fn trace(&self, arguments: &[String], set: &[(String, String)]) {
        let set = set.iter().map(|(name, value)| format!("{name}={value}"));
        let all: Vec<String> = set.chain(arguments.iter().cloned()).collect();
        let before = self.variables.get("PS4").unwrap_or("+ ");
        self.process
            .complain(&format!("{before}{}\n", all.join(" ")));
    }

    fn assign(&mut self, set: &[(String, String)]) -> Flow {
        for (name, value) in set {
            if let Err(flow) = self.set_variable(name, value) {
                return flow;
            }
        }
        Flow::On
    }

    pub(super) async fn run_words(
        &mut self,
        arguments: Vec<String>,
        set: &[(String, String)],
        text: &str,
        last: bool,
    ) -> Flow {
        if let Some(body) = self.functions.get(&arguments[0]).cloned() {
            if let flow @ (Flow::Abort | Flow::Exit) = self.assign(set) {
                return flow;
            }
            return self.call(&body, arguments[1..].to_vec()).await;
        }
        if builtins::is_builtin(&arguments[0]) {
            let kept: Vec<_> = set
                .iter()
                .map(|(name, _)| self.variables.keep(name))
                .collect();
            if let flow @ (Flow::Abort | Flow::Exit) = self.assign(set) {
                return flow;
            }
            let flow = self.run_builtin(&arguments, text).await;
            if !builtins::is_special(&arguments[0]) {
                for kept in kept {
                    self.variables.put_back(kept);
                }
            }
            return flow;
        }
        self.run_program(arguments, set, text, last).await
    }

    async fn run_program(
        &mut self,
        arguments: Vec<String>,
        set: &[(String, String)],
        text: &str,
        last: bool,
    ) -> Flow {
        if let flow @ (Flow::Abort | Flow::Exit) = self.assign_check(set) {
            return flow;
        }
        if last && !self.options.interactive && self.traps.is_empty() {
            self.status = self.run_in_place(arguments, set).await;
            return Flow::Exit;
        }
        let shown = arguments.join(" ");
        let child = self.process.child(self.process.arguments.clone());
        let mut shell = self.clone();
        let set = set.to_vec();
        let pid = self.process.start_as(child, move |process| {
            use futures::FutureExt as _;
            async move {
                shell.become_part(process);
                shell.run_in_place(arguments, &set).await
            }
            .boxed()
        });
        let _ = text;
        self.wait_for_job(&[pid], &shown).await;
        Flow::On
    }

    fn assign_check(&mut self, set: &[(String, String)]) -> Flow {
        let mut variables = self.variables.clone();
        for (name, value) in set {
            if variables.set(name, value).is_err() {
                return self.fatal(&format!("{name}: is read only"));
            }
        }
        Flow::On
    }

    /// The program takes this process's place.
    pub(super) async fn run_in_place(
        &mut self,
        arguments: Vec<String>,
        set: &[(String, String)],
    ) -> i64 {
        let found = self.find(&arguments[0]);
        let mut variables = self.variables.clone();
        for (name, value) in set {
            let _ = variables.set(name, value);
            variables.export(name);
        }
        let mut process = self.process.clone();
        process.env = variables.exported();
        process.arguments = arguments;
        match found {
            Found::Missing | Found::Denied => {
                let denied = matches!(found, Found::Denied);
                let why = if denied {
                    "Permission denied"
                } else {
                    "not found"
                };
                self.complain(&format!("{}: {why}", process.arguments[0]));
                if denied { 126 } else { 127 }
            }
            Found::Unknown => programs::not_simulated(&process),
            Found::Applet(program) => {
                // It is forked off the shell without exec: `ps` shows the shell's command line.
                process.rename(None);
                self.process.descriptors.clear();
                program(process).await
            }
            Found::Program => {
                process.rename(Some(process.arguments.clone()));
                self.process.descriptors.clear();
                programs::start(process).await
            }
        }
    }

    pub(super) fn find(&self, name: &str) -> Found {
        if !name.contains('/') && super::super::applets::is_applet(name) {
            return match programs::find(name) {
                Some(program) => Found::Applet(program),
                None => Found::Unknown,
            };
        }
        let mut process: Process = self.process.clone();
        process.env = self.variables.exported();
        if process.find_program(name).is_some() {
            return Found::Program;
        }
        if name.contains('/') && process.exists(name) {
            return Found::Denied;
        }
        Found::Missing
    }

    /// Signals that a person's shell does not die of.
    pub(super) fn guard_signals(&self) {
        self.process.handle(&[INT]);
        self.process.ignore(&[QUIT, TERM, TSTP]);
    }
}
