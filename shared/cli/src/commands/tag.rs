//! `docker tag`

use async_trait::async_trait;
use lab::{ImageName, image_name::Version, options::TagImageOptions};

use crate::{
    Context,
    console::Console,
    failure::Failure,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Tag;

static GRAMMAR: Grammar = Grammar {
    names: &["tag", "image tag"],
    usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
    about: "Give an image of the lab another name",
    flags: &[],
    count: Count::Exactly(2),
    arguments: &["image", "name"],
    program_from: None,
};

#[async_trait]
impl Command for Tag {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(&self, call: &Call, context: &Context, _: &mut Console) -> Result<u8, Failure> {
        let [image, name] = &call.given.arguments[..] else {
            return Ok(0);
        };
        let named = ImageName::read(name).map_err(|error| {
            let name = crate::go::quote(name);
            let why = format!("Error parsing reference: {name} is not a valid repository/tag");
            Failure::new(1, format!("{why}: {error}"))
        })?;
        let Version::Tag(tag) = named.version else {
            return Err(Failure::new(
                1,
                "refusing to create a tag with a digest reference",
            ));
        };
        let options = TagImageOptions {
            repo: Some(named.name),
            tag: Some(tag),
        };
        context.engine.tag_image(image, options).await?;
        Ok(0)
    }
}
