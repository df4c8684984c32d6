//! What the lines of one terminal leave to the next: where the learner is among the lab's files, variables, `$?`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use lab::files::resolve;
use sh::Command;

/// The lab's folder as the learner sees it: `pwd` says so, and `~` means it.
pub const HOME: &str = "/lab";
/// Lines that `history` knows.
const KEPT: usize = 500;

/// One terminal's shell; clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Session {
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// Among the lab's files; empty is their root.
    folder: String,
    before: Option<String>,
    variables: BTreeMap<String, Variable>,
    code: u8,
    history: Vec<String>,
    /// `$1` and so on.
    arguments: Vec<String>,
    functions: BTreeMap<String, Arc<Command>>,
    /// Functions and files that run now, each inside another.
    depth: usize,
    left: bool,
    /// Files that are to be opened in an editor, where there is one.
    editor: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default)]
struct Variable {
    value: String,
    exported: bool,
}

impl Session {
    /// A shell that begins as this one is, and changes nothing of it: what `$(…)` and `(…)` run in.
    #[must_use]
    pub fn fork(&self) -> Self {
        let state = self.lock().clone();
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The path among the lab's files that a path typed here means: `app.py`, `../a`, `/lab/app.py`, `~/app.py`.
    pub fn path(&self, typed: &str) -> String {
        let typed = match typed.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/{rest}"),
            _ => typed.to_owned(),
        };
        let inside = typed.strip_prefix(HOME);
        match inside.filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            Some(rest) => resolve("/", rest),
            None => resolve(&self.folder(), &typed),
        }
    }

    /// Where the learner is among the lab's files: `/` is the lab's own folder.
    pub fn folder(&self) -> String {
        resolve("/", &self.lock().folder)
    }

    pub fn enter(&self, folder: &str) {
        let now = self.folder();
        let mut state = self.lock();
        state.before = Some(now);
        folder.clone_into(&mut state.folder);
    }

    /// Where `cd -` leads.
    pub fn folder_before(&self) -> Option<String> {
        self.lock().before.clone()
    }

    pub fn variable(&self, name: &str) -> Option<String> {
        match name {
            "HOME" | "PWD" if !self.lock().variables.contains_key(name) => {
                let folder = if name == "PWD" {
                    self.folder()
                } else {
                    String::new()
                };
                Some(shown(&folder))
            }
            _ => self
                .lock()
                .variables
                .get(name)
                .map(|found| found.value.clone()),
        }
    }

    /// A variable that was set here.
    pub fn own(&self, name: &str) -> Option<String> {
        let state = self.lock();
        state.variables.get(name).map(|found| found.value.clone())
    }

    pub fn arguments(&self) -> Vec<String> {
        self.lock().arguments.clone()
    }

    pub fn set_arguments(&self, arguments: &[String]) {
        arguments.clone_into(&mut self.lock().arguments);
    }

    pub fn define(&self, name: &str, body: Command) {
        self.lock()
            .functions
            .insert(name.to_owned(), Arc::new(body));
    }

    pub fn function(&self, name: &str) -> Option<Arc<Command>> {
        self.lock().functions.get(name).cloned()
    }

    /// A function or file begins, with these arguments; gives the ones of who called it. `None` if that is too deep.
    pub fn call(&self, arguments: &[String], most: usize) -> Option<Vec<String>> {
        let mut state = self.lock();
        if state.depth == most {
            return None;
        }
        state.depth += 1;
        Some(std::mem::replace(&mut state.arguments, arguments.to_vec()))
    }

    /// It ended.
    pub fn back(&self, arguments: Vec<String>) {
        let mut state = self.lock();
        state.depth = state.depth.saturating_sub(1);
        state.arguments = arguments;
    }

    /// There is an editor: who runs the lines opens in it what they ask for.
    #[must_use]
    pub fn with_editor(self) -> Self {
        self.lock().editor = Some(Vec::new());
        self
    }

    /// Asks for a file to be opened; false where there is no editor.
    pub fn open(&self, path: &str) -> bool {
        let mut state = self.lock();
        let editor = state.editor.as_mut();
        editor.map(|files| files.push(path.to_owned())).is_some()
    }

    /// What is to be opened, once.
    pub fn to_open(&self) -> Vec<String> {
        let mut state = self.lock();
        state
            .editor
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// `exit` was typed.
    pub fn leave(&self) {
        self.lock().left = true;
    }

    pub fn is_left(&self) -> bool {
        self.lock().left
    }

    pub fn set(&self, name: &str, value: &str) {
        let mut state = self.lock();
        let variable = state.variables.entry(name.to_owned()).or_default();
        value.clone_into(&mut variable.value);
    }

    pub fn export(&self, name: &str) {
        let mut state = self.lock();
        state.variables.entry(name.to_owned()).or_default().exported = true;
    }

    pub fn unset(&self, name: &str) {
        self.lock().variables.remove(name);
    }

    /// In the order of their names, with whether each is exported.
    pub fn variables(&self) -> Vec<(String, String, bool)> {
        let state = self.lock();
        let variables = state.variables.iter();
        variables
            .map(|(name, found)| (name.clone(), found.value.clone(), found.exported))
            .collect()
    }

    /// `$?`
    pub fn code(&self) -> u8 {
        self.lock().code
    }

    pub fn ended(&self, code: u8) {
        self.lock().code = code;
    }

    /// Keeps a line that was typed.
    pub fn remember(&self, line: &str) {
        let mut state = self.lock();
        state.history.push(line.trim_end().to_owned());
        if state.history.len() > KEPT {
            state.history.remove(0);
        }
    }

    pub fn history(&self) -> Vec<String> {
        self.lock().history.clone()
    }

    pub fn forget_history(&self) {
        self.lock().history.clear();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a path among the lab's files is shown: `/app/x` as `/lab/app/x`.
pub fn shown(path: &str) -> String {
    format!("{HOME}{}", path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_mean_the_labs_files() {
        let session = Session::default();
        assert_eq!(session.path("app.py"), "/app.py");
        assert_eq!(session.path("."), "/");
        session.enter("/app");
        let check = |typed, expected| assert_eq!(session.path(typed), expected, "{typed}");
        check("app.py", "/app/app.py");
        check("../a", "/a");
        check("~", "/");
        check("~/x", "/x");
        check("/lab/app", "/app");
        check("/labs", "/labs");
        check("..", "/");
        let fork = session.fork();
        fork.enter("/");
        assert_eq!(session.folder(), "/app");
        assert_eq!(shown("/"), "/lab");
        assert_eq!(session.variable("PWD").as_deref(), Some("/lab/app"));
    }
}
