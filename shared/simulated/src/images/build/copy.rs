//! COPY and ADD: from the build's context, an earlier stage or another image.

use fast_glob::glob_match;
use lab::{archive, dockerfile::Instruction, files::resolve};

use super::{Builder, Failed};
use crate::{
    fs::{Files, Kind, Node},
    images::{Image, made_id},
};

/// One file, or a folder with what is in it.
struct Source {
    /// Its last name.
    name: String,
    is_folder: bool,
    /// By path below it; of a file, the empty one.
    nodes: Vec<(String, Node)>,
}

impl Builder {
    pub(super) fn copy(&mut self, instruction: &Instruction) -> Result<(), Failed> {
        let mut paths = Vec::new();
        for word in instruction.words() {
            paths.push(self.expand(&word)?);
        }
        let Some((to, from)) = paths.split_last() else {
            return Ok(());
        };
        let name = &instruction.name;
        if instruction.flag("chmod").is_some() {
            return Err("the --chmod option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/ to learn how to build images with BuildKit enabled".into());
        }
        if name == "ADD"
            && from
                .iter()
                .any(|it| it.contains("://") || it.contains(".tar") || it.ends_with("gz"))
        {
            return Err(format!("not simulated: {}", instruction.original).into());
        }
        let tree = match instruction.flag("from") {
            Some(other) => Tree::Image(Box::new(self.files_of(other)?)),
            None => Tree::Context,
        };
        let mut sources = Vec::new();
        for path in from {
            sources.extend(self.sources(&tree, path, name)?);
        }
        if sources.is_empty() {
            return Err(format!("{name} failed: no source files were specified").into());
        }
        if sources.len() > 1 && !to.ends_with('/') {
            return Err(format!("When using {name} with more than one source file, the destination must be a directory and end with a /").into());
        }
        let by = format!(
            "/bin/sh -c #(nop) {name} {} in {to} ",
            fingerprint(&sources)
        );
        if self.cached(&by)? {
            return Ok(());
        }
        let owner = owner(instruction.flag("chown"))?;
        let layer = self.placed(&sources, to, owner)?;
        self.commit(&by, Some(layer), false)
    }

    fn placed(
        &mut self,
        sources: &[Source],
        to: &str,
        owner: (u32, u32),
    ) -> Result<crate::fs::Layer, Failed> {
        let folder = self.stage()?.config.working_dir.clone().unwrap_or_default();
        let target = resolve(&format!("/{folder}"), to);
        let mut files = self.files()?;
        let into = to.ends_with('/')
            || to.ends_with('.')
            || files.stat(&target).is_ok_and(Node::is_folder);
        let now = self.world.now();
        for source in sources {
            let base = match (source.is_folder, into) {
                (false, true) => format!("{}/{}", target.trim_end_matches('/'), source.name),
                _ => target.clone(),
            };
            if source.is_folder {
                let made = files.make_folders(&base, now);
                made.map_err(|error| error.to_string())?;
            }
            for (path, node) in &source.nodes {
                let node = Node {
                    owner: owner.0,
                    group: owner.1,
                    ..node.clone()
                };
                let path = resolve(&base, path);
                files.put(&path, node).map_err(|error| error.to_string())?;
            }
        }
        Ok(files.own().clone())
    }

    fn files_of(&mut self, other: &str) -> Result<Files, Failed> {
        let current = self.stages.len().saturating_sub(1);
        let named = |it: &super::Stage| it.name.as_deref() == Some(&other.to_lowercase());
        let index = self
            .stages
            .iter()
            .position(named)
            .or_else(|| other.parse().ok());
        let image = match index {
            Some(index) if index == current => {
                return Err(format!(
                    "invalid from flag value {other}: refers to current build stage"
                )
                .into());
            }
            Some(index) => match self.stages.get(index) {
                Some(stage) => stage.image.clone().unwrap_or_default(),
                None => {
                    return Err(
                        format!("invalid from flag value {other}: index out of bounds").into(),
                    );
                }
            },
            None => other.to_owned(),
        };
        let world = self.world.world();
        match world.images.find(&image) {
            Some(image) => Ok(Files::on(Image::files(image))),
            None => Err(
                format!("invalid from flag value {other}: not simulated: pulling {other}").into(),
            ),
        }
    }

    fn sources(&self, tree: &Tree, path: &str, name: &str) -> Result<Vec<Source>, Failed> {
        if path.split('/').any(|step| step == "..")
            && !resolve("/a/b/c", path).starts_with("/a/b/c")
        {
            return Err(format!(
                "{name} failed: forbidden path outside the build context: {path} ()"
            )
            .into());
        }
        let real = resolve("/", path);
        let shown = real.trim_start_matches('/');
        let nodes = match tree {
            Tree::Context => self.context_nodes(),
            Tree::Image(files) => files.tree("/"),
        };
        if path.contains(['*', '?', '[']) {
            let fits = nodes.iter().filter(|(it, _)| glob_match(&real, it));
            return Ok(fits.map(|(it, node)| source(&nodes, it, node)).collect());
        }
        if real == "/" {
            let root = Node::folder(0o755, self.world.now());
            return Ok(vec![source(&nodes, "", &root)]);
        }
        match nodes.iter().find(|(it, _)| *it == real) {
            Some((it, node)) => Ok(vec![source(&nodes, it, node)]),
            None if matches!(tree, Tree::Context) => Err(format!(
                "{name} failed: file not found in build context or excluded by .dockerignore: stat {shown}: file does not exist"
            )
            .into()),
            None => Err(format!("{name} failed: stat {shown}: file does not exist").into()),
        }
    }

    fn context_nodes(&self) -> Vec<(String, Node)> {
        let now = self.world.now();
        let nodes = self
            .context
            .iter()
            .filter(|entry| entry.path != ".")
            .map(|entry| {
                let kind = match &entry.kind {
                    archive::Kind::File(bytes) => Kind::File(bytes.clone().into()),
                    archive::Kind::Folder => Kind::Folder,
                    archive::Kind::Link(to) => Kind::Link(to.clone()),
                };
                let node = Node {
                    kind,
                    mode: entry.mode,
                    ..Node::folder(0o755, now)
                };
                (format!("/{}", entry.path), node)
            });
        nodes.collect()
    }
}

enum Tree {
    Context,
    Image(Box<Files>),
}

fn source(nodes: &[(String, Node)], path: &str, node: &Node) -> Source {
    let name = path.rsplit('/').next().unwrap_or(path).to_owned();
    let nodes = if node.is_folder() {
        let below = format!("{path}/");
        let below = nodes.iter().filter_map(|(it, node)| {
            let rest = it.strip_prefix(&below).filter(|rest| !rest.is_empty())?;
            Some((rest.to_owned(), node.clone()))
        });
        below.collect()
    } else {
        vec![(String::new(), node.clone())]
    };
    Source {
        name,
        is_folder: node.is_folder(),
        nodes,
    }
}

/// `file:…`, `dir:…` or `multi:…`, made of names, modes and contents.
fn fingerprint(sources: &[Source]) -> String {
    let mut text = String::new();
    for source in sources {
        for (path, node) in &source.nodes {
            text.extend([format!(
                "{}/{path} {:o} {:?};",
                source.name, node.mode, node.kind
            )]);
        }
    }
    let kind = match sources {
        [one] if one.is_folder => "dir",
        [_] => "file",
        _ => "multi",
    };
    made_id(&text).replacen("sha256", kind, 1)
}

/// Numbers only: `1000:1000`.
fn owner(given: Option<&str>) -> Result<(u32, u32), Failed> {
    let Some(given) = given else {
        return Ok((0, 0));
    };
    let (user, group) = given.split_once(':').unwrap_or((given, given));
    match (user.parse(), group.parse()) {
        (Ok(user), Ok(group)) => Ok((user, group)),
        _ if given == "root" || given == "root:root" => Ok((0, 0)),
        _ => Err(format!(
            "not simulated: COPY --chown={given}; numbers are, as in --chown=1000:1000"
        )
        .into()),
    }
}
