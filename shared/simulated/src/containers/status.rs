//! What `docker ps` says of a container's state: `Up 3 seconds`.

use jiff::Timestamp;

use crate::world::{Container, State};

pub fn status(container: &Container, now: Timestamp) -> String {
    match container.state {
        State::Created => "Created".to_owned(),
        State::Running | State::Paused => format!("Up {}", ago(container.started, now)),
        State::Exited => format!(
            "Exited ({}) {} ago",
            container.exit_code,
            ago(container.finished, now)
        ),
    }
}

/// As docker's go-units say it.
fn ago(then: Option<Timestamp>, now: Timestamp) -> String {
    let seconds = then.map_or(0, |then| now.as_second() - then.as_second());
    match seconds {
        ..1 => "Less than a second".to_owned(),
        1 => "1 second".to_owned(),
        2..60 => format!("{seconds} seconds"),
        60..120 => "About a minute".to_owned(),
        120..3600 => format!("{} minutes", seconds / 60),
        3600..7200 => "About an hour".to_owned(),
        7200..172_800 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
