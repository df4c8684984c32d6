//! From words to arguments: variables, `$(…)`, `$((…))`, `~`, splitting and file names.

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use sh::{Command, Kind, List, Part, Use, Word};

use super::{Expanded, Shell, pattern};
use crate::process::{Descriptor, pipe};

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Split {
    No,
    /// One text, in which what was quoted has lost its meaning.
    Pattern,
}

/// Arguments as they grow. What was quoted has backslashes before letters that would mean something.
#[derive(Default)]
struct Fields {
    done: Vec<String>,
    /// None: nothing has begun that would be an argument if it stayed empty.
    growing: Option<String>,
}

impl Fields {
    fn quoted(&mut self, text: &str) {
        let growing = self.growing.get_or_insert_default();
        for letter in text.chars() {
            if "*?[]\\!-^".contains(letter) {
                growing.push('\\');
            }
            growing.push(letter);
        }
    }

    fn literal(&mut self, text: &str) {
        self.growing.get_or_insert_default().push_str(text);
    }

    /// What a variable held, outside of quotes: it is split at spaces.
    fn split(&mut self, text: &str, separators: &str) {
        let mut since_text = true;
        for letter in text.chars() {
            if !separators.contains(letter) {
                if letter == '\\' {
                    self.literal("\\");
                }
                self.growing.get_or_insert_default().push(letter);
                since_text = true;
                continue;
            }
            // Spaces together are one separator, other separators are each one.
            if !letter.is_ascii_whitespace() && (self.growing.is_some() || since_text) {
                self.growing.get_or_insert_default();
            }
            self.end();
            since_text = !letter.is_ascii_whitespace();
        }
    }

    fn end(&mut self) {
        self.done.extend(self.growing.take());
    }
}

impl Shell {
    pub(super) async fn expand_all(&mut self, words: &[Word], text: &str) -> Expanded<Vec<String>> {
        let mut all = Vec::new();
        for word in words {
            let mut fields = Fields::default();
            self.expand(word, text, true, &mut fields).await?;
            fields.end();
            for field in fields.done {
                let found = if pattern::has_meaning(&field) {
                    pattern::paths(&self.process, &field)
                } else {
                    Vec::new()
                };
                if found.is_empty() {
                    all.push(pattern::without_escapes(&field));
                } else {
                    all.extend(found);
                }
            }
        }
        Ok(all)
    }

    pub(super) async fn expand_one(
        &mut self,
        word: &Word,
        text: &str,
        split: Split,
    ) -> Expanded<String> {
        let mut fields = Fields::default();
        self.expand(word, text, false, &mut fields).await?;
        let whole = fields.growing.unwrap_or_default();
        Ok(match split {
            Split::Pattern => whole,
            Split::No => pattern::without_escapes(&whole),
        })
    }

    /// Boxed, for words are in words.
    fn expand<'a>(
        &'a mut self,
        word: &'a Word,
        text: &'a str,
        splits: bool,
        fields: &'a mut Fields,
    ) -> BoxFuture<'a, Expanded<()>> {
        async move {
            for (index, part) in word.parts.iter().enumerate() {
                match part {
                    Part::Text { text, quoted: true } => fields.quoted(text),
                    Part::Text { text, .. } if index == 0 && text.starts_with('~') => {
                        let (home, rest) = text.split_at(text.find('/').unwrap_or(text.len()));
                        match (home, self.variables.get("HOME")) {
                            ("~", Some(home)) => fields.quoted(home),
                            _ => fields.literal(home),
                        }
                        fields.literal(rest);
                    }
                    Part::Text { text, .. } => fields.literal(text),
                    Part::Variable {
                        name,
                        usage,
                        quoted,
                    } => {
                        self.expand_variable(name, usage, *quoted, text, splits, fields)
                            .await?;
                    }
                    Part::Output { list, quoted } => {
                        let output = self.output_of(list, text).await;
                        self.add(&output, *quoted, splits, fields);
                    }
                    Part::Sum { text: sum, quoted } => {
                        let sum = self.expand_one(sum, text, Split::No).await?;
                        let value = self.sum(&sum)?;
                        self.add(&value.to_string(), *quoted, splits, fields);
                    }
                }
            }
            Ok(())
        }
        .boxed()
    }

    fn add(&self, text: &str, quoted: bool, splits: bool, fields: &mut Fields) {
        if quoted || !splits {
            if quoted || !text.is_empty() {
                fields.quoted(text);
            }
            return;
        }
        let separators = self.variables.get("IFS").unwrap_or(" \t\n").to_owned();
        fields.split(text, &separators);
    }

    fn sum(&mut self, text: &str) -> Expanded<i64> {
        let text = self.assignments_in(text)?;
        let variables = &self.variables;
        let value = |name: &str| {
            let value = variables.get(name).unwrap_or_default();
            value.trim().parse().unwrap_or(0)
        };
        if text.trim().is_empty() {
            return Ok(0);
        }
        ::sh::sum(&text, &value).map_err(|wrong| match wrong {
            "division by 0" => self.fatal("divide by zero"),
            _ => self.fatal("arithmetic syntax error"),
        })
    }

    /// `i=i+1`, `i+=2` and `i++` change the variable; what is left is its value.
    fn assignments_in(&mut self, text: &str) -> Expanded<String> {
        let trimmed = text.trim();
        let length = trimmed
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(trimmed.len());
        let (name, rest) = (trimmed[..length].to_owned(), trimmed[length..].trim());
        if !super::variables::is_name(&name) {
            return Ok(text.to_owned());
        }
        let (value, result) = if rest == "++" || rest == "--" {
            let before = self.sum(&name)?;
            (before + if rest == "++" { 1 } else { -1 }, before)
        } else if let Some(right) = rest
            .strip_prefix('=')
            .filter(|right| !right.starts_with('='))
        {
            let value = self.sum(right)?;
            (value, value)
        } else if rest.len() > 1
            && rest[1..].starts_with('=')
            && rest.starts_with(['+', '-', '*', '/', '%'])
        {
            let value = self.sum(&format!("{name} {} ({})", &rest[..1], &rest[2..]))?;
            (value, value)
        } else {
            return Ok(text.to_owned());
        };
        let _ = self.variables.set(&name, &value.to_string());
        Ok(result.to_string())
    }

    /// `$(…)`: what it writes, without the line ends at its end.
    async fn output_of(&mut self, list: &List, text: &str) -> String {
        let (writer, reader) = pipe();
        let mut child = self.process.child(self.process.arguments.clone());
        child.descriptors.insert(1, Descriptor::Writer(writer));
        let command = Command {
            kind: Kind::Group(list.clone()),
            redirects: Vec::new(),
            keywords: Vec::new(),
        };
        let pid = self.start_part(child, Arc::new(command), text);
        let mut reading = self.process.clone();
        reading.descriptors.insert(0, Descriptor::Reader(reader));
        let output = reading.read_all().await;
        self.status = self.process.wait_for(pid).await;
        String::from_utf8_lossy(&output)
            .trim_end_matches('\n')
            .to_owned()
    }

    async fn expand_variable(
        &mut self,
        name: &str,
        usage: &Use,
        quoted: bool,
        text: &str,
        splits: bool,
        fields: &mut Fields,
    ) -> Expanded<()> {
        if matches!(name, "@" | "*") && *usage == Use::Value {
            self.expand_arguments(name, quoted, splits, fields);
            return Ok(());
        }
        let value = self.value(name);
        let is_set = |empty_too: bool| {
            value
                .as_ref()
                .is_some_and(|value| !empty_too || !value.is_empty())
        };
        match usage {
            Use::Default { empty_too, word } if !is_set(*empty_too) => {
                return self.expand_inner(word, quoted, text, splits, fields).await;
            }
            Use::Assign { empty_too, word } if !is_set(*empty_too) => {
                let value = self.expand_one(word, text, Split::No).await?;
                if self.variables.set(name, &value).is_err() {
                    return Err(self.fatal(&format!("{name}: is read only")));
                }
                self.add(&value, quoted, splits, fields);
                return Ok(());
            }
            Use::Need { empty_too, word } if !is_set(*empty_too) => {
                let said = self.expand_one(word, text, Split::No).await?;
                let said = match said.as_str() {
                    "" if *empty_too => "parameter not set or null",
                    "" => "parameter not set",
                    said => said,
                };
                let message = format!("{name}: {said}");
                return Err(self.fatal(&message));
            }
            Use::Instead { empty_too, word } => {
                if is_set(*empty_too) {
                    return self.expand_inner(word, quoted, text, splits, fields).await;
                }
                return Ok(());
            }
            _ => {}
        }
        let Some(value) = value else {
            if self.options.unset && !matches!(usage, Use::Default { .. } | Use::Assign { .. }) {
                return Err(self.fatal(&format!("{name}: parameter not set")));
            }
            self.add(
                if *usage == Use::Length { "0" } else { "" },
                quoted,
                splits,
                fields,
            );
            return Ok(());
        };
        let value = match usage {
            Use::Length => value.chars().count().to_string(),
            Use::WithoutPrefix { longest, pattern } => {
                let pattern = self.expand_one(pattern, text, Split::Pattern).await?;
                without_prefix(&value, &pattern, *longest)
            }
            Use::WithoutSuffix { longest, pattern } => {
                let pattern = self.expand_one(pattern, text, Split::Pattern).await?;
                without_suffix(&value, &pattern, *longest)
            }
            _ => value,
        };
        self.add(&value, quoted, splits, fields);
        Ok(())
    }

    async fn expand_inner(
        &mut self,
        word: &Word,
        quoted: bool,
        text: &str,
        splits: bool,
        fields: &mut Fields,
    ) -> Expanded<()> {
        if !quoted && splits {
            return self.expand(word, text, splits, fields).await;
        }
        let value = self.expand_one(word, text, Split::No).await?;
        self.add(&value, quoted, splits, fields);
        Ok(())
    }

    /// `$@` and `$*`
    fn expand_arguments(&self, name: &str, quoted: bool, splits: bool, fields: &mut Fields) {
        if name == "*" && quoted || !splits {
            let between = self
                .variables
                .get("IFS")
                .map_or(" ", |separators| separators.get(..1).unwrap_or_default());
            fields.quoted(&self.arguments.join(between));
            return;
        }
        // `"$@"` alone is nothing where there are no arguments.
        if quoted && self.arguments.is_empty() && fields.growing.as_deref() == Some("") {
            fields.growing = None;
        }
        for (index, argument) in self.arguments.iter().enumerate() {
            if index > 0 {
                fields.end();
            }
            self.add(argument, quoted, splits, fields);
        }
    }

    pub(super) fn value(&self, name: &str) -> Option<String> {
        match name {
            "?" => Some(self.status.to_string()),
            "$" => Some(self.pid.to_string()),
            "#" => Some(self.arguments.len().to_string()),
            "!" => self.jobs.last_background.map(|pid| pid.to_string()),
            "-" => Some(self.options.letters()),
            "0" => Some(self.name.clone()),
            "@" | "*" => Some(self.arguments.join(" ")),
            name => match name.parse::<usize>() {
                Ok(number) => self.arguments.get(number.wrapping_sub(1)).cloned(),
                Err(_) => self.variables.get(name).map(str::to_owned),
            },
        }
    }

    pub(super) fn set_variable(&mut self, name: &str, value: &str) -> Expanded<()> {
        if self.variables.set(name, value).is_err() {
            return Err(self.fatal(&format!("{name}: is read only")));
        }
        Ok(())
    }
}

fn without_prefix(value: &str, wanted: &str, longest: bool) -> String {
    let ends: Vec<usize> = value
        .char_indices()
        .map(|(at, _)| at)
        .chain([value.len()])
        .collect();
    let fits = |end: &&usize| pattern::matches(wanted, &value[..**end]);
    let end = if longest {
        ends.iter().rev().find(fits)
    } else {
        ends.iter().find(fits)
    };
    value[end.copied().unwrap_or(0)..].to_owned()
}

fn without_suffix(value: &str, wanted: &str, longest: bool) -> String {
    let starts: Vec<usize> = value
        .char_indices()
        .map(|(at, _)| at)
        .chain([value.len()])
        .collect();
    let fits = |start: &&usize| pattern::matches(wanted, &value[**start..]);
    let start = if longest {
        starts.iter().find(fits)
    } else {
        starts.iter().rev().find(fits)
    };
    value[..start.copied().unwrap_or(value.len())].to_owned()
}
