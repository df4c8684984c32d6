//! `docker images`

use async_trait::async_trait;
use jiff::Timestamp;
use lab::{models::ImageSummary, options::ListImagesOptions};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    go,
    grammar::{Call, Command, Count, Grammar},
    listing::{self, Listing, Row},
    units::{human_duration, human_size},
    values::{filter, filters},
};

pub struct Images;

static FLAGS: &[Flag] = &[
    Flag::switch("all", "Show images that are only parts of others too").short('a'),
    Flag::switch("digests", "Show digests"),
    Flag::many("filter", "filter", "Only those that fit: reference=nginx")
        .short('f')
        .checked(filter),
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.Repository}}:{{.Tag}}', json",
    ),
    Flag::switch("no-trunc", "Show ids in full"),
    Flag::switch("quiet", "Show ids only").short('q'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["images", "image ls|list"],
    usage: "[OPTIONS] [REPOSITORY[:TAG]]",
    about: "List images",
    flags: FLAGS,
    count: Count::AtMost(1),
    arguments: &["image"],
    program_from: None,
};

const HEADERS: &[(&str, &str)] = &[
    ("Containers", "CONTAINERS"),
    ("CreatedAt", "CREATED AT"),
    ("CreatedSince", "CREATED"),
    ("Digest", "DIGEST"),
    ("ID", "IMAGE ID"),
    ("Repository", "REPOSITORY"),
    ("SharedSize", "SHARED SIZE"),
    ("Size", "SIZE"),
    ("Tag", "TAG"),
    ("UniqueSize", "UNIQUE SIZE"),
];

static LISTING: Listing = Listing {
    table: "table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
    headers: HEADERS,
    quiet: "{{.ID}}",
    context: "formatter.imageContext",
    raw: "repository: {{.Repository}}\ntag: {{.Tag}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n",
};

static WITH_DIGESTS: Listing = Listing {
    table: "table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
    headers: HEADERS,
    quiet: "{{.ID}}",
    context: "formatter.imageContext",
    raw: "repository: {{.Repository}}\ntag: {{.Tag}}\ndigest: {{.Digest}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n",
};

/// What somebody may mean who types `docker images` and another word.
const SUBCOMMANDS: &[&str] = &[
    "build", "history", "import", "inspect", "list", "load", "ls", "prune", "pull", "push", "rm",
    "save", "tag",
];

#[async_trait]
impl Command for Images {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let given = &call.given;
        let mut wanted = filters(&given.all("filter")).unwrap_or_default();
        if let Some(name) = given.arguments.first() {
            wanted
                .entry("reference".to_owned())
                .or_default()
                .push(name.clone());
        }
        let filters = Some(wanted).filter(|filters| !filters.is_empty());
        let options = ListImagesOptions {
            all: given.on("all"),
            filters,
            shared_size: false,
            digests: false,
            manifests: false,
        };
        let images = context.engine.list_images(options).await?;
        let (now, truncated) = (context.clock.now(), !given.on("no-trunc"));
        let rows: Vec<Row> = images
            .iter()
            .flat_map(|image| rows(image, now, truncated))
            .collect();
        let listing = if given.on("digests") {
            &WITH_DIGESTS
        } else {
            &LISTING
        };
        console.out(listing.show(&rows, given)?).await;
        // `docker images ls` lists images called "ls".
        if let Some(name) = given.arguments.first()
            && images.is_empty()
            && call.path == "docker images"
            && SUBCOMMANDS.contains(&name.as_str())
        {
            let hint = format!("did you mean \"docker image {name}\"?");
            console
                .err_line(&format!(
                    "\nNo images found matching {}: {hint}",
                    go::quote(name)
                ))
                .await;
        }
        Ok(0)
    }
}

/// One for each name that the image has.
fn rows(image: &ImageSummary, now: Timestamp, truncated: bool) -> Vec<Row> {
    let digest = |repository: &str| {
        let of = |digest: &&String| {
            digest
                .split_once('@')
                .is_some_and(|(name, _)| name == repository)
        };
        let found = image
            .repo_digests
            .iter()
            .find(of)
            .and_then(|digest| digest.split_once('@'));
        found.map_or("<none>".to_owned(), |(_, digest)| digest.to_owned())
    };
    let tags: Vec<(&str, &str)> = image
        .repo_tags
        .iter()
        .filter_map(|tag| tag.rsplit_once(':'))
        .collect();
    let untagged = image
        .repo_digests
        .first()
        .and_then(|digest| digest.split_once('@'))
        .map(|(name, _)| (name, "<none>"));
    let names = if tags.is_empty() {
        vec![untagged.unwrap_or(("<none>", "<none>"))]
    } else {
        tags
    };
    let row = |(repository, tag): (&str, &str)| {
        Row::from([
            (
                "CreatedAt",
                Timestamp::from_second(image.created)
                    .map(listing::at)
                    .unwrap_or_default(),
            ),
            (
                "CreatedSince",
                human_duration(now.as_second() - image.created) + " ago",
            ),
            ("Digest", digest(repository)),
            ("ID", listing::id(&image.id, truncated)),
            ("Repository", repository.to_owned()),
            ("Size", human_size(image.size, 3)),
            ("Tag", tag.to_owned()),
        ])
    };
    names.into_iter().map(row).collect()
}
