//! What a container may be called, and what it is called when nobody says.

use lab::{Error, Result};

use crate::world::World;

const HOW: [&str; 64] = [
    "able", "agile", "amber", "ample", "avid", "blithe", "bold", "brave", "brisk", "calm",
    "candid", "cheerful", "civil", "clever", "cosy", "crisp", "curious", "daring", "deft", "eager",
    "earnest", "exact", "fair", "festive", "fluent", "frank", "gentle", "glad", "golden", "happy",
    "hardy", "hearty", "honest", "humble", "jolly", "jovial", "keen", "kind", "lively", "loyal",
    "lucid", "merry", "modest", "neat", "nimble", "noble", "patient", "placid", "plucky", "polite",
    "prudent", "quick", "quiet", "quirky", "ready", "serene", "sharp", "spry", "steady", "sunny",
    "tidy", "vivid", "warm", "witty",
];

const WHO: [&str; 64] = [
    "abel",
    "agnesi",
    "ampere",
    "archimedes",
    "avogadro",
    "babbage",
    "bernoulli",
    "bohr",
    "boole",
    "boyle",
    "bragg",
    "cantor",
    "carson",
    "celsius",
    "chandrasekhar",
    "clarke",
    "copernicus",
    "curie",
    "darwin",
    "descartes",
    "dirac",
    "edison",
    "einstein",
    "elion",
    "euclid",
    "euler",
    "faraday",
    "fermat",
    "fermi",
    "franklin",
    "galileo",
    "gauss",
    "germain",
    "goodall",
    "hamilton",
    "herschel",
    "hertz",
    "hilbert",
    "hopper",
    "hypatia",
    "joule",
    "kepler",
    "khayyam",
    "kovalevskaya",
    "lamarr",
    "leibniz",
    "lovelace",
    "maxwell",
    "meitner",
    "mendel",
    "napier",
    "newton",
    "nobel",
    "noether",
    "ohm",
    "pascal",
    "pasteur",
    "planck",
    "ptolemy",
    "ramanujan",
    "shannon",
    "tesla",
    "turing",
    "volta",
];

/// `name` as it was asked for, which may begin with a slash.
pub fn name_is_free(world: &World, name: &str) -> Result<()> {
    let bare = name.strip_prefix('/').unwrap_or(name);
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    let starts_well = bare.starts_with(|first: char| first.is_ascii_alphanumeric());
    if !starts_well || bare.len() < 2 || !bare.chars().all(allowed) {
        return Err(Error::refused(
            400,
            format!("Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"),
        ));
    }
    match world
        .containers
        .values()
        .find(|container| container.name == bare)
    {
        None => Ok(()),
        Some(other) => Err(Error::conflict(format!(
            "Conflict. The container name \"/{bare}\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
            other.id
        ))),
    }
}

pub fn invented_name(world: &mut World) -> String {
    loop {
        let number = usize::try_from(world.next() % 4096).unwrap_or_default();
        let name = format!("{}_{}", HOW[number / 64], WHO[number % 64]);
        if name_is_free(world, &name).is_ok() {
            return name;
        }
        let name = format!("{name}{}", world.next() % 10);
        if name_is_free(world, &name).is_ok() {
            return name;
        }
    }
}
