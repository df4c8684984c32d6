//! `docker build` by the classic builder: each instruction makes an image on the one before it, unless one that was made
//! the same way is there already. What a RUN does, the simulated programs do.

mod copy;
mod run;
mod stage;
mod words;

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use lab::{
    Error, ImageName, Result,
    archive::{self, Entry},
    dockerfile::{self, Instruction},
    engine::Items,
    models::{BuildInfo, ErrorDetail, ImageId},
    options::BuildImageOptions,
};

use crate::Simulated;
use stage::Stage;

/// What a context may hold, in bytes.
const MOST: u64 = 64 << 20;
const NOT_YET: &[&str] = &["HEALTHCHECK", "MAINTAINER", "ONBUILD", "SHELL"];

/// Why a build ended early: the words, and the code of the program that failed.
pub struct Failed {
    pub why: String,
    pub code: Option<i64>,
}

impl<T: Into<String>> From<T> for Failed {
    fn from(why: T) -> Self {
        Self {
            why: why.into(),
            code: None,
        }
    }
}

pub struct Builder {
    world: Simulated,
    options: BuildImageOptions,
    context: Vec<Entry>,
    instructions: Vec<Instruction>,
    told: Vec<BuildInfo>,
    stages: Vec<Stage>,
    /// Set before the first FROM.
    global: BTreeMap<String, String>,
    consumed: Vec<String>,
}

impl Simulated {
    pub(super) fn build(
        &self,
        options: BuildImageOptions,
        context: &[u8],
    ) -> Result<Items<BuildInfo>> {
        let context = archive::unpack(context, MOST);
        let context = context.map_err(|error| Error::refused(400, error.to_string()))?;
        let name = match options.dockerfile.as_str() {
            "" => "Dockerfile",
            name => name,
        };
        let text = context.iter().find_map(|entry| match &entry.kind {
            archive::Kind::File(bytes) if entry.path == name => Some(bytes),
            _ => None,
        });
        let text = text.ok_or_else(|| {
            Error::refused(500, format!("Cannot locate specified Dockerfile: {name}"))
        })?;
        let instructions = dockerfile::parse(&String::from_utf8_lossy(text), name)
            .map_err(|why| Error::refused(400, why))?;
        if let Some(other) = instructions
            .iter()
            .find(|it| NOT_YET.contains(&it.name.as_str()) || it.rest.contains("<<"))
        {
            let what = format!("\"{}\" in a Dockerfile", other.original);
            return Err(Error::NotSimulated(what));
        }
        if !options.target.is_empty() {
            return Err(Error::NotSimulated("docker build --target".to_owned()));
        }
        let builder = Builder {
            world: self.clone(),
            options,
            context,
            instructions,
            told: Vec::new(),
            stages: Vec::new(),
            global: BTreeMap::new(),
            consumed: Vec::new(),
        };
        let messages = stream::once(builder.messages()).flat_map(stream::iter);
        Ok(messages.map(Ok).boxed())
    }
}

impl Builder {
    async fn messages(mut self) -> Vec<BuildInfo> {
        match self.build().await {
            Ok(id) if self.options.q => vec![stream_of(format!("{id}\n"))],
            Ok(_) => self.told,
            Err(failed) => {
                self.told.push(BuildInfo {
                    error_detail: Some(ErrorDetail {
                        code: failed.code,
                        message: Some(failed.why),
                    }),
                    ..Default::default()
                });
                self.told
            }
        }
    }

    fn say(&mut self, text: impl Into<String>) {
        self.told.push(stream_of(text.into()));
    }

    async fn build(&mut self) -> Result<String, Failed> {
        let instructions = self.instructions.clone();
        let labels: BTreeMap<_, _> = self
            .options
            .labels
            .clone()
            .unwrap_or_default()
            .into_iter()
            .collect();
        let total = instructions.len() + usize::from(!labels.is_empty());
        for (index, instruction) in instructions.iter().enumerate() {
            self.say(format!(
                "Step {}/{total} : {}\n",
                index + 1,
                instruction.original
            ));
            self.step(instruction).await?;
        }
        if !labels.is_empty() {
            let pairs: Vec<String> = labels
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            self.say(format!(
                "Step {total}/{total} : LABEL {}\n",
                pairs.join(" ")
            ));
            self.label(labels.into_iter().collect())?;
        }
        let id = self.stage()?.image.clone();
        let id = id.ok_or("No image was generated. Is your Dockerfile empty?")?;
        self.finish(&id)?;
        Ok(id)
    }

    fn finish(&mut self, id: &str) -> Result<(), Failed> {
        let given = self.options.buildargs.clone().unwrap_or_default();
        let mut unused: Vec<&String> = given
            .keys()
            .filter(|it| !self.consumed.contains(it))
            .collect();
        unused.sort();
        if !unused.is_empty() {
            let unused: Vec<&str> = unused.into_iter().map(String::as_str).collect();
            let unused = unused.join(" ");
            self.say(format!(
                "[Warning] One or more build-args [{unused}] were not consumed\n"
            ));
        }
        self.told.push(BuildInfo {
            aux: Some(ImageId {
                id: Some(id.to_owned()),
            }),
            ..Default::default()
        });
        self.say(format!("Successfully built {}\n", short(id)));
        let names = self.options.t.clone().unwrap_or_default();
        for name in names.split(',').filter(|name| !name.is_empty()) {
            let name = ImageName::read(name)?;
            let now = self.world.now();
            let mut world = self.world.world();
            world.images.tag(&name, id, now);
            world.image_event(now, "tag", id, &name.to_string());
            drop(world);
            self.say(format!("Successfully tagged {name}\n"));
        }
        self.world.changed();
        Ok(())
    }
}

fn stream_of(text: String) -> BuildInfo {
    BuildInfo {
        stream: Some(text),
        ..Default::default()
    }
}

/// Twelve digits.
pub fn short(id: &str) -> &str {
    let digits = id.trim_start_matches("sha256:");
    digits.get(..12).unwrap_or(digits)
}
