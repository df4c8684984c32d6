//! Making a container: fetching its image if it is not here, and how that fetching is shown.

use std::collections::HashMap;

use futures::StreamExt;
use lab::{
    Error, ImageName,
    image_name::Version,
    models::{ContainerCreateBody, CreateImageInfo},
    options::CreateImageOptions,
};

use crate::{
    Context,
    console::Console,
    container_options::Pull,
    failure::Failure,
    flags::Given,
    from_files, platform,
    streams::{INTERRUPTED, unless_interrupted},
    units::human_size,
};

/// Why there is no container.
pub enum NotMade {
    Engine(Error),
    /// Docker's own words.
    Said(String),
    Interrupted,
}

impl NotMade {
    pub fn failure(
        self,
        told: impl FnOnce(&Error) -> Failure,
        said: impl FnOnce(&str) -> Failure,
    ) -> Failure {
        match self {
            Self::Engine(error) => told(&error),
            Self::Said(text) => said(&text),
            Self::Interrupted => Failure::silent(INTERRUPTED),
        }
    }
}

impl From<Error> for NotMade {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

/// Makes the container; its id.
pub async fn make(
    body: ContainerCreateBody,
    pull: Pull,
    given: &Given,
    context: &Context,
    console: &mut Console,
) -> Result<String, NotMade> {
    let image =
        ImageName::read(body.image.as_deref().unwrap_or_default()).map_err(NotMade::Said)?;
    let id_file = from_files::id_file(given, context).map_err(NotMade::Said)?;
    if let Some(platform) = given.text("platform") {
        let checked = platform::check(&platform, context).await;
        checked.map_err(NotMade::Said)?;
    }
    let quiet = given.on("quiet");
    if pull == Pull::Always {
        fetch(&image, quiet, context, console).await?;
    }
    let name = given.text("name");
    let loopback = body
        .host_config
        .iter()
        .flat_map(|host| host.dns.iter().flatten())
        .find(|address| {
            address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
        });
    let warning =
        loopback.map(|address| format!("Localhost DNS ({address}) may fail in containers."));
    let mut made = context
        .engine
        .create_container(name.as_deref(), body.clone())
        .await;
    if pull == Pull::Missing
        && image.version != Version::Id
        && made.as_ref().is_err_and(lacks_image)
    {
        if !quiet {
            console
                .err_line(&format!("Unable to find image '{image}' locally"))
                .await;
        }
        fetch(&image, quiet, context, console).await?;
        made = context.engine.create_container(name.as_deref(), body).await;
    }
    let made = made?;
    if let Some(file) = id_file {
        from_files::write_id(&file, &made.id, context).map_err(NotMade::Said)?;
    }
    for warning in made.warnings.iter().chain(&warning) {
        console.err_line(&format!("WARNING: {warning}")).await;
    }
    Ok(made.id)
}

fn lacks_image(error: &Error) -> bool {
    matches!(error, Error::Refused { status: 404, message } if message.contains("No such image"))
}

async fn fetch(
    image: &ImageName,
    quiet: bool,
    context: &Context,
    console: &mut Console,
) -> Result<(), NotMade> {
    let tag = match &image.version {
        Version::Tag(tag) | Version::Digest(tag) => Some(tag.clone()),
        Version::Id => None,
    };
    let options = CreateImageOptions {
        from_image: Some(image.name.clone()),
        tag,
        ..CreateImageOptions::default()
    };
    let asked = unless_interrupted(context.engine.pull_image(options), console).await;
    let mut progress = asked.ok_or(NotMade::Interrupted)??;
    let mut lines = Lines {
        width: console.terminal().map(|size| size.columns),
        ids: HashMap::new(),
    };
    while let Some(message) = unless_interrupted(progress.next(), console)
        .await
        .ok_or(NotMade::Interrupted)?
    {
        let message = message?;
        if let Some(error) = message.error_detail.and_then(|detail| detail.message) {
            return Err(NotMade::Said(error));
        }
        if !quiet {
            console
                .err(lines.show(&CreateImageInfo {
                    error_detail: None,
                    ..message
                }))
                .await;
        }
    }
    Ok(())
}

/// Progress as docker shows it: on a terminal each layer keeps its line, in a pipe only what is done is said.
struct Lines {
    width: Option<u16>,
    ids: HashMap<String, usize>,
}

impl Lines {
    fn show(&mut self, message: &CreateImageInfo) -> String {
        let id = message.id.as_deref().filter(|id| !id.is_empty());
        let status = message.status.as_deref().unwrap_or_default();
        let detail = message.progress_detail.as_ref();
        let bar = detail.map(|detail| {
            bar(
                detail.current.unwrap_or_default(),
                detail.total.unwrap_or_default(),
                self.width.unwrap_or_default(),
            )
        });
        let Some(_) = self.width else {
            return match (id, bar) {
                (_, Some(bar)) if !bar.is_empty() => String::new(),
                (Some(id), _) => format!("{id}: {status}\n"),
                (None, _) => format!("{status}\n"),
            };
        };
        let mut text = String::new();
        let mut up = None;
        match (id, &bar) {
            (Some(id), Some(_)) => {
                let count = self.ids.len();
                let line = *self.ids.entry(id.to_owned()).or_insert(count);
                if line == count {
                    text.push('\n');
                }
                up = Some(self.ids.len() - line);
            }
            _ => self.ids.clear(),
        }
        if let Some(up) = up {
            text.extend([format!("\x1b[{up}A")]);
        }
        let id = id.map(|id| format!("{id}: ")).unwrap_or_default();
        match bar {
            Some(bar) => text.extend([format!("\x1b[2K\r{id}{status} {bar}\r")]),
            None => text.extend([format!("{id}{status}\n")]),
        }
        if let Some(down) = up {
            text.extend([format!("\x1b[{down}B")]);
        }
        text
    }
}

/// `[==>      ]  1.2MB/4.5MB`
fn bar(current: i64, total: i64, width: u16) -> String {
    if current <= 0 && total <= 0 {
        return String::new();
    }
    let done = human_size(current, 4);
    if total <= 0 || current > total {
        return format!("{done:>8}");
    }
    let filled = usize::try_from((current * 100 / total / 2).min(50)).unwrap_or_default();
    let bar = if width > 110 {
        format!("[{}>{}] ", "=".repeat(filled), " ".repeat(50 - filled))
    } else {
        String::new()
    };
    format!("{bar}{done:>8}/{}", human_size(total, 4))
}

#[cfg(test)]
mod tests {
    use lab::models::ProgressDetail;

    use super::*;

    fn shown(width: Option<u16>) -> String {
        let message = |id: &str, status: &str, progress: Option<(i64, i64)>| CreateImageInfo {
            id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            status: Some(status.to_owned()),
            progress_detail: progress.map(|(current, total)| ProgressDetail {
                current: Some(current),
                total: Some(total),
            }),
            ..CreateImageInfo::default()
        };
        let messages = [
            message("latest", "Pulling from library/nginx", None),
            message("af10", "Pulling fs layer", Some((0, 0))),
            message("af10", "Downloading", Some((1_200_000, 4_500_000))),
            message("", "Status: Downloaded newer image for nginx:latest", None),
        ];
        let mut lines = Lines {
            width,
            ids: HashMap::new(),
        };
        messages.iter().map(|message| lines.show(message)).collect()
    }

    #[test]
    fn progress_in_a_pipe_and_on_a_terminal() {
        let expected = "latest: Pulling from library/nginx\naf10: Pulling fs layer\nStatus: Downloaded newer image for nginx:latest\n";
        assert_eq!(shown(None), expected);
        let expected = "latest: Pulling from library/nginx\n\
                        \n\x1b[1A\x1b[2K\raf10: Pulling fs layer \r\x1b[1B\
                        \x1b[1A\x1b[2K\raf10: Downloading    1.2MB/4.5MB\r\x1b[1B\
                        Status: Downloaded newer image for nginx:latest\n";
        assert_eq!(shown(Some(80)), expected);
    }
}
