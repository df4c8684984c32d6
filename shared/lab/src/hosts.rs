//! The other machines that a learner can go to (`ssh host2 docker ps`).

use std::sync::Arc;

use crate::{Engine, Host};

/// The machines there are, this one among them.
pub trait Hosts: Send + Sync {
    /// Their names; none where there is only this machine.
    fn names(&self) -> Vec<String>;

    /// By name, or by address: its engine, and the machine itself.
    fn on(&self, host: &str) -> Option<(Arc<dyn Engine>, Arc<dyn Host>)>;
}

/// Where there is no other machine.
pub struct OnlyThisHost;

impl Hosts for OnlyThisHost {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn on(&self, _: &str) -> Option<(Arc<dyn Engine>, Arc<dyn Host>)> {
        None
    }
}
