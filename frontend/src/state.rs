//! What the page shows, and how each message changes it. Plain functions: no browser is needed to test them.

use std::collections::BTreeMap;

use course::{Course, Lesson, Progress};
use lab::topology::Topology;
use session::wire::{
    EngineKind, EngineState, FileState, Goal, Resume, ServerMessage, Snapshot, TerminalId,
    TerminalState, Update, Welcome,
};

/// All that the session told, at this moment. Terminal bytes go to the terminals directly and are not kept here.
#[derive(Clone, Debug)]
pub struct State {
    pub course: Course,
    pub engine: EngineState,
    pub progress: Progress,
    pub topology: Topology,
    pub goal: Option<Goal>,
    pub terminals: BTreeMap<TerminalId, Terminal>,
    pub files: Vec<FileState>,
    /// What was refused last, until something is done again.
    pub refused: Option<String>,
    pub reset_plan: Option<ResetPlan>,
    /// Lines that ran to an exit code of 0 or run now, in this run of the session.
    pub lines: BTreeMap<String, LineState>,
    epoch: Option<String>,
    seq: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    pub running: Option<String>,
    pub last_exit: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    Running,
    Ended(u8),
}

/// What a reset would remove, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetPlan {
    pub number: u32,
    pub containers: Vec<String>,
    pub networks: Vec<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            course: Course::default(),
            engine: EngineState {
                kind: EngineKind::Simulated,
                name: "Looking for an engine …".to_owned(),
                gone: None,
                why: None,
            },
            progress: Progress::default(),
            topology: Topology::default(),
            goal: None,
            terminals: BTreeMap::new(),
            files: Vec::new(),
            refused: None,
            reset_plan: None,
            lines: BTreeMap::new(),
            epoch: None,
            seq: 0,
        }
    }
}

impl State {
    pub fn apply(&mut self, message: ServerMessage) {
        match message {
            ServerMessage::Welcome(welcome) => self.welcome(*welcome),
            ServerMessage::Update { seq, update } => {
                self.seq = seq;
                self.update(update);
            }
            ServerMessage::ResetPlan {
                plan,
                containers,
                networks,
            } => {
                self.reset_plan = Some(ResetPlan {
                    number: plan,
                    containers,
                    networks,
                });
            }
            ServerMessage::Refused { sentence } => self.refused = Some(sentence),
            // They go elsewhere: to the screens, and to the editor.
            ServerMessage::Output { .. }
            | ServerMessage::File { .. }
            | ServerMessage::OpenFile { .. } => {}
        }
    }

    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.course.lessons.iter().find(|lesson| lesson.id == id)
    }

    /// What to ask for after a cut, so that only what was missed is sent.
    pub fn resume(&self, offsets: BTreeMap<TerminalId, u64>) -> Option<Resume> {
        self.epoch.clone().map(|epoch| Resume {
            epoch,
            seq: self.seq,
            offsets,
        })
    }

    /// Whether the first snapshot is here.
    pub fn is_ready(&self) -> bool {
        self.epoch.is_some()
    }

    pub fn is_epoch(&self, epoch: &str) -> bool {
        self.epoch.as_deref() == Some(epoch)
    }

    fn welcome(&mut self, welcome: Welcome) {
        if !self.is_epoch(&welcome.epoch) {
            self.lines.clear();
        }
        self.epoch = Some(welcome.epoch);
        self.seq = welcome.seq;
        let Snapshot {
            engine,
            course,
            progress,
            topology,
            terminals,
            files,
            goal,
        } = welcome.snapshot;
        self.engine = engine;
        self.course = course;
        self.progress = progress;
        self.topology = topology;
        self.goal = goal;
        self.files = files;
        self.terminals = terminals.into_iter().map(terminal).collect();
        for terminal in self.terminals.values() {
            if let Some(line) = &terminal.running {
                self.lines.insert(line.clone(), LineState::Running);
            }
        }
    }

    fn update(&mut self, update: Update) {
        match update {
            Update::Topology { changes } => changes
                .into_iter()
                .for_each(|change| self.topology.apply(change)),
            Update::FreshTopology { topology } => self.topology = topology,
            Update::Engine { engine } => self.engine = engine,
            Update::Started { terminal, line } => self.started(terminal, line),
            Update::Ended { terminal, exit } => self.ended(terminal, exit),
            Update::Closed { terminal } => {
                self.terminals.remove(&terminal);
            }
            Update::Goal { goal } => self.goal = Some(goal),
            Update::Progress { progress } => self.progress.merge(progress),
            Update::Files { files } => self.files = files,
        }
    }

    fn started(&mut self, terminal: TerminalId, line: String) {
        self.refused = None;
        self.lines.insert(line.clone(), LineState::Running);
        self.terminals.entry(terminal).or_default().running = Some(line);
    }

    fn ended(&mut self, terminal: TerminalId, exit: u8) {
        let terminal = self.terminals.entry(terminal).or_default();
        terminal.last_exit = Some(exit);
        if let Some(line) = terminal.running.take() {
            self.lines.insert(line, LineState::Ended(exit));
        }
    }
}

fn terminal(state: TerminalState) -> (TerminalId, Terminal) {
    let terminal = Terminal {
        running: state.running,
        last_exit: state.last_exit,
    };
    (state.id, terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: TerminalId = TerminalId(1);

    fn update(seq: u64, update: Update) -> ServerMessage {
        ServerMessage::Update { seq, update }
    }

    #[test]
    fn a_line_runs_and_ends() {
        let mut state = State::default();
        let line = "docker ps".to_owned();
        state.apply(update(
            1,
            Update::Started {
                terminal: ONE,
                line: line.clone(),
            },
        ));
        assert_eq!(state.terminals[&ONE].running, Some(line.clone()));
        assert_eq!(state.lines[&line], LineState::Running);

        state.apply(update(
            2,
            Update::Ended {
                terminal: ONE,
                exit: 1,
            },
        ));
        assert_eq!(
            state.terminals[&ONE],
            Terminal {
                running: None,
                last_exit: Some(1)
            }
        );
        assert_eq!(state.lines[&line], LineState::Ended(1));
    }

    #[test]
    fn a_refusal_stays_until_something_runs() {
        let mut state = State::default();
        state.apply(ServerMessage::Refused {
            sentence: "no".to_owned(),
        });
        assert_eq!(state.refused.as_deref(), Some("no"));
        state.apply(update(
            1,
            Update::Started {
                terminal: ONE,
                line: "docker ps".to_owned(),
            },
        ));
        assert_eq!(state.refused, None);
    }

    #[test]
    fn nothing_can_be_resumed_before_a_welcome() {
        assert_eq!(State::default().resume(BTreeMap::new()), None);
    }
}
