//! Where everything comes together: one loop that takes what happens, one after the other, and tells the pages.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use cli::Input;
use course::{Fact, Lesson, Progress, What};
use futures::{
    FutureExt, SinkExt, StreamExt,
    channel::mpsc::{Sender, UnboundedReceiver, channel, unbounded},
    future::{BoxFuture, abortable},
    select,
    stream::FuturesUnordered,
};
use lab::{
    Size,
    guard::{Kind, ResetPlan},
    topology::Topology,
};

use crate::{
    Parts,
    connection::{ClientEvent, ClientId, ToClient},
    goal::{self, Trial, Trials},
    output::TerminalOutput,
    terminal::{Running, Terminal},
    watch,
    wire::{
        ClientMessage, EngineState, Goal, PROTOCOL, Resume, ServerMessage, Snapshot, TerminalId,
        Update, Welcome,
    },
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
    Tried(Trial, bool),
    Planned {
        client: ClientId,
        plan: lab::Result<ResetPlan>,
    },
    WasReset(lab::Result<Vec<String>>),
}

/// An unmet trial is made again after this.
const TRY_AGAIN: Duration = Duration::from_secs(1);
const MOST_TERMINALS: usize = 16;
/// Output bytes in one message.
const PIECE: usize = 32 * 1024;

struct Desk {
    parts: Parts,
    context: cli::Context,
    tasks: FuturesUnordered<BoxFuture<'static, ()>>,
    report: Sender<Happening>,
    clients: BTreeMap<ClientId, Client>,
    terminals: BTreeMap<TerminalId, Terminal>,
    engine: EngineState,
    topology: Topology,
    progress: Progress,
    open: Option<(String, usize)>,
    goal: Option<Goal>,
    trials: Trials,
    trying: Vec<Trial>,
    plans: BTreeMap<u32, ResetPlan>,
    next_plan: u32,
    seq: u64,
}

struct Client {
    to: ToClient,
    /// Has said hello: before that it is told nothing.
    greeted: bool,
    sent: BTreeMap<TerminalId, Sent>,
}

/// How much of a terminal a page was sent.
#[derive(Clone, Copy, Default)]
struct Sent {
    bytes: u64,
    lines: u64,
}

pub async fn answer(parts: Parts, mut clients: UnboundedReceiver<ClientEvent>) {
    let (report, mut reports) = channel(64);
    let mut desk = Desk::new(parts, report);
    loop {
        select! {
            event = clients.next() => match event {
                Some(event) => desk.client(event),
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
            clock: Arc::clone(&parts.clock),
        };
        let progress: Progress = parts
            .store
            .load()
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
            open: progress
                .last_opened()
                .map(|(lesson, step)| (lesson.to_owned(), step)),
            engine: parts.engine.clone(),
            parts,
            context,
            tasks,
            report,
            clients: BTreeMap::new(),
            terminals: BTreeMap::new(),
            topology: Topology::default(),
            progress,
            goal: None,
            trials: Trials::new(),
            trying: Vec::new(),
            plans: BTreeMap::new(),
            next_plan: 1,
            seq: 0,
        }
    }

    fn client(&mut self, event: ClientEvent) {
        match event {
            ClientEvent::Connected(id, to) => {
                let client = Client {
                    to,
                    greeted: false,
                    sent: BTreeMap::new(),
                };
                self.clients.insert(id, client);
            }
            ClientEvent::Drained(id) => self.send_output_to(id),
            ClientEvent::Gone(id) => {
                self.clients.remove(&id);
            }
            ClientEvent::Message(id, message) => self.message(id, message),
        }
    }

    fn message(&mut self, client: ClientId, message: ClientMessage) {
        match message {
            ClientMessage::Hello {
                protocol,
                resume,
                progress,
                ..
            } => self.hello(client, protocol, resume, progress),
            _ if !self
                .clients
                .get(&client)
                .is_some_and(|client| client.greeted) =>
            {
                self.refuse(
                    client,
                    "The first message must be a hello: reload the page.".to_owned(),
                );
            }
            ClientMessage::Run {
                terminal,
                line,
                size,
            } => self.run(client, terminal, line, size),
            ClientMessage::Resize { terminal, size } => self.input(terminal, Input::Resize(size)),
            ClientMessage::Interrupt { terminal } => self.input(terminal, Input::Interrupt),
            ClientMessage::EndInput { terminal } => self.input(terminal, Input::End),
            ClientMessage::Input { terminal, bytes } => self.input(terminal, Input::Bytes(bytes)),
            ClientMessage::Close { terminal } => self.close(terminal),
            ClientMessage::Open { lesson, step } => self.open(lesson, step),
            ClientMessage::Predict {
                lesson,
                step,
                answer,
            } => self.predict(lesson, step, answer),
            ClientMessage::PlanReset {} => self.plan_reset(client),
            ClientMessage::Reset { plan } => self.reset(client, plan),
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
            Happening::Tried(trial, reached) => self.tried(trial, reached),
            Happening::Planned { client, plan } => self.planned(client, plan),
            Happening::WasReset(removed) => self.was_reset(removed),
        }
    }

    // Pages

    fn hello(
        &mut self,
        id: ClientId,
        protocol: u32,
        resume: Option<Resume>,
        progress: Option<Progress>,
    ) {
        if protocol != PROTOCOL {
            let sentence = format!(
                "The page speaks version {protocol} of the protocol and this session version {PROTOCOL}: reload the page."
            );
            return self.refuse(id, sentence);
        }
        if let Some(progress) = progress {
            self.learn(progress);
        }
        let snapshot = self.snapshot();
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        client.greeted = true;
        client.sent = match resume {
            Some(resume) if resume.epoch == self.parts.epoch => {
                sent_before(&resume, &self.terminals)
            }
            _ => BTreeMap::new(),
        };
        // A snapshot is small and always right: only terminal bytes are worth going on where they were.
        client.to.send(ServerMessage::Welcome(Box::new(Welcome {
            protocol: PROTOCOL,
            epoch: self.parts.epoch.clone(),
            seq: self.seq,
            snapshot,
        })));
        self.send_output_to(id);
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            engine: self.engine.clone(),
            course: (*self.parts.course).clone(),
            progress: self.progress.clone(),
            topology: self.topology.clone(),
            terminals: self
                .terminals
                .iter()
                .map(|(id, terminal)| terminal.state(*id))
                .collect(),
            goal: self.goal.clone(),
        }
    }

    fn tell(&mut self, update: &Update) {
        self.seq += 1;
        for client in self.clients.values().filter(|client| client.greeted) {
            client.to.send(ServerMessage::Update {
                seq: self.seq,
                update: update.clone(),
            });
        }
    }

    fn refuse(&self, client: ClientId, sentence: String) {
        if let Some(client) = self.clients.get(&client) {
            client.to.send(ServerMessage::Refused { sentence });
        }
    }

    // Terminals

    fn run(&mut self, client: ClientId, id: TerminalId, line: String, size: Size) {
        if self
            .terminals
            .get(&id)
            .is_some_and(|terminal| terminal.running.is_some())
        {
            let sentence =
                "A command runs in this terminal: stop it first, or use another terminal.";
            return self.refuse(client, sentence.to_owned());
        }
        if self.terminals.len() >= MOST_TERMINALS && !self.terminals.contains_key(&id) {
            let sentence = format!(
                "There are {MOST_TERMINALS} terminals already, which is the most: close one first."
            );
            return self.refuse(client, sentence);
        }
        let (input, typed) = unbounded();
        let terminal = self.terminals.entry(id).or_default();
        terminal.runs += 1;
        let run = terminal.runs;
        terminal.ring.push(prompt(&line).as_bytes());
        let io = cli::Io {
            input: typed.boxed(),
            output: Box::new(TerminalOutput {
                terminal: id,
                run,
                to: self.report.clone(),
                last: b'\n',
            }),
            terminal: Some(size),
        };
        let (running, stop) = abortable(run_line(
            line.clone(),
            self.context.clone(),
            io,
            id,
            run,
            self.report.clone(),
        ));
        terminal.running = Some(Running {
            line: line.clone(),
            input,
            stop,
        });
        self.tasks.push(running.map(drop).boxed());
        self.tell(&Update::Started { terminal: id, line });
        self.send_output(id);
    }

    fn input(&mut self, terminal: TerminalId, input: Input) {
        if let Some(terminal) = self.terminals.get(&terminal) {
            terminal.input(input);
        }
    }

    fn output(&mut self, id: TerminalId, run: u64, bytes: &[u8]) {
        let Some(terminal) = self
            .terminals
            .get_mut(&id)
            .filter(|terminal| terminal.runs == run)
        else {
            return;
        };
        terminal.ring.push(bytes);
        self.send_output(id);
    }

    fn ended(&mut self, id: TerminalId, run: u64, exit: u8) {
        let Some(terminal) = self
            .terminals
            .get_mut(&id)
            .filter(|terminal| terminal.runs == run)
        else {
            return;
        };
        terminal.running = None;
        terminal.last_exit = Some(exit);
        self.tell(&Update::Ended { terminal: id, exit });
    }

    fn close(&mut self, id: TerminalId) {
        if self.terminals.remove(&id).is_some() {
            for client in self.clients.values_mut() {
                client.sent.remove(&id);
            }
            self.tell(&Update::Closed { terminal: id });
        }
    }

    fn send_output(&mut self, id: TerminalId) {
        let Some(terminal) = self.terminals.get(&id) else {
            return;
        };
        for client in self.clients.values_mut().filter(|client| client.greeted) {
            client.take(id, terminal);
        }
    }

    fn send_output_to(&mut self, id: ClientId) {
        let Some(client) = self.clients.get_mut(&id).filter(|client| client.greeted) else {
            return;
        };
        for (id, terminal) in &self.terminals {
            client.take(*id, terminal);
        }
    }

    // Engine and topology

    fn seen(&mut self, topology: Topology) {
        if self.engine.gone.take().is_some() {
            self.tell(&Update::Engine {
                engine: self.engine.clone(),
            });
        }
        let changes = self.topology.changes_to(&topology);
        if changes.is_empty() {
            return;
        }
        self.topology = topology;
        self.tell(&Update::Topology { changes });
        self.ask_goal();
    }

    fn engine_gone(&mut self, sentence: String) {
        if self.engine.gone.as_ref() != Some(&sentence) {
            self.engine.gone = Some(sentence);
            self.tell(&Update::Engine {
                engine: self.engine.clone(),
            });
        }
    }

    // Lessons

    fn open(&mut self, lesson: String, step: usize) {
        let Some(opened) = self
            .parts
            .course
            .lessons
            .iter()
            .find(|known| known.id == lesson)
        else {
            return;
        };
        // A step that asks for nothing is reached by reading it.
        let read = opened
            .steps
            .get(step)
            .is_some_and(|step| step.checks.is_empty());
        self.open = Some((lesson.clone(), step));
        self.note(&lesson, step, What::Opened);
        if read && !self.progress.reached(&lesson, step) {
            self.note(&lesson, step, What::Reached);
        }
        self.ask_goal();
    }

    fn predict(&mut self, lesson: String, step: usize, answer: usize) {
        if self.progress.predicted(&lesson, step).is_none() {
            self.note(&lesson, step, What::Predicted { answer });
        }
    }

    /// Looks at the open lesson's checks again, and tries what must be tried.
    fn ask_goal(&mut self) {
        let Some((id, _)) = &self.open else { return };
        let course = Arc::clone(&self.parts.course);
        let Some(lesson) = course.lessons.iter().find(|lesson| lesson.id == *id) else {
            return;
        };
        let wanted = goal::wanted(lesson, &self.topology);
        self.trials.retain(|trial, _| wanted.contains(trial));
        for trial in wanted {
            self.try_now(trial);
        }
        let goal = goal::goal(lesson, &self.topology, &self.trials);
        self.keep_goal(lesson, goal);
    }

    fn keep_goal(&mut self, lesson: &Lesson, goal: Goal) {
        if self.goal.as_ref() == Some(&goal) {
            return;
        }
        for (step, checks) in goal.steps.iter().enumerate() {
            let holds = !checks.is_empty() && checks.iter().all(|check| check.met);
            if holds && !self.progress.reached(&lesson.id, step) {
                self.note(&lesson.id, step, What::Reached);
            }
        }
        self.goal = Some(goal.clone());
        self.tell(&Update::Goal { goal });
    }

    fn try_now(&mut self, trial: Trial) {
        if self.trying.contains(&trial) {
            return;
        }
        self.trying.push(trial.clone());
        let trying = goal::try_it(Arc::clone(&self.parts.guard), trial, self.report.clone());
        self.tasks.push(trying.boxed());
    }

    fn tried(&mut self, trial: Trial, reached: bool) {
        self.trials.insert(trial.clone(), reached);
        if reached {
            self.trying.retain(|trying| *trying != trial);
            return self.show_goal();
        }
        // Not yet: once more in a while, for as long as somebody wants to know.
        if self.is_wanted(&trial) {
            let wait = self.parts.clock.sleep(TRY_AGAIN);
            let trying = goal::try_it(Arc::clone(&self.parts.guard), trial, self.report.clone());
            self.tasks.push(wait.then(|()| trying).boxed());
        } else {
            self.trying.retain(|trying| *trying != trial);
        }
        self.show_goal();
    }

    fn is_wanted(&self, trial: &Trial) -> bool {
        let lessons = &self.parts.course.lessons;
        let open = self
            .open
            .as_ref()
            .and_then(|(id, _)| lessons.iter().find(|lesson| lesson.id == *id));
        open.is_some_and(|lesson| goal::wanted(lesson, &self.topology).contains(trial))
    }

    /// The goal with what was just tried, without trying again.
    fn show_goal(&mut self) {
        let Some((id, _)) = &self.open else { return };
        let course = Arc::clone(&self.parts.course);
        let Some(lesson) = course.lessons.iter().find(|lesson| lesson.id == *id) else {
            return;
        };
        let goal = goal::goal(lesson, &self.topology, &self.trials);
        self.keep_goal(lesson, goal);
    }

    fn note(&mut self, lesson: &str, step: usize, what: What) {
        let fact = Fact {
            at: self.parts.clock.now().as_millisecond(),
            lesson: lesson.to_owned(),
            step,
            what,
        };
        self.learn(Progress {
            facts: [fact].into(),
        });
    }

    fn learn(&mut self, progress: Progress) {
        let before = self.progress.facts.len();
        self.progress.merge(progress.clone());
        if self.progress.facts.len() == before {
            return;
        }
        if let Ok(text) = serde_json::to_string(&self.progress) {
            self.parts.store.save(&text);
        }
        self.tell(&Update::Progress { progress });
    }

    // Reset

    fn plan_reset(&mut self, client: ClientId) {
        let (guard, mut report) = (Arc::clone(&self.parts.guard), self.report.clone());
        let planning = async move {
            let plan = guard.plan_reset().await;
            let _ = report.send(Happening::Planned { client, plan }).await;
        };
        self.tasks.push(planning.boxed());
    }

    fn planned(&mut self, client: ClientId, plan: lab::Result<ResetPlan>) {
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                return self.refuse(client, format!("The lab cannot be looked at now: {error}."));
            }
        };
        let number = self.next_plan;
        self.next_plan += 1;
        let names = |kind| {
            plan.things
                .iter()
                .filter(move |thing| thing.kind == kind)
                .map(|thing| thing.name.clone())
                .collect()
        };
        if let Some(client) = self.clients.get(&client) {
            client.to.send(ServerMessage::ResetPlan {
                plan: number,
                containers: names(Kind::Container),
                networks: names(Kind::Network),
            });
        }
        // Only the newest can still be what somebody looks at.
        self.plans = BTreeMap::from([(number, plan)]);
    }

    fn reset(&mut self, client: ClientId, plan: u32) {
        let Some(plan) = self.plans.remove(&plan) else {
            return self.refuse(
                client,
                "The lab was looked at again since: ask for the reset once more.".to_owned(),
            );
        };
        let (guard, mut report) = (Arc::clone(&self.parts.guard), self.report.clone());
        let resetting = async move {
            let removed = guard.reset(&plan).await;
            let kept = removed.map(|removed| {
                removed
                    .kept
                    .into_iter()
                    .map(|kept| format!("{}: {}", kept.thing.name, kept.why))
                    .collect()
            });
            let _ = report.send(Happening::WasReset(kept)).await;
        };
        self.tasks.push(resetting.boxed());
    }

    fn was_reset(&mut self, kept: lab::Result<Vec<String>>) {
        let sentence = match kept {
            Ok(kept) if kept.is_empty() => return,
            Ok(kept) => format!("Not everything was removed. {}", kept.join(" ")),
            Err(error) => format!("The reset was broken off: {error}."),
        };
        for client in self.clients.keys() {
            self.refuse(*client, sentence.clone());
        }
    }
}

impl Client {
    /// Sends what there is room for of a terminal's output; the rest when the page has taken some.
    fn take(&mut self, id: TerminalId, terminal: &Terminal) {
        let sent = self.sent.entry(id).or_default();
        let ring = &terminal.ring;
        if sent.bytes < ring.start() {
            let lines = ring.lines_before_start().saturating_sub(sent.lines);
            let word = format!("\r\n\x1b[33m… {lines} lines skipped\x1b[0m\r\n");
            // It takes the place of the last bytes that were skipped.
            let offset = ring
                .start()
                .saturating_sub(word.len() as u64)
                .max(sent.bytes);
            self.to.send(ServerMessage::Output {
                terminal: id,
                offset,
                bytes: word.into(),
            });
            *sent = Sent {
                bytes: ring.start(),
                lines: ring.lines_before_start(),
            };
        }
        while sent.bytes < ring.end() {
            let bytes = ring.read(sent.bytes, PIECE.min(self.to.room()));
            if bytes.is_empty() {
                return;
            }
            let offset = sent.bytes;
            sent.bytes += bytes.len() as u64;
            sent.lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            self.to.send(ServerMessage::Output {
                terminal: id,
                offset,
                bytes,
            });
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
    let _ = report
        .send(Happening::Ended {
            terminal,
            run,
            exit,
        })
        .await;
}

/// The line as it stands in the terminal's text. What was typed is data: control characters are not passed on.
fn prompt(line: &str) -> String {
    let shown: String = line
        .chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    format!("\x1b[32m$\x1b[0m {shown}\r\n")
}

fn sent_before(
    resume: &Resume,
    terminals: &BTreeMap<TerminalId, Terminal>,
) -> BTreeMap<TerminalId, Sent> {
    let sent = |(id, bytes): (&TerminalId, &u64)| {
        let ring = &terminals.get(id)?.ring;
        let sent = Sent {
            bytes: (*bytes).min(ring.end()),
            lines: ring.lines_before_start(),
        };
        Some((*id, sent))
    };
    resume.offsets.iter().filter_map(sent).collect()
}
