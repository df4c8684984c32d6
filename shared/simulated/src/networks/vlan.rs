//! macvlan and ipvlan: networks on an interface of the host's.

use lab::{Error, Result};

use super::Network;
use crate::world::World;

pub fn check(_: &World, network: &Network) -> Result<()> {
    Err(Error::NotSimulated(format!(
        "networks of the driver {}; bridge networks are",
        network.driver
    )))
}
