//! Docker's vocabulary, as the page, the agent and both engines share it.
//!
//! What an engine must do ([`Engine`]), what a lab looks like ([`topology`]), and what may touch it ([`guard`]).
//! This crate does no I/O, has no async runtime and no clock of its own; it does not know which engine answers.

pub mod archive;
pub mod clock;
#[cfg(feature = "contract")]
pub mod contract;
pub mod dockerfile;
pub mod engine;
pub mod error;
pub mod files;
pub mod guard;
pub mod host;
pub mod hosts;
pub mod ids;
pub mod image_name;
pub mod layout;
pub mod path_stat;
pub mod raw;
pub mod reach;
pub mod stream;
pub mod topology;

pub use bollard_stubs::models;
/// The engine API's query parameters, in the API's own words.
pub use bollard_stubs::query_parameters as options;
pub use clock::Clock;
pub use engine::{Containers, Engine, Exec, Images, Networks, Swarm, System};
pub use error::{Error, Result};
pub use files::Files;
pub use host::Host;
pub use hosts::{Hosts, OnlyThisHost};
pub use ids::{ContainerId, NetworkId};
pub use image_name::ImageName;
pub use path_stat::PathStat;
pub use raw::Raw;
pub use stream::{Attached, Chunk, InputSink, OutputStream, Size};
