//! `docker rmi`

use async_trait::async_trait;
use lab::options::RemoveImageOptions;

use crate::{
    Context,
    console::Console,
    failure::{Failure, told},
    flags::Flag,
    grammar::{Call, Command, Count, Grammar},
};

pub struct Rmi;

static FLAGS: &[Flag] = &[
    Flag::switch("force", "Remove it also if a container was made of it").short('f'),
    Flag::switch("no-prune", "Keep the images that it was built on"),
    Flag::refused("platform", "it has images of this engine's own platform"),
];

static GRAMMAR: Grammar = Grammar {
    names: &["rmi", "image rm|remove"],
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    about: "Remove images that the lab built or pulled",
    flags: FLAGS,
    count: Count::AtLeast(1),
    arguments: &["image"],
    program_from: None,
};

#[async_trait]
impl Command for Rmi {
    fn grammar(&self) -> &'static Grammar {
        &GRAMMAR
    }

    async fn run(
        &self,
        call: &Call,
        context: &Context,
        console: &mut Console,
    ) -> Result<u8, Failure> {
        let force = call.given.on("force");
        let mut wrong = Vec::new();
        let mut only_missing = true;
        for image in &call.given.arguments {
            let options = RemoveImageOptions {
                force,
                noprune: call.given.on("no-prune"),
                platforms: None,
            };
            match context.engine.remove_image(image, options).await {
                Ok(removed) => {
                    for item in removed {
                        let line = match (item.deleted, item.untagged) {
                            (Some(id), _) => format!("Deleted: {id}"),
                            (None, name) => format!("Untagged: {}", name.unwrap_or_default()),
                        };
                        console.line(&line).await;
                    }
                }
                Err(error) => {
                    only_missing &= error.is_not_found();
                    wrong.push(told(&error));
                }
            }
        }
        if force && only_missing {
            // Nothing to remove is as good as removed.
            for line in &wrong {
                console.err_line(line).await;
            }
            return Ok(0);
        }
        Failure::all(&wrong)?;
        Ok(0)
    }
}
