//! `--health-cmd` and its companions.

use lab::models::HealthConfig;

use crate::{flags::Given, values::nanoseconds};

/// The check that flags ask for, if any.
pub fn check(given: &Given) -> Result<Option<HealthConfig>, String> {
    let duration = |name: &str| match given.one(name) {
        Some(value) => nanoseconds(value).unwrap_or_default(),
        None => 0,
    };
    let command = given.text("health-cmd");
    let retries = given.number("health-retries").unwrap_or_default();
    let names = [
        "health-interval",
        "health-timeout",
        "health-start-period",
        "health-start-interval",
    ];
    let times = names.map(duration);
    let asked = command.is_some() || retries != 0 || times.iter().any(|time| *time != 0);
    if given.on("no-healthcheck") {
        if asked {
            return Err("--no-healthcheck conflicts with --health-* options".to_owned());
        }
        return Ok(Some(HealthConfig {
            test: Some(vec!["NONE".to_owned()]),
            ..HealthConfig::default()
        }));
    }
    let negative = |name: &str| Err(format!("--{name} cannot be negative"));
    for (name, time) in names.iter().zip(times).take(2) {
        if time < 0 {
            return negative(name);
        }
    }
    if retries < 0 {
        return negative("health-retries");
    }
    for (name, time) in names.iter().zip(times).skip(2) {
        if time < 0 {
            return negative(name);
        }
    }
    let [interval, timeout, start_period, start_interval] =
        times.map(|time| Some(time).filter(|time| *time != 0));
    Ok(asked.then(|| HealthConfig {
        test: command.map(|command| vec!["CMD-SHELL".to_owned(), command]),
        interval,
        timeout,
        retries: Some(retries).filter(|retries| *retries != 0),
        start_period,
        start_interval,
    }))
}
