//! "Reset lab": first what it would remove, then exactly that.

use std::sync::Arc;

use futures::{FutureExt, SinkExt};
use lab::guard::{Kind, ResetPlan};

use super::{Desk, Happening};
use crate::{connection::ClientId, wire::ServerMessage};

impl Desk {
    pub(super) fn plan_reset(&mut self, page: ClientId) {
        let (guard, mut report) = (Arc::clone(&self.parts.guard), self.report.clone());
        let planning = async move {
            let plan = guard.plan_reset().await;
            let _ = report.send(Happening::Planned { page, plan }).await;
        };
        self.tasks.push(planning.boxed());
    }

    pub(super) fn planned(&mut self, page: ClientId, plan: lab::Result<ResetPlan>) {
        let plan = match plan {
            Ok(plan) => plan,
            Err(error) => {
                let why = error.to_string();
                return self.refuse(page, sentence("The lab cannot be looked at now", &why));
            }
        };
        let number = self.plan.0 + 1;
        if let Some(page) = self.pages.get(&page) {
            page.answer(ServerMessage::ResetPlan {
                plan: number,
                containers: names(&plan, Kind::Container),
                networks: [
                    names(&plan, Kind::Network),
                    names(&plan, Kind::Service),
                    names(&plan, Kind::Swarm),
                ]
                .concat(),
            });
        }
        // Only the newest can still be what somebody looks at.
        self.plan = (number, Some(plan));
    }

    pub(super) fn reset(&mut self, page: ClientId, number: u32) {
        let plan = match &mut self.plan {
            (newest, plan) if *newest == number => plan.take(),
            _ => None,
        };
        let Some(plan) = plan else {
            let sentence = "The lab was looked at again since, or is reset already: ask for the reset once more.";
            return self.refuse(page, sentence);
        };
        let (guard, mut report) = (Arc::clone(&self.parts.guard), self.report.clone());
        let resetting = async move {
            let removed = guard.reset(&plan).await;
            let kept = removed.map(|removed| {
                let kept = removed.kept.into_iter();
                kept.map(|kept| format!("{} ({})", kept.thing.name, kept.why))
                    .collect()
            });
            let _ = report.send(Happening::WasReset(kept)).await;
        };
        self.tasks.push(resetting.boxed());
    }

    pub(super) fn was_reset(&mut self, kept: lab::Result<Vec<String>>) {
        let sentence = match kept {
            Ok(kept) if kept.is_empty() => return,
            Ok(kept) => sentence("Not everything was removed", &kept.join("; ")),
            Err(error) => sentence("The reset was broken off", &error.to_string()),
        };
        for page in self.pages.values().filter(|page| page.is_greeted()) {
            let sentence = sentence.clone();
            page.answer(ServerMessage::Refused { sentence });
        }
    }
}

fn names(plan: &ResetPlan, kind: Kind) -> Vec<String> {
    let things = plan.things.iter().filter(|thing| thing.kind == kind);
    things.map(|thing| thing.name.clone()).collect()
}

fn sentence(what: &str, why: &str) -> String {
    format!("{what}: {}.", why.trim_end_matches('.'))
}
