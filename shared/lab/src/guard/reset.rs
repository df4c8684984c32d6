//! "Reset lab": says what it will remove, and removes exactly that.

use serde::{Deserialize, Serialize};

use super::{Guard, Kind};
use crate::{
    Error, Result,
    options::{RemoveContainerOptions, RemoveImageOptions},
};

/// What a reset would remove, in the order in which it would.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetPlan {
    pub things: Vec<Thing>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    pub kind: Kind,
    /// In full.
    pub id: String,
    pub name: String,
}

/// How a reset ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removed {
    pub things: Vec<Thing>,
    /// What is still there, each with the reason.
    pub kept: Vec<Kept>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub thing: Thing,
    pub why: String,
}

impl Guard {
    /// All that the lab made and that is still there: containers first, then the networks they hang from, then images, the
    /// newest first: each may stand on one before it.
    pub async fn plan_reset(&self) -> Result<ResetPlan> {
        self.look_again().await?;
        let engine = self.about().await?.id;
        let mut things = Vec::new();
        for kind in [
            Kind::Service,
            Kind::Container,
            Kind::Network,
            Kind::Swarm,
            Kind::Image,
        ] {
            let mut entries = self.journal.entries();
            if kind == Kind::Image {
                entries.reverse();
            }
            for entry in entries {
                let here = entry.intent.kind == kind && entry.intent.engine == engine;
                let Some(id) = entry.id.filter(|_| here) else {
                    continue;
                };
                match self.name_if_ours(kind, &id).await {
                    Ok(name) => things.push(Thing { kind, id, name }),
                    Err(error) if error.is_not_found() => {}
                    Err(Error::NotAllowed(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(ResetPlan { things })
    }

    /// Removes what the plan names, as far as it is still the lab's.
    pub async fn reset(&self, plan: &ResetPlan) -> Result<Removed> {
        let mut removed = Removed::default();
        for thing in &plan.things {
            match self.remove(thing).await {
                Ok(()) => removed.things.push(thing.clone()),
                Err(error @ Error::Unreachable(_)) => return Err(error),
                Err(error) => removed.kept.push(Kept {
                    thing: thing.clone(),
                    why: error.to_string(),
                }),
            }
        }
        Ok(removed)
    }

    async fn name_if_ours(&self, kind: Kind, id: &str) -> Result<String> {
        match kind {
            Kind::Container => {
                let owned = self.own_container(id).await?;
                Ok(owned
                    .inspect
                    .name
                    .unwrap_or_default()
                    .trim_start_matches('/')
                    .to_owned())
            }
            Kind::Network => Ok(self.own_network(id).await?.0.name),
            Kind::Service => {
                self.own_service(id).await?;
                Ok(self.service_name(id).await)
            }
            Kind::Swarm => match self.own_swarm().await? {
                Some(_) => Ok("the swarm".to_owned()),
                None => Err(Error::not_found("there is no swarm")),
            },
            Kind::Image => {
                let image = self.notice(self.engine.inspect_image(id).await)?.parse()?;
                let names = image.repo_tags.unwrap_or_default().into_iter();
                let short = id.trim_start_matches("sha256:").get(..12).unwrap_or(id);
                Ok(names.last().unwrap_or_else(|| short.to_owned()))
            }
        }
    }

    async fn remove(&self, thing: &Thing) -> Result<()> {
        let answer = match thing.kind {
            Kind::Container => self.remove_own_container(&thing.id, with_force()).await,
            Kind::Network => self.remove_own_network(&thing.id).await,
            Kind::Service => self.remove_own_service(&thing.id).await,
            Kind::Swarm => self.leave_own_swarm().await,
            Kind::Image => {
                let force = RemoveImageOptions {
                    force: true,
                    ..Default::default()
                };
                self.remove_own_image(&thing.id, force).await.map(drop)
            }
        };
        match answer {
            // Somebody else was quicker, or it is being removed this moment (--rm).
            Err(error) if error.is_not_found() => self.forget(&thing.id),
            Err(Error::Refused {
                status: 409,
                message,
            }) if message.contains("is already in progress") => Ok(()),
            answer => answer,
        }
    }

    /// Strikes out what the engine says is not there.
    fn forget(&self, id: &str) -> Result<()> {
        let entries = self.journal.entries();
        let entry = entries.iter().find(|entry| entry.id.as_deref() == Some(id));
        entry.map_or(Ok(()), |entry| self.journal.gone(&entry.intent.nonce))
    }
}

/// With its anonymous volumes: nobody could name them later.
fn with_force() -> RemoveContainerOptions {
    RemoveContainerOptions {
        force: true,
        v: true,
        link: false,
    }
}
