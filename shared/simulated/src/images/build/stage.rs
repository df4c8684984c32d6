//! One stage of a build, and the instructions that change only what the image says of itself.

use std::{collections::BTreeMap, sync::Arc};

use lab::{
    dockerfile::{self, Instruction},
    files::resolve,
    models::ImageConfig,
};

use super::{Builder, Failed, short, words::expand};
use crate::{
    fs,
    images::{HistoryEntry, Image, Layer},
};

#[derive(Clone, Default)]
pub struct Stage {
    pub name: Option<String>,
    /// The last image; none of `scratch`.
    pub image: Option<String>,
    pub config: ImageConfig,
    /// In the order in which they were declared.
    pub arguments: Vec<(String, String)>,
    /// CMD was in this stage.
    commanded: bool,
}

impl Builder {
    pub(super) fn stage(&mut self) -> Result<&mut Stage, Failed> {
        self.stages
            .last_mut()
            .ok_or_else(|| Failed::from("no build stage in current context"))
    }

    pub(super) fn expand(&self, text: &str) -> Result<String, Failed> {
        let stage = self.stages.last().cloned().unwrap_or_default();
        let env = stage.config.env.unwrap_or_default();
        let value = |name: &str| {
            let set = env.iter().filter_map(|it| it.split_once('='));
            let set = set.rev().find(|(key, _)| *key == name);
            let set = set.map(|(_, value)| value.to_owned());
            let argument = || {
                let mut declared = stage.arguments.iter().rev();
                declared
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value.clone())
            };
            set.or_else(argument)
        };
        Ok(expand(text, &value)?)
    }

    pub(super) async fn step(&mut self, instruction: &Instruction) -> Result<(), Failed> {
        let rest = instruction.rest.as_str();
        match instruction.name.as_str() {
            "FROM" => return self.from(instruction),
            "ARG" => return self.argument(rest),
            "RUN" => return self.run(instruction).await,
            "COPY" | "ADD" => return self.copy(instruction),
            "LABEL" => {
                let pairs = dockerfile::pairs(rest, "LABEL")?;
                return self.label(self.expanded(pairs)?);
            }
            _ => {}
        }
        let said = match instruction.name.as_str() {
            "ENV" => self.env(rest)?,
            "WORKDIR" => return self.folder(rest),
            "CMD" => self.command(instruction)?,
            "ENTRYPOINT" => self.entrypoint(instruction)?,
            "EXPOSE" => self.expose(&self.expand(rest)?)?,
            "USER" => {
                let user = self.expand(rest)?;
                self.stage()?.config.user = Some(user.clone());
                format!(" USER {user}")
            }
            "VOLUME" => self.volume(&instruction.words())?,
            "STOPSIGNAL" => {
                let signal = self.expand(rest)?;
                self.stage()?.config.stop_signal = Some(signal.clone());
                format!(" STOPSIGNAL {signal}")
            }
            other => return Err(format!("not simulated: {other} in a Dockerfile").into()),
        };
        self.commit(&format!("/bin/sh -c #(nop) {said}"), None, true)
    }

    fn from(&mut self, instruction: &Instruction) -> Result<(), Failed> {
        let words = instruction.words();
        let global = self.global.clone();
        let base = expand(&words[0], &|name| global.get(name).cloned())?;
        let name = words.get(2).map(|name| name.to_lowercase());
        if base.is_empty() {
            return Err(format!("base name ({}) should not be blank", words[0]).into());
        }
        let mut stage = Stage {
            name,
            ..Stage::default()
        };
        let earlier = self
            .stages
            .iter()
            .find(|it| it.name.as_deref() == Some(&base.to_lowercase()));
        if let Some(earlier) = earlier {
            stage.image.clone_from(&earlier.image);
            stage.config = earlier.config.clone();
        } else if base != "scratch" {
            let found = self.world.world().images.find(&base).cloned();
            let Some(image) = found else {
                lab::ImageName::read(&base)?;
                let why =
                    format!("not simulated: pulling {base}; docker images lists what is here");
                return Err(why.into());
            };
            stage.config = image.config.clone();
            stage.image = Some(image.id);
        }
        let shown = stage
            .image
            .as_deref()
            .map(short)
            .unwrap_or_default()
            .to_owned();
        self.stages.push(stage);
        self.say(format!(" ---> {shown}\n"));
        Ok(())
    }

    fn argument(&mut self, rest: &str) -> Result<(), Failed> {
        let (name, default) = match rest.split_once('=') {
            Some((name, default)) => (name, Some(self.expand(default)?)),
            None => (rest, None),
        };
        let given = self
            .options
            .buildargs
            .as_ref()
            .and_then(|given| given.get(name))
            .cloned();
        self.consumed.push(name.to_owned());
        let inherited = || self.global.get(name).cloned();
        let value = given.or_else(|| default.clone()).or_else(inherited);
        if self.stages.is_empty() {
            self.global
                .extend(value.map(|value| (name.to_owned(), value)));
            return Ok(());
        }
        let stage = self.stage()?;
        stage
            .arguments
            .extend(value.map(|value| (name.to_owned(), value)));
        let shown = default.map_or_else(|| name.to_owned(), |default| format!("{name}={default}"));
        self.commit(&format!("/bin/sh -c #(nop)  ARG {shown}"), None, true)
    }

    fn expanded(&self, pairs: Vec<(String, String)>) -> Result<Vec<(String, String)>, Failed> {
        let pairs = pairs.into_iter();
        pairs
            .map(|(key, value)| Ok((self.expand(&key)?, self.expand(&value)?)))
            .collect()
    }

    fn env(&mut self, rest: &str) -> Result<String, Failed> {
        let pairs = self.expanded(dockerfile::pairs(rest, "ENV")?)?;
        let env = self.stage()?.config.env.get_or_insert_default();
        for (key, value) in &pairs {
            let variable = format!("{key}={value}");
            match env.iter_mut().find(|it| it.split('=').next() == Some(key)) {
                Some(there) => *there = variable,
                None => env.push(variable),
            }
        }
        Ok(format!(" ENV {}", joined(&pairs)))
    }

    pub(super) fn label(&mut self, pairs: Vec<(String, String)>) -> Result<(), Failed> {
        let said = format!("/bin/sh -c #(nop)  LABEL {}", joined(&pairs));
        let labels = self.stage()?.config.labels.get_or_insert_default();
        labels.extend(pairs);
        self.commit(&said, None, true)
    }

    fn folder(&mut self, rest: &str) -> Result<(), Failed> {
        let folder = self.expand(rest)?;
        let now = self.world.now();
        let before = self.stage()?.config.working_dir.clone().unwrap_or_default();
        let folder = resolve(&format!("/{before}"), &folder);
        self.stage()?.config.working_dir = Some(folder.clone());
        let mut files = self.files()?;
        let made = files.make_folders(&folder, now);
        made.map_err(|error| format!("mkdir {folder}: {error}"))?;
        let layer = Some(files.own().clone()).filter(|layer| !layer.is_empty());
        self.commit(&format!("/bin/sh -c #(nop) WORKDIR {folder}"), layer, true)
    }

    fn command(&mut self, instruction: &Instruction) -> Result<String, Failed> {
        let words = shell_or_words(instruction);
        let said = format!(" CMD {}", quoted(&words));
        let stage = self.stage()?;
        stage.commanded = true;
        stage.config.cmd = Some(words);
        Ok(said)
    }

    fn entrypoint(&mut self, instruction: &Instruction) -> Result<String, Failed> {
        let words = shell_or_words(instruction);
        let said = format!(" ENTRYPOINT {}", quoted(&words));
        let stage = self.stage()?;
        if !stage.commanded {
            stage.config.cmd = None;
        }
        stage.config.entrypoint = Some(words);
        Ok(said)
    }

    fn expose(&mut self, rest: &str) -> Result<String, Failed> {
        let mut ports = Vec::new();
        for word in rest.split_whitespace() {
            let (range, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
            let invalid = || Failed::from(format!("Invalid containerPort: {range}"));
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let number = |text: &str| text.parse::<u16>().map_err(|_| invalid());
            if !matches!(protocol, "tcp" | "udp" | "sctp") {
                return Err(format!("Invalid proto: {protocol}").into());
            }
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return Err(invalid());
            }
            ports.extend((first..=last).map(|port| format!("{port}/{protocol}")));
        }
        let exposed = self.stage()?.config.exposed_ports.get_or_insert_default();
        for port in ports {
            if !exposed.contains(&port) {
                exposed.push(port);
            }
        }
        Ok(format!(" EXPOSE {rest}"))
    }

    fn volume(&mut self, words: &[String]) -> Result<String, Failed> {
        let paths = words.iter().map(|path| self.expand(path));
        let paths = paths.collect::<Result<Vec<_>, _>>()?;
        if paths.iter().any(String::is_empty) {
            return Err("VOLUME specified can not be an empty string".into());
        }
        let said = format!(" VOLUME [{}]", paths.join(" "));
        self.stage()?
            .config
            .volumes
            .get_or_insert_default()
            .extend(paths);
        Ok(said)
    }

    /// The files of the stage's image.
    pub(super) fn files(&mut self) -> Result<fs::Files, Failed> {
        let id = self.stage()?.image.clone();
        let world = self.world.world();
        let image = id.and_then(|id| world.images.find(&id));
        Ok(fs::Files::on(image.map(Image::files).unwrap_or_default()))
    }

    /// The image that was made on the stage's in just this way, if it is there: the stage goes on from it.
    pub(super) fn cached(&mut self, by: &str) -> Result<bool, Failed> {
        let parent = self.stage()?.image.clone();
        if self.options.nocache {
            return Ok(false);
        }
        let found = {
            let world = self.world.world();
            let same = |image: &&Image| {
                image.parent.is_some()
                    && image.parent == parent
                    && image.history.last().is_some_and(|it| it.created_by == by)
            };
            world
                .images
                .all()
                .filter(same)
                .max_by_key(|it| it.created)
                .cloned()
        };
        let Some(image) = found else {
            return Ok(false);
        };
        self.say(" ---> Using cache\n");
        self.say(format!(" ---> {}\n", short(&image.id)));
        let stage = self.stage()?;
        stage.image = Some(image.id);
        stage.config = image.config;
        Ok(true)
    }

    /// A new image on the stage's; `shown` as a step that ran in a container of its own.
    pub(super) fn commit(
        &mut self,
        by: &str,
        layer: Option<fs::Layer>,
        shown: bool,
    ) -> Result<(), Failed> {
        if shown && self.cached(by)? {
            return Ok(());
        }
        if shown {
            let container = self.world.world().id();
            let container = short(&container).to_owned();
            self.say(format!(" ---> Running in {container}\n"));
            self.say(format!(
                " ---> Removed intermediate container {container}\n"
            ));
        }
        let id = self.add_image(by, layer)?;
        self.say(format!(" ---> {}\n", short(&id)));
        Ok(())
    }

    fn add_image(&mut self, by: &str, layer: Option<fs::Layer>) -> Result<String, Failed> {
        let (stage, now) = (self.stage()?.clone(), self.world.now());
        let mut world = self.world.world();
        let id = format!("sha256:{}", world.id());
        let below = stage
            .image
            .as_deref()
            .and_then(|it| world.images.find(it))
            .cloned();
        let (mut layers, mut history) = below.map(|it| (it.layers, it.history)).unwrap_or_default();
        history.push(HistoryEntry {
            created: now,
            created_by: by.to_owned(),
            comment: String::new(),
            empty: layer.is_none(),
        });
        if let Some(layer) = layer {
            let layer_id = format!("sha256:{}", world.id());
            layers.push(Layer::made(layer_id, Arc::new(layer)));
        }
        world.images.add(Image {
            id: id.clone(),
            parent: stage.image,
            created: now,
            config: stage.config,
            layers,
            history,
            comment: String::new(),
            author: String::new(),
            tagged: None,
        });
        drop(world);
        self.stage()?.image = Some(id.clone());
        Ok(id)
    }
}

/// A line is the shell's.
pub fn shell_or_words(instruction: &Instruction) -> Vec<String> {
    let shell = || {
        ["/bin/sh", "-c", &instruction.rest]
            .map(str::to_owned)
            .to_vec()
    };
    instruction.json().unwrap_or_else(shell)
}

fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    format!("[{}]", words.join(" "))
}

fn joined(pairs: &[(String, String)]) -> String {
    let sorted: BTreeMap<&String, &String> =
        pairs.iter().map(|(key, value)| (key, value)).collect();
    let pairs: Vec<String> = sorted
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join(" ")
}
