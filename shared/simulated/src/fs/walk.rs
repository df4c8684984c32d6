//! From a path to the place that it names: links on the way are followed.

use super::{FileError, Files, Kind, Result};

/// As Linux: a path through more links than this is refused.
const MOST_LINKS: usize = 40;

impl Files {
    /// The path without links: of something that is there, or that could be made in a folder that is. The last link is
    /// followed where `follow` says so.
    pub fn real(&self, path: &str, follow: bool) -> Result<String> {
        let mut left: Vec<String> = names(path);
        let must_be_folder = path.len() > 1 && path.ends_with('/');
        let mut at = String::new();
        let mut links = 0;
        while let Some(name) = left.pop() {
            if name == ".." {
                at.truncate(at.rfind('/').unwrap_or(0));
                continue;
            }
            let next = format!("{at}/{name}");
            match self.look(&next).map(|node| &node.kind) {
                None if left.is_empty() => at = next,
                None => return Err(FileError::Missing),
                Some(Kind::Folder) => at = next,
                Some(Kind::File(_)) if left.is_empty() && !must_be_folder => at = next,
                Some(Kind::File(_)) => return Err(FileError::NotAFolder),
                Some(Kind::Link(_)) if left.is_empty() && !follow => at = next,
                Some(Kind::Link(to)) => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(FileError::TooManyLinks);
                    }
                    if to.starts_with('/') {
                        at.clear();
                    }
                    left.extend(names(to));
                }
            }
        }
        Ok(if at.is_empty() { "/".to_owned() } else { at })
    }

    /// Where something can be made: its folder is there.
    pub(super) fn place(&self, path: &str, follow: bool) -> Result<String> {
        let real = self.real(path, follow)?;
        let parent = match real.rsplit_once('/') {
            None | Some(("", _)) => "/",
            Some((parent, _)) => parent,
        };
        match self.look(parent) {
            Some(node) if node.is_folder() => Ok(real),
            Some(_) => Err(FileError::NotAFolder),
            None => Err(FileError::Missing),
        }
    }
}

/// The last first.
fn names(path: &str) -> Vec<String> {
    path.split('/')
        .rev()
        .filter(|name| !name.is_empty() && *name != ".")
        .map(str::to_owned)
        .collect()
}
