//! Where everything comes together: one loop that takes what happens, one after the other, and tells the pages.

mod files;
mod lab_state;
mod lessons;
mod pages;
mod reset;
mod terminals;

use std::{collections::BTreeMap, sync::Arc};

use cli::Input;
use course::Progress;
use futures::{
    FutureExt, StreamExt,
    channel::mpsc::{Sender, UnboundedReceiver, channel},
    future::BoxFuture,
    select,
    stream::FuturesUnordered,
};
use lab::{guard::ResetPlan, topology::Topology};

use crate::{
    Parts,
    connection::{ClientEvent, ClientId},
    goal::{Outcome, Trial, Trials},
    history::History,
    page::Page,
    terminal::Terminal,
    watch,
    wire::{ClientMessage, EngineState, FileState, Goal, ServerMessage, TerminalId},
};

/// What a task of the session reports.
pub enum Happening {
    Output {
        terminal: TerminalId,
        run: u64,
        bytes: bytes::Bytes,
    },
    Ended {
        terminal: TerminalId,
        run: u64,
        exit: u8,
    },
    Seen(Topology),
    EngineGone(String),
    Tried(Trial, Outcome),
    /// A while after it was tried.
    Rested(Trial),
    Planned {
        page: ClientId,
        plan: lab::Result<ResetPlan>,
    },
    /// With what is still there, and why.
    WasReset(lab::Result<Vec<String>>),
    FilesChanged,
}

pub struct Desk {
    parts: Parts,
    context: cli::Context,
    tasks: FuturesUnordered<BoxFuture<'static, ()>>,
    report: Sender<Happening>,
    pages: BTreeMap<ClientId, Page>,
    history: History,
    terminals: BTreeMap<TerminalId, Terminal>,
    /// Where the output of closed terminals ended: one that is opened again under the same id goes on there.
    ends: BTreeMap<TerminalId, u64>,
    runs: u64,
    engine: EngineState,
    topology: Topology,
    /// As the pages know them.
    files: Vec<FileState>,
    progress: Progress,
    /// The lesson that the learner is at.
    open: Option<String>,
    goal: Option<Goal>,
    trials: Trials,
    /// The reset that was asked for last.
    plan: (u32, Option<ResetPlan>),
}

pub async fn answer(parts: Parts, mut pages: UnboundedReceiver<ClientEvent>) {
    let (report, mut reports) = channel(64);
    let mut desk = Desk::new(parts, report);
    desk.watch_files();
    loop {
        select! {
            event = pages.next() => match event {
                Some(event) => desk.page_event(event),
                // No handle is left, and no page: nobody could ever ask again.
                None => return,
            },
            happening = reports.select_next_some() => desk.happened(happening),
            () = desk.tasks.select_next_some() => {}
        }
    }
}

impl Desk {
    fn new(parts: Parts, report: Sender<Happening>) -> Self {
        let context = cli::Context {
            engine: Arc::clone(&parts.guard) as _,
            host: Arc::clone(&parts.host),
            hosts: Arc::clone(&parts.hosts),
            clock: Arc::clone(&parts.clock),
            files: parts.files.clone(),
            session: cli::Session::default(),
        };
        let files = files::listed(&parts.files);
        let stored = parts.store.load();
        let progress: Progress = stored
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let watch = watch::watch(
            Arc::clone(&parts.guard),
            Arc::clone(&parts.host),
            Arc::clone(&parts.clock),
            report.clone(),
        );
        let tasks = FuturesUnordered::new();
        tasks.push(watch.boxed());
        Self {
            open: progress.last_opened().map(|(lesson, _)| lesson.to_owned()),
            engine: parts.engine.clone(),
            parts,
            context,
            tasks,
            report,
            pages: BTreeMap::new(),
            history: History::default(),
            terminals: BTreeMap::new(),
            ends: BTreeMap::new(),
            runs: 0,
            topology: Topology::default(),
            files,
            progress,
            goal: None,
            trials: Trials::new(),
            plan: (0, None),
        }
    }

    fn page_event(&mut self, event: ClientEvent) {
        match event {
            ClientEvent::Connected(id, to) => {
                self.pages.insert(id, Page::new(to));
            }
            ClientEvent::Drained(id) => self.drained(id),
            ClientEvent::Gone(id) => {
                self.pages.remove(&id);
            }
            ClientEvent::Message(id, message) => self.message(id, message),
        }
    }

    fn message(&mut self, page: ClientId, message: ClientMessage) {
        let greeted = self.pages.get(&page).is_some_and(Page::is_greeted);
        match message {
            ClientMessage::Hello {
                protocol,
                resume,
                progress,
                ..
            } => self.hello(page, protocol, resume.as_ref(), progress),
            _ if !greeted => {
                self.refuse(page, "The first message must be a hello: reload the page.");
            }
            ClientMessage::Run {
                terminal,
                line,
                size,
            } => self.run(page, terminal, line, size),
            ClientMessage::Resize { terminal, size } => self.input(terminal, Input::Resize(size)),
            ClientMessage::Interrupt { terminal } => self.input(terminal, Input::Interrupt),
            ClientMessage::EndInput { terminal } => self.input(terminal, Input::End),
            ClientMessage::Input { terminal, bytes } => self.input(terminal, Input::Bytes(bytes)),
            ClientMessage::Close { terminal } => self.close(terminal),
            ClientMessage::Drawn { terminal, offset } => self.drawn(page, terminal, offset),
            ClientMessage::Open { lesson, step } => self.open(page, &lesson, step),
            ClientMessage::Predict {
                lesson,
                step,
                answer,
            } => self.predict(page, &lesson, step, answer),
            ClientMessage::ReadFile { path } => self.read_file(page, &path),
            ClientMessage::SaveFile { path, text } => self.save_file(page, &path, text),
            ClientMessage::RenameFile { from, to } => self.rename_file(page, &from, &to),
            ClientMessage::RemoveFile { path } => self.remove_file(page, &path),
            ClientMessage::PlanReset {} => self.plan_reset(page),
            ClientMessage::Reset { plan } => self.reset(page, plan),
        }
    }

    fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Output {
                terminal,
                run,
                bytes,
            } => self.output(terminal, run, &bytes),
            Happening::Ended {
                terminal,
                run,
                exit,
            } => self.ended(terminal, run, exit),
            Happening::Seen(topology) => self.seen(topology),
            Happening::EngineGone(sentence) => self.engine_gone(sentence),
            Happening::Tried(trial, outcome) => self.tried(trial, outcome),
            Happening::Rested(trial) => self.rested(trial),
            Happening::Planned { page, plan } => self.planned(page, plan),
            Happening::WasReset(kept) => self.was_reset(kept),
            Happening::FilesChanged => self.files_changed(),
        }
    }

    fn refuse(&self, page: ClientId, sentence: impl Into<String>) {
        if let Some(page) = self.pages.get(&page) {
            let sentence = sentence.into();
            page.answer(ServerMessage::Refused { sentence });
        }
    }
}
