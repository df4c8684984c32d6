//! Several machines, each with its engine guarded as the first one's is.

use std::sync::Arc;

use super::Guard;
use crate::{Engine, Host, Hosts, Result};

/// Machines whose engines a lab may use, within its limits. The learner sits at the first one.
pub struct GuardedHosts {
    pub first: GuardedHost,
    pub others: Vec<GuardedHost>,
}

pub struct GuardedHost {
    pub name: String,
    pub address: String,
    pub guard: Arc<Guard>,
    pub host: Arc<dyn Host>,
}

impl GuardedHosts {
    /// After a start: what a crash left on any of them is found.
    pub async fn recover(&self) -> Result<()> {
        for host in self.all() {
            host.guard.recover().await?;
        }
        Ok(())
    }

    fn all(&self) -> impl Iterator<Item = &GuardedHost> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

impl Hosts for GuardedHosts {
    fn names(&self) -> Vec<String> {
        self.all().map(|host| host.name.clone()).collect()
    }

    fn on(&self, name: &str) -> Option<(Arc<dyn Engine>, Arc<dyn Host>)> {
        let found = self
            .all()
            .find(|host| host.name == name || host.address == name)?;
        Some((Arc::clone(&found.guard) as _, Arc::clone(&found.host)))
    }
}
