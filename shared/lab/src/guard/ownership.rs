//! Whose is it? Looked up at the engine by full id, and held against the journal and the nonce in the label.

use std::sync::atomic::Ordering;

use super::{Guard, Kind, LABEL, body, labels, locked};
use crate::{
    Error, Result,
    guard::Intent,
    models::{ContainerInspectResponse, NetworkInspect},
    options::{InspectNetworkOptions, ListContainersOptions},
};

/// A container that the lab made.
pub(super) struct Owned {
    pub id: String,
    pub nonce: String,
    /// Of a service of the lab's: the nonce is the service's.
    pub is_task: bool,
    pub inspect: ContainerInspectResponse,
}

/// A network, and whether the lab made it.
pub(super) struct Found {
    pub id: String,
    pub name: String,
    /// The nonce, if it is the lab's own.
    pub ours: Option<String>,
}

/// A place for something that is being made. Dropped when the create is over, however it ended.
pub(super) struct Reservation<'a> {
    guard: &'a Guard,
    pub nonce: String,
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        locked(&self.guard.in_flight).remove(&self.nonce);
    }
}

impl Guard {
    /// The container by any name that docker takes, if the lab made it.
    pub(super) async fn own_container(&self, asked: &str) -> Result<Owned> {
        let inspect = self
            .notice(self.engine.inspect_container(asked, false).await)?
            .parse()?;
        let id = inspect.id.clone().unwrap_or_default();
        let labels = inspect
            .config
            .as_ref()
            .and_then(|config| config.labels.as_ref());
        let is_task = self.is_own_task(labels);
        let nonce = match labels::nonce(labels) {
            Some(nonce) if is_task => Some(nonce.to_owned()),
            nonce => self.nonce_of(Kind::Container, &id, nonce).await?,
        };
        match nonce {
            Some(nonce) => Ok(Owned {
                id,
                nonce,
                is_task,
                inspect,
            }),
            None => Err(foreign(
                "container",
                inspect
                    .name
                    .as_deref()
                    .map_or(asked, |name| name.trim_start_matches('/')),
            )),
        }
    }

    pub(super) async fn find_network(&self, asked: &str) -> Result<Found> {
        let answer = self
            .engine
            .inspect_network(asked, InspectNetworkOptions::default())
            .await;
        let network: NetworkInspect = self.notice(answer)?.parse()?;
        let id = network.id.unwrap_or_default();
        let ours = self
            .nonce_of(Kind::Network, &id, labels::nonce(network.labels.as_ref()))
            .await?;
        Ok(Found {
            id,
            name: network.name.unwrap_or_else(|| asked.to_owned()),
            ours,
        })
    }

    /// The nonce, if the journal has it for this very thing on this very engine.
    pub(super) async fn nonce_of(
        &self,
        kind: Kind,
        id: &str,
        label: Option<&str>,
    ) -> Result<Option<String>> {
        let Some(nonce) = label else { return Ok(None) };
        let engine = self.about().await?.id;
        let intent = Intent {
            nonce: nonce.to_owned(),
            kind,
            engine,
        };
        if self.is_written(&intent, Some(id)) {
            return Ok(Some(intent.nonce));
        }
        if self.is_written(&intent, None) && !locked(&self.in_flight).contains(nonce) {
            // Made, but the answer was never seen: the lists tell.
            self.find_pending().await?;
            return Ok(self.is_written(&intent, Some(id)).then_some(intent.nonce));
        }
        Ok(None)
    }

    fn is_written(&self, intent: &Intent, id: Option<&str>) -> bool {
        let entries = self.journal.entries();
        entries
            .iter()
            .any(|entry| entry.intent == *intent && entry.id.as_deref() == id)
    }

    /// Whether a container of the lab may be attached to this network, and what to call it then: by its full id, where
    /// there is one. One that is not there is docker's to complain of.
    pub(super) async fn may_join(&self, network: &str) -> Result<String> {
        if matches!(network, "" | "default" | "bridge" | "none") {
            return Ok(network.to_owned());
        }
        if network == "host" {
            return self.may_use_host_network().map(|()| network.to_owned());
        }
        match self.find_network(network).await {
            Ok(found)
                if found.ours.is_some() || matches!(found.name.as_str(), "bridge" | "none") =>
            {
                Ok(found.id)
            }
            Ok(found) if found.name == "host" => self.may_use_host_network().map(|()| found.id),
            Ok(found) => Err(foreign("network", &found.name)),
            Err(error) if error.is_not_found() => Ok(network.to_owned()),
            Err(error) => Err(error),
        }
    }

    fn may_use_host_network(&self) -> Result<()> {
        if self.limits.host_network {
            return Ok(());
        }
        Err(Error::NotAllowed(
            "this lesson does not grant \"--network host\": the container would see your machine's own network; use a \
             network of this lab"
                .to_owned(),
        ))
    }

    /// The full id of a container that another one names (`--network container:web`, `--link web`), if it is the lab's.
    pub(super) async fn named_container(&self, asked: &str) -> Result<String> {
        match self.own_container(asked).await {
            Ok(owned) => Ok(owned.id),
            Err(error) if error.is_not_found() => Ok(asked.to_owned()),
            Err(error) => Err(error),
        }
    }

    /// Writes down that something will be made, if there is room for it.
    pub(super) async fn reserve(&self, kind: Kind) -> Result<Reservation<'_>> {
        let engine = self.about().await?.id;
        if let Some(reserved) = self.try_reserve(kind, &engine)? {
            return Ok(reserved);
        }
        // Some may have gone since: by --rm, or from outside.
        self.look_again().await?;
        self.try_reserve(kind, &engine)?.ok_or_else(|| match kind {
            Kind::Container => body::too_many(
                "containers",
                self.limits.containers,
                "remove one with docker rm -f",
            ),
            Kind::Network => body::too_many(
                "networks",
                self.limits.networks,
                "remove one with docker network rm",
            ),
            Kind::Service => body::too_many(
                "services",
                self.limits.services,
                "remove one with docker service rm",
            ),
            Kind::Swarm => Error::NotAllowed(
                "this lab has its swarm already: leave it with docker swarm leave --force"
                    .to_owned(),
            ),
            Kind::Image => {
                body::too_many("images", self.limits.images, "remove one with docker rmi")
            }
        })
    }

    fn try_reserve(&self, kind: Kind, engine: &str) -> Result<Option<Reservation<'_>>> {
        let _counting = locked(&self.reserving);
        let entries = self.journal.entries();
        let there = entries
            .iter()
            .filter(|entry| entry.intent.kind == kind && entry.intent.engine == engine);
        let most = match kind {
            Kind::Container => self.limits.containers,
            Kind::Network => self.limits.networks,
            Kind::Service => self.limits.services,
            Kind::Swarm => 1,
            Kind::Image => self.limits.images,
        };
        if there.count() >= most {
            return Ok(None);
        }
        let nonce = (self.random)();
        locked(&self.in_flight).insert(nonce.clone());
        self.begun.fetch_add(1, Ordering::Relaxed);
        let reserved = Reservation { guard: self, nonce };
        self.journal.intend(&Intent {
            nonce: reserved.nonce.clone(),
            kind,
            engine: engine.to_owned(),
        })?;
        Ok(Some(reserved))
    }

    /// Writes down how a create ended.
    pub(super) fn settle<T>(
        &self,
        reserved: &Reservation<'_>,
        answer: Result<T>,
        id: fn(&T) -> &str,
    ) -> Result<T> {
        match self.notice(answer) {
            Ok(made) => self.journal.made(&reserved.nonce, id(&made)).map(|()| made),
            // It may have been made all the same: the intent stays, and is looked for.
            Err(error @ (Error::Unreachable(_) | Error::Unreadable(_))) => Err(error),
            Err(error) => self.journal.gone(&reserved.nonce).and(Err(error)),
        }
    }

    /// Before a start: what it was attached to may be another network of that name by now, and ports may have run out.
    pub(super) async fn may_start(&self, owned: &Owned) -> Result<()> {
        let settings = owned.inspect.network_settings.as_ref();
        let networks = settings.and_then(|settings| settings.networks.as_ref());
        for network in networks.into_iter().flat_map(|networks| networks.keys()) {
            self.may_join(network).await?;
        }
        let host = owned.inspect.host_config.as_ref();
        let config = owned.inspect.config.as_ref();
        let asked = body::published(
            host.and_then(|host| host.port_bindings.as_ref()),
            host.and_then(|host| host.publish_all_ports),
            config
                .and_then(|config| config.exposed_ports.as_deref())
                .unwrap_or_default(),
        );
        let most = self.limits.published;
        if asked > 0 && self.published_besides(&owned.id).await? + asked > most {
            return Err(body::too_many(
                "published ports",
                most,
                "stop a container that publishes some",
            ));
        }
        Ok(())
    }

    /// Ports of the host that the lab's other containers have now.
    async fn published_besides(&self, id: &str) -> Result<usize> {
        let listed = self.notice(
            self.engine
                .list_containers(ListContainersOptions::default())
                .await,
        )?;
        let ours = listed.into_iter().filter(|one| {
            one.id
                .as_deref()
                .is_some_and(|one| one != id && self.owns(one))
        });
        let sockets = ours.map(|container| {
            let ports = container.ports.unwrap_or_default().into_iter();
            // Each is there for IPv4 and for IPv6.
            let mut published: Vec<_> = ports
                .filter_map(|port| Some((port.public_port?, port.typ?)))
                .collect();
            published.sort();
            published.dedup();
            published.len()
        });
        Ok(sockets.sum())
    }
}

/// The sentence for what the lab did not make.
pub(super) fn foreign(what: &str, name: &str) -> Error {
    Error::NotAllowed(format!(
        "the {what} \"{name}\" is not this lab's: it was made outside Causeway, which changes only what it made itself; \
         use your own terminal for it, or make one of another name here"
    ))
}

/// The label's name, for filters on it.
pub(super) fn label_filter() -> std::collections::HashMap<String, Vec<String>> {
    std::collections::HashMap::from([("label".to_owned(), vec![LABEL.to_owned()])])
}
