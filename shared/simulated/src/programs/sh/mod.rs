//! `sh`: busybox's ash, in small. It reads with the parser that the learner's own line is read with.
//!
//! As in the lab's busybox, the applets are in the shell: they run without being found on the `PATH`, and `ps` shows them
//! with the shell's own command line. What it does not do: aliases, `getopts`, `ulimit`, `$LINENO`.

mod builtins;
mod edit;
mod expand;
mod jobs;
mod mistake;
pub mod pattern;
mod prompt;
mod redirect;
mod run;
mod simple;
mod test;
mod trap;
mod variables;

use std::{collections::BTreeMap, sync::Arc};

use super::Program;
use crate::process::Process;

pub use test::test;
use variables::Variables;

/// How a list of commands went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    On,
    Break(u32),
    Continue(u32),
    /// From a function or a file that was read.
    Return,
    /// The shell ends, or goes back to its prompt.
    Exit,
    /// An error that ends a script, and leads a person's shell back to its prompt.
    Abort,
}

type Expanded<T> = Result<T, Flow>;

#[derive(Clone)]
struct Shell {
    process: Process,
    /// `$0`
    name: String,
    /// `$1` and so on.
    arguments: Vec<String>,
    variables: Variables,
    /// What `local` hides, for each function that is being run.
    locals: Vec<Vec<variables::Kept>>,
    functions: BTreeMap<String, Arc<::sh::Command>>,
    status: i64,
    /// `$$`, which is the shell's also in its parts.
    pid: u32,
    jobs: jobs::Jobs,
    traps: BTreeMap<u8, String>,
    options: Options,
    /// What messages name as the place, if they name one.
    place: Place,
    /// Where `if`, `while` and `&&` ask, a failure is an answer.
    asks: u32,
    /// Loops that it is in.
    loops: u32,
    /// Functions in functions.
    depth: u32,
    steps: u32,
}

#[derive(Clone, Copy, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
struct Options {
    interactive: bool,
    /// `-e`
    exit: bool,
    /// `-u`
    unset: bool,
    /// `-x`
    trace: bool,
    /// `-c`
    command: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// `sh -c`: builtins say "line 0".
    Command,
    /// A file: everything says its line.
    File(usize),
    Typed,
}

pub async fn sh(process: Process) -> i64 {
    let mut words = process.words().iter();
    let mut options = Options::default();
    let (mut text, mut stdin, mut rest) = (None, false, Vec::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" => {
                rest.extend(words.cloned());
                break;
            }
            "-" => {}
            word if word.starts_with(['-', '+']) && text.is_none() => {
                let on = word.starts_with('-');
                for letter in word[1..].chars() {
                    match letter {
                        'c' => options.command = true,
                        's' => stdin = true,
                        'i' => options.interactive = true,
                        'l' => {}
                        letter if options.set(letter, on) => {}
                        letter => {
                            process.complain(&format!(
                                "{}: illegal option -{letter}\n",
                                process.name()
                            ));
                            return 2;
                        }
                    }
                }
                if options.command {
                    text = words.next().cloned();
                    if text.is_none() {
                        process.complain(&format!("{}: -c requires an argument\n", process.name()));
                        return 2;
                    }
                }
            }
            _ => {
                rest.push(word.clone());
                rest.extend(words.cloned());
                break;
            }
        }
    }
    let mut shell = Shell::new(process.clone(), options);
    if let Some(text) = text {
        shell.place = Place::Command;
        shell.take_name(rest);
        return shell.run_text(&text, true).await;
    }
    if !stdin && let Some(file) = rest.first().cloned() {
        let Ok(content) = process.read_file(&file) else {
            process.complain(&format!(
                "{}: can't open '{file}': No such file or directory\n",
                process.name()
            ));
            return 2;
        };
        shell.place = Place::File(0);
        shell.take_name(rest);
        return shell
            .run_text(&String::from_utf8_lossy(&content), true)
            .await;
    }
    shell.arguments = rest;
    if process.is_terminal(0) || options.interactive {
        return shell.talk().await;
    }
    shell.place = Place::Typed;
    shell.read_input().await
}

/// Runs a script that the kernel was given as a program.
pub async fn script(process: Process, file: String) -> i64 {
    let Ok(content) = process.read_file(&file) else {
        return 127;
    };
    let arguments = process.words().to_vec();
    let called = process
        .arguments
        .first()
        .filter(|name| name.contains('/'))
        .cloned();
    let mut shell = Shell::new(process, Options::default());
    shell.place = Place::File(0);
    shell.name = called.unwrap_or(file);
    shell.arguments = arguments;
    shell
        .run_text(&String::from_utf8_lossy(&content), true)
        .await
}

impl Shell {
    fn new(process: Process, options: Options) -> Self {
        Self {
            name: process.arguments.first().cloned().unwrap_or_default(),
            arguments: Vec::new(),
            variables: Variables::of(&process),
            locals: Vec::new(),
            functions: BTreeMap::new(),
            status: 0,
            pid: process.pid,
            jobs: jobs::Jobs::default(),
            traps: BTreeMap::new(),
            options,
            place: Place::Typed,
            asks: 0,
            loops: 0,
            depth: 0,
            steps: 0,
            process,
        }
    }

    fn take_name(&mut self, mut rest: Vec<String>) {
        if !rest.is_empty() {
            self.name = rest.remove(0);
        }
        self.arguments = rest;
    }

    /// A whole script; then the `EXIT` trap.
    async fn run_text(&mut self, text: &str, to_its_end: bool) -> i64 {
        match ::sh::read(text) {
            Ok(list) => {
                self.run_list(&list, text, to_its_end).await;
            }
            Err(mistake) => self.say_mistake(text, &mistake),
        }
        self.leave().await
    }

    /// What comes in a pipe, command by command.
    async fn read_input(&mut self) -> i64 {
        let mut text = String::new();
        while let Some(line) = self.process.read_line().await {
            text.push_str(&String::from_utf8_lossy(&line));
            match ::sh::read(&text) {
                Err(mistake) if mistake.is_unfinished() => continue,
                Err(mistake) => {
                    self.say_mistake(&text, &mistake);
                    return self.leave().await;
                }
                Ok(list) => {
                    if matches!(
                        self.run_list(&list, &text, false).await,
                        Flow::Exit | Flow::Abort
                    ) {
                        return self.leave().await;
                    }
                }
            }
            text.clear();
        }
        if let Err(mistake) = ::sh::read(&text) {
            self.say_mistake(&text, &mistake);
        }
        self.leave().await
    }

    /// The end of the shell.
    async fn leave(&mut self) -> i64 {
        self.run_exit_trap().await;
        self.status
    }

    /// A message, which names the place where the shell's kind of text has places.
    fn complain(&self, message: &str) {
        let name = &self.name;
        let line = match self.place {
            Place::File(line) => format!("line {line}: "),
            _ => String::new(),
        };
        self.process.complain(&format!("{name}: {line}{message}\n"));
    }

    /// A builtin's message.
    fn builtin_complains(&self, builtin: &str, message: &str) {
        let name = &self.name;
        let line = match self.place {
            Place::File(line) => format!("line {line}: "),
            Place::Command => "line 0: ".to_owned(),
            Place::Typed => String::new(),
        };
        self.process
            .complain(&format!("{name}: {builtin}: {line}{message}\n"));
    }

    /// An error that no script survives.
    fn fatal(&mut self, message: &str) -> Flow {
        self.complain(message);
        self.status = 2;
        Flow::Abort
    }
}

impl Options {
    fn set(&mut self, letter: char, on: bool) -> bool {
        match letter {
            'e' => self.exit = on,
            'u' => self.unset = on,
            'x' => self.trace = on,
            'a' | 'b' | 'f' | 'm' | 'n' | 'v' | 'C' => {}
            _ => return false,
        }
        true
    }

    /// `$-`
    fn letters(self) -> String {
        let known = [
            (self.command, 'c'),
            (self.exit, 'e'),
            (self.unset, 'u'),
            (self.trace, 'x'),
            (self.interactive, 'i'),
            (self.interactive, 'm'),
        ];
        let set = known.iter().filter(|(on, _)| *on);
        set.map(|(_, letter)| *letter).collect()
    }
}

/// An applet of the shell, or a program on the `PATH`.
enum Found {
    Applet(Program),
    /// What exists in the image and is not simulated.
    Unknown,
    Program,
    Denied,
    Missing,
}
