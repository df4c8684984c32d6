//! What a lab may build, fetch and remove of images.
//!
//! An image's id is made of its content, so it is known only once it is there, and no label of ours can be on it without a
//! step of its own in the learner's build. So an image is the lab's if the journal names its id, and it is written down the
//! moment the engine tells of it, if it was not there before.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use futures::{StreamExt, stream};

use super::{Guard, Intent, Journal, Kind, body};
use crate::{
    Engine, Error, ImageName, Result, archive, dockerfile,
    engine::Items,
    models::{BuildInfo, CreateImageInfo, ImageDeleteResponseItem},
    options::{
        BuildImageOptions, CreateImageOptions, ListContainersOptions, ListImagesOptions,
        RemoveImageOptions, TagImageOptions,
    },
};

/// What a build's message looks like that tells of an image.
const MADE: &str = " ---> ";
const REMOVED: &str = " ---> Removed intermediate container ";

/// Writes down images of the lab as the engine tells of them.
struct Clerk {
    engine: Arc<dyn Engine>,
    journal: Arc<dyn Journal>,
    engine_id: String,
    /// Full ids that were there before.
    before: BTreeSet<String>,
}

impl Clerk {
    /// It may be the beginning of an id, or a name.
    async fn write_down(&self, image: &str) -> Result<()> {
        let Ok(found) = self.engine.inspect_image(image).await else {
            return Ok(());
        };
        let id = found.parse()?.id.unwrap_or_default();
        let known = self.journal.entries();
        let known = known.iter().any(|entry| entry.id.as_deref() == Some(&id));
        if id.is_empty() || known || self.before.contains(&id) {
            return Ok(());
        }
        self.journal.intend(&Intent {
            nonce: id.clone(),
            kind: Kind::Image,
            engine: self.engine_id.clone(),
        })?;
        self.journal.made(&id, &id)
    }
}

impl Clerk {
    /// The images of the steps before it, too.
    async fn write_down_with_steps(&self, image: &str) -> Result<()> {
        let steps = self.engine.image_history(image).await?;
        for step in steps
            .iter()
            .rev()
            .filter(|step| step.id.starts_with("sha256:"))
        {
            self.write_down(&step.id).await?;
        }
        self.write_down(image).await
    }
}

impl Guard {
    async fn clerk(&self) -> Result<Clerk> {
        let all = ListImagesOptions {
            all: true,
            ..Default::default()
        };
        let listed = self.notice(self.engine.list_images(all).await)?;
        Ok(Clerk {
            engine: Arc::clone(&self.engine),
            journal: Arc::clone(&self.journal),
            engine_id: self.about().await?.id,
            before: listed.into_iter().map(|image| image.id).collect(),
        })
    }

    pub(super) async fn pull(&self, options: CreateImageOptions) -> Result<Items<CreateImageInfo>> {
        let pull = CreateImageOptions {
            from_image: options.from_image,
            tag: options.tag,
            platform: options.platform,
            ..Default::default()
        };
        let Some(name) = pull.from_image.clone() else {
            return Err(Error::NotAllowed(
                "this lab gets images by pulling them only: import them in your own terminal"
                    .to_owned(),
            ));
        };
        let name = match pull.tag.as_deref() {
            Some(tag) if tag.contains(':') => format!("{name}@{tag}"),
            Some(tag) => format!("{name}:{tag}"),
            None => name,
        };
        let clerk = self.clerk().await?;
        let messages = self.notice(self.engine.pull_image(pull).await)?;
        let end = async move { clerk.write_down(&name).await.err().map(Err) };
        Ok(Box::pin(messages.chain(
            stream::once(end).filter_map(futures::future::ready),
        )))
    }

    pub(super) async fn build(
        &self,
        options: BuildImageOptions,
        context: Bytes,
    ) -> Result<Items<BuildInfo>> {
        if context.len() > self.limits.build_context {
            return Err(Error::NotAllowed(format!(
                "the folder is too large to build from: a lab sends {} MB at most; name what is not needed in a .dockerignore",
                self.limits.build_context >> 20
            )));
        }
        fetches_nothing(&options, &context)?;
        let about = self.about().await?;
        let images = self.journal.entries();
        let images = images
            .iter()
            .filter(|entry| entry.intent.kind == Kind::Image && entry.intent.engine == about.id);
        if images.count() >= self.limits.images {
            return Err(body::too_many(
                "images",
                self.limits.images,
                "remove one with docker rmi",
            ));
        }
        let keep_failed = !options.forcerm;
        let options = body::build(options, &self.limits, &about.keeps)?;
        for name in options.t.iter().flat_map(|names| names.split(',')) {
            self.may_name(name).await?;
        }
        let clerk = Arc::new(self.clerk().await?);
        let messages = self.notice(self.engine.build_image(options, context).await)?;
        let written = messages.then(move |message| {
            let clerk = Arc::clone(&clerk);
            async move {
                let message = message?;
                for id in told_of(&message) {
                    clerk.write_down(&id).await?;
                }
                if let Some(id) = all_that_a_quiet_build_tells(&message) {
                    clerk.write_down_with_steps(id).await?;
                }
                Ok(message)
            }
        });
        if keep_failed {
            return Ok(without_last_removal(Box::pin(written)));
        }
        Ok(Box::pin(written))
    }

    /// A name that another image has stays that image's, unless it is the lab's own.
    async fn may_name(&self, name: &str) -> Result<()> {
        match self.engine.inspect_image(name).await {
            Ok(found) => {
                let id = found.parse()?.id.unwrap_or_default();
                if self.owns(&id) {
                    return Ok(());
                }
                let name =
                    ImageName::read(name).map_or_else(|_| name.to_owned(), |it| it.to_string());
                Err(Error::NotAllowed(format!(
                    "the name \"{name}\" is another image's, which this lab did not make: give yours another one"
                )))
            }
            Err(error) if error.is_not_found() => Ok(()),
            // What is no name is docker's to complain of.
            Err(Error::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What is not the lab's gets no name from it: a reset could not take that away without a change to what is others'.
    pub(super) async fn tag_own_image(&self, asked: &str, options: TagImageOptions) -> Result<()> {
        let found = self
            .notice(self.engine.inspect_image(asked).await)?
            .parse()?;
        if !self.owns(&found.id.unwrap_or_default()) {
            return Err(Error::NotAllowed(format!(
                "the image \"{asked}\" gets no other name here: this lab neither built nor pulled it; build one of your own on it with FROM {asked}"
            )));
        }
        let name = options.repo.as_deref().unwrap_or_default();
        let tag = options.tag.as_deref().unwrap_or("latest");
        self.may_name(&format!("{name}:{tag}")).await?;
        self.notice(self.engine.tag_image(asked, options).await)
    }

    pub(super) async fn remove_own_image(
        &self,
        asked: &str,
        options: RemoveImageOptions,
    ) -> Result<Vec<ImageDeleteResponseItem>> {
        let force = options.force && !self.is_used_by_others(asked).await?;
        // Docker's own words where there is nothing to remove.
        let found = match self.engine.inspect_image(asked).await {
            Err(error) if error.is_not_found() => {
                return self.notice(self.engine.remove_image(asked, options).await);
            }
            found => self.notice(found)?.parse()?,
        };
        let id = found.id.unwrap_or_default();
        if !self.owns(&id) {
            return Err(Error::NotAllowed(format!(
                "the image \"{asked}\" stays: this lab neither built nor pulled it, and others on your machine may need it; remove it in your own terminal"
            )));
        }
        let options = RemoveImageOptions {
            force,
            noprune: options.noprune,
            platforms: None,
        };
        let removed = self.notice(self.engine.remove_image(asked, options).await)?;
        for id in removed.iter().filter_map(|item| item.deleted.as_deref()) {
            self.journal.gone(id)?;
        }
        Ok(removed)
    }

    /// Whether a container that is not the lab's was made of it.
    async fn is_used_by_others(&self, image: &str) -> Result<bool> {
        let options = ListContainersOptions {
            all: true,
            filters: Some([("ancestor".to_owned(), vec![image.to_owned()])].into()),
            ..Default::default()
        };
        let listed = self
            .engine
            .list_containers(options)
            .await
            .unwrap_or_default();
        let mut ids = listed
            .iter()
            .filter_map(|container| container.id.as_deref());
        Ok(ids.any(|id| !self.owns(id)))
    }

    /// Strikes out images that are gone.
    pub(super) async fn saw_images(&self) -> Result<()> {
        let here = self.about().await?.id;
        let before = self.journal.entries();
        let ours = before
            .iter()
            .filter(|entry| entry.intent.kind == Kind::Image && entry.intent.engine == here);
        let ours: Vec<&str> = ours.map(|entry| entry.intent.nonce.as_str()).collect();
        if ours.is_empty() {
            return Ok(());
        }
        let there = self.clerk().await?.before;
        for id in ours {
            if !there.contains(id) {
                self.journal.gone(id)?;
            }
        }
        Ok(())
    }
}

/// `ADD` of an address is fetched by the engine itself, from your machine's own network: no lab may ask for that.
fn fetches_nothing(options: &BuildImageOptions, context: &[u8]) -> Result<()> {
    let refused = |why: String| Err(Error::NotAllowed(why));
    let entries = match archive::unpack(context, context.len() as u64) {
        Ok(entries) => entries,
        Err(error) => return refused(format!("the folder cannot be read as an archive: {error}")),
    };
    let name = match options.dockerfile.as_str() {
        "" => "Dockerfile",
        name => name,
    };
    let dockerfile = entries.iter().find_map(|entry| match &entry.kind {
        archive::Kind::File(bytes) if entry.path == name => Some(bytes),
        _ => None,
    });
    let Some(dockerfile) = dockerfile else {
        return refused(format!("there is no {name} in the folder: write one"));
    };
    let text = String::from_utf8_lossy(dockerfile);
    let mut comments = text
        .lines()
        .filter(|line| line.trim_start().starts_with('#'));
    if comments.any(|line| line.to_lowercase().contains("escape")) {
        return refused(
            "a lab's Dockerfile has no escape directive: leave that comment out".to_owned(),
        );
    }
    // Not what Docker would make of it, but everything that looks like it.
    let fetches = dockerfile::instructions(&text).into_iter().find(|it| {
        let adds =
            it.name == "ADD" || it.name == "ONBUILD" && it.rest.to_uppercase().contains("ADD");
        adds && it.rest.contains([':', '$'])
    });
    fetches.map_or(Ok(()), |instruction| {
        refused(format!(
            "\"{}\" is not part of this lab: the engine would fetch it over your machine's own network; write the file here and COPY it",
            instruction.original
        ))
    })
}

/// Images that a message tells of: ` ---> 5bd31df04bf0`, or the last one's full id.
fn told_of(message: &BuildInfo) -> Vec<String> {
    let lines = message.stream.as_deref().unwrap_or_default().lines();
    let short = lines
        .filter_map(|line| line.strip_prefix(MADE))
        .filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .map(str::to_owned);
    let last = message.aux.as_ref().and_then(|aux| aux.id.clone());
    short.chain(last).collect()
}

/// The id of the last step's image, alone on its line.
fn all_that_a_quiet_build_tells(message: &BuildInfo) -> Option<&str> {
    let line = message.stream.as_deref()?.trim_end();
    let digits = line.strip_prefix("sha256:")?;
    let is_id = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id.then_some(line)
}

/// A lab leaves no container behind that it does not know, so those of steps that fail are removed, too. Docker says so
/// only where it was asked for.
fn without_last_removal(messages: Items<BuildInfo>) -> Items<BuildInfo> {
    let state = (messages, None::<BuildInfo>, None::<Result<BuildInfo>>);
    Box::pin(stream::unfold(state, |(mut messages, held, next)| async {
        if let Some(next) = next {
            return Some((next, (messages, None, None)));
        }
        let mut held = held;
        loop {
            match (messages.next().await, held.take()) {
                (Some(Ok(message)), None) if is_removal(&message) => held = Some(message),
                (Some(Ok(message)), Some(_)) if message.error_detail.is_some() => {
                    return Some((Ok(message), (messages, None, None)));
                }
                (Some(message), Some(held)) => {
                    return Some((Ok(held), (messages, None, Some(message))));
                }
                (Some(message), None) => return Some((message, (messages, None, None))),
                (None, Some(held)) => return Some((Ok(held), (messages, None, None))),
                (None, None) => return None,
            }
        }
    }))
}

fn is_removal(message: &BuildInfo) -> bool {
    let text = message.stream.as_deref().unwrap_or_default();
    text.starts_with(REMOVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(dockerfile: &'static str, allowed: bool) {
        let context = archive::pack(&[archive::Entry::file("Dockerfile", dockerfile)]);
        let context = context.expect("an archive");
        let answer = fetches_nothing(&BuildImageOptions::default(), &context);
        assert_eq!(answer.is_ok(), allowed, "{dockerfile}: {answer:?}");
    }

    #[test]
    fn the_engine_fetches_nothing_for_a_build() {
        check("FROM busybox\nADD app.py /app/\nCOPY --from=a x $y", true);
        check("FROM busybox\nadd http://127.0.0.1/ /x", false);
        check("FROM busybox\nADD \\\n  https://a /x", false);
        check("FROM busybox\nARG A\nADD $A /x", false);
        check("FROM busybox\nONBUILD ADD http://a /x", false);
        check("# escape=`\nFROM busybox\nADD `\nhttp://a /x", false);
        check(
            "FROM busybox\nRUN <<EOF\nNONSENSE\nEOF\nADD http://a /x",
            false,
        );
    }

    #[test]
    fn what_a_build_tells_of() {
        let told = |stream: &str| {
            told_of(&BuildInfo {
                stream: Some(stream.to_owned()),
                ..Default::default()
            })
        };
        assert_eq!(told(" ---> 5bd31df04bf0\n"), ["5bd31df04bf0"]);
        assert_eq!(told(" ---> Running in 5bd31df04bf0\n"), [""; 0]);
        assert_eq!(told(" ---> Using cache\n"), [""; 0]);
    }
}
