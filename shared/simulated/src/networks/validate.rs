//! What a request for a network may say of addresses, in the engine's words.

use std::net::IpAddr;

use ipnet::IpNet;
use lab::{Error, Result, models::IpamConfig};

/// Everything that is wrong with the subnets asked for.
pub fn ipam(config: &[IpamConfig], ipv6: bool) -> Result<()> {
    let wrong: Vec<String> = config.iter().flat_map(|config| one(config, ipv6)).collect();
    match joined(&wrong) {
        None => Ok(()),
        Some(wrong) => Err(Error::refused(
            400,
            format!("invalid network config:\n{wrong}"),
        )),
    }
}

fn one(config: &IpamConfig, ipv6: bool) -> Vec<String> {
    let text = config.subnet.as_deref().unwrap_or_default();
    let Ok(subnet) = text.parse::<IpNet>() else {
        return vec![format!(
            "invalid subnet {text}: invalid CIDR block notation"
        )];
    };
    if !ipv6 && subnet.addr().is_ipv6() {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    if subnet != subnet.trunc() {
        wrong.push(format!(
            "invalid subnet {subnet}: it should be {}",
            subnet.trunc()
        ));
    }
    if let Some(range) = set(config.ip_range.as_deref()) {
        wrong.extend(ip_range(range, subnet));
    }
    if let Some(gateway) = set(config.gateway.as_deref())
        && let Some(why) = address(gateway, subnet)
    {
        wrong.push(format!("invalid gateway {gateway}: {why}"));
    }
    let auxiliary = config.auxiliary_addresses.iter().flatten();
    let mut auxiliary: Vec<_> = auxiliary.collect();
    auxiliary.sort();
    for (name, given) in auxiliary {
        if let Some(why) = address(given, subnet) {
            wrong.push(format!("invalid auxiliary address {name}: {why}"));
        }
    }
    wrong
}

fn ip_range(text: &str, subnet: IpNet) -> Vec<String> {
    let Ok(range) = text.parse::<IpNet>() else {
        return vec![format!(
            "invalid ip-range {text}: invalid CIDR block notation"
        )];
    };
    if range.addr().is_ipv4() != subnet.addr().is_ipv4() {
        return vec![format!(
            "invalid ip-range {text}: parent subnet is an {} block",
            family(subnet)
        )];
    }
    let mut wrong = Vec::new();
    if range.prefix_len() < subnet.prefix_len() {
        wrong.push(format!(
            "invalid ip-range {text}: CIDR block is bigger than its parent subnet {subnet}"
        ));
    }
    if range != range.trunc() {
        wrong.push(format!(
            "invalid ip-range {range}: it should be {}",
            range.trunc()
        ));
    }
    if !subnet.contains(&range.network()) && !range.contains(&subnet.network()) {
        wrong.push(format!(
            "invalid ip-range {text}: parent subnet {subnet} doesn't contain ip-range"
        ));
    }
    wrong
}

fn address(text: &str, subnet: IpNet) -> Option<String> {
    let Ok(address) = text.parse::<IpAddr>() else {
        return Some("invalid address".to_owned());
    };
    if address.is_ipv4() != subnet.addr().is_ipv4() {
        return Some(format!("parent subnet is an {} block", family(subnet)));
    }
    (!subnet.contains(&address))
        .then(|| format!("parent subnet {subnet} doesn't contain this address"))
}

fn family(subnet: IpNet) -> &'static str {
    match subnet {
        IpNet::V4(_) => "IPv4",
        IpNet::V6(_) => "IPv6",
    }
}

pub fn set(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

/// Several complaints as the engine joins them: one as it is, more as a list.
pub fn joined(wrong: &[String]) -> Option<String> {
    match wrong {
        [] => None,
        [one] => Some(one.trim().to_owned()),
        more => {
            let indented = more.iter().map(|one| one.replace('\n', "\n\t"));
            let indented: Vec<String> = indented.collect();
            Some(format!("* {}", indented.join("\n* ")))
        }
    }
}
