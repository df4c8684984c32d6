//! What the commands on services share: ports, the tables of tasks, and waiting until a service has converged.

pub mod progress;
pub mod publish;
pub mod tasks;

use lab::{
    models::{NetworkAttachmentConfig, Service},
    options::{InspectServiceOptions, ListServicesOptions, UpdateServiceOptions},
};

use crate::{Context, failure::Failure};

/// The service as it is, for a change of it.
pub async fn current(context: &Context, name: &str) -> lab::Result<Service> {
    let options = InspectServiceOptions::default();
    context.engine.inspect_service(name, options).await?.parse()
}

/// A change of the service as it was looked at: of one that has changed meanwhile, the engine refuses it.
pub fn as_looked_at(service: &Service) -> UpdateServiceOptions {
    let index = service.version.as_ref().and_then(|version| version.index);
    UpdateServiceOptions {
        version: i32::try_from(index.unwrap_or_default()).unwrap_or_default(),
        registry_auth_from: "spec".to_owned(),
        ..Default::default()
    }
}

/// The id of each that is meant by name or id, and what docker says of those that are not there.
pub async fn ids(context: &Context, names: &[String]) -> lab::Result<(Vec<String>, Vec<String>)> {
    let listed = context
        .engine
        .list_services(ListServicesOptions::default())
        .await?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in names {
        let is_named = |service: &&Service| {
            let spec = service.spec.as_ref();
            spec.and_then(|spec| spec.name.as_ref()) == Some(name)
        };
        let begins = |service: &&Service| {
            let id = service.id.as_deref().unwrap_or_default();
            id.starts_with(name.as_str())
        };
        let service = listed.iter().find(is_named);
        match service.or_else(|| listed.iter().find(begins)) {
            Some(service) => found.extend(service.id.clone()),
            None => missing.push(format!("no such service: {name}")),
        }
    }
    Ok((found, missing))
}

/// `nginx` is `nginx:latest`; what is no image's name stays as it is.
pub fn tagged(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or(image);
    let is_name = !image.is_empty() && !image.contains(|letter: char| letter.is_ascii_uppercase());
    if name.contains([':', '@']) || !is_name {
        return image.to_owned();
    }
    format!("{image}:latest")
}

/// The networks by id, and what docker says of one that is not there.
pub async fn attachments(
    context: &Context,
    networks: &[String],
) -> Result<Option<Vec<NetworkAttachmentConfig>>, Failure> {
    let mut attached = Vec::new();
    for value in networks {
        let given = crate::values::read_attachment(value).map_err(|why| Failure::new(125, why))?;
        let options = lab::options::InspectNetworkOptions::default();
        let network = context
            .engine
            .inspect_network(&given.network, options)
            .await?;
        attached.push(NetworkAttachmentConfig {
            target: network.parse()?.id,
            aliases: given.endpoint.aliases,
            driver_opts: None,
        });
    }
    Ok((!attached.is_empty()).then_some(attached))
}
