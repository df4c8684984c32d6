//! `docker network ls` and its filters.

use std::collections::BTreeMap;

use lab::{Error, Result, options::ListNetworksOptions};

use super::{Network, model::parse_bool};
use crate::world::World;

pub fn list<'a>(world: &'a World, options: &ListNetworksOptions) -> Result<Vec<&'a Network>> {
    let filters: BTreeMap<&String, &Vec<String>> = options.filters.iter().flatten().collect();
    for (key, values) in &filters {
        acceptable(key, values)?;
    }
    let fits = |network: &Network| {
        filters
            .iter()
            .all(|(key, values)| values.is_empty() || matches(network, key, values))
    };
    let mut networks: Vec<&Network> = world
        .networks
        .values()
        .filter(|network| fits(network))
        .collect();
    networks.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(networks)
}

fn acceptable(key: &str, values: &[String]) -> Result<()> {
    let refuse = |status, message: String| Err(Error::refused(status, message));
    match key {
        "dangling" if values.len() > 1 => refuse(
            400,
            "got more than one value for filter key \"dangling\"".to_owned(),
        ),
        "dangling" if values.iter().any(|value| parse_bool(value).is_none()) => refuse(
            400,
            "invalid value for filter 'dangling', must be \"true\" (or \"1\"), or \"false\" (or \"0\")".to_owned(),
        ),
        "type" => match values.iter().find(|value| !matches!(value.as_str(), "custom" | "builtin")) {
            Some(value) => refuse(500, format!("invalid filter: 'type'='{value}'")),
            None => Ok(()),
        },
        "dangling" | "name" | "id" | "driver" | "scope" | "label" | "idOrName" => Ok(()),
        other => refuse(400, format!("invalid filter '{other}'")),
    }
}

fn matches(network: &Network, key: &str, values: &[String]) -> bool {
    let any = |fits: &dyn Fn(&String) -> bool| values.iter().any(fits);
    match key {
        "name" => any(&|value| network.name.contains(value.as_str())),
        "id" => any(&|value| network.id.starts_with(value.as_str())),
        "idOrName" => any(&|value| network.name.contains(value.as_str())),
        "driver" => any(&|value| network.driver == *value),
        "scope" => any(&|value| network.scope == *value),
        "type" => any(&|value| (value == "builtin") == network.is_predefined()),
        // Each label has to be there.
        "label" => values.iter().all(|value| has_label(&network.labels, value)),
        "dangling" => {
            // The engine does not look at the containers here: whatever somebody made dangles.
            any(&|value| parse_bool(value) != Some(network.is_predefined()))
        }
        _ => true,
    }
}

pub fn has_label(labels: &BTreeMap<String, String>, wanted: &str) -> bool {
    match wanted.split_once('=') {
        Some((key, value)) => labels.get(key).is_some_and(|is| is == value),
        None => labels.contains_key(wanted),
    }
}
