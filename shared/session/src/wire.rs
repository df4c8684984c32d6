//! The messages between a page and a session, and their bytes on a WebSocket: control as JSON text, terminals as binary.

use std::collections::BTreeMap;

use bytes::Bytes;
use course::{Course, Progress};
use lab::{
    Size,
    topology::{Change, Topology},
};
use serde::{Deserialize, Serialize};

pub use crate::codec::{
    Frame, WireError, decode_client, decode_server, encode_client, encode_server,
};

/// Raised whenever a message changes so that an older page or agent would misread it.
pub const PROTOCOL: u32 = 2;

/// The largest frame that is read, in bytes.
pub const MAX_FRAME: usize = 64 * 1024;

/// Output bytes of one terminal that may be on their way to a page and not drawn yet.
pub const WINDOW: u64 = 256 * 1024;

/// A terminal tab; also the stream id of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TerminalId(pub u32);

/// From the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// First on every connection. `token` where an agent asks for one.
    Hello {
        protocol: u32,
        token: Option<String>,
        resume: Option<Resume>,
        /// What the page kept: merged with the session's.
        progress: Option<Progress>,
    },
    /// Runs a line in a terminal (which is made if it is new). Refused while another runs there.
    Run {
        terminal: TerminalId,
        line: String,
        size: Size,
    },
    Resize {
        terminal: TerminalId,
        size: Size,
    },
    /// The Stop button: what Ctrl-C does.
    Interrupt {
        terminal: TerminalId,
    },
    /// Ctrl-D
    EndInput {
        terminal: TerminalId,
    },
    /// Ends what runs there and forgets the terminal.
    Close {
        terminal: TerminalId,
    },
    /// Output before this place is drawn: so much more may come. Said for each quarter of a [`WINDOW`].
    Drawn {
        terminal: TerminalId,
        offset: u64,
    },
    /// The learner is at this step now: its lesson's checks are asked.
    Open {
        lesson: String,
        step: usize,
    },
    Predict {
        lesson: String,
        step: usize,
        answer: usize,
    },
    /// What would be removed? Answered by `ResetPlan`.
    PlanReset {},
    /// Removes what the plan of this number named, and nothing else.
    Reset {
        plan: u32,
    },
    /// Asks for a file's text: answered by `File`.
    ReadFile {
        path: String,
    },
    /// Makes the file, or puts this in the place of what it held. Of two pages the last one counts.
    SaveFile {
        path: String,
        text: String,
    },
    /// What is at the new path already stays, and this is refused.
    RenameFile {
        from: String,
        to: String,
    },
    /// A file, or a folder with all that is in it.
    RemoveFile {
        path: String,
    },
    /// Terminal input; on the wire a binary frame.
    #[serde(skip)]
    Input {
        terminal: TerminalId,
        bytes: Bytes,
    },
}

/// What a page already has, after a cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    pub epoch: String,
    /// The last sequence number that was seen.
    pub seq: u64,
    /// Bytes received so far, per terminal.
    #[serde(deserialize_with = "offsets")]
    pub offsets: BTreeMap<TerminalId, u64>,
}

/// JSON's keys are strings, and serde reads no numbers from them inside a tagged message.
fn offsets<'de, D: serde::Deserializer<'de>>(
    read: D,
) -> Result<BTreeMap<TerminalId, u64>, D::Error> {
    let offsets = BTreeMap::<String, u64>::deserialize(read)?.into_iter();
    let offsets = offsets.map(|(terminal, offset)| Ok((TerminalId(terminal.parse()?), offset)));
    offsets
        .collect::<Result<_, std::num::ParseIntError>>()
        .map_err(serde::de::Error::custom)
}

/// To the page: `{"refused":{"sentence":"…"}}`. A tag inside would be read through a buffer, by a second reader for everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerMessage {
    /// First on every connection, but for one that resumes and missed little: that gets the updates that it missed, and
    /// the engine's state last, always. Comes again, in the same epoch, to a page that fell far behind.
    /// Terminal bytes follow from the offsets asked for, or from `start`.
    Welcome(Box<Welcome>),
    /// Changes what the page shows. `seq` grows by one.
    Update { seq: u64, update: Update },
    ResetPlan {
        plan: u32,
        containers: Vec<String>,
        networks: Vec<String>,
    },
    /// What was asked for by `ReadFile`; `None`: it is not there, or no text that an editor could show.
    File { path: String, text: Option<String> },
    /// The learner asked for this file to be opened (`nano app.py`), on this page.
    OpenFile { path: String },
    /// Something that was asked cannot be done: one sentence.
    Refused { sentence: String },
    /// Terminal output; on the wire a binary frame. `offset` is the first byte's place in the terminal's whole output.
    #[serde(skip)]
    Output {
        terminal: TerminalId,
        offset: u64,
        bytes: Bytes,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    pub protocol: u32,
    /// Of this run of the session: another one means that everything is new.
    pub epoch: String,
    pub seq: u64,
    pub snapshot: Snapshot,
}

/// All that a page shows, at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub engine: EngineState,
    pub course: Course,
    pub progress: Progress,
    pub topology: Topology,
    pub terminals: Vec<TerminalState>,
    pub files: Vec<FileState>,
    /// Of the open lesson.
    pub goal: Option<Goal>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineState {
    pub kind: EngineKind,
    /// `Docker 28.5 on this machine`, `Simulated engine`
    pub name: String,
    /// Set while it does not answer: one sentence.
    pub gone: Option<String>,
    /// Why this engine, where that needs a word: `No Docker was found (…), so the simulated engine runs the lesson.`
    pub why: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    Docker,
    Simulated,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminalState {
    pub id: TerminalId,
    /// The earliest byte that is still kept, and the next one's place.
    pub start: u64,
    pub end: u64,
    pub running: Option<String>,
    pub last_exit: Option<u8>,
}

/// One of the lab's files, or a folder, without what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    /// Among the lab's files; a folder's ends with `/`.
    pub path: String,
    pub size: usize,
    /// Another one where it holds something else.
    pub version: u32,
}

/// The open lesson's checks: per step, per check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    pub lesson: String,
    pub steps: Vec<Vec<CheckState>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckState {
    pub met: bool,
    /// What is so now: `no network called mynet`
    pub seen: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    Topology {
        changes: Vec<Change>,
    },
    /// After a cut in the engine's events, or too many changes at once.
    FreshTopology {
        topology: Topology,
    },
    Engine {
        engine: EngineState,
    },
    Started {
        terminal: TerminalId,
        line: String,
    },
    Ended {
        terminal: TerminalId,
        exit: u8,
    },
    Closed {
        terminal: TerminalId,
    },
    Goal {
        goal: Goal,
    },
    Progress {
        progress: Progress,
    },
    /// All of the lab's files, after one of them changed.
    Files {
        files: Vec<FileState>,
    },
}
