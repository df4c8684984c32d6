//! Healthchecks: a command that Docker runs inside the container again and again, by the container's clock.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use lab::models::HealthConfig;

use super::life::{Health, HealthStatus, Probe};
use crate::{
    Simulated,
    process::{Io, KILL},
    world::{self, Container, State},
};

const INTERVAL: i64 = 30_000_000_000;
const TIMEOUT: i64 = 30_000_000_000;
const START_INTERVAL: i64 = 5_000_000_000;
const RETRIES: i64 = 3;
const KEPT: usize = 5;
/// Of a probe's output, in bytes.
const LONGEST_OUTPUT: usize = 4096;

impl Container {
    /// What is run, if anything is.
    fn probe(&self) -> Option<(&HealthConfig, Vec<String>)> {
        let config = self.body.healthcheck.as_ref()?;
        let (kind, words) = config.test.as_ref()?.split_first()?;
        let shell = || match self.body.shell.as_deref() {
            None | Some([]) => vec!["/bin/sh".to_owned(), "-c".to_owned()],
            Some(shell) => shell.to_vec(),
        };
        match kind.as_str() {
            "CMD" => Some((config, words.to_vec())),
            "CMD-SHELL" => Some((config, [shell(), words.to_vec()].concat())),
            _ => None,
        }
    }

    /// When the next probe begins, as seen from now.
    fn next_probe(&self, now: Timestamp) -> Option<Timestamp> {
        let (config, _) = self.probe()?;
        let health = self.life.health.as_ref()?;
        let up = now.duration_since(self.started?);
        let start_period = SignedDuration::from_nanos(or(config.start_period, 0));
        let starting = up < start_period && health.status == HealthStatus::Starting;
        let wait = if starting {
            or(config.start_interval, START_INTERVAL)
        } else {
            or(config.interval, INTERVAL)
        };
        now.checked_add(SignedDuration::from_nanos(wait)).ok()
    }

    /// It stops or stands still: nobody looks after it any more.
    pub(super) fn health_ends(&mut self) {
        if let Some(health) = &mut self.life.health {
            health.status = HealthStatus::Unhealthy;
            health.next = None;
            health.running = None;
        }
    }

    /// Notes a probe's result; the status, if it is another now.
    fn note(&mut self, probe: Probe) -> Option<HealthStatus> {
        let config = self.body.healthcheck.clone().unwrap_or_default();
        let started = self.started?;
        let health = self.life.health.as_mut()?;
        let before = health.status;
        if probe.exit_code == 0 {
            health.failing_streak = 0;
            health.status = HealthStatus::Healthy;
        } else {
            let start_period = SignedDuration::from_nanos(or(config.start_period, 0));
            let forgiven = before == HealthStatus::Starting
                && probe.start.duration_since(started) < start_period;
            if !forgiven {
                health.failing_streak += 1;
            }
            if !forgiven && health.failing_streak >= or(config.retries, RETRIES) {
                health.status = HealthStatus::Unhealthy;
            }
        }
        health.log.push(probe);
        let old = health.log.len().saturating_sub(KEPT);
        health.log.drain(..old);
        (health.status != before).then_some(health.status)
    }
}

impl Simulated {
    /// A container starts: it is looked after, if it says how.
    pub(super) fn health_begins(&self, id: &str) {
        if let Some(container) = self.world().containers.get_mut(id)
            && container.probe().is_some()
        {
            let health = container.life.health.get_or_insert_with(Health::default);
            health.status = HealthStatus::Starting;
            health.failing_streak = 0;
        }
        self.health_goes_on(id);
    }

    /// The next probe is set for when its time comes.
    pub(super) fn health_goes_on(&self, id: &str) {
        let now = self.now();
        let next = {
            let mut world = self.world();
            let Some(container) = world.containers.get_mut(id) else {
                return;
            };
            let next = container.next_probe(now);
            if let Some(health) = &mut container.life.health {
                health.next = next;
                health.running = None;
            }
            next
        };
        if let Some(next) = next {
            self.set_alarm(next, id);
        }
    }

    /// A probe is due, or the one that runs has taken too long.
    pub(super) fn health_due(&self, id: &str) {
        let now = self.now();
        let running = {
            let world = self.world();
            let Some(container) = world.containers.get(id) else {
                return;
            };
            let health = container.life.health.as_ref();
            let Some(health) = health.filter(|_| container.state == State::Running) else {
                return;
            };
            if health.next.is_none_or(|next| next > now) {
                return;
            }
            health.running.clone()
        };
        match running {
            Some(exec) => self.give_up(id, &exec),
            None => self.start_probe(id),
        }
    }

    fn start_probe(&self, id: &str) {
        let now = self.now();
        let begun = {
            let mut world = self.world();
            let Some(container) = world.containers.get(id) else {
                return;
            };
            let Some((config, command)) = container.probe() else {
                return;
            };
            let timeout = SignedDuration::from_nanos(or(config.timeout, TIMEOUT));
            let exec = world::Exec {
                user: container.body.user.clone().unwrap_or_default(),
                ..world::Exec::new(id, command)
            };
            let exec = world.insert_exec(exec, now);
            let until = now.checked_add(timeout).ok();
            let health = world
                .containers
                .get_mut(id)
                .and_then(|container| container.life.health.as_mut());
            if let Some(health) = health {
                health.next = until;
                health.running = Some(exec.clone());
                health.began = Some(now);
            }
            (exec, until)
        };
        let (exec, until) = begun;
        if let Some(until) = until {
            self.set_alarm(until, id);
        }
        if let Err(error) = self.begin_exec(&exec, false) {
            self.probe_ended(id, &exec, -1, &error.to_string());
        }
    }

    fn give_up(&self, id: &str, exec: &str) {
        let found = {
            let world = self.world();
            let timeout = world.containers.get(id).and_then(|container| {
                let (config, _) = container.probe()?;
                Some(or(config.timeout, TIMEOUT))
            });
            let exec = world
                .execs
                .get(exec)
                .map(|exec| (exec.pid, exec.io.clone()));
            timeout.zip(exec)
        };
        let Some((timeout, (pid, io))) = found else {
            return;
        };
        let waited = go_duration(Duration::from_nanos(
            u64::try_from(timeout).unwrap_or_default(),
        ));
        let output = match written(&io) {
            output if output.is_empty() => format!("Health check exceeded timeout ({waited})"),
            output => format!("Health check exceeded timeout ({waited}): {output}"),
        };
        self.probe_ended(id, exec, -1, &output);
        self.signal(id, pid, KILL);
    }

    /// An exec has ended, which may be a container's probe.
    pub(crate) fn exec_ended_of(&self, id: &str, exec: &str, exit: i64, io: &Io) {
        self.probe_ended(id, exec, exit, &written(io));
    }

    fn probe_ended(&self, id: &str, exec: &str, exit: i64, output: &str) {
        let now = self.now();
        {
            let mut world = self.world();
            let Some(container) = world.containers.get_mut(id) else {
                return;
            };
            let health = container.life.health.as_ref();
            let Some(health) = health.filter(|health| health.running.as_deref() == Some(exec))
            else {
                return;
            };
            let status = container.note(Probe {
                start: health.began.unwrap_or(now),
                end: now,
                exit_code: exit,
                output: output.to_owned(),
            });
            if let Some(status) = status {
                world.container_event(now, &format!("health_status: {}", status.word()), id);
            }
        }
        self.health_goes_on(id);
    }
}

/// What a probe has printed, both streams as they came.
fn written(io: &Io) -> String {
    let mut bytes = Vec::new();
    for (_, chunk) in &io.lock().chunks {
        bytes.extend_from_slice(chunk.bytes());
    }
    bytes.truncate(LONGEST_OUTPUT);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn or(value: Option<i64>, usual: i64) -> i64 {
    value.filter(|value| *value > 0).unwrap_or(usual)
}

/// As Go prints a duration: `1s`, `1m30s`, `500ms`.
fn go_duration(duration: Duration) -> String {
    let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
    if seconds == 0 {
        return format!("{}ms", f64::from(nanos) / 1e6);
    }
    let rest = Duration::new(seconds % 60, nanos).as_secs_f64();
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{rest}s"),
        (0, minutes) => format!("{minutes}m{rest}s"),
        (hours, minutes) => format!("{hours}h{minutes}m{rest}s"),
    }
}
