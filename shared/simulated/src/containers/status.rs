//! What `docker ps` says of a container's state: `Up 3 seconds (healthy)`.

use jiff::Timestamp;

use super::life::HealthStatus;
use crate::world::{Container, State};

pub fn status(container: &Container, now: Timestamp) -> String {
    let code = container.exit_code;
    match container.state {
        State::Created => "Created".to_owned(),
        State::Paused => format!("Up {} (Paused)", ago(container.started, now)),
        State::Running => {
            let up = ago(container.started, now);
            match health(container) {
                Some(health) => format!("Up {up} ({health})"),
                None => format!("Up {up}"),
            }
        }
        State::Restarting => format!("Restarting ({code}) {} ago", ago(container.finished, now)),
        State::Exited => format!("Exited ({code}) {} ago", ago(container.finished, now)),
    }
}

fn health(container: &Container) -> Option<&'static str> {
    let health = container.life.health.as_ref()?;
    Some(match health.status {
        HealthStatus::Starting => "health: starting",
        status => status.word(),
    })
}

/// As docker's go-units say it.
fn ago(then: Option<Timestamp>, now: Timestamp) -> String {
    let passed = then
        .map(|then| now.duration_since(then))
        .unwrap_or_default();
    let (seconds, minutes) = (passed.as_secs(), passed.as_mins());
    let hours = (seconds + 1800) / 3600;
    match (seconds, minutes, hours) {
        (..1, ..) => "Less than a second".to_owned(),
        (1, ..) => "1 second".to_owned(),
        (2..60, ..) => format!("{seconds} seconds"),
        (_, 1, _) => "About a minute".to_owned(),
        (_, 2..60, _) => format!("{minutes} minutes"),
        (.., 1) => "About an hour".to_owned(),
        (.., 2..48) => format!("{hours} hours"),
        (.., 48..336) => format!("{} days", hours / 24),
        (.., 336..1440) => format!("{} weeks", hours / 24 / 7),
        (.., 1440..17_520) => format!("{} months", hours / 24 / 30),
        _ => format!("{} years", hours / 24 / 365),
    }
}
