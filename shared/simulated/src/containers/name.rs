//! What a container may be called, and what it is called when nobody says.

use lab::{Error, Result};

use crate::world::World;

pub fn name_is_free(world: &World, name: &str) -> Result<()> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !starts_well || name.len() < 2 || !name.chars().all(allowed) {
        return Err(Error::refused(
            400,
            format!("Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"),
        ));
    }
    match world
        .containers
        .values()
        .find(|container| container.name == name)
    {
        None => Ok(()),
        Some(other) => Err(Error::conflict(format!(
            "Conflict. The container name \"/{name}\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
            other.id
        ))),
    }
}

pub fn invented_name(world: &mut World) -> String {
    const HOW: [&str; 8] = [
        "quirky", "eager", "calm", "brave", "keen", "jolly", "modest", "vivid",
    ];
    const WHO: [&str; 8] = [
        "turing", "hopper", "lovelace", "noether", "curie", "euler", "gauss", "kepler",
    ];
    loop {
        let number = usize::try_from(world.next() % 64).unwrap_or_default();
        let name = format!("{}_{}", HOW[number / 8], WHO[number % 8]);
        if name_is_free(world, &name).is_ok() {
            return name;
        }
        let name = format!("{name}{}", world.next() % 10);
        if name_is_free(world, &name).is_ok() {
            return name;
        }
    }
}
