//! `docker pause`, `docker unpause`

use lab::{Error, Result};

use crate::Simulated;

impl Simulated {
    pub(super) fn pause(&self, container: &str) -> Result<()> {
        self.world().container(container)?;
        Err(Error::NotSimulated("pausing containers".to_owned()))
    }

    pub(super) fn unpause(&self, container: &str) -> Result<()> {
        self.world().container(container)?;
        Err(Error::NotSimulated("pausing containers".to_owned()))
    }
}
