//! The open lesson: what the learner did, whether its checks hold, and what is tried for them.

use std::{sync::Arc, time::Duration};

use course::{Block, Fact, Lesson, Progress, What};
use futures::{FutureExt, SinkExt};

use super::{Desk, Happening};
use crate::{
    connection::ClientId,
    goal::{self, Outcome, Trial},
    wire::{Goal, Update},
};

/// Nothing is tried more often than this.
const REST: Duration = Duration::from_secs(1);

impl Desk {
    pub(super) fn open(&mut self, page: ClientId, id: &str, step: usize) {
        let course = Arc::clone(&self.parts.course);
        let lesson = course.lessons.iter().find(|lesson| lesson.id == id);
        let Some(opened) = lesson.and_then(|lesson| lesson.steps.get(step)) else {
            return self.refuse(page, no_step(id, step));
        };
        self.open = Some(id.to_owned());
        if self.progress.last_opened() != Some((id, step)) {
            self.note(id, step, What::Opened);
        }
        // A step that asks for nothing is reached by reading it.
        if opened.checks.is_empty() && !self.progress.reached(id, step) {
            self.note(id, step, What::Reached);
        }
        self.ask_goal();
    }

    pub(super) fn predict(&mut self, page: ClientId, id: &str, step: usize, answer: usize) {
        let course = Arc::clone(&self.parts.course);
        let lesson = course.lessons.iter().find(|lesson| lesson.id == id);
        let Some(asked) = lesson.and_then(|lesson| lesson.steps.get(step)) else {
            return self.refuse(page, no_step(id, step));
        };
        let is_answer = asked
            .blocks
            .iter()
            .any(|block| matches!(block, Block::Predict(asked) if answer < asked.answers.len()));
        if is_answer && self.progress.predicted(id, step).is_none() {
            self.note(id, step, What::Predicted { answer });
        }
    }

    /// Asks the open lesson's checks again, after something changed.
    pub(super) fn ask_goal(&mut self) {
        let Some(lesson) = self.lesson() else { return };
        let wanted = goal::wanted(&lesson, &self.topology);
        self.trials.retain(|trial, state| {
            if !wanted.contains(trial) {
                // What was so in an earlier run of the same container is no answer for the next one.
                state.last = None;
                state.again = true;
            }
            state.busy || wanted.contains(trial)
        });
        for trial in wanted {
            let state = self.trials.entry(trial.clone()).or_default();
            if state.busy {
                state.again = true;
            } else {
                self.try_now(trial);
            }
        }
        self.look_at_goal(&lesson);
    }

    fn lesson(&self) -> Option<Lesson> {
        let open = self.open.as_ref()?;
        let mut lessons = self.parts.course.lessons.iter();
        lessons.find(|lesson| lesson.id == *open).cloned()
    }

    fn try_now(&mut self, trial: Trial) {
        let state = self.trials.entry(trial.clone()).or_default();
        (state.busy, state.again) = (true, false);
        let (guard, clock) = (Arc::clone(&self.parts.guard), Arc::clone(&self.parts.clock));
        let mut report = self.report.clone();
        let trying = async move {
            let outcome = goal::try_it(&guard, &*clock, &trial).await;
            let _ = report.send(Happening::Tried(trial.clone(), outcome)).await;
            clock.sleep(REST).await;
            let _ = report.send(Happening::Rested(trial)).await;
        };
        self.tasks.push(trying.boxed());
    }

    pub(super) fn tried(&mut self, trial: Trial, outcome: Outcome) {
        let Some(lesson) = self.lesson() else { return };
        if goal::wanted(&lesson, &self.topology).contains(&trial) {
            self.trials.entry(trial).or_default().last = Some(outcome);
            self.look_at_goal(&lesson);
        }
    }

    /// Once more, as long as somebody wants to know and it is not so yet, or something changed meanwhile.
    pub(super) fn rested(&mut self, trial: Trial) {
        let wanted = self
            .lesson()
            .is_some_and(|lesson| goal::wanted(&lesson, &self.topology).contains(&trial));
        let Some(state) = self.trials.get_mut(&trial) else {
            return;
        };
        state.busy = false;
        if !wanted {
            self.trials.remove(&trial);
        } else if state.again || state.last != Some(Outcome::Reached) {
            self.try_now(trial);
        }
    }

    fn look_at_goal(&mut self, lesson: &Lesson) {
        let goal = goal::goal(lesson, &self.topology, &self.trials);
        if self.goal.as_ref() == Some(&goal) {
            return;
        }
        self.goal = Some(goal.clone());
        self.note_reached(lesson, &goal);
        self.tell(Update::Goal { goal });
    }

    fn note_reached(&mut self, lesson: &Lesson, goal: &Goal) {
        for (step, checks) in goal.steps.iter().enumerate() {
            let holds = !checks.is_empty() && checks.iter().all(|check| check.met);
            if holds && !self.progress.reached(&lesson.id, step) {
                self.note(&lesson.id, step, What::Reached);
            }
        }
    }

    fn note(&mut self, lesson: &str, step: usize, what: What) {
        let fact = Fact {
            at: self.parts.clock.now().as_millisecond(),
            lesson: lesson.to_owned(),
            step,
            what,
        };
        let facts = [fact].into();
        self.learn(Progress { facts });
    }

    /// Keeps what is new, and tells it.
    pub(super) fn learn(&mut self, progress: Progress) {
        let before = self.progress.clone();
        self.progress.merge(progress.clone());
        if self.progress == before {
            return;
        }
        if let Ok(text) = serde_json::to_string(&self.progress) {
            self.parts.store.save(&text);
        }
        self.tell(Update::Progress { progress });
    }
}

fn no_step(lesson: &str, step: usize) -> String {
    format!(
        "There is no step {} in a lesson \"{lesson}\" here: choose one from the course map.",
        step + 1
    )
}
