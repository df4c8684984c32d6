//! Holds the journal against what is really there: after a crash, and each time everything is listed anyway.

use super::{Entry, Guard, Kind, labels, locked, ownership::label_filter};
use crate::{
    Result,
    models::{ContainerSummary, Network},
    options::{
        InspectNetworkOptions, InspectServiceOptions, ListContainersOptions, ListNetworksOptions,
    },
};

/// A create that was cut off may still be under way in the engine: its thing is looked for this often.
const LOOKS: u32 = 30;

/// Something on the engine that carries our label.
struct Labelled {
    id: String,
    nonce: String,
    /// Comparable among things of one kind.
    created: String,
}

impl Guard {
    /// After a start, or when the engine came back: finds what a crash left without an id, and forgets what is gone.
    pub async fn recover(&self) -> Result<()> {
        *locked(&self.about) = None;
        self.look_again().await
    }

    pub(super) async fn look_again(&self) -> Result<()> {
        let before = self.journal.entries();
        let engine = self.about().await?.id;
        if !before.iter().any(|entry| entry.intent.engine == engine) {
            return Ok(());
        }
        let networks = self.notice(
            self.engine
                .list_networks(ListNetworksOptions::default())
                .await,
        )?;
        self.saw_networks(&before, &networks).await?;
        let all = ListContainersOptions {
            all: true,
            ..Default::default()
        };
        let containers = self.notice(self.engine.list_containers(all).await)?;
        self.saw_containers(&before, &containers).await?;
        self.saw_images().await
    }

    /// Finds what was made without our seeing the answer; forgets nothing.
    pub(super) async fn find_pending(&self) -> Result<()> {
        let networks = ListNetworksOptions {
            filters: Some(label_filter()),
        };
        let networks = self.notice(self.engine.list_networks(networks).await)?;
        let containers = ListContainersOptions {
            all: true,
            filters: Some(label_filter()),
            ..Default::default()
        };
        let containers = self.notice(self.engine.list_containers(containers).await)?;
        for (kind, seen) in [
            (Kind::Network, labelled_networks(&networks)),
            (Kind::Container, labelled_containers(&containers)),
        ] {
            for entry in self.entries_here(&self.journal.entries(), kind).await? {
                self.find(&entry, &seen)?;
            }
        }
        Ok(())
    }

    /// `before`: the journal as it was before the list was asked for. What was made since is not in the list.
    pub(super) async fn saw_networks(&self, before: &[Entry], networks: &[Network]) -> Result<()> {
        let ids = networks
            .iter()
            .filter_map(|network| network.id.as_deref())
            .collect();
        self.saw(Kind::Network, before, ids, &labelled_networks(networks))
            .await
    }

    pub(super) async fn saw_containers(
        &self,
        before: &[Entry],
        containers: &[ContainerSummary],
    ) -> Result<()> {
        let ids = containers
            .iter()
            .filter_map(|container| container.id.as_deref())
            .collect();
        self.saw(
            Kind::Container,
            before,
            ids,
            &labelled_containers(containers),
        )
        .await
    }

    async fn saw(
        &self,
        kind: Kind,
        before: &[Entry],
        ids: Vec<&str>,
        labelled: &[Labelled],
    ) -> Result<()> {
        for entry in self.entries_here(before, kind).await? {
            match entry.id.as_deref() {
                Some(id) if ids.contains(&id) => {}
                Some(id) => {
                    if self.is_gone(kind, id).await? {
                        self.journal.gone(&entry.intent.nonce)?;
                    }
                }
                None if self.find(&entry, labelled)? => {}
                None => self.missed(&entry)?,
            }
        }
        Ok(())
    }

    async fn entries_here(&self, entries: &[Entry], kind: Kind) -> Result<Vec<Entry>> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let engine = self.about().await?.id;
        let here = entries
            .iter()
            .filter(|entry| entry.intent.kind == kind && entry.intent.engine == engine);
        Ok(here.cloned().collect())
    }

    /// The thing of an intent without an answer. A label can be copied, but the first to carry it is the original.
    fn find(&self, entry: &Entry, labelled: &[Labelled]) -> Result<bool> {
        let nonce = &entry.intent.nonce;
        if entry.id.is_some() || locked(&self.in_flight).contains(nonce) {
            return Ok(true);
        }
        let carriers = labelled.iter().filter(|thing| thing.nonce == *nonce);
        match carriers.min_by(|one, other| one.created.cmp(&other.created)) {
            Some(thing) => self.journal.made(nonce, &thing.id).map(|()| true),
            None => Ok(false),
        }
    }

    fn missed(&self, entry: &Entry) -> Result<()> {
        let nonce = &entry.intent.nonce;
        let mut missed = locked(&self.missed);
        let times = missed.entry(nonce.clone()).or_default();
        *times += 1;
        if *times >= LOOKS {
            missed.remove(nonce);
            self.journal.gone(nonce)?;
        }
        Ok(())
    }

    async fn is_gone(&self, kind: Kind, id: &str) -> Result<bool> {
        let answer = match kind {
            Kind::Container => self.engine.inspect_container(id, false).await.map(drop),
            Kind::Network => self
                .engine
                .inspect_network(id, InspectNetworkOptions::default())
                .await
                .map(drop),
            Kind::Service => self
                .engine
                .inspect_service(id, InspectServiceOptions::default())
                .await
                .map(drop),
            // Whoever wants to change a swarm looks first whose it is.
            Kind::Swarm => Ok(()),
            Kind::Image => self.engine.inspect_image(id).await.map(drop),
        };
        match self.notice(answer) {
            Ok(()) => Ok(false),
            Err(error) if error.is_not_found() => Ok(true),
            Err(error) => Err(error),
        }
    }
}

fn labelled_networks(networks: &[Network]) -> Vec<Labelled> {
    let ours = networks.iter().filter_map(|network| {
        Some(Labelled {
            id: network.id.clone()?,
            nonce: labels::nonce(network.labels.as_ref())?.to_owned(),
            created: network.created.clone().unwrap_or_default(),
        })
    });
    ours.collect()
}

fn labelled_containers(containers: &[ContainerSummary]) -> Vec<Labelled> {
    let ours = containers.iter().filter_map(|container| {
        Some(Labelled {
            id: container.id.clone()?,
            nonce: labels::nonce(container.labels.as_ref())?.to_owned(),
            // Seconds since 1970: as many digits for the next two centuries.
            created: container.created.unwrap_or_default().to_string(),
        })
    });
    ours.collect()
}
