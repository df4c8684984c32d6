//! How much a container takes on disk: `docker ps -s`.

use crate::world::{Container, World};

/// What it has written itself.
pub fn changed(container: &Container) -> i64 {
    i64::try_from(container.files.own().size()).unwrap_or(i64::MAX)
}

/// That, and its image.
pub fn root(world: &World, container: &Container) -> i64 {
    let image = world.images.find(&container.image_id);
    image.map_or(0, crate::images::Image::size) + changed(container)
}
