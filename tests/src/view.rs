//! What a page shows: the messages it gets, taken together as the page takes them.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use course::Progress;
use lab::{Size, topology::Topology};
use session::wire::{ClientMessage, EngineState, Goal, ServerMessage, TerminalId, Update, Welcome};
use tokio::time::timeout;

use crate::page::Page;

/// Nothing that is waited for here takes longer on a machine that does other things, too.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct View {
    page: Page,
    pub engine: EngineState,
    pub topology: Topology,
    pub progress: Progress,
    pub goal: Option<Goal>,
    pub plan: Option<Plan>,
    /// Sentences that answered what could not be done.
    pub refused: Vec<String>,
    shown: BTreeMap<u32, Vec<u8>>,
    exits: BTreeMap<u32, u8>,
}

/// What a reset would remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub number: u32,
    pub containers: Vec<String>,
    pub networks: Vec<String>,
}

impl View {
    pub fn new(page: Page, welcome: Welcome) -> Self {
        let snapshot = welcome.snapshot;
        Self {
            page,
            engine: snapshot.engine,
            topology: snapshot.topology,
            progress: snapshot.progress,
            goal: snapshot.goal,
            plan: None,
            refused: Vec::new(),
            shown: BTreeMap::new(),
            exits: BTreeMap::new(),
        }
    }

    pub async fn send(&mut self, message: ClientMessage) {
        self.page.send(message).await;
    }

    /// Takes messages until it is so; fails if it never is.
    pub async fn until(&mut self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        let began = Instant::now();
        while !is_so(self) {
            let left = PATIENCE.checked_sub(began.elapsed());
            let next = timeout(left.unwrap_or_default(), self.take()).await;
            assert!(
                next == Ok(true),
                "never: {what}\nengine: {:?}\ngoal: {:?}\nrefused: {:?}\ntopology: {:?}\nshown: {:?}",
                self.engine,
                self.goal,
                self.refused,
                self.topology,
                self.shown
                    .keys()
                    .map(|id| (id, self.text(*id)))
                    .collect::<Vec<_>>(),
            );
        }
    }

    /// Takes messages for a while, or until it is so: whether it is.
    pub async fn within(&mut self, limit: Duration, mut is_so: impl FnMut(&Self) -> bool) -> bool {
        let waiting = async {
            while !is_so(self) {
                assert!(self.take().await, "the connection was closed");
            }
        };
        timeout(limit, waiting).await.is_ok()
    }

    /// Takes the next message; false when the connection is gone.
    pub async fn take(&mut self) -> bool {
        match self.page.next().await {
            None => return false,
            Some(ServerMessage::Update { update, .. }) => self.update(update),
            Some(ServerMessage::Output {
                terminal, bytes, ..
            }) => self.shown.entry(terminal.0).or_default().extend(bytes),
            Some(ServerMessage::Refused { sentence }) => self.refused.push(sentence),
            Some(ServerMessage::ResetPlan {
                plan,
                containers,
                networks,
            }) => {
                self.plan = Some(Plan {
                    number: plan,
                    containers,
                    networks,
                });
            }
            // No test looks at an editor here.
            Some(ServerMessage::File { .. } | ServerMessage::OpenFile { .. }) => {}
            Some(ServerMessage::Welcome(_)) => panic!("this page fell behind"),
        }
        true
    }

    fn update(&mut self, update: Update) {
        match update {
            Update::Topology { changes } => {
                for change in changes {
                    self.topology.apply(change);
                }
            }
            Update::FreshTopology { topology } => self.topology = topology,
            Update::Engine { engine } => self.engine = engine,
            Update::Ended { terminal, exit } => drop(self.exits.insert(terminal.0, exit)),
            Update::Goal { goal } => self.goal = Some(goal),
            Update::Progress { progress } => self.progress.merge(progress),
            Update::Started { .. } | Update::Closed { .. } | Update::Files { .. } => {}
        }
    }

    /// Begins to run a line.
    pub async fn start(&mut self, terminal: u32, line: &str) {
        self.shown.remove(&terminal);
        self.exits.remove(&terminal);
        self.send(ClientMessage::Run {
            terminal: TerminalId(terminal),
            line: line.to_owned(),
            size: Size::default(),
        })
        .await;
    }

    /// Runs a line to its end: what it printed, and its exit code.
    pub async fn run(&mut self, terminal: u32, line: &str) -> (String, u8) {
        self.start(terminal, line).await;
        self.ended(terminal, line).await
    }

    /// Waits for the end of what runs there.
    pub async fn ended(&mut self, terminal: u32, line: &str) -> (String, u8) {
        let what = format!("{line} ends");
        self.until(&what, |view| view.exit(terminal).is_some())
            .await;
        (self.text(terminal), self.exits[&terminal])
    }

    pub async fn interrupt(&mut self, terminal: u32) {
        let terminal = TerminalId(terminal);
        self.send(ClientMessage::Interrupt { terminal }).await;
    }

    pub fn exit(&self, terminal: u32) -> Option<u8> {
        self.exits.get(&terminal).copied()
    }

    /// What a terminal showed of the last line, after the line itself, with line ends as a program writes them.
    pub fn text(&self, terminal: u32) -> String {
        let bytes = self.bytes(terminal);
        String::from_utf8_lossy(bytes).replace("\r\n", "\n")
    }

    /// The same, byte for byte.
    pub fn bytes(&self, terminal: u32) -> &[u8] {
        let bytes = self.shown.get(&terminal).map_or(&[][..], Vec::as_slice);
        let prompt = bytes.windows(2).position(|two| two == b"\r\n");
        prompt.map_or(&[], |end| &bytes[end + 2..])
    }

    /// Whether each check of a step of the open lesson holds.
    pub fn holds(&self, lesson: &str, step: usize) -> Option<Vec<bool>> {
        let goal = self.goal.as_ref().filter(|goal| goal.lesson == lesson)?;
        Some(goal.steps[step].iter().map(|check| check.met).collect())
    }

    /// What a reset would remove, then exactly that.
    pub async fn reset(&mut self) -> Plan {
        self.plan = None;
        self.send(ClientMessage::PlanReset {}).await;
        self.until("a plan", |view| view.plan.is_some()).await;
        let plan = self.plan.clone().expect("a plan");
        self.send(ClientMessage::Reset { plan: plan.number }).await;
        self.until("nothing of the lab's is left", |view| {
            let topology = &view.topology;
            !topology.containers.values().any(|container| container.ours)
                && !topology.networks.values().any(|network| network.ours)
        })
        .await;
        plan
    }
}
