//! What could be typed next, and what is wrong or meant so far: from the grammar, and from what the page knows of the lab.

use cli::{Completion, ContainerName, Names};
use lab::topology::ContainerState;
use leptos::prelude::*;

use crate::{page::Page, state::State};

/// Images that every lab has.
const IMAGES: [&str; 7] = [
    "alpine",
    "busybox",
    "hello-world",
    "mysql:5.7",
    "nginx",
    "python:3.9-slim",
    "redis",
];

pub fn complete(page: Page, line: &str, cursor: usize) -> Completion {
    page.state
        .with_untracked(|state| cli::complete(line, cursor, &names(state)))
}

fn names(state: &State) -> Names {
    let containers = state.topology.containers.values();
    let known = containers.clone().map(|container| container.image.clone());
    Names {
        containers: containers
            .map(|container| ContainerName {
                name: container.name.clone(),
                running: matches!(
                    container.state,
                    ContainerState::Running | ContainerState::Paused
                ),
                paused: container.state == ContainerState::Paused,
            })
            .collect(),
        networks: state
            .topology
            .networks
            .values()
            .map(|network| network.name.clone())
            .collect(),
        images: known.chain(IMAGES.map(str::to_owned)).collect(),
        files: state.files.iter().map(|file| file.path.clone()).collect(),
        ..Names::default()
    }
}

/// What is said below the line while it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    pub text: String,
    /// Where it is wrong, in bytes of the line.
    pub wrong: Option<(usize, usize)>,
}

/// A mistake that is typed past, else what the word at the cursor is.
pub fn hint(line: &str, cursor: usize) -> Hint {
    let mistake = cli::mistake(line).filter(|mistake| {
        let still_typed = mistake.range.end == line.len() && cursor == line.len();
        !mistake.range.is_empty() && !still_typed && !cli::is_unfinished(line)
    });
    if let Some(mistake) = mistake {
        return Hint {
            text: mistake.text,
            wrong: Some((mistake.range.start, mistake.range.end)),
        };
    }
    let words = cli::explain(line);
    let word = words
        .into_iter()
        .find(|word| (word.range.start..=word.range.end).contains(&cursor));
    let known = word.filter(|word| word.kind != cli::WordKind::Unknown);
    Hint {
        text: known.map(|word| word.text).unwrap_or_default(),
        wrong: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, text: &str, wrong: Option<(usize, usize)>) {
        let expected = Hint {
            text: text.to_owned(),
            wrong,
        };
        assert_eq!(hint(line, line.len()), expected, "{line}");
    }

    #[test]
    fn mistakes_are_marked_once_they_are_typed_past() {
        check("dock", "", None);
        check(
            "dock ps",
            "dock: there is no such command here (help lists them); inside a container: docker exec CONTAINER dock",
            Some((0, 4)),
        );
        check("docker ps --al", "", None);
        check("docker ps --al ", "unknown flag: --al.", Some((10, 14)));
        check("docker ps", "List containers.", None);
        check("echo \"a", "", None);
    }
}
