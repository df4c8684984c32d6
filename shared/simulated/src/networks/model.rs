//! Networks and endpoints, as data.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use ipnet::{Ipv4Net, Ipv6Net};
use jiff::Timestamp;
use lab::models::{EndpointSettings, IpamConfig};
use serde::{Deserialize, Serialize};

use crate::{cluster::Overlay, swarm::WAY_OUT};

#[derive(Clone, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "Docker's network has them")]
pub struct Network {
    pub id: String,
    pub name: String,
    pub driver: String,
    pub scope: String,
    pub ipv4: bool,
    pub ipv6: bool,
    /// Of IPv4; host and none have none.
    pub subnet: Option<Ipv4Net>,
    pub gateway: Option<Ipv4Addr>,
    /// Where endpoints get their addresses from, when that is not the whole subnet.
    pub range: Option<Ipv4Net>,
    pub subnet6: Option<Ipv6Net>,
    pub gateway6: Option<Ipv6Addr>,
    pub range6: Option<Ipv6Net>,
    pub ipam: Ipam,
    pub internal: bool,
    pub attachable: bool,
    pub ingress: bool,
    pub options: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    pub created: Timestamp,
    /// Of a network that spans several machines.
    #[serde(default)]
    pub overlay: Option<Box<Overlay>>,
}

/// What was asked for about addresses.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Ipam {
    pub driver: String,
    pub options: Option<BTreeMap<String, String>>,
    /// Subnets that somebody chose, IPv4 first.
    pub config: Vec<IpamConfig>,
}

/// A container's attachment to one network: what was asked for, and while the container runs, what it got.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Endpoint {
    /// The network's id, once the container has been on it.
    pub network: Option<String>,
    /// `IPAMConfig`, `Links`, `Aliases`, `DriverOpts` and `GwPriority`, as they were given.
    pub asked: EndpointSettings,
    /// The MAC that it is to have, where somebody chose one: the settings forget it once the container has run.
    pub mac: Option<String>,
    /// Names that Docker's name server answers to.
    pub dns_names: Option<Vec<String>>,
    pub attached: Option<Attached>,
}

/// What an endpoint has while it is one.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attached {
    pub id: String,
    /// None on the networks host and none, which have no interfaces of their own.
    pub interface: Option<Link>,
    pub address: Option<Ipv4Addr>,
    pub address6: Option<Ipv6Addr>,
}

/// An interface inside a container.
#[derive(Clone, Serialize, Deserialize)]
pub struct Link {
    /// 0 is `eth0`.
    pub number: u32,
    /// As the container's kernel counts it, `lo` being 1.
    pub index: u32,
    /// The other end's, on the host.
    pub peer: u32,
    pub mac: String,
}

impl Link {
    /// Grows with each link that is made.
    pub fn order(&self) -> u32 {
        self.index.max(self.peer)
    }
}

impl Network {
    pub fn is_predefined(&self) -> bool {
        is_predefined(&self.name)
    }

    /// Docker's name server answers on networks that somebody made.
    pub fn has_names(&self) -> bool {
        !self.is_predefined() && !self.ingress && self.name != WAY_OUT
    }

    pub fn mtu(&self) -> u32 {
        self.options
            .get("com.docker.network.driver.mtu")
            .and_then(|mtu| mtu.parse().ok())
            .unwrap_or(if self.overlay.is_some() { 1450 } else { 1500 })
    }

    /// The bridge's interface on the host.
    pub fn bridge_name(&self) -> String {
        let named = self.options.get("com.docker.network.bridge.name");
        named.map_or_else(|| format!("br-{}", &self.id[..12]), Clone::clone)
    }

    pub fn is_bridge(&self) -> bool {
        self.driver == "bridge"
    }

    /// Inter-container communication, which an option of the bridge can turn off.
    pub fn lets_neighbours_talk(&self) -> bool {
        self.options
            .get("com.docker.network.bridge.enable_icc")
            .and_then(|icc| parse_bool(icc))
            .unwrap_or(true)
    }
}

impl Endpoint {
    pub fn new(asked: EndpointSettings) -> Self {
        Self {
            mac: asked.mac_address.clone().filter(|mac| !mac.is_empty()),
            asked,
            ..Self::default()
        }
    }

    pub fn address(&self) -> Option<Ipv4Addr> {
        self.attached.as_ref()?.address
    }

    pub fn address6(&self) -> Option<Ipv6Addr> {
        self.attached.as_ref()?.address6
    }

    pub fn link(&self) -> Option<&Link> {
        self.attached.as_ref()?.interface.as_ref()
    }

    pub fn aliases(&self) -> &[String] {
        self.asked.aliases.as_deref().unwrap_or_default()
    }

    pub fn gateway_priority(&self) -> i64 {
        self.asked.gw_priority.unwrap_or_default()
    }

    /// The address asked for with `--ip`.
    pub fn fixed(&self) -> Option<Ipv4Addr> {
        let config = self.asked.ipam_config.as_ref()?;
        config.ipv4_address.as_ref()?.parse().ok()
    }

    /// The address asked for with `--ip6`.
    pub fn fixed6(&self) -> Option<Ipv6Addr> {
        let config = self.asked.ipam_config.as_ref()?;
        config.ipv6_address.as_ref()?.parse().ok()
    }
}

/// Networks that the engine has by itself; `default` is another name for `bridge`.
pub fn is_predefined(name: &str) -> bool {
    matches!(name, "bridge" | "host" | "none" | "default")
}

/// As Go's `strconv.ParseBool` reads it.
pub fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}
