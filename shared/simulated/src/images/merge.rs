//! What a container gets from its image where it was asked for nothing else, as Docker merges the two at a create.

use lab::{
    Error, Result,
    models::{ContainerCreateBody, ImageConfig},
};

/// Completes what was asked for by what the image says; there must be something to run.
pub fn complete(body: &mut ContainerCreateBody, image: &ImageConfig) -> Result<()> {
    merge(body, image);
    if body.entrypoint.as_deref() == Some(&[String::new()]) {
        body.entrypoint = None;
    }
    if is_empty(body.entrypoint.as_ref()) && is_empty(body.cmd.as_ref()) {
        return Err(Error::refused(400, "no command specified"));
    }
    Ok(())
}

fn merge(body: &mut ContainerCreateBody, image: &ImageConfig) {
    if body.user.as_deref().unwrap_or_default().is_empty() {
        body.user.clone_from(&image.user);
    }
    add(&mut body.exposed_ports, image.exposed_ports.as_deref());
    add(&mut body.volumes, image.volumes.as_deref());
    add_variables(&mut body.env, image.env.as_deref());
    for (key, value) in image.labels.iter().flatten() {
        let labels = body.labels.get_or_insert_default();
        labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
    // An entry point of one's own makes the image's command meaningless; `--entrypoint ""` is `[""]`, and takes both away.
    if is_empty(body.entrypoint.as_ref()) {
        if is_empty(body.cmd.as_ref()) {
            body.cmd.clone_from(&image.cmd);
        }
        if body.entrypoint.is_none() {
            body.entrypoint.clone_from(&image.entrypoint);
        }
    }
    if body.working_dir.as_deref().unwrap_or_default().is_empty() {
        body.working_dir.clone_from(&image.working_dir);
    }
    if body.stop_signal.as_deref().unwrap_or_default().is_empty() {
        body.stop_signal.clone_from(&image.stop_signal);
    }
    merge_health(body, image);
}

fn merge_health(body: &mut ContainerCreateBody, image: &ImageConfig) {
    let Some(of_image) = &image.healthcheck else {
        return;
    };
    let health = body.healthcheck.get_or_insert_default();
    if is_empty(health.test.as_ref()) {
        health.test.clone_from(&of_image.test);
    }
    for (own, of_image) in [
        (&mut health.interval, of_image.interval),
        (&mut health.timeout, of_image.timeout),
        (&mut health.start_period, of_image.start_period),
        (&mut health.start_interval, of_image.start_interval),
        (&mut health.retries, of_image.retries),
    ] {
        if own.unwrap_or_default() == 0 {
            *own = of_image;
        }
    }
}

fn is_empty(words: Option<&Vec<String>>) -> bool {
    words.is_none_or(Vec::is_empty)
}

fn add(own: &mut Option<Vec<String>>, of_image: Option<&[String]>) {
    for one in of_image.unwrap_or_default() {
        let own = own.get_or_insert_default();
        if !own.contains(one) {
            own.push(one.clone());
        }
    }
}

/// The image's come after the container's own, as Docker has them.
fn add_variables(own: &mut Option<Vec<String>>, of_image: Option<&[String]>) {
    let name = |variable: &str| variable.split('=').next().unwrap_or_default().to_owned();
    for variable in of_image.unwrap_or_default() {
        let own = own.get_or_insert_default();
        if !own.iter().any(|other| name(other) == name(variable)) {
            own.push(variable.clone());
        }
    }
}
