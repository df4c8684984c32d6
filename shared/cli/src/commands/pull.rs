//! `docker pull`

use async_trait::async_trait;
use lab::{ImageName, image_name::Version};

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
    progress::{Progress, fetch},
};

pub struct Pull;

static FLAGS: &[Flag] = &[
    Flag::switch("quiet", "Print the image's name only").short('q'),
    Flag::refused("all-tags", "one image is enough for it: name its tag").short('a'),
    Flag::refused("disable-content-trust", "it trusts no signatures"),
    Flag::refused("platform", "it runs images of this engine's own platform"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["pull", "image pull"],
    usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
    about: "Get an image from a registry",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["image"],
    program_from: None,
};

#[async_trait]
impl Command for Pull {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let asked = call.given.arguments[0].as_str();
        let image = ImageName::read(asked).map_err(|error| Failure::new(1, error))?;
        if image.version == Version::Id {
            return Err(Failure::new(1, "invalid reference format"));
        }
        let quiet = call.given.on("quiet");
        if !quiet && image.is_default_tag(asked) {
            console.line("Using default tag: latest").await;
        }
        let progress = if quiet {
            Progress::Hidden
        } else {
            Progress::Stdout
        };
        let fetched = fetch(&image, progress, context, console).await;
        fetched.map_err(|not| {
            not.failure(
                |error| Failure::new(1, told(error)),
                |text| Failure::new(1, text),
            )
        })?;
        console.line(&image.full()).await;
        Ok(0)
    }
}
