//! Jobs: what runs in the foreground, what in the background, and how a person is told.

use std::{sync::Arc, task::Poll};

use futures::future::poll_fn;
use sh::{Command, Kind, Pipeline};

use super::{Flow, Shell, run::span};
use crate::process::{CONT, Descriptor, State, TSTP};

#[derive(Clone, Default)]
pub struct Jobs {
    pub last_background: Option<u32>,
    pub list: Vec<Job>,
    /// That there are stopped ones was said.
    pub warned: bool,
}

#[derive(Clone)]
pub struct Job {
    pub number: usize,
    pub pids: Vec<u32>,
    pub text: String,
    pub stopped: bool,
    /// Of the last of its processes, once all have ended.
    pub exit: Option<i64>,
    exits: Vec<Option<i64>>,
}

impl Shell {
    /// Waits for what runs in the foreground; on a terminal it is what Ctrl-C goes to.
    pub(super) async fn wait_for_job(&mut self, pids: &[u32], text: &str) {
        let mut exits: Vec<Option<i64>> = vec![None; pids.len()];
        let leader = pids.first().copied().unwrap_or_default();
        if self.options.interactive {
            self.give_terminal(pids, leader);
        }
        let stopped = poll_fn(|_| {
            for (pid, exit) in pids.iter().zip(&mut exits) {
                if exit.is_none() {
                    *exit = self.process.reap(*pid);
                }
            }
            if exits.iter().all(Option::is_some) {
                return Poll::Ready(false);
            }
            let stopped = self.options.interactive
                && pids
                    .iter()
                    .any(|pid| self.process.state_of(*pid) == Some(State::Stopped));
            if stopped {
                Poll::Ready(true)
            } else {
                Poll::Pending
            }
        })
        .await;
        if self.options.interactive {
            self.take_terminal();
        }
        if stopped {
            let number = self.remember(pids.to_vec(), text.to_owned(), true);
            self.tell(number, "Stopped");
            self.status = 128 + i64::from(TSTP);
            return;
        }
        self.status = exits.last().copied().flatten().unwrap_or(0);
        self.say_how_it_died(self.status);
    }

    fn give_terminal(&self, pids: &[u32], leader: u32) {
        for pid in pids {
            self.process.set_group(*pid, leader);
        }
        self.process.io.lock().foreground = leader;
    }

    fn take_terminal(&self) {
        self.process.io.lock().foreground = self.process.group();
    }

    /// Ash ends the terminal's line after Ctrl-C, and says other signals by name.
    fn say_how_it_died(&self, status: i64) {
        match status {
            130 if self.options.interactive => self.process.complain("\n"),
            status => {
                if let Some(word) = killed_by(status) {
                    self.process.complain(&format!("{word}\n"));
                }
            }
        }
    }

    pub(super) fn run_in_background(&mut self, pipeline: &Pipeline, text: &str) {
        let mut child = self.process.child(self.process.arguments.clone());
        if !self.options.interactive {
            child.descriptors.insert(0, Descriptor::Null);
        }
        let shown = text
            .get(span(&pipeline.commands))
            .unwrap_or_default()
            .to_owned();
        let command = match pipeline.commands.as_slice() {
            [command] if pipeline.not.is_none() => command.clone(),
            _ => group(pipeline),
        };
        let pid = self.start_part(child, Arc::new(command), text);
        self.process.set_group(pid, pid);
        self.jobs.last_background = Some(pid);
        self.remember(vec![pid], shown, false);
        self.status = 0;
    }

    fn remember(&mut self, pids: Vec<u32>, text: String, stopped: bool) -> usize {
        let number = self
            .jobs
            .list
            .iter()
            .map(|job| job.number)
            .max()
            .unwrap_or(0)
            + 1;
        self.jobs.list.push(Job {
            number,
            exits: vec![None; pids.len()],
            pids,
            text,
            stopped,
            exit: None,
        });
        number
    }

    /// Looks which jobs have ended.
    pub(super) fn look_after_jobs(&mut self) {
        let process = self.process.clone();
        for job in &mut self.jobs.list {
            for (pid, exit) in job.pids.iter().zip(&mut job.exits) {
                if exit.is_none() {
                    *exit = process.reap(*pid);
                }
            }
            job.stopped = job
                .pids
                .iter()
                .any(|pid| process.state_of(*pid) == Some(State::Stopped));
            if job.exits.iter().all(Option::is_some) {
                job.exit = job.exits.last().copied().flatten();
            }
        }
    }

    /// Before a prompt: what has ended since the last one.
    pub(super) fn tell_ended_jobs(&mut self) {
        self.look_after_jobs();
        let ended: Vec<(usize, i64)> = self
            .jobs
            .list
            .iter()
            .filter_map(|job| Some((job.number, job.exit?)))
            .collect();
        for (number, exit) in ended {
            self.tell(number, &ended_words(exit));
        }
        self.jobs.list.retain(|job| job.exit.is_none());
    }

    fn tell(&self, number: usize, state: &str) {
        self.process.complain(&self.job_line(number, state));
    }

    pub(super) fn job_line(&self, number: usize, state: &str) -> String {
        let current = self.jobs.list.last().map(|job| job.number);
        let before = self.jobs.list.iter().rev().nth(1).map(|job| job.number);
        let mark = match Some(number) {
            number if number == current => '+',
            number if number == before => '-',
            _ => ' ',
        };
        let text = self.jobs.list.iter().find(|job| job.number == number);
        // A shell without a person at it does not remember what its jobs were called.
        let text = text
            .filter(|_| self.options.interactive)
            .map_or("", |job| job.text.as_str());
        format!("[{number}]{mark}  {state:<27}{text}\n")
    }

    pub(super) fn jobs_builtin(&mut self) -> i64 {
        self.look_after_jobs();
        let lines: Vec<String> = self
            .jobs
            .list
            .iter()
            .rev()
            .map(|job| {
                let state = match (job.exit, job.stopped) {
                    (Some(exit), _) => ended_words(exit),
                    (None, true) => "Stopped".to_owned(),
                    (None, false) => "Running".to_owned(),
                };
                self.job_line(job.number, &state)
            })
            .collect();
        self.process.print(&lines.concat());
        self.jobs.list.retain(|job| job.exit.is_none());
        0
    }

    /// `%1`, `%%`, or the current job.
    pub(super) fn job(&self, name: Option<&str>) -> Option<&Job> {
        match name {
            None | Some("%%" | "%+" | "%") => self.jobs.list.last(),
            Some("%-") => self.jobs.list.iter().rev().nth(1),
            Some(name) => {
                let name = name.strip_prefix('%')?;
                let number = name.parse().ok();
                self.jobs
                    .list
                    .iter()
                    .find(|job| Some(job.number) == number || job.text.starts_with(name))
            }
        }
    }

    pub(super) async fn foreground(&mut self, arguments: &[String]) -> Flow {
        let name = arguments.get(1).map(String::as_str);
        let Some(job) = self.job(name).cloned() else {
            self.no_job("fg", name);
            return self.builtin_failed("fg", 2);
        };
        self.process.print(&format!("{}\n", job.text));
        self.jobs.list.retain(|other| other.number != job.number);
        let leader = job.pids.first().copied().unwrap_or_default();
        self.give_terminal(&job.pids, leader);
        for pid in &job.pids {
            self.process
                .world
                .signal(&self.process.container, *pid, CONT);
        }
        self.wait_for_job(&job.pids, &job.text).await;
        Flow::On
    }

    pub(super) fn background(&mut self, arguments: &[String]) -> Flow {
        let name = arguments.get(1).map(String::as_str);
        let Some(job) = self.job(name).cloned() else {
            self.no_job("bg", name);
            return self.builtin_failed("fg", 2);
        };
        for pid in &job.pids {
            self.process
                .world
                .signal(&self.process.container, *pid, CONT);
        }
        self.process
            .print(&format!("[{}] {}\n", job.number, job.text));
        self.status = 0;
        Flow::On
    }

    fn no_job(&self, builtin: &str, name: Option<&str>) {
        match name {
            None => self.builtin_complains(builtin, "No current job"),
            Some(name) => self.builtin_complains(builtin, &format!("{name}: no such job")),
        }
    }

    /// `wait`, ended early by a signal with a trap.
    pub(super) async fn wait_builtin(&mut self, arguments: &[String]) -> i64 {
        let mut status = 0;
        let wanted: Vec<u32> = if arguments.len() > 1 {
            let pid = |word: &String| match word.strip_prefix('%') {
                Some(_) => self
                    .job(Some(word))
                    .and_then(|job| job.pids.last().copied()),
                None => word.parse().ok(),
            };
            arguments[1..]
                .iter()
                .map(|word| pid(word).unwrap_or_default())
                .collect()
        } else {
            self.jobs
                .list
                .iter()
                .flat_map(|job| job.pids.clone())
                .collect()
        };
        for pid in wanted {
            if let Some(job) = self
                .jobs
                .list
                .iter()
                .find(|job| job.pids.last() == Some(&pid))
                && let Some(exit) = job.exit
            {
                status = exit;
                continue;
            }
            let process = self.process.clone();
            let ended = poll_fn(|_| {
                if process.has_signal() {
                    return Poll::Ready(None);
                }
                process
                    .reap(pid)
                    .map_or(Poll::Pending, |exit| Poll::Ready(Some(exit)))
            })
            .await;
            let Some(exit) = ended else {
                return 128 + i64::from(process.peek_signal().unwrap_or_default());
            };
            status = exit;
            if !self.options.interactive {
                self.say_how_it_died(exit);
            }
            for job in &mut self.jobs.list {
                if job.pids.last() == Some(&pid) {
                    job.exit = Some(exit);
                    job.exits.fill(Some(exit));
                }
            }
            if !self.options.interactive {
                self.jobs.list.retain(|job| job.exit.is_none());
            }
        }
        if arguments.len() > 1 { status } else { 0 }
    }
}

fn group(pipeline: &Pipeline) -> Command {
    let item = sh::Item {
        when: sh::When::Always,
        operator: 0..0,
        pipeline: pipeline.clone(),
        background: None,
    };
    Command {
        kind: Kind::Group(vec![item]),
        redirects: Vec::new(),
        keywords: Vec::new(),
    }
}

fn ended_words(exit: i64) -> String {
    match exit {
        0 => "Done".to_owned(),
        130 => "Interrupt".to_owned(),
        exit => killed_by(exit).map_or_else(|| format!("Done({exit})"), str::to_owned),
    }
}

/// As `strsignal` has it.
fn killed_by(status: i64) -> Option<&'static str> {
    Some(match status {
        129 => "Hangup",
        131 => "Quit",
        134 => "Aborted",
        137 => "Killed",
        138 => "User defined signal 1",
        139 => "Segmentation fault",
        140 => "User defined signal 2",
        142 => "Alarm clock",
        143 => "Terminated",
        _ => return None,
    })
}
