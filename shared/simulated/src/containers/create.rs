//! `docker create`: what is asked for becomes a container.

use std::collections::BTreeMap;

use lab::{
    Error, Result,
    models::{ContainerCreateBody, ContainerCreateResponse},
};

use super::{
    life::Life,
    name::{invented_name, name_is_free},
    validate::validate,
};
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
        let warnings = validate(&body)?;
        let id = {
            let mut world = self.world();
            let container = new_container(&mut world, name, body, self.now())?;
            let id = container.id.clone();
            world.containers.insert(id.clone(), container);
            world.container_event(self.now(), "create", &id);
            id
        };
        self.changed();
        Ok(ContainerCreateResponse { id, warnings })
    }
}

fn new_container(
    world: &mut World,
    name: Option<&str>,
    mut body: ContainerCreateBody,
    now: jiff::Timestamp,
) -> Result<Container> {
    let reference = body.image.as_deref().unwrap_or_default();
    if reference.is_empty() {
        return Err(Error::refused(400, "no command specified"));
    }
    let image = world.images.get(reference)?;
    images::complete(&mut body, &image.config)?;
    let (image_id, files) = (image.id.clone(), Files::on(image.files()));
    let id = world.id();
    let name = match name {
        None | Some("") => invented_name(world),
        Some(name) => {
            name_is_free(world, name)?;
            name.trim_start_matches('/').to_owned()
        }
    };
    world.created += 1;
    let mut container = Container {
        id,
        name,
        image_id,
        created: now,
        number: world.created,
        state: State::Created,
        exit_code: 0,
        started: None,
        finished: None,
        pid: 0,
        life: Life::default(),
        networks: BTreeMap::new(),
        sandbox: None,
        links: 0,
        linked: Vec::new(),
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
    networks::check_links(world, &container)?;
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
