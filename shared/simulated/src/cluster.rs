//! What machines of a swarm share: its nodes, services and tasks, and the networks that span them.

use serde::{Deserialize, Serialize};

/// The swarm, as its managers know it.
#[derive(Default, Serialize, Deserialize)]
pub struct Cluster {}
