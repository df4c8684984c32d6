//! A shell's variables, in the order in which ash's table of them has them.

use crate::process::Process;

#[derive(Clone, Default)]
pub struct Variables {
    /// In the order in which they came.
    all: Vec<Variable>,
}

#[derive(Clone)]
struct Variable {
    name: String,
    value: Option<String>,
    exported: bool,
    read_only: bool,
}

/// Not to be changed.
pub struct ReadOnly;

impl Variables {
    pub fn of(process: &Process) -> Self {
        let mut variables = Self::default();
        for variable in &process.env {
            let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
            if is_name(name) {
                let _ = variables.set(name, value);
                variables.export(name);
            }
        }
        let level: i64 = variables
            .get("SHLVL")
            .and_then(|level| level.parse().ok())
            .unwrap_or(0);
        let parent = process.parent().to_string();
        for (name, value) in [
            ("FUNCNAME", ""),
            ("IFS", " \t\n"),
            ("LINENO", ""),
            ("OPTIND", "1"),
            ("PPID", parent.as_str()),
            ("PS1", "\\w \\$ "),
            ("PS2", "> "),
            ("PS4", "+ "),
        ] {
            let _ = variables.set(name, value);
        }
        for (name, value) in [
            ("PWD", process.folder.clone()),
            ("SHLVL", (level + 1).to_string()),
        ] {
            let _ = variables.set(name, &value);
            variables.export(name);
        }
        variables
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name)?.value.as_deref()
    }

    pub fn set(&mut self, name: &str, value: &str) -> Result<(), ReadOnly> {
        match self.all.iter_mut().find(|variable| variable.name == name) {
            Some(variable) if variable.read_only => return Err(ReadOnly),
            Some(variable) => variable.value = Some(value.to_owned()),
            None => self.add(name, Some(value)),
        }
        Ok(())
    }

    pub fn export(&mut self, name: &str) {
        self.mark(name, |variable| variable.exported = true);
    }

    pub fn protect(&mut self, name: &str) {
        self.mark(name, |variable| variable.read_only = true);
    }

    pub fn unset(&mut self, name: &str) -> Result<(), ReadOnly> {
        if self.find(name).is_some_and(|variable| variable.read_only) {
            return Err(ReadOnly);
        }
        self.all.retain(|variable| variable.name != name);
        Ok(())
    }

    /// What a program is given: `NAME=value`, as ash hands them over.
    pub fn exported(&self) -> Vec<String> {
        let mut exported: Vec<&Variable> = self
            .all
            .iter()
            .filter(|variable| variable.exported)
            .collect();
        exported.sort_by_key(|variable| bucket(&variable.name));
        let given = exported.iter().filter_map(|variable| {
            let value = variable.value.as_ref()?;
            Some(format!("{}={value}", variable.name))
        });
        given.collect()
    }

    /// Names and values by name; only the exported ones where it is asked.
    pub fn sorted(&self, wanted: Listed) -> Vec<(&str, Option<&str>)> {
        let of = |variable: &&Variable| match wanted {
            Listed::All => true,
            Listed::Exported => variable.exported,
            Listed::ReadOnly => variable.read_only,
        };
        let mut listed: Vec<_> = self
            .all
            .iter()
            .filter(of)
            .map(|variable| (variable.name.as_str(), variable.value.as_deref()))
            .collect();
        listed.sort_unstable();
        listed
    }

    /// What `local` puts back when the function ends.
    pub fn keep(&self, name: &str) -> Kept {
        Kept(name.to_owned(), self.find(name).cloned())
    }

    pub fn put_back(&mut self, kept: Kept) {
        self.all.retain(|variable| variable.name != kept.0);
        self.all.extend(kept.1);
    }

    fn find(&self, name: &str) -> Option<&Variable> {
        self.all.iter().find(|variable| variable.name == name)
    }

    fn mark(&mut self, name: &str, mark: impl FnOnce(&mut Variable)) {
        if self.find(name).is_none() {
            self.add(name, None);
        }
        if let Some(variable) = self.all.iter_mut().find(|variable| variable.name == name) {
            mark(variable);
        }
    }

    fn add(&mut self, name: &str, value: Option<&str>) {
        self.all.push(Variable {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            exported: false,
            read_only: false,
        });
    }
}

#[derive(Clone)]
pub struct Kept(String, Option<Variable>);

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    All,
    Exported,
    ReadOnly,
}

pub fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// Ash keeps its variables in 39 lists.
fn bucket(name: &str) -> u32 {
    let first = name.bytes().next().map_or(0, |first| u32::from(first) << 4);
    name.bytes().fold(first, |sum, byte| sum + u32::from(byte)) % 39
}
