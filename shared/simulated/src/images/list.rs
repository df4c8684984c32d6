//! Which images a list shows.

use fast_glob::glob_match;
use jiff::Timestamp;
use lab::{Error, Result, models::ImageSummary, options::ListImagesOptions};

use super::{Image, Images, inspect};

const KNOWN: &[&str] = &["before", "dangling", "label", "reference", "since", "until"];

/// The newest first.
pub fn list(images: &Images, options: &ListImagesOptions) -> Result<Vec<ImageSummary>> {
    let filters = Filters::read(images, options)?;
    let mut listed: Vec<ImageSummary> = images
        .all()
        .filter(|image| filters.has(images, image))
        .filter_map(|image| filters.named(inspect::summary(images, image)))
        .collect();
    listed.sort_by_key(|image| std::cmp::Reverse(image.created));
    Ok(listed)
}

struct Filters {
    /// Those that are only parts of others, too.
    all: bool,
    dangling: Option<bool>,
    labels: Vec<String>,
    references: Vec<String>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl Filters {
    fn read(images: &Images, options: &ListImagesOptions) -> Result<Self> {
        let given = options.filters.clone().unwrap_or_default();
        if let Some(unknown) = given.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(Error::refused(400, format!("invalid filter '{unknown}'")));
        }
        let values = |key: &str| given.get(key).cloned().unwrap_or_default();
        let dangling = match values("dangling").last().map(|value| value.to_lowercase()) {
            None => None,
            Some(value) => match value.as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                other => {
                    let why = format!("invalid filter 'dangling=[{other}]'");
                    return Err(Error::refused(400, why));
                }
            },
        };
        let created = |key: &str| {
            let named = values(key);
            let image = named.last().map(|name| images.get(name)).transpose()?;
            Ok::<_, Error>(image.map(|image| image.created))
        };
        let until = values("until")
            .last()
            .and_then(|value| value.parse::<i64>().ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok());
        Ok(Self {
            all: options.all,
            dangling,
            labels: values("label"),
            references: values("reference"),
            after: created("since")?,
            before: created("before")?.or(until),
        })
    }

    fn has(&self, images: &Images, image: &Image) -> bool {
        let nameless = images.names_of(&image.id).next().is_none();
        let part = nameless && images.has_children(&image.id);
        let labels = image.config.labels.clone().unwrap_or_default();
        let labelled = |wanted: &String| match wanted.split_once('=') {
            Some((key, value)) => labels.get(key).is_some_and(|it| it == value),
            None => labels.contains_key(wanted),
        };
        (self.all || !part)
            && self
                .dangling
                .is_none_or(|wanted| (nameless && !part) == wanted)
            && self.labels.iter().all(labelled)
            && self.after.is_none_or(|after| image.created > after)
            && self.before.is_none_or(|before| image.created < before)
    }

    /// With only the names that were asked for.
    fn named(&self, mut image: ImageSummary) -> Option<ImageSummary> {
        if self.references.is_empty() {
            return Some(image);
        }
        let wanted = |name: &String| {
            let repository = name.split('@').next().unwrap_or(name);
            let bare = repository.rsplit_once(':').map_or(repository, |(it, _)| it);
            let mut patterns = self.references.iter();
            patterns.any(|pattern| glob_match(pattern, name) || glob_match(pattern, bare))
        };
        image.repo_tags.retain(wanted);
        image.repo_digests.retain(wanted);
        (!image.repo_tags.is_empty() || !image.repo_digests.is_empty()).then_some(image)
    }
}
