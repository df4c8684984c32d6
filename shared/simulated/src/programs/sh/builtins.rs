//! What the shell does itself.

use super::{
    Flow, Found, Place, Shell,
    expand::Split,
    variables::{Kept, Listed, is_name},
};
use crate::{
    fs::FileError,
    process::{signal_name, signal_number},
    programs::text,
};

pub const BUILTINS: [&str; 41] = [
    ".", ":", "[", "[[", "alias", "bg", "break", "cd", "chdir", "command", "continue", "echo",
    "eval", "exec", "exit", "export", "false", "fg", "getopts", "hash", "help", "history", "jobs",
    "kill", "let", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift",
    "source", "test", "trap", "true", "type", "umask", "unset", "wait",
];

/// Their mistakes end a script, and what is set before them stays.
const SPECIAL: [&str; 16] = [
    ".", ":", "break", "continue", "eval", "exec", "exit", "export", "local", "source", "readonly",
    "return", "set", "shift", "trap", "unset",
];

pub fn is_builtin(name: &str) -> bool {
    BUILTINS.contains(&name)
}

pub fn is_special(name: &str) -> bool {
    SPECIAL.contains(&name)
}

impl Shell {
    pub(super) async fn run_builtin(&mut self, arguments: &[String], text: &str) -> Flow {
        let argument = arguments.get(1).map(String::as_str);
        self.status = match arguments[0].as_str() {
            ":" | "true" | "hash" | "history" => 0,
            "false" => 1,
            "echo" => self.echo(&arguments[1..]),
            "printf" => self.printf(&arguments[1..]),
            "test" | "[" | "[[" => self.test_builtin(arguments),
            "cd" | "chdir" => return self.cd(argument),
            "pwd" => {
                self.process.print(&format!("{}\n", self.process.folder));
                0
            }
            "exit" => return self.exit(argument),
            "return" => {
                if let Some(Ok(code)) = argument.map(str::parse::<i64>) {
                    self.status = code & 0xff;
                }
                return Flow::Return;
            }
            "break" | "continue" => return self.leave_loop(&arguments[0], argument),
            "export" => return self.export(&arguments[1..]),
            "readonly" => return self.readonly(&arguments[1..]),
            "local" => return self.local(&arguments[1..]),
            "unset" => return self.unset(&arguments[1..]),
            "shift" => self.shift(argument),
            "set" => return self.set(&arguments[1..]),
            "eval" => {
                let text = arguments[1..].join(" ");
                self.status = 0;
                return self.eval(&text).await;
            }
            "exec" => return self.exec(arguments[1..].to_vec()).await,
            "." | "source" => return self.source(arguments).await,
            "command" => return self.command(arguments, text).await,
            "type" => self.type_of(&arguments[1..]),
            "read" => return self.read(&arguments[1..]).await,
            "trap" => self.trap(arguments),
            "wait" => self.wait_builtin(arguments).await,
            "jobs" => self.jobs_builtin(),
            "fg" => return self.foreground(arguments).await,
            "bg" => return self.background(arguments),
            "kill" => return self.kill(&arguments[1..]),
            "umask" => return self.umask(argument),
            "help" => {
                self.process.print(text::HELP);
                0
            }
            "let" => self.let_builtin(&arguments[1..]).await,
            other => {
                self.process
                    .complain(&format!("causeway: not simulated: {other}\n"));
                126
            }
        };
        Flow::On
    }

    /// A builtin's mistake: it ends a script where the builtin is a special one.
    pub(super) fn builtin_failed(&mut self, builtin: &str, status: i64) -> Flow {
        self.status = status;
        if is_special(builtin) {
            Flow::Abort
        } else {
            Flow::On
        }
    }

    fn wrong(&mut self, builtin: &str, message: &str) -> Flow {
        self.builtin_complains(builtin, message);
        self.builtin_failed(builtin, 2)
    }

    fn echo(&self, words: &[String]) -> i64 {
        self.process.write(1, &super::super::print::echo(words));
        0
    }

    fn printf(&self, words: &[String]) -> i64 {
        super::super::print::printf(&self.process, &self.name, words)
    }

    fn test_builtin(&self, arguments: &[String]) -> i64 {
        match super::test(&self.process, arguments) {
            Ok(holds) => i64::from(!holds),
            Err(message) => {
                self.complain(&message);
                2
            }
        }
    }

    fn cd(&mut self, argument: Option<&str>) -> Flow {
        let target = match argument {
            None | Some("~") => self.variables.get("HOME").unwrap_or("/").to_owned(),
            Some("-") => {
                let before = self
                    .variables
                    .get("OLDPWD")
                    .unwrap_or(&self.process.folder)
                    .to_owned();
                self.process.print(&format!("{before}\n"));
                before
            }
            Some(path) => path.to_owned(),
        };
        let refused = match self.process.stat(&target, true) {
            Ok(node) if node.is_folder() => None,
            Ok(_) => Some(FileError::NotAFolder),
            Err(error) => Some(error),
        };
        if let Some(error) = refused {
            return self.wrong("cd", &format!("can't cd to {target}: {error}"));
        }
        let before = self.process.folder.clone();
        self.process.folder = lab::files::resolve(&before, &target);
        let now = self.process.folder.clone();
        let _ = self.variables.set("OLDPWD", &before);
        let _ = self.variables.set("PWD", &now);
        self.variables.export("OLDPWD");
        self.variables.export("PWD");
        self.status = 0;
        Flow::On
    }

    fn exit(&mut self, argument: Option<&str>) -> Flow {
        match argument.map(str::parse::<i64>) {
            None => {}
            Some(Ok(code)) => self.status = code & 0xff,
            Some(Err(_)) => {
                return self.wrong(
                    "exit",
                    &format!("Illegal number: {}", argument.unwrap_or_default()),
                );
            }
        }
        Flow::Exit
    }

    fn leave_loop(&mut self, builtin: &str, argument: Option<&str>) -> Flow {
        let level = match argument.map(str::parse::<u32>) {
            None => 1,
            Some(Ok(level)) if level > 0 => level,
            _ => {
                return self.wrong(
                    builtin,
                    &format!("Illegal number: {}", argument.unwrap_or_default()),
                );
            }
        };
        self.status = 0;
        if self.loops == 0 {
            return Flow::On;
        }
        let level = level.min(self.loops);
        if builtin == "break" {
            Flow::Break(level)
        } else {
            Flow::Continue(level)
        }
    }

    fn export(&mut self, words: &[String]) -> Flow {
        self.mark("export", words, Listed::Exported)
    }

    fn readonly(&mut self, words: &[String]) -> Flow {
        self.mark("readonly", words, Listed::ReadOnly)
    }

    fn mark(&mut self, builtin: &str, words: &[String], kind: Listed) -> Flow {
        let words: Vec<&String> = words.iter().filter(|word| *word != "-p").collect();
        self.status = 0;
        if words.is_empty() {
            let lines = self
                .variables
                .sorted(kind)
                .into_iter()
                .map(|(name, value)| match value {
                    Some(value) => format!("{builtin} {name}={}\n", quoted(value)),
                    None => format!("{builtin} {name}\n"),
                });
            self.process.print(&lines.collect::<String>());
            return Flow::On;
        }
        for word in words {
            let (name, value) = word
                .split_once('=')
                .map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            if !is_name(name) {
                return self.wrong(builtin, &format!("{name}: bad variable name"));
            }
            if let Some(value) = value
                && let Err(flow) = self.set_variable(name, value)
            {
                return flow;
            }
            if kind == Listed::ReadOnly {
                self.variables.protect(name);
            } else {
                self.variables.export(name);
            }
        }
        Flow::On
    }

    fn local(&mut self, words: &[String]) -> Flow {
        if self.depth == 0 {
            return self.wrong("local", "not in a function");
        }
        for word in words {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            let kept = self.variables.keep(name);
            self.locals
                .last_mut()
                .into_iter()
                .for_each(|locals| locals.push(kept.clone()));
            if let Err(flow) = self.set_variable(name, value) {
                return flow;
            }
        }
        self.status = 0;
        Flow::On
    }

    pub(super) fn variables_of_function(&mut self) {
        self.locals.push(Vec::new());
    }

    pub(super) fn forget_function(&mut self) {
        let kept: Vec<Kept> = self.locals.pop().unwrap_or_default();
        kept.into_iter()
            .rev()
            .for_each(|kept| self.variables.put_back(kept));
    }

    fn unset(&mut self, words: &[String]) -> Flow {
        let functions = words.first().is_some_and(|word| word == "-f");
        for name in words.iter().filter(|word| !word.starts_with('-')) {
            if functions {
                self.functions.remove(name);
                continue;
            }
            if !is_name(name) {
                return self.wrong("unset", &format!("{name}: bad variable name"));
            }
            if self.variables.unset(name).is_err() {
                return self.wrong("unset", &format!("{name}: is read only"));
            }
        }
        self.status = 0;
        Flow::On
    }

    fn shift(&mut self, argument: Option<&str>) -> i64 {
        let count = argument
            .map_or(Some(1), |count| count.parse().ok())
            .unwrap_or(usize::MAX);
        if count > self.arguments.len() {
            return 1;
        }
        self.arguments.drain(..count);
        0
    }

    fn set(&mut self, words: &[String]) -> Flow {
        self.status = 0;
        if words.is_empty() {
            let lines = self
                .variables
                .sorted(Listed::All)
                .into_iter()
                .filter_map(|(name, value)| Some(format!("{name}={}\n", quoted(value?))));
            self.process.print(&lines.collect::<String>());
            return Flow::On;
        }
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--" => {
                    self.arguments = words.cloned().collect();
                    return Flow::On;
                }
                "-o" | "+o" => {
                    let letter = match words.next().map(String::as_str) {
                        Some("errexit") => 'e',
                        Some("nounset") => 'u',
                        Some("xtrace") => 'x',
                        _ => continue,
                    };
                    self.options.set(letter, word == "-o");
                }
                option if option.len() > 1 && option.starts_with(['-', '+']) => {
                    for letter in option[1..].chars() {
                        if !self.options.set(letter, option.starts_with('-')) {
                            return self.wrong("set", &format!("illegal option -{letter}"));
                        }
                    }
                }
                first => {
                    self.arguments = [first.to_owned()]
                        .into_iter()
                        .chain(words.cloned())
                        .collect();
                    return Flow::On;
                }
            }
        }
        Flow::On
    }

    async fn exec(&mut self, arguments: Vec<String>) -> Flow {
        let found = self.find(&arguments[0]);
        if matches!(found, Found::Missing | Found::Denied) {
            let denied = matches!(found, Found::Denied);
            let why = if denied {
                "Permission denied"
            } else {
                "not found"
            };
            self.builtin_complains("exec", &format!("{}: {why}", arguments[0]));
            self.builtin_failed("exec", if denied { 126 } else { 127 })
        } else {
            self.traps.clear();
            self.process.rename(Some(arguments.clone()));
            self.status = self.run_in_place(arguments, &[]).await;
            Flow::Exit
        }
    }

    async fn source(&mut self, arguments: &[String]) -> Flow {
        let Some(file) = arguments.get(1) else {
            return self.wrong(&arguments[0], "filename argument required");
        };
        let Ok(content) = self.process.read_file(file) else {
            return self.wrong(
                &arguments[0],
                &format!("can't open '{file}': No such file or directory"),
            );
        };
        let before = self.place;
        self.place = Place::File(0);
        let flow = self.eval(&String::from_utf8_lossy(&content)).await;
        self.place = before;
        if flow == Flow::Return { Flow::On } else { flow }
    }

    async fn command(&mut self, arguments: &[String], text: &str) -> Flow {
        match arguments.get(1).map(String::as_str) {
            None => Flow::On,
            Some("-v" | "-V") => {
                let Some(name) = arguments.get(2) else {
                    return Flow::On;
                };
                let found = if is_builtin(name) || self.functions.contains_key(name) {
                    Some(name.clone())
                } else {
                    match self.find(name) {
                        Found::Applet(_) | Found::Unknown => Some(name.clone()),
                        Found::Program => self.process.find_program(name),
                        Found::Missing | Found::Denied => None,
                    }
                };
                self.status = if found.is_some() { 0 } else { 127 };
                if let Some(found) = found {
                    self.process.print(&format!("{found}\n"));
                }
                Flow::On
            }
            Some(_) => {
                let functions = std::mem::take(&mut self.functions);
                let flow =
                    Box::pin(self.run_words(arguments[1..].to_vec(), &[], text, false)).await;
                self.functions = functions;
                flow
            }
        }
    }

    fn type_of(&self, names: &[String]) -> i64 {
        let mut status = 0;
        for name in names {
            let special = if is_special(name) { "special " } else { "" };
            let what = if self.functions.contains_key(name) {
                "is a function".to_owned()
            } else if is_builtin(name) {
                format!("is a {special}shell builtin")
            } else {
                match self.find(name) {
                    Found::Applet(_) | Found::Unknown => format!("is {name}"),
                    Found::Program => {
                        format!("is {}", self.process.find_program(name).unwrap_or_default())
                    }
                    Found::Missing | Found::Denied => {
                        status = 127;
                        self.process.print(&format!("{name}: not found\n"));
                        continue;
                    }
                }
            };
            self.process.print(&format!("{name} {what}\n"));
        }
        status
    }

    /// `read`: a line into variables.
    async fn read(&mut self, words: &[String]) -> Flow {
        let mut names: Vec<&String> = Vec::new();
        let mut raw = false;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "-r" => raw = true,
                "-p" => self
                    .process
                    .complain(words.next().map_or("", String::as_str)),
                "-s" => {}
                "-t" | "-n" | "-d" | "-u" => {
                    self.process
                        .complain(&format!("causeway: not simulated: read {word}\n"));
                    self.status = 126;
                    return Flow::On;
                }
                _ => names.push(word),
            }
        }
        if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
            self.complain(&format!("read: '{wrong}': bad variable name"));
            self.status = 1;
            return Flow::On;
        }
        let (line, ended) = self.read_logical_line(raw).await;
        self.status = i64::from(!ended);
        let reply = "REPLY".to_owned();
        if names.is_empty() {
            names.push(&reply);
        }
        self.spread(&names, &line)
    }

    async fn read_logical_line(&self, raw: bool) -> (String, bool) {
        let mut whole = String::new();
        loop {
            let Some(line) = self.process.read_line().await else {
                return (whole, false);
            };
            let line = String::from_utf8_lossy(&line).into_owned();
            let Some(text) = line.strip_suffix('\n') else {
                return (whole + &line, false);
            };
            match text.strip_suffix('\\') {
                Some(more) if !raw => whole.push_str(more),
                _ => return (whole + text, true),
            }
        }
    }

    /// The first words into the first variables, all that is left into the last one.
    fn spread(&mut self, names: &[&String], line: &str) -> Flow {
        let separators = self.variables.get("IFS").unwrap_or(" \t\n").to_owned();
        let is_separator = |letter: char| separators.contains(letter);
        let mut rest =
            line.trim_matches(|letter: char| is_separator(letter) && letter.is_whitespace());
        for (index, name) in names.iter().enumerate() {
            let value = if index + 1 == names.len() {
                std::mem::take(&mut rest)
            } else {
                let end = rest.find(is_separator).unwrap_or(rest.len());
                let (value, after) = rest.split_at(end);
                rest = after.get(1..).unwrap_or_default();
                rest = rest.trim_start_matches(|letter: char| {
                    is_separator(letter) && letter.is_whitespace()
                });
                value
            };
            if let Err(flow) = self.set_variable(name, value) {
                return flow;
            }
        }
        Flow::On
    }

    fn kill(&mut self, words: &[String]) -> Flow {
        let mut signal = crate::process::TERM;
        let mut words = words.iter().peekable();
        if let Some(option) = words.peek().and_then(|word| word.strip_prefix('-')) {
            if option == "l" {
                let names: Vec<String> = (1..32)
                    .filter_map(|number| Some(format!("{number:2}) {}\n", signal_name(number)?)))
                    .collect();
                self.process.print(&names.concat());
                self.status = 0;
                return Flow::On;
            }
            words.next();
            let name = if option == "s" {
                words.next().map_or("", String::as_str)
            } else {
                option
            };
            let Some(number) = signal_number(name) else {
                self.complain(&format!("bad signal name '{name}'"));
                self.status = 1;
                return Flow::On;
            };
            signal = number;
        }
        self.status = 0;
        for word in words {
            let pid = if word.starts_with('%') {
                let Some(job) = self.job(Some(word)) else {
                    return self.wrong("kill", &format!("{word}: no such job"));
                };
                job.pids.first().copied()
            } else {
                word.parse().ok()
            };
            let Some(pid) = pid else {
                self.complain(&format!("invalid number '{word}'"));
                self.status = 1;
                continue;
            };
            if !self
                .process
                .world
                .signal(&self.process.container, pid, signal)
            {
                self.complain(&format!("can't kill pid {pid}: No such process"));
                self.status = 1;
            }
        }
        Flow::On
    }

    fn umask(&mut self, argument: Option<&str>) -> Flow {
        self.status = 0;
        match argument {
            None => self.process.print("0022\n"),
            Some(mode) if u32::from_str_radix(mode, 8).is_ok() => {}
            Some(mode) => return self.wrong("umask", &format!("illegal mode: {mode}")),
        }
        Flow::On
    }

    async fn let_builtin(&mut self, words: &[String]) -> i64 {
        let mut value = 0;
        for word in words {
            let text = format!("$(({word}))");
            let Ok(list) = ::sh::read(&format!(": {text}")) else {
                return 2;
            };
            let Some(sh::Kind::Simple { words, .. }) = list
                .first()
                .and_then(|item| item.pipeline.commands.first())
                .map(|command| &command.kind)
            else {
                return 2;
            };
            let Some(word) = words.get(1) else {
                return 2;
            };
            match self.expand_one(word, "", Split::No).await {
                Ok(text) => value = text.parse().unwrap_or(0),
                Err(_) => return 2,
            }
        }
        i64::from(value == 0)
    }
}

/// As `set` and `export` show a value.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\"'\"'"))
}
