//! `docker history`

use async_trait::async_trait;
use jiff::Timestamp;
use lab::models::ImageHistoryResponseItem;

use crate::{
    Context,
    console::Console,
    failure::Failure,
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    listing::{self, Listing, Row},
    units::{human_duration, human_size},
};

pub struct History;

static FLAGS: &[Flag] = &[
    Flag::one(
        "format",
        "string",
        "Show these fields: '{{.CreatedBy}}', json",
    ),
    Flag::switch("human", "Sizes and times for people, not for programs").short('H'),
    Flag::switch("no-trunc", "Show everything in full"),
    Flag::refused("platform", "it has images of this engine's own platform"),
    Flag::switch("quiet", "Show ids only").short('q'),
];

static GRAMMAR: Grammar = Grammar {
    names: &["history", "image history"],
    usage: "[OPTIONS] IMAGE",
    about: "Show the steps that an image was made in",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["image"],
    program_from: None,
};

const HEADERS: &[(&str, &str)] = &[
    ("ID", "IMAGE"),
    ("CreatedSince", "CREATED"),
    ("CreatedAt", "CREATED AT"),
    ("CreatedBy", "CREATED BY"),
];

static LISTING: Listing = Listing {
    table: "table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
    headers: HEADERS,
    quiet: "{{.ID}}",
    context: "image.historyContext",
    raw: "raw\n",
};

static FOR_PROGRAMS: Listing = Listing {
    table: "table {{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
    headers: HEADERS,
    quiet: "{{.ID}}",
    context: "image.historyContext",
    raw: "raw\n",
};

#[async_trait]
impl Command for History {
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
        let steps = context.engine.image_history(&given.arguments[0]).await?;
        let human = !given.has("human") || given.on("human");
        let (now, truncated) = (context.clock.now(), !given.on("no-trunc"));
        let rows: Vec<Row> = steps
            .iter()
            .map(|step| row(step, now, human, truncated))
            .collect();
        let listing = if human { &LISTING } else { &FOR_PROGRAMS };
        console.out(listing.show(&rows, given)?).await;
        Ok(0)
    }
}

fn row(step: &ImageHistoryResponseItem, now: Timestamp, human: bool, truncated: bool) -> Row {
    let created = Timestamp::from_second(step.created).unwrap_or_default();
    let since = human_duration(now.as_second() - step.created) + " ago";
    let by = step.created_by.replace('\t', " ");
    Row::from([
        ("Comment", step.comment.clone()),
        ("CreatedAt", created.to_string()),
        ("CreatedBy", if truncated { ellipsis(&by, 45) } else { by }),
        ("CreatedSince", since),
        ("ID", listing::id(&step.id, truncated)),
        (
            "Size",
            if human {
                human_size(step.size, 3)
            } else {
                step.size.to_string()
            },
        ),
    ])
}

/// At most so many letters, the last being `…` where there are more.
fn ellipsis(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
