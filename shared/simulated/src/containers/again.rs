//! Restart policies: when a container that has ended starts again by itself.

use jiff::{SignedDuration, Timestamp};
use lab::models::RestartPolicyNameEnum as Policy;

use crate::{
    Simulated,
    world::{Container, State},
};

/// In milliseconds; it doubles with each restart, and begins anew after a life of ten seconds.
const FIRST_WAIT: u64 = 100;
const LONGEST_WAIT: u64 = 60_000;
const LONG_LIFE: i64 = 10;

impl Container {
    /// Decides at a container's end; what it decides is noted.
    pub(super) fn restarts_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        let policy = self.body.host_config.as_ref()?.restart_policy.clone()?;
        let name = policy.name.filter(|_| !self.life.no_restart)?;
        if matches!(name, Policy::EMPTY | Policy::NO) {
            return None;
        }
        let lived = self.started.map(|started| now.duration_since(started));
        if lived.is_some_and(|lived| lived.as_secs() >= LONG_LIFE) {
            self.life.backoff = 0;
        }
        self.life.backoff = match self.life.backoff {
            0 => FIRST_WAIT,
            wait => (wait * 2).min(LONGEST_WAIT),
        };
        let most = policy.maximum_retry_count.unwrap_or_default();
        let again = match name {
            Policy::ALWAYS => true,
            Policy::UNLESS_STOPPED => !self.life.stopped_by_hand,
            _ => self.exit_code != 0 && (most == 0 || self.life.restart_count < most),
        };
        if !again {
            return None;
        }
        self.life.restart_count += 1;
        let wait = i64::try_from(self.life.backoff).unwrap_or_default();
        self.life.restart_at = now.checked_add(SignedDuration::from_millis(wait)).ok();
        self.life.restart_at
    }
}

impl Simulated {
    /// Something is due for a container, or was: it has a look.
    pub(crate) fn alarm(&self, id: &str) {
        self.restart_due(id);
        self.health_due(id);
    }

    /// In a world that was saved: what is to come, comes.
    pub(crate) fn set_alarms_again(&self) {
        let now = self.now();
        let mut restarting = Vec::new();
        let mut looked_after = Vec::new();
        for container in self.world().containers.values_mut() {
            let id = container.id.clone();
            match container.state {
                State::Restarting => {
                    container.life.restart_at = Some(now);
                    restarting.push(id);
                }
                State::Running => looked_after.push(id),
                _ => {}
            }
        }
        for id in restarting {
            self.set_alarm(now, &id);
        }
        for id in looked_after {
            self.health_goes_on(&id);
        }
    }

    /// Starts one whose wait is over.
    fn restart_due(&self, id: &str) {
        let now = self.now();
        let due = {
            let mut world = self.world();
            let Some(container) = world.containers.get_mut(id) else {
                return;
            };
            let due = container.life.restart_at.is_some_and(|at| at <= now)
                && container.state == State::Restarting;
            if due {
                container.life.restart_at = None;
            }
            due
        };
        if due && self.begin(id).is_err() {
            let mut world = self.world();
            if let Some(container) = world.containers.get_mut(id) {
                container.state = State::Exited;
            }
            super::stop::removes_itself(&mut world, id, now);
        }
    }
}
