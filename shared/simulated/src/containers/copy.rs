//! `docker cp`

use bytes::Bytes;
use lab::{Error, PathStat, Result, engine::Items, options::UploadToContainerOptions};

use crate::Simulated;

#[allow(clippy::unused_self)]
impl Simulated {
    pub(super) fn path_stat(&self, _: &str, _: &str) -> Result<PathStat> {
        Err(Error::NotSimulated("copying files".to_owned()))
    }

    pub(super) fn download(&self, _: &str, _: &str) -> Result<(PathStat, Items<Bytes>)> {
        Err(Error::NotSimulated("copying files".to_owned()))
    }

    pub(super) fn upload(&self, _: &str, _: &UploadToContainerOptions, _: &Bytes) -> Result<()> {
        Err(Error::NotSimulated("copying files".to_owned()))
    }
}
