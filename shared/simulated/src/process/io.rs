//! The streams of a container or an exec: what was written, what was typed, and between them the terminal's rules.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use jiff::Timestamp;
use lab::{Chunk, Size};

use super::signals::{INT, QUIT, TSTP};

/// Shared by all that look at it.
#[derive(Clone, Default)]
pub struct Io(Arc<Mutex<IoState>>);

#[derive(Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct IoState {
    pub chunks: Vec<(Timestamp, Chunk)>,
    /// How many of them there were when a life ended.
    pub ends: BTreeSet<usize>,
    pub input: VecDeque<u8>,
    pub input_closed: bool,
    /// How many have ended.
    pub lives: u64,
    pub tty: bool,
    pub size: Size,
    /// Set once the first of its processes has ended.
    pub exit: Option<i64>,
    /// A terminal's process group that Ctrl-C goes to.
    pub foreground: u32,
    /// A terminal whose program reads keys, not lines: nothing is echoed, and Ctrl-C is a key.
    pub raw: bool,
    /// A terminal's line that is still being typed.
    line: Vec<u8>,
    /// Ctrl-D on an empty line: one read finds the end.
    end_once: bool,
}

impl Io {
    pub fn lock(&self) -> MutexGuard<'_, IoState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What a person types; the signals that a terminal makes of it.
    pub fn type_in(&self, now: Timestamp, bytes: &[u8]) -> Vec<u8> {
        let mut state = self.lock();
        if !state.tty || state.raw {
            state.input.extend(bytes);
            return Vec::new();
        }
        let keys = bytes.iter();
        keys.filter_map(|key| state.key(now, *key)).collect()
    }
}

impl IoState {
    /// Nothing more will be written in this life, and what was typed for it is not the next one's.
    pub fn end(&mut self, exit: i64) {
        self.exit = Some(exit);
        self.ends.insert(self.chunks.len());
        self.lives += 1;
        self.input.clear();
        self.input_closed = false;
        self.line.clear();
        self.raw = false;
        self.end_once = false;
    }

    /// It starts (anew); what was typed before, it will read.
    /// `open`: whether anybody may type to it; what nobody types to is at its end at once.
    pub fn begin(&mut self, open: bool) {
        self.exit = None;
        self.foreground = 0;
        self.input_closed |= !open && !self.tty;
    }

    /// A key on a terminal that reads lines.
    fn key(&mut self, now: Timestamp, key: u8) -> Option<u8> {
        match key {
            3 | 0x1a | 0x1c => {
                self.line.clear();
                self.echo(now, &[b'^', key + b'@']);
                return Some(match key {
                    3 => INT,
                    0x1a => TSTP,
                    _ => QUIT,
                });
            }
            4 if self.line.is_empty() => self.end_once = true,
            4 => self.input.extend(std::mem::take(&mut self.line)),
            b'\r' | b'\n' => {
                self.echo(now, b"\r\n");
                self.input.extend(std::mem::take(&mut self.line));
                self.input.push_back(b'\n');
            }
            0x7f | 8 => self.rub_out(now),
            0x15 => {
                while !self.line.is_empty() {
                    self.rub_out(now);
                }
            }
            key => {
                match key {
                    b'\t' | 0x20.. => self.echo(now, &[key]),
                    _ => self.echo(now, &[b'^', key + b'@']),
                }
                self.line.push(key);
            }
        }
        None
    }

    fn rub_out(&mut self, now: Timestamp) {
        while let Some(byte) = self.line.pop() {
            // A letter can be several bytes.
            if byte & 0xc0 != 0x80 {
                self.echo(now, b"\x08 \x08");
                return;
            }
        }
    }

    /// From now on keys, or lines again; what was typed of a line is not lost.
    pub fn set_raw(&mut self, raw: bool) {
        self.raw = raw;
        if raw {
            self.input.extend(std::mem::take(&mut self.line));
        }
    }

    /// Whether a read would find something, if only the end.
    pub fn is_readable(&self) -> bool {
        !self.input.is_empty() || self.is_at_end()
    }

    pub fn is_at_end(&self) -> bool {
        self.input.is_empty() && (self.input_closed || self.end_once)
    }

    /// The end of a terminal's input is read once.
    pub fn take_end(&mut self) {
        self.end_once = false;
    }

    fn echo(&mut self, now: Timestamp, bytes: &[u8]) {
        self.put(now, Chunk::Terminal(Bytes::copy_from_slice(bytes)));
    }

    pub fn write(&mut self, now: Timestamp, stderr: bool, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let chunk = match (self.tty, stderr) {
            (true, _) => Chunk::Terminal(on_new_lines(bytes)),
            (_, true) => Chunk::Stderr(Bytes::copy_from_slice(bytes)),
            (_, false) => Chunk::Stdout(Bytes::copy_from_slice(bytes)),
        };
        self.put(now, chunk);
    }

    fn put(&mut self, now: Timestamp, chunk: Chunk) {
        self.chunks.push((now, chunk));
    }
}

/// A terminal begins a new line where a program ends one.
fn on_new_lines(bytes: &[u8]) -> Bytes {
    let mut text = Vec::with_capacity(bytes.len() + 8);
    for byte in bytes {
        if *byte == b'\n' {
            text.push(b'\r');
        }
        text.push(*byte);
    }
    text.into()
}
