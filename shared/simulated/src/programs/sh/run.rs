//! Lists, pipelines, and what is made of commands.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use sh::{Arm, Command, Item, Kind, List, Pipeline, When, Word};

use super::{Flow, Place, Shell, expand::Split};
use crate::process::{Descriptor, INT, QUIT, TERM, TSTP, pipe};

/// Commands in one go, after which others have their turn.
const GO: u32 = 500;
const MOST_FUNCTIONS: u32 = 200;

impl Shell {
    /// `ends`: nothing comes after it, so that its last program takes the shell's place. Boxed, for it is inside itself.
    pub(super) fn run_list<'a>(
        &'a mut self,
        list: &'a List,
        text: &'a str,
        ends: bool,
    ) -> BoxFuture<'a, Flow> {
        async move {
            for (index, item) in list.iter().enumerate() {
                let skipping = match item.when {
                    When::Always => false,
                    When::Success => self.status != 0,
                    When::Failure => self.status == 0,
                };
                if skipping {
                    continue;
                }
                let ends = ends && index + 1 == list.len();
                let asked = list
                    .get(index + 1)
                    .is_some_and(|next| next.when != When::Always);
                self.asks += u32::from(asked);
                let flow = self.run_item(item, text, ends).await;
                self.process.alive().await;
                self.asks -= u32::from(asked);
                if flow != Flow::On {
                    return flow;
                }
                if let Some(flow) = self.run_traps().await {
                    return flow;
                }
            }
            Flow::On
        }
        .boxed()
    }

    async fn run_item(&mut self, item: &Item, text: &str, ends: bool) -> Flow {
        if item.background.is_some() {
            self.run_in_background(&item.pipeline, text);
            return Flow::On;
        }
        self.steps += 1;
        if self.steps.is_multiple_of(GO) {
            self.process.breathe().await;
        }
        let flow = self.run_pipeline(&item.pipeline, text, ends).await;
        let asked = self.asks > 0 || item.pipeline.not.is_some();
        if flow == Flow::On && self.status != 0 && self.options.exit && !asked {
            return Flow::Exit;
        }
        flow
    }

    pub(super) async fn run_pipeline(
        &mut self,
        pipeline: &Pipeline,
        text: &str,
        ends: bool,
    ) -> Flow {
        let not = pipeline.not.is_some();
        self.asks += u32::from(not);
        let flow = match pipeline.commands.as_slice() {
            [] => Flow::On,
            [command] => self.run_command(command, text, ends && !not).await,
            commands => {
                let pids = self.start_pipeline(commands, text);
                self.wait_for_job(&pids, text.get(span(commands)).unwrap_or_default())
                    .await;
                Flow::On
            }
        };
        self.asks -= u32::from(not);
        if not {
            self.status = i64::from(self.status == 0);
        }
        flow
    }

    /// Each command in a process of its own, what one writes the next one reads.
    fn start_pipeline(&mut self, commands: &[Command], text: &str) -> Vec<u32> {
        let mut pids = Vec::new();
        let mut input: Option<Descriptor> = None;
        for (index, command) in commands.iter().enumerate() {
            let mut child = self.process.child(self.process.arguments.clone());
            if let Some(input) = input.take() {
                child.descriptors.insert(0, input);
            }
            if index + 1 < commands.len() {
                let (writer, reader) = pipe();
                child.descriptors.insert(1, Descriptor::Writer(writer));
                input = Some(Descriptor::Reader(reader));
            }
            pids.push(self.start_part(child, Arc::new(command.clone()), text));
        }
        pids
    }

    /// Starts a part of the shell in a process of its own.
    pub(super) fn start_part(
        &self,
        child: crate::process::Process,
        command: Arc<Command>,
        text: &str,
    ) -> u32 {
        let mut shell = self.clone();
        let text = text.to_owned();
        self.process.start_as(child, move |process| {
            async move {
                shell.become_part(process);
                shell.run_command(&command, &text, true).await;
                shell.leave().await
            }
            .boxed()
        })
    }

    pub(super) fn become_part(&mut self, process: crate::process::Process) {
        self.process = process;
        if self.options.interactive {
            // What only the person's shell itself does not die of.
            self.process.unhandle(&[INT, QUIT, TERM, TSTP]);
        }
        self.traps.clear();
        self.jobs = super::jobs::Jobs::default();
        self.options.interactive = false;
        self.asks = 0;
    }

    pub(super) fn run_command<'a>(
        &'a mut self,
        command: &'a Command,
        text: &'a str,
        ends: bool,
    ) -> BoxFuture<'a, Flow> {
        async move {
            if let Kind::Simple { assignments, words } = &command.kind {
                if let Some(word) = words.first()
                    && let Place::File(line) = &mut self.place
                {
                    *line = line_of(text, word.range.start);
                }
                return self
                    .run_simple(assignments, words, &command.redirects, text, ends)
                    .await;
            }
            let before = self.process.descriptors.clone();
            let flow = match self.redirect(&command.redirects).await {
                Ok(()) => self.run_compound(&command.kind, text, ends).await,
                Err(flow) => flow,
            };
            self.process.descriptors = before;
            flow
        }
        .boxed()
    }

    async fn run_compound(&mut self, kind: &Kind, text: &str, ends: bool) -> Flow {
        match kind {
            Kind::Simple { .. } => Flow::On,
            Kind::Group(list) => self.run_list(list, text, false).await,
            Kind::Subshell(list) => self.run_subshell(list, text, ends).await,
            Kind::If {
                branches,
                otherwise,
            } => self.run_if(branches, otherwise.as_ref(), text).await,
            Kind::While {
                until,
                condition,
                body,
            } => self.run_while(*until, condition, body, text).await,
            Kind::For {
                variable,
                words,
                body,
            } => self.run_for(variable, words.as_deref(), body, text).await,
            Kind::Case { word, arms } => self.run_case(word, arms, text).await,
            Kind::Function { name, body } => {
                self.functions
                    .insert(name.clone(), Arc::new((**body).clone()));
                self.status = 0;
                Flow::On
            }
        }
    }

    async fn run_subshell(&mut self, list: &List, text: &str, ends: bool) -> Flow {
        if ends && !self.options.interactive {
            let flow = self.run_list(list, text, true).await;
            return if flow == Flow::On {
                Flow::On
            } else {
                Flow::Exit
            };
        }
        let child = self.process.child(self.process.arguments.clone());
        let command = Command {
            kind: Kind::Group(list.clone()),
            redirects: Vec::new(),
            keywords: Vec::new(),
        };
        let pid = self.start_part(child, Arc::new(command), text);
        self.wait_for_job(&[pid], "").await;
        Flow::On
    }

    async fn run_if(
        &mut self,
        branches: &[(List, List)],
        otherwise: Option<&List>,
        text: &str,
    ) -> Flow {
        for (condition, body) in branches {
            let flow = self.ask(condition, text).await;
            if flow != Flow::On {
                return flow;
            }
            if self.status == 0 {
                return self.run_list(body, text, false).await;
            }
        }
        self.status = 0;
        match otherwise {
            Some(body) => self.run_list(body, text, false).await,
            None => Flow::On,
        }
    }

    async fn ask(&mut self, condition: &List, text: &str) -> Flow {
        self.asks += 1;
        let flow = self.run_list(condition, text, false).await;
        self.asks -= 1;
        flow
    }

    async fn run_while(&mut self, until: bool, condition: &List, body: &List, text: &str) -> Flow {
        let mut status = 0;
        loop {
            let flow = self.ask(condition, text).await;
            match in_loop(flow) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(None) => break,
                Err(Some(flow)) => return flow,
            }
            if (self.status == 0) == until {
                break;
            }
            let flow = self.in_loop(body, text).await;
            status = self.status;
            match in_loop(flow) {
                Ok(_) => {}
                Err(None) => break,
                Err(Some(flow)) => return flow,
            }
            // An empty round must not be the end of the world's turn.
            self.steps += 1;
            if self.steps.is_multiple_of(GO) {
                self.process.breathe().await;
            }
        }
        self.status = status;
        Flow::On
    }

    async fn in_loop(&mut self, body: &List, text: &str) -> Flow {
        self.loops += 1;
        let flow = self.run_list(body, text, false).await;
        self.loops -= 1;
        flow
    }

    async fn run_for(
        &mut self,
        variable: &str,
        words: Option<&[Word]>,
        body: &List,
        text: &str,
    ) -> Flow {
        let values = match words {
            None => self.arguments.clone(),
            Some(words) => match self.expand_all(words, text).await {
                Ok(values) => values,
                Err(flow) => return flow,
            },
        };
        self.status = 0;
        for value in values {
            if self.variables.set(variable, &value).is_err() {
                return self.fatal(&format!("{variable}: is read only"));
            }
            match in_loop(self.in_loop(body, text).await) {
                Ok(_) => {}
                Err(None) => break,
                Err(Some(flow)) => return flow,
            }
        }
        Flow::On
    }

    async fn run_case(&mut self, word: &Word, arms: &[Arm], text: &str) -> Flow {
        let value = match self.expand_one(word, text, Split::No).await {
            Ok(value) => value,
            Err(flow) => return flow,
        };
        self.status = 0;
        for arm in arms {
            for pattern in &arm.patterns {
                let pattern = match self.expand_one(pattern, text, Split::Pattern).await {
                    Ok(pattern) => pattern,
                    Err(flow) => return flow,
                };
                if super::pattern::matches(&pattern, &value) {
                    return self.run_list(&arm.body, text, false).await;
                }
            }
        }
        Flow::On
    }

    /// A function with its arguments.
    pub(super) async fn call(&mut self, body: &Command, arguments: Vec<String>) -> Flow {
        if self.depth >= MOST_FUNCTIONS {
            return self.fatal("causeway: not simulated: functions in functions without end");
        }
        self.depth += 1;
        let before = std::mem::replace(&mut self.arguments, arguments);
        self.variables_of_function();
        let flow = self.run_command(body, "", false).await;
        self.forget_function();
        self.arguments = before;
        self.depth -= 1;
        if flow == Flow::Return { Flow::On } else { flow }
    }
}

/// What a loop does with what its body came to: `Err` ends it.
fn in_loop(flow: Flow) -> Result<bool, Option<Flow>> {
    match flow {
        Flow::On => Ok(true),
        Flow::Continue(1) => Ok(false),
        Flow::Break(1) => Err(None),
        Flow::Continue(level) => Err(Some(Flow::Continue(level - 1))),
        Flow::Break(level) => Err(Some(Flow::Break(level - 1))),
        other => Err(Some(other)),
    }
}

/// 1 is the first.
pub fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Where these commands stand in the text.
pub fn span(commands: &[Command]) -> std::ops::Range<usize> {
    let places = commands.iter().flat_map(|command| match &command.kind {
        Kind::Simple { words, .. } => words.iter().map(|word| word.range.clone()).collect(),
        _ => command
            .keywords
            .iter()
            .map(|(_, range)| range.clone())
            .collect::<Vec<_>>(),
    });
    places
        .reduce(|one, other| one.start.min(other.start)..one.end.max(other.end))
        .unwrap_or_default()
}
