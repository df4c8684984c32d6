//! The line editor: keys in, the terminal's bytes out, as busybox draws them.
//!
//! It leaves the wrapping of long lines to the terminal.

use std::fmt::Write as _;

use super::Shell;
use crate::{fs::join, process::Process};

pub enum Line {
    /// With its end.
    Text(String),
    /// Ctrl-C.
    Cancelled,
    /// Ctrl-D on an empty line.
    End,
}

#[derive(Default)]
pub struct Editor {
    history: Vec<String>,
    /// What has come and is not looked at yet.
    keys: std::collections::VecDeque<u8>,
}

/// The line that is being typed.
struct Typing<'a> {
    process: &'a Process,
    prompt: &'a str,
    letters: Vec<char>,
    at: usize,
    /// In the history; its length is the line itself.
    place: usize,
    /// What was typed before the history was looked into.
    typed: Vec<char>,
    after_tab: bool,
}

enum Key {
    Letter(char),
    Enter,
    Cancel,
    End,
    Left,
    Right,
    Home,
    Last,
    Up,
    Down,
    RubOut,
    Delete,
    CutToEnd,
    CutToStart,
    CutWord,
    Clear,
    Tab,
    WordLeft,
    WordRight,
    Nothing,
}

impl Editor {
    pub(super) async fn read(&mut self, shell: &Shell, prompt: &str) -> Line {
        let process = &shell.process;
        process.io.lock().set_raw(true);
        // It asks the terminal where the cursor is.
        process.print(&format!("{prompt}\x1b[6n"));
        let mut typing = Typing {
            process,
            prompt,
            letters: Vec::new(),
            at: 0,
            place: self.history.len(),
            typed: Vec::new(),
            after_tab: false,
        };
        let line = loop {
            let Some(key) = self.key(process).await else {
                break Line::End;
            };
            let was_tab = std::mem::replace(&mut typing.after_tab, matches!(key, Key::Tab));
            match key {
                Key::Enter => {
                    typing.go_to_end();
                    process.print("\n");
                    let text: String = typing.letters.iter().collect();
                    self.remember(&text);
                    break Line::Text(text + "\n");
                }
                Key::Cancel => {
                    typing.go_to_end();
                    process.print("^C\n");
                    break Line::Cancelled;
                }
                Key::End if typing.letters.is_empty() => {
                    break Line::End;
                }
                Key::Up => typing.go(&self.history, true),
                Key::Down => typing.go(&self.history, false),
                Key::Tab => typing.complete(shell, was_tab),
                key => typing.press(key),
            }
        };
        process.io.lock().set_raw(false);
        line
    }

    fn remember(&mut self, text: &str) {
        if !text.trim().is_empty() && self.history.last().is_none_or(|last| last != text) {
            self.history.push(text.to_owned());
        }
    }

    /// `None` when the terminal is gone.
    async fn byte(&mut self, process: &Process) -> Option<u8> {
        while self.keys.is_empty() {
            let bytes = process.read(0).await;
            if bytes.is_empty() {
                return None;
            }
            self.keys.extend(bytes);
        }
        self.keys.pop_front()
    }

    async fn key(&mut self, process: &Process) -> Option<Key> {
        Some(match self.byte(process).await? {
            b'\r' | b'\n' => Key::Enter,
            1 => Key::Home,
            2 => Key::Left,
            3 => Key::Cancel,
            4 => Key::End,
            5 => Key::Last,
            6 => Key::Right,
            8 | 0x7f => Key::RubOut,
            b'\t' => Key::Tab,
            0x0b => Key::CutToEnd,
            0x0c => Key::Clear,
            0x0e => Key::Down,
            0x10 => Key::Up,
            0x15 => Key::CutToStart,
            0x17 => Key::CutWord,
            0x1b => self.escape(process).await?,
            byte if byte < 0x20 => Key::Nothing,
            byte => Key::Letter(self.letter(process, byte).await?),
        })
    }

    async fn letter(&mut self, process: &Process, first: u8) -> Option<char> {
        let length = match first {
            0xc0..0xe0 => 2,
            0xe0..0xf0 => 3,
            0xf0.. => 4,
            _ => 1,
        };
        let mut bytes = vec![first];
        while bytes.len() < length {
            bytes.push(self.byte(process).await?);
        }
        String::from_utf8_lossy(&bytes).chars().next()
    }

    async fn escape(&mut self, process: &Process) -> Option<Key> {
        match self.byte(process).await? {
            b'[' => {}
            b'O' => {
                return Some(match self.byte(process).await? {
                    b'H' => Key::Home,
                    b'F' => Key::Last,
                    b'A' => Key::Up,
                    b'B' => Key::Down,
                    b'C' => Key::Right,
                    b'D' => Key::Left,
                    _ => Key::Nothing,
                });
            }
            b'b' => return Some(Key::WordLeft),
            b'f' => return Some(Key::WordRight),
            _ => return Some(Key::Nothing),
        }
        let mut numbers = String::new();
        loop {
            let byte = self.byte(process).await?;
            if byte.is_ascii_digit() || byte == b';' {
                numbers.push(char::from(byte));
                continue;
            }
            return Some(match (byte, numbers.as_str()) {
                (b'C', "1;5") => Key::WordRight,
                (b'D', "1;5") => Key::WordLeft,
                (b'A', _) => Key::Up,
                (b'B', _) => Key::Down,
                (b'C', _) => Key::Right,
                (b'D', _) => Key::Left,
                (b'H', _) | (b'~', "1" | "7") => Key::Home,
                (b'F', _) | (b'~', "4" | "8") => Key::Last,
                (b'~', "3") => Key::Delete,
                // Also the terminal's answer to where the cursor is.
                _ => Key::Nothing,
            });
        }
    }
}

impl Typing<'_> {
    fn press(&mut self, key: Key) {
        match key {
            Key::Letter(letter) => {
                self.letters.insert(self.at, letter);
                let rest = self.rest();
                self.process.print(&rest);
                self.at += 1;
                self.back(self.letters.len() - self.at);
            }
            Key::Left if self.at > 0 => {
                self.at -= 1;
                self.back(1);
            }
            Key::Right if self.at < self.letters.len() => self.forward(1),
            Key::Home => {
                self.back(self.at);
                self.at = 0;
            }
            Key::Last => self.go_to_end(),
            Key::RubOut if self.at > 0 => self.rub_out(),
            Key::Delete | Key::End if self.at < self.letters.len() => self.delete(),
            Key::CutToEnd => {
                self.letters.truncate(self.at);
                self.process.print("\x1b[J");
            }
            Key::CutToStart => {
                self.letters.drain(..self.at);
                self.at = 0;
                self.redraw();
            }
            Key::CutWord => self.cut_word(),
            Key::Clear => {
                self.process.print("\x1b[H\x1b[J");
                self.redraw();
            }
            Key::WordLeft => {
                let before = &self.letters[..self.at];
                let word_end = before
                    .iter()
                    .rposition(|letter| *letter != ' ')
                    .map_or(0, |end| end + 1);
                let start = before[..word_end]
                    .iter()
                    .rposition(|letter| *letter == ' ')
                    .map_or(0, |at| at + 1);
                while self.at > start {
                    self.at -= 1;
                    self.back(1);
                }
            }
            Key::WordRight => {
                while self.at < self.letters.len() && self.letters[self.at] == ' ' {
                    self.forward(1);
                }
                while self.at < self.letters.len() && self.letters[self.at] != ' ' {
                    self.forward(1);
                }
            }
            _ => {}
        }
    }

    fn rest(&self) -> String {
        self.letters[self.at..].iter().collect()
    }

    fn rub_out(&mut self) {
        self.at -= 1;
        self.back(1);
        self.delete();
    }

    fn delete(&mut self) {
        self.letters.remove(self.at);
        let rest = self.rest();
        self.process.print(&format!("{rest}\x1b[J"));
        self.back(self.letters.len() - self.at);
    }

    fn cut_word(&mut self) {
        while self.at > 0 && self.letters[self.at - 1] == ' ' {
            self.rub_out();
        }
        while self.at > 0 && self.letters[self.at - 1] != ' ' {
            self.rub_out();
        }
    }

    fn back(&self, count: usize) {
        match count {
            0 => {}
            1..=4 => self.process.print(&"\x08".repeat(count)),
            count => self.process.print(&format!("\x1b[{count}D")),
        }
    }

    fn forward(&mut self, count: usize) {
        let passed: String = self.letters[self.at..self.at + count].iter().collect();
        self.process.print(&passed);
        self.at += count;
    }

    fn go_to_end(&mut self) {
        if self.at < self.letters.len() {
            self.forward(self.letters.len() - self.at);
        }
    }

    fn redraw(&self) {
        let text: String = self.letters.iter().collect();
        self.process
            .print(&format!("\r{}{text}\x1b[J", self.prompt));
        self.back(self.letters.len() - self.at);
    }

    fn go(&mut self, history: &[String], up: bool) {
        if up && self.place == 0 || !up && self.place == history.len() {
            return self.process.print("\x07");
        }
        if self.place == history.len() {
            self.typed = self.letters.clone();
        }
        self.place = if up { self.place - 1 } else { self.place + 1 };
        self.letters = match history.get(self.place) {
            Some(line) => line.chars().collect(),
            None => self.typed.clone(),
        };
        self.at = self.letters.len();
        self.redraw();
    }

    fn complete(&mut self, shell: &Shell, again: bool) {
        let before: String = self.letters[..self.at].iter().collect();
        let start = before
            .rfind([' ', ';', '|', '&', '<', '>', '='])
            .map_or(0, |at| at + 1);
        let word = &before[start..];
        let first = before[..start].trim_end();
        let is_command = first.is_empty() || first.ends_with([';', '|', '&']);
        let mut found = if is_command && !word.contains('/') {
            commands(shell, word)
        } else {
            files(self.process, word)
        };
        found.sort();
        found.dedup();
        match found.as_slice() {
            [] => self.process.print("\x07"),
            [one] => {
                let end = if one.ends_with('/') || self.at < self.letters.len() {
                    ""
                } else {
                    " "
                };
                let whole = format!("{one}{end}");
                self.put(word, &whole);
            }
            several if again => self.list(several),
            several => {
                self.process.print("\x07");
                let common = common(several);
                self.put(word, &common);
            }
        }
    }

    /// Puts this in the place of the word before the cursor.
    fn put(&mut self, word: &str, whole: &str) {
        let start = self.at - word.chars().count();
        self.letters.splice(start..self.at, whole.chars());
        self.at = start + whole.chars().count();
        self.redraw();
    }

    fn list(&self, found: &[String]) {
        let name = |path: &String| {
            let end = path.trim_end_matches('/').rfind('/').map_or(0, |at| at + 1);
            path[end..].to_owned()
        };
        let names: Vec<String> = found.iter().map(name).collect();
        let width = names.iter().map(String::len).max().unwrap_or(0) + 2;
        let columns = (80 / width).max(1);
        let rows = names.len().div_ceil(columns);
        let mut text = "\n".to_owned();
        for row in 0..rows {
            let mut at = row;
            while at + rows < names.len() {
                let _ = write!(text, "{:<width$}", names[at]);
                at += rows;
            }
            text.push_str(&names[at]);
            text.push('\n');
        }
        self.process.print(&text);
        let text: String = self.letters.iter().collect();
        self.process
            .print(&format!("\r{}{text}\x1b[J", self.prompt));
        self.back(self.letters.len() - self.at);
    }
}

fn commands(shell: &Shell, word: &str) -> Vec<String> {
    let process = &shell.process;
    let path = shell.variables.get("PATH").unwrap_or_default();
    let on_path = path
        .split(':')
        .flat_map(|folder| process.list(folder).unwrap_or_default());
    let applets = crate::programs::applets::APPLETS
        .iter()
        .map(|name| (*name).to_owned());
    on_path
        .chain(applets)
        .chain(
            super::builtins::BUILTINS
                .iter()
                .map(|name| (*name).to_owned()),
        )
        .chain(shell.functions.keys().cloned())
        .filter(|name| name.starts_with(word))
        .collect()
}

fn files(process: &Process, word: &str) -> Vec<String> {
    let (folder, start) = word
        .rfind('/')
        .map_or(("", word), |at| (&word[..=at], &word[at + 1..]));
    let names = process
        .list(if folder.is_empty() { "." } else { folder })
        .unwrap_or_default();
    let fits = |name: &String| {
        name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.'))
    };
    let whole = |name: String| {
        let path = if folder.is_empty() {
            name
        } else {
            join(folder, &name)
        };
        if process.is_folder(&path) {
            format!("{path}/")
        } else {
            path
        }
    };
    names.into_iter().filter(fits).map(whole).collect()
}

fn common(found: &[String]) -> String {
    let first = &found[0];
    let same = |length: usize| {
        found
            .iter()
            .all(|other| other.as_bytes().get(..length) == first.as_bytes().get(..length))
    };
    let length = (0..=first.len())
        .rev()
        .find(|length| first.is_char_boundary(*length) && same(*length));
    first[..length.unwrap_or(0)].to_owned()
}
