//! `docker create`: what is asked for becomes a container.

use std::collections::BTreeMap;

use lab::{
    Result,
    models::{ContainerCreateBody, ContainerCreateResponse},
};

use super::name::{invented_name, name_is_free};
use crate::{
    Simulated,
    fs::Files,
    images, networks,
    process::{Io, Table},
    world::{Container, State, World},
};

impl Simulated {
    pub(crate) fn create(
        &self,
        name: Option<&str>,
        body: ContainerCreateBody,
    ) -> Result<ContainerCreateResponse> {
        let id = {
            let mut world = self.world();
            let container = new_container(&mut world, name, body, self.now())?;
            let id = container.id.clone();
            world.containers.insert(id.clone(), container);
            world.container_event(self.now(), "create", &id);
            id
        };
        self.changed();
        Ok(ContainerCreateResponse {
            id,
            warnings: Vec::new(),
        })
    }
}

fn new_container(
    world: &mut World,
    name: Option<&str>,
    mut body: ContainerCreateBody,
    now: jiff::Timestamp,
) -> Result<Container> {
    let image = world
        .images
        .get(body.image.as_deref().unwrap_or_default())?;
    images::complete(&mut body, &image.config)?;
    let (image_id, files) = (image.id.clone(), Files::on(image.files()));
    let id = world.id();
    let name = name.map_or_else(|| invented_name(world), str::to_owned);
    name_is_free(world, &name)?;
    let mut container = Container {
        id,
        name,
        image_id,
        created: now,
        state: State::Created,
        exit_code: 0,
        started: None,
        finished: None,
        pid: 0,
        networks: BTreeMap::new(),
        sandbox: None,
        links: 0,
        published: Vec::new(),
        files,
        io: Io::default(),
        processes: Table::default(),
        body,
    };
    container.io.lock().tty = container.body.tty.unwrap_or_default();
    let asked = container
        .body
        .networking_config
        .take()
        .and_then(|config| config.endpoints_config)
        .unwrap_or_default();
    networks::check_mode(&container)?;
    if container.network_mode() == "host"
        && container
            .body
            .hostname
            .as_deref()
            .unwrap_or_default()
            .is_empty()
    {
        container.body.hostname = Some(world.name.clone());
    }
    container.networks = networks::asked(world, &container, asked.into_iter().collect())?;
    Ok(container)
}
