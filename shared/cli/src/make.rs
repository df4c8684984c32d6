//! Making a container: fetching its image if it is not here.

use lab::{Error, ImageName, image_name::Version, models::ContainerCreateBody};

use crate::{
    Context,
    console::Console,
    container_options::Pull,
    failure::Failure,
    flags::Given,
    from_files, platform,
    progress::{Progress, fetch},
    streams::INTERRUPTED,
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
    let progress = if quiet {
        Progress::Hidden
    } else {
        Progress::Stderr
    };
    if pull == Pull::Always {
        fetch(&image, progress, context, console).await?;
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
        fetch(&image, progress, context, console).await?;
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
