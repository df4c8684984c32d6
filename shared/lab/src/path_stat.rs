//! What the engine says of a path inside a container: the `X-Docker-Container-Path-Stat` header's content.

use serde::{Deserialize, Serialize};

/// As `container.PathStat` in moby's `api/types/container`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathStat {
    pub name: String,
    /// In bytes.
    pub size: i64,
    /// Go's `os.FileMode`: its bit 31 is set for a folder, bit 27 for a symbolic link.
    pub mode: u32,
    /// RFC 3339.
    pub mtime: String,
    #[serde(rename = "linkTarget", default)]
    pub link_target: String,
}

impl PathStat {
    pub fn is_folder(&self) -> bool {
        self.mode & (1 << 31) != 0
    }

    pub fn is_link(&self) -> bool {
        self.mode & (1 << 27) != 0
    }
}
