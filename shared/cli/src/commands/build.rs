//! `docker build`, by the classic builder: what docker itself does where buildx is not installed.

use std::collections::HashMap;

use async_trait::async_trait;
use futures::StreamExt;
use lab::{
    ImageName,
    models::{BuildInfo, CreateImageInfo},
    options::BuildImageOptions,
};

use crate::{
    Context,
    build_context::{self, BuildContext},
    console::Console,
    failure::{Failure, told},
    flags::{Flag, Given},
    grammar::{Call, Command, Count, Grammar},
    progress::Lines,
    streams::{INTERRUPTED, unless_interrupted},
    units::human_size,
    values,
};

pub struct Build;

const ENGINE: &str = "what a build may use is the lab's own limits";
const ELSEWHERE: &str = "it builds with the classic builder, on this engine's own platform";

static FLAGS: &[Flag] = &[
    Flag::many("build-arg", "list", "A value for an ARG of the Dockerfile"),
    Flag::one(
        "file",
        "string",
        "The Dockerfile, if it is not PATH/Dockerfile",
    )
    .short('f'),
    Flag::switch(
        "force-rm",
        "Remove the containers of steps that failed, too",
    ),
    Flag::one("iidfile", "string", "Write the image's id to this file"),
    Flag::many("label", "list", "Give the image a label").checked(values::label),
    Flag::one(
        "network",
        "string",
        "The network of RUN steps: default or none",
    ),
    Flag::switch("no-cache", "Do every step again"),
    Flag::switch("pull", "Ask for newer images to build on"),
    Flag::switch("quiet", "Print the image's id only").short('q'),
    Flag::switch("rm", "Remove the containers of steps that are done"),
    Flag::many("tag", "list", "Name the image: name:tag")
        .short('t')
        .checked(tag),
    Flag::one("target", "string", "Build up to this stage"),
    Flag::refused("add-host", ENGINE),
    Flag::refused("cache-from", ELSEWHERE),
    Flag::refused("cgroup-parent", ENGINE),
    Flag::refused("compress", "the context goes nowhere but to the engine"),
    Flag::refused("cpu-period", ENGINE),
    Flag::refused("cpu-quota", ENGINE),
    Flag::refused("cpu-shares", ENGINE),
    Flag::refused("cpuset-cpus", ENGINE),
    Flag::refused("cpuset-mems", ENGINE),
    Flag::refused("isolation", ELSEWHERE),
    Flag::refused("memory", ENGINE),
    Flag::refused("memory-swap", ENGINE),
    Flag::refused("output", ELSEWHERE),
    Flag::refused("platform", ELSEWHERE),
    Flag::refused("secret", ELSEWHERE),
    Flag::refused("security-opt", ENGINE),
    Flag::refused("shm-size", ENGINE),
    Flag::refused("squash", ELSEWHERE),
    Flag::refused("ssh", ELSEWHERE),
    Flag::refused("ulimit", ENGINE),
];

static GRAMMAR: Grammar = Grammar {
    names: &["build", "image build"],
    usage: "[OPTIONS] PATH | URL | -",
    about: "Build an image from a Dockerfile among the lab's files",
    flags: FLAGS,
    count: Count::Exactly(1),
    arguments: &["folder"],
    program_from: None,
};

#[async_trait]
impl Command for Build {
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
        let folder = given.arguments[0].as_str();
        if folder == "-" || folder.contains("://") || folder.starts_with("git@") {
            return Err(Failure::new(
                1,
                format!(
                    "causeway: a lab builds from its own files, and {folder} is none of them: write the Dockerfile here and build it with docker build ."
                ),
            ));
        }
        let file = given.text("file");
        let packed = build_context::pack(&context.files, &context.session, folder, file.as_deref())
            .map_err(|error| Failure::new(1, error))?;
        let quiet = given.on("quiet");
        let sent = sending(packed.archive.len());
        let mut output = Shown::new(quiet, console);
        output.text(&sent, console).await;
        match build(packed, given, context, &mut output, console).await {
            Ok(()) => output.done(console).await,
            Err(failure) => {
                output.failed(console).await;
                return Err(failure);
            }
        }
        if let (Some(path), Some(id)) = (given.text("iidfile"), output.id) {
            let path = context.session.path(&path);
            let written = context.files.write(&path, id);
            written.map_err(|error| {
                Failure::new(1, format!("open {}: {error}", crate::session::shown(&path)))
            })?;
        }
        Ok(0)
    }
}

async fn build(
    packed: BuildContext,
    given: &Given,
    context: &Context,
    output: &mut Shown,
    console: &mut Console,
) -> Result<(), Failure> {
    let interrupted = || Failure::silent(INTERRUPTED);
    let asked = context
        .engine
        .build_image(options(given, packed.dockerfile), packed.archive);
    let asked = unless_interrupted(asked, console).await;
    let mut messages = asked.ok_or_else(interrupted)??;
    while let Some(message) = unless_interrupted(messages.next(), console)
        .await
        .ok_or_else(interrupted)?
    {
        let message = message.map_err(|error| Failure::new(1, told(&error)))?;
        if let Some(error) = message.error_detail {
            // The code of the step's own program, if it was one that failed.
            let code = error.code.and_then(|code| u8::try_from(code).ok());
            let code = code.filter(|code| *code != 0).unwrap_or(1);
            return Err(Failure::new(code, error.message.unwrap_or_default()));
        }
        output.message(message, console).await;
    }
    Ok(())
}

fn options(given: &Given, dockerfile: String) -> BuildImageOptions {
    let arguments: HashMap<String, String> = given
        .all("build-arg")
        .iter()
        .filter_map(|argument| argument.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let labels = values::pairs(&given.all("label"));
    BuildImageOptions {
        dockerfile,
        t: Some(given.all("tag").join(",")).filter(|tags| !tags.is_empty()),
        q: given.on("quiet"),
        nocache: given.on("no-cache"),
        pull: given.on("pull").then(|| "1".to_owned()),
        rm: !given.has("rm") || given.on("rm"),
        forcerm: given.on("force-rm"),
        buildargs: Some(arguments).filter(|arguments| !arguments.is_empty()),
        labels: Some(labels).filter(|labels| !labels.is_empty()),
        networkmode: given.text("network"),
        target: given.text("target").unwrap_or_default(),
        ..Default::default()
    }
}

fn tag(value: &str) -> Result<(), String> {
    ImageName::read(value).map(drop)
}

/// As docker's progress output says it, in a pipe too.
fn sending(bytes: usize) -> String {
    let size = human_size(i64::try_from(bytes).unwrap_or(i64::MAX), 4);
    format!("Sending build context to Docker daemon {size:>8}\r\r\n")
}

/// What a build tells; a quiet one tells all of it when it fails.
struct Shown {
    quiet: bool,
    kept: String,
    lines: Lines,
    id: Option<String>,
}

impl Shown {
    fn new(quiet: bool, console: &Console) -> Self {
        let size = console.output_terminal().filter(|_| !quiet);
        Self {
            quiet,
            kept: String::new(),
            lines: Lines::new(size.map(|size| size.columns)),
            id: None,
        }
    }

    async fn message(&mut self, message: BuildInfo, console: &mut Console) {
        if let Some(id) = message.aux.and_then(|aux| aux.id) {
            self.id = Some(id);
            return;
        }
        let text = match message.stream {
            Some(text) if !text.is_empty() => text,
            _ => self.lines.show(&CreateImageInfo {
                id: message.id,
                status: message.status,
                progress_detail: message.progress_detail,
                error_detail: None,
            }),
        };
        self.text(&text, console).await;
    }

    async fn text(&mut self, text: &str, console: &mut Console) {
        if self.quiet {
            self.kept.push_str(text);
        } else {
            console.out(text).await;
        }
    }

    /// A quiet build prints the id that the engine said last.
    async fn done(&mut self, console: &mut Console) {
        if self.quiet {
            let id = self.kept.lines().last().unwrap_or_default().to_owned();
            console.line(&id).await;
        }
    }

    async fn failed(&mut self, console: &mut Console) {
        console.err(std::mem::take(&mut self.kept)).await;
    }
}
