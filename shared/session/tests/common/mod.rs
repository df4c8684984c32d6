//! A session over the simulated engine, driven by hand: time passes only when nothing else can happen.

mod cable;

use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use course::{Course, our_course};
use futures::{
    FutureExt, StreamExt,
    executor::{LocalPool, block_on},
    future::BoxFuture,
    task::LocalSpawnExt,
};
use jiff::Timestamp;
use lab::{
    Clock, Engine, Host, OnlyThisHost, Size,
    guard::{Guard, Limits, MemoryJournal},
};
use session::{
    Inbox, Outbox, Parts, Session, Store, session,
    wire::{
        ClientMessage, EngineKind, EngineState, Goal, PROTOCOL, Resume, ServerMessage, TerminalId,
        Update, Welcome,
    },
};
use simulated::Simulated;

use cable::Cable;

pub const ONE: TerminalId = TerminalId(1);
pub const LESSON: &str = "names-on-a-custom-bridge";
pub const EPOCH: &str = "epoch";

/// Its hands move from one sleeper's end to the next, when told to.
#[derive(Clone, Default)]
pub struct HandClock(Arc<Mutex<Hands>>);

#[derive(Default)]
struct Hands {
    now: Timestamp,
    sleepers: BTreeMap<(Timestamp, u64), Option<Waker>>,
    next: u64,
}

struct Sleep {
    clock: HandClock,
    key: (Timestamp, u64),
}

impl HandClock {
    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// On to the next sleeper's end, if that is at most `until`.
    fn step(&self, until: Timestamp) -> bool {
        let mut hands = self.hands();
        let now = hands.now;
        let next = hands.sleepers.keys().find(|(end, _)| *end > now).copied();
        let Some((end, _)) = next.filter(|(end, _)| *end <= until) else {
            hands.now = until;
            return false;
        };
        hands.now = end;
        let over = hands.sleepers.range_mut(..=(end, u64::MAX));
        let wakers: Vec<Waker> = over.filter_map(|(_, waker)| waker.take()).collect();
        drop(hands);
        wakers.into_iter().for_each(Waker::wake);
        true
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        self.hands().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut hands = self.hands();
        hands.next += 1;
        let key = (hands.now + duration, hands.next);
        hands.sleepers.insert(key, None);
        let clock = self.clone();
        Sleep { clock, key }.boxed()
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut hands = self.clock.hands();
        if hands.now >= self.key.0 {
            return Poll::Ready(());
        }
        hands
            .sleepers
            .insert(self.key, Some(context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.hands().sleepers.remove(&self.key);
    }
}

#[derive(Default)]
pub struct Kept(pub Mutex<Option<String>>);

impl Store for Kept {
    fn load(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn save(&self, text: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
    }
}

pub struct World {
    pool: LocalPool,
    clock: HandClock,
    pub engine: Simulated,
    /// Between the session and the engine.
    pub cable: Cable,
    pub session: Session,
    pub kept: Arc<Kept>,
}

impl World {
    pub fn new() -> Self {
        Self::with(our_course())
    }

    pub fn with(course: Course) -> Self {
        let clock = HandClock::default();
        clock.hands().now = "2026-01-01T00:00:00Z".parse().expect("a time");
        let engine = Simulated::new(Arc::new(clock.clone()), 7);
        Self::over(clock, engine, course, Arc::default())
    }

    /// A session that was started again: what was kept is all that it knows.
    pub fn again(&self) -> Self {
        let (clock, engine) = (self.clock.clone(), self.engine.clone());
        Self::over(clock, engine, our_course(), Arc::clone(&self.kept))
    }

    fn over(clock: HandClock, engine: Simulated, course: Course, kept: Arc<Kept>) -> Self {
        let numbers = std::sync::atomic::AtomicU64::new(0);
        let nonce = move || {
            let number = numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            format!("{number:032x}")
        };
        let cable = Cable::to(engine.clone());
        let guard = Guard::new(
            Arc::new(cable.clone()) as Arc<dyn Engine>,
            Arc::new(MemoryJournal::default()),
            Limits::default(),
            nonce,
        );
        let (session, answering) = session(Parts {
            guard: Arc::new(guard),
            host: Arc::new(engine.clone()) as Arc<dyn Host>,
            hosts: Arc::new(OnlyThisHost),
            clock: Arc::new(clock.clone()),
            course: Arc::new(course),
            files: lab::files::Files::default(),
            store: Arc::clone(&kept) as Arc<dyn Store>,
            engine: engine_state(),
            epoch: EPOCH.to_owned(),
        });
        let pool = LocalPool::new();
        pool.spawner().spawn_local(answering).expect("a pool");
        Self {
            pool,
            clock,
            engine,
            cable,
            session,
            kept,
        }
    }

    /// Makes something outside of the lab.
    pub fn outside(&mut self, line: &str) {
        let context = cli::Context {
            engine: Arc::new(self.engine.clone()),
            host: Arc::new(self.engine.clone()),
            hosts: Arc::new(OnlyThisHost),
            clock: Arc::new(self.clock.clone()),
            files: lab::files::Files::default(),
            session: cli::Session::default(),
        };
        let io = cli::Io {
            input: futures::stream::empty().boxed(),
            output: Box::new(Nowhere),
            terminal: None,
        };
        assert_eq!(block_on(cli::run(line, &context, io)), 0, "{line}");
    }

    pub fn page(&self) -> Page {
        let (outbox, inbox) = self.session.connect();
        Page {
            outbox,
            inbox: Some(inbox),
            told: Vec::new(),
            shown: BTreeMap::new(),
            goal: None,
            draws: true,
        }
    }

    /// A page that has said hello and was welcomed.
    pub fn greeted(&mut self) -> Page {
        let mut page = self.page();
        page.send(hello(None));
        self.settle(&mut page);
        page
    }

    /// Until nothing more happens without time.
    pub fn settle(&mut self, page: &mut Page) {
        loop {
            self.pool.run_until_stalled();
            if !page.take() {
                return;
            }
        }
    }

    /// Lets time pass.
    pub fn wait(&mut self, seconds: i64, page: &mut Page) {
        let until = self.clock.now() + jiff::SignedDuration::from_secs(seconds);
        self.settle(page);
        while self.clock.step(until) {
            self.settle(page);
        }
    }

    /// Until it is so; time passes for at most a minute.
    pub fn until(&mut self, page: &mut Page, what: &str, so: impl Fn(&Page) -> bool) {
        let end = self.clock.now() + jiff::SignedDuration::from_secs(60);
        self.settle(page);
        while !so(page) {
            assert!(self.clock.step(end), "never: {what}; told {:#?}", page.told);
            self.settle(page);
        }
    }

    /// Runs a line to its end: what the terminal shows of it, and the exit code.
    pub fn run(&mut self, page: &mut Page, line: &str) -> (String, u8) {
        let before = page.text(ONE).len();
        page.told.clear();
        page.send(run(ONE, line));
        self.until(page, line, |page| page.exit().is_some());
        let shown = page.text(ONE)[before..].to_owned();
        (shown, page.exit().unwrap_or_default())
    }
}

pub struct Page {
    outbox: Outbox,
    /// `None` once it was cut off.
    pub inbox: Option<Inbox>,
    /// All but the output.
    pub told: Vec<ServerMessage>,
    /// Per terminal: where the output goes on, and its text.
    shown: BTreeMap<TerminalId, (u64, Vec<u8>)>,
    pub goal: Option<Goal>,
    /// Whether it tells that it has drawn what it was shown.
    pub draws: bool,
}

impl Page {
    pub fn send(&self, message: ClientMessage) {
        self.outbox.send(message);
    }

    /// Takes all that is there.
    fn take(&mut self) -> bool {
        let mut any = false;
        while let Some(Some(message)) = self
            .inbox
            .as_mut()
            .and_then(|inbox| inbox.next().now_or_never())
        {
            any = true;
            self.receive(message);
        }
        any
    }

    fn receive(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Output {
                terminal,
                offset,
                bytes,
            } => {
                let (next, text) = self.shown.entry(terminal).or_default();
                assert!(offset >= *next, "{offset} was shown already, up to {next}");
                text.extend(&bytes);
                *next = offset + bytes.len() as u64;
                if self.draws {
                    let offset = *next;
                    self.send(ClientMessage::Drawn { terminal, offset });
                }
            }
            message => {
                match &message {
                    ServerMessage::Welcome(welcome) => self.goal.clone_from(&welcome.snapshot.goal),
                    ServerMessage::Update {
                        update: Update::Goal { goal },
                        ..
                    } => self.goal = Some(goal.clone()),
                    _ => {}
                }
                self.told.push(message);
            }
        }
    }

    pub fn text(&self, id: TerminalId) -> String {
        let shown = self.shown.get(&id);
        shown.map_or_else(String::new, |(_, text)| {
            String::from_utf8_lossy(text).into_owned()
        })
    }

    /// Where its output goes on.
    pub fn next(&self, id: TerminalId) -> u64 {
        self.shown.get(&id).map_or(0, |(next, _)| *next)
    }

    pub fn exit(&self) -> Option<u8> {
        self.updates().find_map(|update| match update {
            Update::Ended { exit, .. } => Some(*exit),
            _ => None,
        })
    }

    pub fn updates(&self) -> impl Iterator<Item = &Update> {
        self.told.iter().filter_map(|message| match message {
            ServerMessage::Update { update, .. } => Some(update),
            _ => None,
        })
    }

    pub fn seqs(&self) -> Vec<u64> {
        let seq = |message: &ServerMessage| match message {
            ServerMessage::Update { seq, .. } => Some(*seq),
            _ => None,
        };
        self.told.iter().filter_map(seq).collect()
    }

    pub fn welcomes(&self) -> Vec<&Welcome> {
        let welcome = |message: &'_ ServerMessage| matches!(message, ServerMessage::Welcome(_));
        let welcomes = self.told.iter().filter(|message| welcome(message));
        welcomes
            .filter_map(|message| match message {
                ServerMessage::Welcome(welcome) => Some(&**welcome),
                _ => None,
            })
            .collect()
    }

    pub fn refused(&self) -> Vec<&str> {
        let sentences = self.told.iter().filter_map(|message| match message {
            ServerMessage::Refused { sentence } => Some(sentence.as_str()),
            _ => None,
        });
        sentences.collect()
    }

    /// Whether each check holds, and what is seen, over all the lesson's steps.
    pub fn checks(&self) -> Vec<(bool, &str)> {
        let steps = self.goal.iter().flat_map(|goal| &goal.steps);
        steps
            .flatten()
            .map(|check| (check.met, check.seen.as_str()))
            .collect()
    }

    /// Its connection is cut.
    pub fn cut(&mut self) -> u64 {
        self.inbox = None;
        self.seqs().last().copied().unwrap_or_default()
    }

    /// Connects again, and says what it has.
    pub fn come_back(&mut self, world: &World, seq: u64, epoch: &str) {
        let (outbox, inbox) = world.session.connect();
        (self.outbox, self.inbox) = (outbox, Some(inbox));
        self.told.clear();
        self.send(hello(Some(Resume {
            epoch: epoch.to_owned(),
            seq,
            offsets: self
                .shown
                .iter()
                .map(|(id, (next, _))| (*id, *next))
                .collect(),
        })));
    }
}

pub fn hello(resume: Option<Resume>) -> ClientMessage {
    ClientMessage::Hello {
        protocol: PROTOCOL,
        token: None,
        resume,
        progress: None,
    }
}

pub fn run(terminal: TerminalId, line: &str) -> ClientMessage {
    ClientMessage::Run {
        terminal,
        line: line.to_owned(),
        size: Size::default(),
    }
}

pub fn open(step: usize) -> ClientMessage {
    ClientMessage::Open {
        lesson: LESSON.to_owned(),
        step,
    }
}

pub fn engine_state() -> EngineState {
    EngineState {
        kind: EngineKind::Simulated,
        name: "Simulated engine".to_owned(),
        gone: None,
        why: None,
    }
}

struct Nowhere;

#[async_trait::async_trait]
impl cli::Output for Nowhere {
    async fn stdout(&mut self, _: &[u8]) {}
    async fn stderr(&mut self, _: &[u8]) {}
}
